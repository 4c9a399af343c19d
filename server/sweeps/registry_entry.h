/* What the registry's files share: a sweep of the folder, and where to find it. */
#ifndef SERVER_SWEEPS_REGISTRY_ENTRY_H
#define SERVER_SWEEPS_REGISTRY_ENTRY_H

#include "server/sweeps/live_sweep.h"

#include <pthread.h>
#include <sys/stat.h>

struct job_view;

/* Which file stands under a name, and whether it was changed. Zero: none. */
struct file_mark {
    uint64_t device, inode, size;
    int64_t modified_ns;
};
struct file_mark file_mark_of(const struct stat *about);
bool file_mark_equal(const struct file_mark *a, const struct file_mark *b);
uint64_t file_mark_hash(const struct file_mark *mark);

/* Owned by the registry's thread; what others read (facts, version, id, path, from_journal) it changes under
 * the registry's lock. */
struct sweep_entry {
    char *id, *path;                /* of the result file */
    struct file_mark file, journal; /* the result file; the head of its journal */
    bool is_listed, has_folder;     /* seen when the folder was last read; its journal's folder was */
    bool is_known;                  /* facts were made once: it is shown */

    struct file_mark file_read; /* the file that facts were made of */
    struct live_sweep *live;
    struct file_mark live_of;
    uint64_t journal_bytes; /* when the journal was last read to its end, UINT64_MAX: not yet */
    int journal_state;      /* enum journal_state when last looked at */

    struct sweep_facts facts;
    enum sweep_state disk_state; /* what facts.state is without a job */
    char *disk_error;            /* and facts.error; NULL: none */
    bool has_job;
    uint64_t version;    /* of the rows; 0: there are none */
    uint64_t rows_bytes; /* of the journal they come from */
    bool from_journal;   /* where the rows are */

    char *sent; /* summary as last published */
    int64_t sent_ns;
    uint64_t sent_key; /* of what is published at once */
};

/* Looks at the files again: marks only. */
void sweep_entry_look(struct sweep_entry *entry);
/* Brings an entry up to date with what is on disk. now_ns: clock_monotonic_ns. lock: the registry's, taken
 * only to put new facts in place. */
void sweep_entry_refresh(struct sweep_entry *entry, int64_t now_ns, pthread_mutex_t *lock);
/* What a job of this server says (NULL: it has none any more); under the registry's lock. */
void sweep_entry_set_job(struct sweep_entry *entry, const struct job_view *job);
void sweep_entry_close(struct sweep_entry *entry);

/* For sweep_hold.c: a copy of where the rows of a sweep are. */
struct sweep_place {
    char *path; /* malloc'd */
    enum sweep_state state, disk_state;
    bool from_journal;
    uint64_t version;       /* of the rows; 0: there are none */
    uint64_t journal_bytes; /* from_journal: about how long it is */
    char error[ERROR_MESSAGE_MAX];
};
status sweep_registry_place(struct sweep_registry *registry, struct sweep_place *out, const char *id,
                            struct error *err);
struct held_cache *sweep_registry_held(struct sweep_registry *registry);

struct held_cache;
status held_cache_open(struct held_cache **out, struct error *err);
void held_cache_close(struct held_cache *cache);
/* The sweep is gone: nothing of it is kept open for long. */
void held_cache_forget(struct held_cache *cache, const char *id);

#endif
