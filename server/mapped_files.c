/* The handler of SIGBUS; see mapped_files.h. It runs on the thread that read, and only makes system calls:
 * what it interrupts may be anything. */
#include "server/mapped_files.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static atomic_ulong faults;
static uintptr_t page_bytes;

static void give_zeros(int number, siginfo_t *info, void *context) {
    (void)context;
    void *page = (void *)((uintptr_t)info->si_addr & ~(page_bytes - 1));
    bool is_gone = info->si_code == BUS_ADRERR; /* others are bugs: the read is tried again and ends us */
    if (is_gone && mmap(page, page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page)
        atomic_fetch_add(&faults, 1);
    else
        signal(number, SIG_DFL);
}

void mapped_files_guard(void) {
    struct sigaction action = {.sa_sigaction = give_zeros, .sa_flags = SA_SIGINFO | SA_RESTART};
    page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
}

unsigned long mapped_files_faults(void) {
    return atomic_load(&faults);
}
