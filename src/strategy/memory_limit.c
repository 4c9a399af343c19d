/* Counts what one run takes, so that a memory bomb ends as MemoryError in its own run and nowhere else.
 *
 * A process-wide limit (RLIMIT_AS, RLIMIT_DATA) fails whoever asks next, which is often a neighbour. So
 * CPython's own allocators are wrapped: a thread that is in a run has a budget, and the allocation that would
 * exceed it returns NULL. Counting happens only where pymalloc turns to the system: whole arenas (1 MiB) and
 * single blocks above 512 bytes, which come from the raw domain. Small objects cost nothing extra. The price
 * is that a run may use what free room earlier runs left in arenas without its being counted: a limit is
 * exact to a few MiB, as it should be read.
 *
 * Block sizes come from malloc_usable_size, so no header is added and blocks made before the hooks may be
 * freed through them. Rejected: wrapping the object domain (a call more for each of millions of small
 * objects). */
#include "strategy/memory_limit.h"

#include <Python.h>
#include <malloc.h>
#include <stdbool.h>

/* Under AddressSanitizer (PYMEM_ALLOCATOR_MALLOC) there are no arenas: every domain is malloc. */
#if defined(__SANITIZE_ADDRESS__)
enum { EVERY_DOMAIN_IS_MALLOC = 1 };
#else
enum { EVERY_DOMAIN_IS_MALLOC = 0 };
#endif

/* One per thread; nobody else reads it. */
struct meter {
    int64_t used, budget; /* budget: INT64_MAX outside runs and without a limit */
    void (*on_refusal)(void *context);
    void *context;
};
static _Thread_local struct meter meter = {.budget = INT64_MAX};

/* What the hooks stand before. Written once by memory_limit_install, before any other thread. */
static PyMemAllocatorEx below[3];
static PyObjectArenaAllocator arenas_below;

static void *refused(void) {
    if (meter.on_refusal) meter.on_refusal(meter.context);
    return NULL;
}

static bool fits(size_t more) {
    return more <= (size_t)INT64_MAX && (int64_t)more <= meter.budget - (meter.used > 0 ? meter.used : 0);
}

static void *counted(void *block) {
    if (!block) return refused();
    meter.used += (int64_t)malloc_usable_size(block);
    return block;
}

static void *limited_malloc(void *context, size_t size) {
    PyMemAllocatorEx *next = context;
    return fits(size) ? counted(next->malloc(next->ctx, size)) : refused();
}

static void *limited_calloc(void *context, size_t count, size_t size) {
    PyMemAllocatorEx *next = context;
    size_t total;
    if (__builtin_mul_overflow(count, size, &total) || !fits(total)) return refused();
    return counted(next->calloc(next->ctx, count, size));
}

static void *limited_realloc(void *context, void *block, size_t size) {
    PyMemAllocatorEx *next = context;
    size_t before = malloc_usable_size(block); /* 0 for NULL */
    if (size > before && !fits(size - before)) return refused();
    void *moved = next->realloc(next->ctx, block, size);
    if (!moved) return refused();
    meter.used += (int64_t)malloc_usable_size(moved) - (int64_t)before;
    return moved;
}

static void limited_free(void *context, void *block) {
    PyMemAllocatorEx *next = context;
    meter.used -= (int64_t)malloc_usable_size(block);
    next->free(next->ctx, block);
}

static void *limited_arena_alloc(void *context, size_t size) {
    (void)context;
    void *arena = fits(size) ? arenas_below.alloc(arenas_below.ctx, size) : NULL;
    if (!arena) return refused();
    meter.used += (int64_t)size;
    return arena;
}

static void limited_arena_free(void *context, void *arena, size_t size) {
    (void)context;
    meter.used -= (int64_t)size;
    arenas_below.free(arenas_below.ctx, arena, size);
}

static void hook_domain(PyMemAllocatorDomain domain) {
    PyMem_GetAllocator(domain, &below[domain]);
    PyMemAllocatorEx hook = {.ctx = &below[domain],
                             .malloc = limited_malloc,
                             .calloc = limited_calloc,
                             .realloc = limited_realloc,
                             .free = limited_free};
    PyMem_SetAllocator(domain, &hook);
}

void memory_limit_install(void) {
    hook_domain(PYMEM_DOMAIN_RAW);
    if (EVERY_DOMAIN_IS_MALLOC) {
        hook_domain(PYMEM_DOMAIN_MEM);
        hook_domain(PYMEM_DOMAIN_OBJ);
    }
    PyObject_GetArenaAllocator(&arenas_below);
    PyObjectArenaAllocator hook = {.alloc = limited_arena_alloc, .free = limited_arena_free};
    PyObject_SetArenaAllocator(&hook);
}

void memory_limit_begin(uint64_t bytes, void (*on_refusal)(void *context), void *context) {
    meter = (struct meter){.budget = bytes == 0 || bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes,
                           .on_refusal = on_refusal,
                           .context = context};
}

int64_t memory_limit_end(void) {
    int64_t used = meter.used;
    meter = (struct meter){.budget = INT64_MAX};
    return used;
}
