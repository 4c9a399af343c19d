/* Making, reading and removing the folders of posted sweeps; see sweep_folder.h. */
#include "server/work/sweep_folder.h"
#include "base/file.h"
#include "base/text.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char queue_name[] = ".kmill-queue";
static const char *const step_names[] = {"queued", "started", "cancelled", "failed"};

static char *queue_path(const char *results) {
    char *path = path_join(results, queue_name);
    if (!path) abort(); /* out of memory, as everywhere in messages and documents */
    return path;
}

/* QUEUE/NAME or QUEUE/NAME/FILE. */
static char *path_in(const char *results, const char *name, const char *file) {
    struct text path = {0};
    char *queue = queue_path(results);
    text_printf(&path, "%s/%s%s%s", queue, name, file ? "/" : "", file ? file : "");
    free(queue);
    return path.data;
}

char *sweep_folder_path(const char *results, const char *id) {
    return path_in(results, id, NULL);
}

static void sync_folder(const char *path) {
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return;
    fsync(folder);
    close(folder);
}

/* Everything in it (files only) and itself. */
static bool remove_folder(const char *path) {
    DIR *folder = opendir(path);
    if (!folder) return errno == ENOENT;
    struct dirent *entry;
    while ((entry = readdir(folder)))
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
            unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
    return rmdir(path) == 0;
}

static status write_file(const char *results, const char *name, const char *file, const char *text,
                         struct error *err) {
    char *path = path_in(results, name, file);
    status rc = file_write_atomically(path, text, strlen(text), err);
    free(path);
    return rc;
}

status sweep_folder_create(const char *results, const char *id, const char *yaml, const char *strategy_name,
                           const char *strategy, struct error *err) {
    struct text making = {0};
    text_printf(&making, ".%s.new-%d", id, (int)getpid());
    char *queue = queue_path(results), *made = path_in(results, making.data, NULL),
         *path = sweep_folder_path(results, id);
    status rc = directory_make(queue, err);
    if (rc == OK) {
        remove_folder(made); /* of a process with our number that was killed here */
        rc = directory_make(made, err);
    }
    if (rc == OK) rc = write_file(results, making.data, "sweep.yaml", yaml, err);
    if (rc == OK) rc = write_file(results, making.data, strategy_name, strategy, err);
    if (rc == OK && renameat2(AT_FDCWD, made, AT_FDCWD, path, RENAME_NOREPLACE)) {
        if (errno == EEXIST)
            rc = error_set(err, ERR_EXISTS, "there is a sweep '%s' already; choose another name", id);
        else
            rc = error_set_errno(err, ERR_IO, "%s", path);
    }
    if (rc == OK) sync_folder(queue);
    if (rc != OK) remove_folder(made);
    text_clear(&making);
    free(queue);
    free(made);
    free(path);
    return rc;
}

status sweep_folder_set(const char *results, const char *id, const struct folder_state *state,
                        struct error *err) {
    struct text text = {0};
    text_printf(&text, "%s %d %d\n%s\n", step_names[state->step], state->line, state->column, state->error);
    status rc = write_file(results, id, "state", text.data, err);
    text_clear(&text);
    return rc;
}

static void read_state(const char *results, const char *id, struct folder_state *state) {
    char *path = path_in(results, id, "state"), *text = NULL, word[16] = "";
    size_t length;
    int used = 0;
    struct error ignored;
    *state = (struct folder_state){0};
    if (file_read(&text, &length, path, &ignored) == OK &&
        sscanf(text, "%15s %d %d%n", word, &state->line, &state->column, &used) == 3)
        for (int i = 0; i < (int)(sizeof step_names / sizeof *step_names); i++)
            if (!strcmp(word, step_names[i])) state->step = (enum folder_step)i;
    const char *message = used ? strchr(text + used, '\n') : NULL;
    if (message)
        snprintf(state->error, sizeof state->error, "%.*s", (int)strcspn(message + 1, "\n"), message + 1);
    free(text);
    free(path);
}

/* The one file that is neither sweep.yaml nor state. */
static bool find_strategy(const char *path, char out[FOLDER_STRATEGY_MAX]) {
    DIR *folder = opendir(path);
    struct dirent *entry;
    out[0] = '\0';
    while (folder && (entry = readdir(folder))) {
        const char *name = entry->d_name, *end = strrchr(name, '.');
        if (name[0] != '.' && end && !strcmp(end, ".py") && strlen(name) < FOLDER_STRATEGY_MAX)
            strcpy(out, name); /* its length was looked at */
    }
    if (folder) closedir(folder);
    return out[0];
}

status sweep_folder_get(const char *results, const char *id, struct folder_state *state,
                        char strategy_name[FOLDER_STRATEGY_MAX], int64_t *posted_ms, struct error *err) {
    char *path = sweep_folder_path(results, id), *yaml = path_in(results, id, "sweep.yaml");
    struct stat info;
    status rc = OK;
    if (stat(yaml, &info) || !find_strategy(path, strategy_name))
        rc = error_set(err, ERR_NOT_FOUND, "%s holds no posted sweep", path);
    else
        *posted_ms = (int64_t)info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1000000;
    if (rc == OK) read_state(results, id, state);
    free(path);
    free(yaml);
    return rc;
}

void sweep_folder_read(char **yaml, char **strategy, const char *results, const char *id) {
    char *folder = sweep_folder_path(results, id), *path = path_in(results, id, "sweep.yaml");
    char name[FOLDER_STRATEGY_MAX];
    size_t length;
    *yaml = *strategy = NULL;
    if (file_read(yaml, &length, path, NULL) != OK) *yaml = NULL;
    free(path);
    if (find_strategy(folder, name)) {
        path = path_in(results, id, name);
        if (file_read(strategy, &length, path, NULL) != OK) *strategy = NULL;
        free(path);
    }
    free(folder);
}

void sweep_folder_each(const char *results, void (*each)(void *context, const char *id), void *context) {
    char *queue = queue_path(results);
    DIR *folder = opendir(queue);
    struct dirent *entry;
    while (folder && (entry = readdir(folder)))
        if (entry->d_name[0] != '.' && strlen(entry->d_name) < SWEEP_ID_MAX) each(context, entry->d_name);
    if (folder) closedir(folder);
    free(queue);
}

/* Out of sight first: a folder half removed must not look like a posted sweep. */
status sweep_folder_remove(const char *results, const char *id, struct error *err) {
    struct text going = {0};
    text_printf(&going, ".%s.old-%d", id, (int)getpid());
    char *queue = queue_path(results), *path = sweep_folder_path(results, id),
         *gone = path_in(results, going.data, NULL);
    remove_folder(gone);
    status rc = OK;
    if (rename(path, gone) == 0) {
        sync_folder(queue);
        remove_folder(gone);
        rmdir(queue); /* only when it is empty */
    } else if (errno != ENOENT) {
        rc = error_set_errno(err, ERR_IO, "%s", path);
    }
    text_clear(&going);
    free(queue);
    free(path);
    free(gone);
    return rc;
}
