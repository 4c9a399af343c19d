/* The built pages: files of one folder, never of another. */
#ifndef SERVER_HTTP_STATIC_FILES_H
#define SERVER_HTTP_STATIC_FILES_H

#include "server/http/request.h"

struct static_files;
/* folder NULL: *out is NULL. ERR_INPUT: there is no such folder. */
status static_files_open(struct static_files **out, const char *folder, struct error *err);
void static_files_close(struct static_files *files);
/* The file of request->path, its .br or .gz sibling where the client takes that, index.html for page paths
 * (no dot in the last segment). files NULL: a short text that says where the API is. */
/* False: no file can have this path ("//", or a segment that begins with '.'). */
bool static_files_may_be(const char *path);
void static_files_answer(const struct static_files *files, struct request *request);

#endif
