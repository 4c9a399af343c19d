/* One file of an archive at a time.
 *
 * The checksum file (`HASH  NAME`, SHA-256) is asked for first: it is small, says whether the archive has the
 * file at all, and is what the file is compared with. The file grows as NAME.part in the cache and becomes
 * NAME when its hash is right, so NAME is always whole; an interrupted download goes on where NAME.part ends.
 * A hash that is wrong after a continued download is tried once more from the start, since the file may have
 * been replaced in between.
 *
 * An archive may answer "no such file" as status 404, or as an XML error document; both mean the same. */
#include "kline/fetch_download.h"

#include "base/cancel.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"

#include <curl/curl.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    ATTEMPTS = 5,
    FIRST_PAUSE_MS = 300,
    CONNECT_SECONDS = 15,
    SILENCE_SECONDS = 30,
    CHECKSUM_FILE_MAX = 4096
};
enum { HTTP_OK = 200, HTTP_PARTIAL = 206, HTTP_NOT_FOUND = 404, HTTP_BAD_RANGE = 416, HTTP_TOO_MANY = 429 };

struct downloader {
    CURL *curl;
    char *base_url, *folder;
    char reason[CURL_ERROR_SIZE];
};

/* What came of one request. */
enum answer { ANSWER_WHOLE, ANSWER_ABSENT, ANSWER_TEMPORARY, ANSWER_NO_RANGE, ANSWER_REFUSED };

/* Where a response goes: a file or a bounded buffer. */
struct sink {
    CURL *curl;
    FILE *file;
    struct text *text;
};

static size_t write_body(char *data, size_t size, size_t count, void *context) {
    struct sink *sink = context;
    long code = 0;
    size_t length = size * count;
    curl_easy_getinfo(sink->curl, CURLINFO_RESPONSE_CODE, &code);
    if (code != HTTP_OK && code != HTTP_PARTIAL) return length; /* an error page is nobody's data */
    if (sink->file) return fwrite(data, 1, length, sink->file);
    if (sink->text->length + length > CHECKSUM_FILE_MAX) return 0;
    text_add(sink->text, data, length);
    return length;
}

static int watch_cancel(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    (void)context, (void)a, (void)b, (void)c, (void)d;
    return cancel_requested();
}

status downloader_open(struct downloader **out, const char *base_url, const char *cache, struct error *err) {
    *out = NULL;
    struct downloader *self = calloc(1, sizeof *self);
    if (!self) return error_set(err, ERR_MEMORY, "out of memory");
    const char *host = strstr(base_url, "://");
    if (!host || (strncasecmp(base_url, "http://", 7) != 0 && strncasecmp(base_url, "https://", 8) != 0)) {
        free(self);
        return error_set(err, ERR_INPUT, "%s: expected an address that begins with https:// or http://",
                         base_url);
    }
    self->base_url = strdup(base_url);
    for (size_t end = self->base_url ? strlen(base_url) : 0; end > 0 && base_url[end - 1] == '/'; end--)
        self->base_url[end - 1] = 0;
    /* Archives do not share files: each has a folder of its own, named like its host and path. */
    char *name = strdup(host + 3);
    for (char *p = name; p && *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '.' && *p != '-') *p = '_';
    self->folder = name ? path_join(cache, name) : NULL;
    free(name);
    self->curl = curl_easy_init();
    if (!self->base_url || !self->folder || !self->curl) {
        downloader_close(self);
        return error_set(err, ERR_MEMORY, "out of memory");
    }
    *out = self;
    return OK;
}

void downloader_close(struct downloader *self) {
    if (!self) return;
    if (self->curl) curl_easy_cleanup(self->curl);
    free(self->base_url);
    free(self->folder);
    free(self);
}

static void prepare(struct downloader *self, const char *url, struct sink *sink, curl_off_t offset) {
    CURL *curl = self->curl;
    curl_easy_reset(curl);
    self->reason[0] = 0;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "kmill/" KMILL_VERSION);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SILENCE_SECONDS);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, self->reason);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, write_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, sink);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch_cancel);
    curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, offset);
}

static enum answer classify(CURLcode code, long http) {
    switch (code) {
    case CURLE_OK:
        break;
    case CURLE_RANGE_ERROR:
        return ANSWER_NO_RANGE;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_SSL_CONNECT_ERROR:
        return ANSWER_TEMPORARY;
    default:
        return ANSWER_REFUSED;
    }
    if (http == HTTP_OK || http == HTTP_PARTIAL) return ANSWER_WHOLE;
    if (http == HTTP_NOT_FOUND) return ANSWER_ABSENT;
    if (http == HTTP_BAD_RANGE) return ANSWER_NO_RANGE;
    return http >= 500 || http == HTTP_TOO_MANY ? ANSWER_TEMPORARY : ANSWER_REFUSED;
}

static enum answer request(struct downloader *self, const char *url, struct sink *sink, curl_off_t offset) {
    long http = 0;
    sink->curl = self->curl;
    prepare(self, url, sink, offset);
    CURLcode code = curl_easy_perform(self->curl);
    curl_easy_getinfo(self->curl, CURLINFO_RESPONSE_CODE, &http);
    if (code == CURLE_OK && http != HTTP_OK && http != HTTP_PARTIAL)
        snprintf(self->reason, sizeof self->reason, "the server answered with status %ld", http);
    else if (code != CURLE_OK && !self->reason[0])
        snprintf(self->reason, sizeof self->reason, "%s", curl_easy_strerror(code));
    /* Asked for the rest of a file, libcurl misses the range also in an error page. */
    if (code == CURLE_RANGE_ERROR && http != HTTP_OK) {
        snprintf(self->reason, sizeof self->reason, "the server answered with status %ld", http);
        code = CURLE_OK;
    }
    return classify(code, http);
}

static status give_up(struct downloader *self, const char *url, enum answer answer, struct error *err) {
    if (cancel_requested())
        return error_set(err, ERR_CANCELLED, "interrupted; what was downloaded is kept for the next time");
    return error_set(
        err, ERR_NETWORK, "%s: %s%s", url, self->reason,
        answer == ANSWER_TEMPORARY ? " (tried several times; what is here is kept for the next time)" : "");
}

/* 0.3, 0.6, 1.2, 2.4 s after the first, second, ... failure; ends early on a signal. */
static void pause_after(int failures) {
    struct timespec step = {.tv_nsec = 50000000};
    for (int left = FIRST_PAUSE_MS << (failures - 1); left > 0 && !cancel_requested(); left -= 50)
        nanosleep(&step, NULL);
}

static bool says_no_such_key(const struct text *body) {
    return body->length > 0 && strstr(body->data, "<Code>NoSuchKey</Code>") != NULL;
}

/* The hash of "HASH  NAME\n". */
static bool parse_checksum(char out[SHA256_HEX_MAX], const struct text *body, const char *url) {
    const char *name = strrchr(url, '/') + 1, *p = body->length ? body->data : "";
    size_t length = strspn(p, "0123456789abcdefABCDEF"), name_length = strlen(name) - strlen(".CHECKSUM");
    if (length != SHA256_HEX_MAX - 1 || (p[length] != ' ' && p[length] != '\t')) return false;
    for (size_t i = 0; i < length; i++)
        out[i] = (char)tolower((unsigned char)p[i]);
    out[length] = 0;
    p += length + strspn(p + length, " \t*");
    return strncmp(p, name, name_length) == 0 &&
           (p[name_length] == 0 || isspace((unsigned char)p[name_length]));
}

static status get_checksum(char hash[SHA256_HEX_MAX], bool *is_absent, struct downloader *self,
                           const char *name, struct error *err) {
    struct text url = {0}, body = {0};
    enum answer answer = ANSWER_TEMPORARY;
    status rc = OK;
    text_printf(&url, "%s/%s.CHECKSUM", self->base_url, name);
    for (int failures = 0; failures < ATTEMPTS && answer == ANSWER_TEMPORARY && !cancel_requested();
         failures++) {
        if (failures) pause_after(failures);
        text_clear(&body);
        answer = request(self, url.data, &(struct sink){.text = &body}, 0);
    }
    *is_absent = answer == ANSWER_ABSENT || (answer == ANSWER_WHOLE && says_no_such_key(&body));
    if (answer != ANSWER_WHOLE && answer != ANSWER_ABSENT)
        rc = give_up(self, url.data, answer, err);
    else if (!*is_absent && !parse_checksum(hash, &body, url.data))
        rc = error_set(err, ERR_NETWORK, "%s: is no checksum file (expected a SHA-256 and the file's name)",
                       url.data);
    text_clear(&url);
    text_clear(&body);
    return rc;
}

/* "" if there is no such file. */
static status hash_file(char hash[SHA256_HEX_MAX], const char *path, struct error *err) {
    struct file_map map = {0};
    struct stat info;
    hash[0] = 0;
    if (stat(path, &info) != 0 || info.st_size == 0) return OK;
    status rc = file_map_open(&map, path, err);
    if (rc == OK) hash_sha256_hex(hash, map.data, map.length);
    file_map_close(&map);
    return rc;
}

/* What a file with a wrong hash is, where that is plain to see. */
static const char *look_of(const char *path) {
    char start[6] = {0};
    FILE *file = fopen(path, "rb");
    size_t length = file ? fread(start, 1, sizeof start - 1, file) : 0;
    if (file) fclose(file);
    if (length >= 5 && memcmp(start, "<?xml", 5) == 0) return " (it is an XML document, not a zip)";
    return length >= 2 && memcmp(start, "PK", 2) != 0 ? " (it is no zip)" : "";
}

/* One request for the rest of the file; *resumed tells that it did not begin at 0. */
static status continue_part(enum answer *answer, bool *resumed, struct downloader *self, const char *url,
                            const char *part, struct error *err) {
    struct sink sink = {.file = fopen(part, "ab")};
    if (!sink.file) return error_set_errno(err, ERR_IO, "%s", part);
    fseeko(sink.file, 0, SEEK_END);
    off_t offset = ftello(sink.file);
    *resumed = offset > 0;
    *answer = request(self, url, &sink, (curl_off_t)offset);
    bool failed = ferror(sink.file) != 0;
    if (fclose(sink.file) != 0 || failed) return error_set_errno(err, ERR_IO, "%s", part);
    if (*answer == ANSWER_NO_RANGE && unlink(part) != 0) return error_set_errno(err, ERR_IO, "%s", part);
    return OK;
}

/* NAME.part becomes whole and right, or it is an error. */
static status load_part(bool *is_absent, struct downloader *self, const char *url, const char *part,
                        const char *wanted, struct error *err) {
    char hash[SHA256_HEX_MAX];
    bool resumed = false;
    enum answer answer = ANSWER_TEMPORARY;
    *is_absent = false;
    for (int failures = 0; failures < ATTEMPTS; failures++) {
        status rc = hash_file(hash, part, err);
        if (rc != OK || strcmp(hash, wanted) == 0) return rc;
        if (failures && answer == ANSWER_TEMPORARY) pause_after(failures);
        if (cancel_requested()) break;
        rc = continue_part(&answer, &resumed, self, url, part, err);
        if (rc != OK) return rc;
        if (answer == ANSWER_WHOLE) {
            rc = hash_file(hash, part, err);
            if (rc != OK || strcmp(hash, wanted) == 0) return rc;
            const char *look = look_of(part);
            if (unlink(part) != 0) return error_set_errno(err, ERR_IO, "%s", part);
            if (!resumed)
                return error_set(err, ERR_NETWORK,
                                 "%s: its SHA-256 is %.12s..., the checksum file says %.12s...%s", url, hash,
                                 wanted, look);
        }
        if (answer == ANSWER_ABSENT || answer == ANSWER_REFUSED) break;
    }
    *is_absent = answer == ANSWER_ABSENT && !cancel_requested();
    return *is_absent ? OK : give_up(self, url, answer, err);
}

/* path with its folder made, and path.part. */
static status cache_place(char **path, char **part, const struct downloader *self, const char *name,
                          struct error *err) {
    struct text text = {0};
    *path = path_join(self->folder, name);
    *part = NULL;
    if (!*path) return error_set(err, ERR_MEMORY, "out of memory");
    text_add(&text, *path, (size_t)(strrchr(*path, '/') - *path));
    status rc = directory_make(text.data, err);
    text_clear(&text);
    text_printf(&text, "%s.part", *path);
    *part = text.data;
    return rc;
}

/* True if path is there and has the hash written beside it. */
static bool is_kept(const char *path, const char *note) {
    char hash[SHA256_HEX_MAX], *noted = NULL;
    size_t length;
    if (access(path, R_OK) != 0 || file_read(&noted, &length, note, NULL) != OK) return false;
    bool same = hash_file(hash, path, NULL) == OK && length >= SHA256_HEX_MAX - 1 &&
                memcmp(noted, hash, SHA256_HEX_MAX - 1) == 0;
    free(noted);
    return same;
}

static status load(enum download_outcome *outcome, struct downloader *self, const char *name,
                   const char *path, const char *part, const char *note, struct error *err) {
    char hash[SHA256_HEX_MAX];
    bool is_absent = false;
    status rc = get_checksum(hash, &is_absent, self, name, err);
    if (rc == OK && !is_absent) {
        struct text url = {0};
        text_printf(&url, "%s/%s", self->base_url, name);
        rc = load_part(&is_absent, self, url.data, part, hash, err);
        text_clear(&url);
    }
    *outcome = is_absent ? DOWNLOAD_ABSENT : DOWNLOAD_LOADED;
    if (rc != OK || is_absent) return rc;
    rc = file_write_atomically(note, hash, strlen(hash), err);
    if (rc == OK && rename(part, path) != 0) rc = error_set_errno(err, ERR_IO, "%s", path);
    return rc;
}

status downloader_get(enum download_outcome *outcome, char **path, struct downloader *self, const char *name,
                      struct error *err) {
    char *place, *part;
    struct text note = {0};
    *path = NULL;
    status rc = cache_place(&place, &part, self, name, err);
    if (rc == OK) {
        text_printf(&note, "%s.sha256", place);
        *outcome = DOWNLOAD_KEPT;
        if (!is_kept(place, note.data)) rc = load(outcome, self, name, place, part, note.data, err);
    }
    if (rc == OK && *outcome != DOWNLOAD_ABSENT) {
        *path = place;
        place = NULL;
    }
    text_clear(&note);
    free(place);
    free(part);
    return rc;
}
