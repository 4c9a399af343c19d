/* Taking folders out of messages; see plain_message.h. The layers below name files by their whole path, as
 * the command line needs it. */
#include "server/plain_message.h"
#include "server/settings.h"
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void cut(char *at, size_t length) {
    memmove(at, at + length, strlen(at + length) + 1);
}

/* The name is longer than what was found of it. */
static bool goes_on(const char *at) {
    if (*at == '.') at++; /* or the end of a sentence */
    return isalnum((unsigned char)*at) || *at == '_' || *at == '-';
}

void plain_message(char *message, const char *folder) {
    size_t length = folder ? strlen(folder) : 0;
    while (length && folder[length - 1] == '/')
        length--;
    if (!length || folder[0] != '/') return;
    size_t last = length; /* of its last name */
    while (folder[last - 1] != '/')
        last--;
    for (char *at = message; (at = memmem(at, strlen(at), folder, length));) {
        if (at[length] == '/')
            cut(at, length + 1);
        else if (goes_on(at + length))
            at += length; /* another folder, whose name begins alike */
        else
            cut(at, last);
    }
}

void plain_message_of(char *message, const struct settings *settings) {
    const char *const folders[] = {settings->results, settings->store, settings->strategies, settings->web};
    for (size_t i = 0; strchr(message, '/') && i < sizeof folders / sizeof *folders; i++) {
        char *whole = folders[i] ? realpath(folders[i], NULL) : NULL;
        plain_message(message, whole);
        plain_message(message, folders[i]);
        free(whole);
    }
}
