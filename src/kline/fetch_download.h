/* One file of an archive at a time into a cache folder, verified against its checksum file. */
#ifndef KLINE_FETCH_DOWNLOAD_H
#define KLINE_FETCH_DOWNLOAD_H

#include "kmill/error.h"

enum download_outcome { DOWNLOAD_LOADED, DOWNLOAD_KEPT, DOWNLOAD_ABSENT };

struct downloader;

/* One thread. downloader_close accepts NULL. */
status downloader_open(struct downloader **out, const char *base_url, const char *cache, struct error *err);
void downloader_close(struct downloader *downloader);

/* BASE_URL/name (data/spot/...zip) into the cache; *path is its malloc'd place, NULL if the archive does not
 * have it. A file in the cache is hashed again but not loaded again; a partial one is continued. Temporary
 * failures are tried again, a few seconds in all. ERR_NETWORK, ERR_IO, ERR_CANCELLED. */
status downloader_get(enum download_outcome *outcome, char **path, struct downloader *downloader,
                      const char *name, struct error *err);

#endif
