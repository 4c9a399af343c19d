/* kmill serve: klines, results and work over HTTP. */
#include "cli/cli.h"
#include "server/http/route.h"
#include "server/server.h"
#include <string.h>

int cmd_serve(int argc, char **argv) {
    struct settings_source *settings = NULL;
    struct problems problems = {0};
    struct error err = {0};
    const char *file = NULL;
    bool help = false;
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--list-routes")) {
            routes_print();
            return 0;
        }
    status rc = settings_open(&settings, argc, argv, &help, &problems, &file, &err);
    int code = 0;
    if (rc != OK)
        code = problems.count ? cli_problems(file, &problems) : cli_fail(&err);
    else if (!help && server_main(settings, &err) != OK)
        code = cli_fail(&err);
    problems_clear(&problems);
    settings_close(settings);
    return code;
}
