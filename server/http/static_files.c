/* openat2 resolves the path beneath the folder and through no symbolic link, in the kernel and at once; older
 * kernels get the same by opening segment after segment with O_NOFOLLOW. */
#include "server/http/static_files.h"
#include "server/http/negotiate.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct static_files {
    int folder;
};

status static_files_open(struct static_files **out, const char *folder, struct error *err) {
    *out = NULL;
    if (!folder) return OK;
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return error_set_errno(err, ERR_INPUT, "the folder of the pages, %s", folder);
    struct static_files *self = malloc(sizeof *self);
    if (!self) {
        close(fd);
        return error_set(err, ERR_MEMORY, "out of memory for the pages");
    }
    self->folder = fd;
    *out = self;
    return OK;
}

void static_files_close(struct static_files *files) {
    if (!files) return;
    close(files->folder);
    free(files);
}

/* Without openat2: no segment may be a link, and none is "..". */
static int open_by_segments(int folder, const char *path) {
    int at = dup(folder);
    while (at >= 0) {
        char name[256];
        size_t length = strcspn(path, "/");
        bool is_last = path[length] == '\0';
        if (length == 0 || length >= sizeof name) break;
        memcpy(name, path, length);
        name[length] = '\0';
        if (!strcmp(name, "..")) break;
        int flags = is_last ? O_RDONLY | O_NONBLOCK : O_PATH | O_DIRECTORY;
        int next = openat(at, name, flags | O_NOFOLLOW | O_CLOEXEC);
        close(at);
        if (is_last) return next;
        at = next;
        path += length + 1;
    }
    if (at >= 0) close(at);
    return -1;
}

static int open_beneath(int folder, const char *path) {
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    int fd = (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
    if (fd < 0 && (errno == ENOSYS || errno == EPERM)) fd = open_by_segments(folder, path);
    return fd;
}

/* A regular file, -1 if there is none. */
static int open_file(int folder, const char *path, struct stat *info) {
    int fd = open_beneath(folder, path);
    if (fd >= 0 && (fstat(fd, info) || !S_ISREG(info->st_mode))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static const char *type_of(const char *path) {
    static const struct {
        const char *ending, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript"},
        {".mjs", "text/javascript"},
        {".css", "text/css"},
        {".wasm", "application/wasm"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/vnd.microsoft.icon"},
        {".webp", "image/webp"},
        {".woff2", "font/woff2"},
        {".txt", "text/plain; charset=utf-8"},
        {".md", "text/plain; charset=utf-8"},
        {".py", "text/plain; charset=utf-8"},
        {".yaml", "application/yaml"},
        {".zip", "application/zip"},
        {".webmanifest", "application/manifest+json"},
    };
    const char *ending = strrchr(path, '.');
    for (size_t i = 0; ending && i < sizeof types / sizeof *types; i++)
        if (!strcmp(ending, types[i].ending)) return types[i].type;
    return "application/octet-stream";
}

/* The best form of the file: *coding is "br", "gzip" or NULL. */
static int open_best(const struct static_files *files, struct request *request, const char *path,
                     struct stat *info, const char **coding) {
    static const struct { const char *ending, *coding; } forms[] = {{".br", "br"}, {".gz", "gzip"}};
    const char *accepted = request_header(request, "Accept-Encoding");
    for (size_t i = 0; i < 2; i++) {
        if (!negotiate_coding(accepted, forms[i].coding)) continue;
        const char *packed = request_printf(request, "%s%s", path, forms[i].ending);
        int fd = open_file(files->folder, packed, info);
        *coding = forms[i].coding;
        if (fd >= 0) return fd;
    }
    *coding = NULL;
    return open_file(files->folder, path, info);
}

/* The answer of an open file, whose descriptor it takes over. */
static void answer_file(struct request *request, const char *path, int fd, const struct stat *info,
                        const char *coding) {
    struct response *r = &request->response;
    r->content_type = type_of(path);
    r->cache_control = !strncmp(path, "assets/", 7) ? "public, max-age=31536000, immutable" : "no-cache";
    snprintf(r->etag, sizeof r->etag, "%llx-%llx-%llx%s%s", (unsigned long long)info->st_ino,
             (unsigned long long)info->st_size,
             (unsigned long long)info->st_mtim.tv_sec * 1000000000ULL +
                 (unsigned long long)info->st_mtim.tv_nsec,
             coding ? "-" : "", coding ? coding : "");
    if (negotiate_etag(request_header(request, "If-None-Match"), r->etag, NULL)) {
        close(fd);
        r->status = 304;
        return;
    }
    r->raw = MHD_create_response_from_fd64((uint64_t)info->st_size, fd);
    if (!r->raw) {
        close(fd);
        request_fail(request, 503, "busy", NULL, "out of memory");
    } else if (coding) {
        MHD_add_response_header(r->raw, "Content-Encoding", coding);
    }
}

static void answer_without_pages(struct request *request) {
    if (strcmp(request->path, "/") != 0) {
        request_fail(request, 404, "not_found", NULL, "there are no web pages here; the API is at /api/v1");
        return;
    }
    request->response.content_type = "text/plain; charset=utf-8";
    text_add_string(&request->response.body,
                    "kmill " KMILL_VERSION "\n\nThe API is at /api/v1, its description at "
                    "/api/v1/openapi.yaml.\nThere are no web pages here: --web FOLDER names them.\n");
}

bool static_files_may_be(const char *path) {
    return !strstr(path, "//") && !strstr(path, "/.");
}

void static_files_answer(const struct static_files *files, struct request *request) {
    if (!files) {
        answer_without_pages(request);
        return;
    }
    const char *path = request->path + 1, *slash = strrchr(request->path, '/');
    bool has_ending = strchr(slash, '.');
    struct stat info;
    const char *coding;
    int fd = has_ending ? open_best(files, request, path, &info, &coding) : -1;
    /* The pages' own addresses: ids in them may have dots, too. */
    if (fd < 0 && (!has_ending || negotiate_html(request_header(request, "Accept"))))
        fd = open_best(files, request, path = "index.html", &info, &coding);
    if (fd < 0)
        request_fail(request, 404, "not_found", NULL, "there is no such page");
    else
        answer_file(request, path, fd, &info, coding);
}
