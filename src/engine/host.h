/* What machine this is, for the provenance of results. Each answer is malloc'd, "unknown" where the system
 * does not say. */
#ifndef ENGINE_HOST_H
#define ENGINE_HOST_H

char *host_name(void);
char *host_cpu(void);
char *host_libc(void);

#endif
