/* Examples are the .py files of one folder, the reference module (kmill.py and its parts) excepted. Names are
 * compared with the folder's listing: nothing outside of it can be named. */
#include "server/work/example_strategies.h"
#include "base/file.h"
#include "base/text.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static bool is_example(const char *name) {
    const char *end = strrchr(name, '.');
    return name[0] != '.' && name[0] != '_' && end && !strcmp(end, ".py") && strncmp(name, "kmill", 5) != 0;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void examples_list(struct example_list *out, const char *folder) {
    DIR *open_folder = folder ? opendir(folder) : NULL;
    struct dirent *entry;
    *out = (struct example_list){0};
    while (open_folder && (entry = readdir(open_folder))) {
        if (!is_example(entry->d_name)) continue;
        char **files = realloc(out->files, (out->count + 1) * sizeof *files);
        if (!files) break;
        out->files = files;
        if ((files[out->count] = strdup(entry->d_name))) out->count++;
    }
    if (open_folder) closedir(open_folder);
    if (out->count) qsort(out->files, out->count, sizeof *out->files, by_name);
}

void examples_clear(struct example_list *list) {
    for (size_t i = 0; i < list->count; i++)
        free(list->files[i]);
    free(list->files);
    *list = (struct example_list){0};
}

static status not_found(const struct example_list *list, const char *file, struct error *err) {
    struct text names = {0};
    for (size_t i = 0; i < list->count; i++)
        text_printf(&names, "%s%s", i ? ", " : "", list->files[i]);
    status rc = error_set(err, ERR_NOT_FOUND,
                          "'%s' is no example of this server (%s): send the strategy's source along", file,
                          names.length ? names.data : "it has none");
    text_clear(&names);
    return rc;
}

status example_read(char **source, const char *folder, const char *file, struct error *err) {
    struct example_list list;
    examples_list(&list, folder);
    bool is_there = false;
    for (size_t i = 0; i < list.count; i++)
        is_there |= !strcmp(list.files[i], file);
    status rc = is_there ? OK : not_found(&list, file, err);
    char *path = is_there ? path_join(folder, file) : NULL;
    size_t length;
    if (rc == OK)
        rc = path ? file_read(source, &length, path, err) : error_set(err, ERR_MEMORY, "out of memory");
    free(path);
    examples_clear(&list);
    return rc;
}
