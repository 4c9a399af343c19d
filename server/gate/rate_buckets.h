/* Token buckets of many clients in bounded memory; the limits in numbers that Redis takes as well. */
#ifndef SERVER_GATE_RATE_BUCKETS_H
#define SERVER_GATE_RATE_BUCKETS_H

#include <stdbool.h>
#include <stdint.h>

/* A bucket is one number: the time at which it will be full again. A token costs step_ns of it, and an empty
 * bucket is full after capacity_ns. step_ns 0: no limit. */
struct rate_limit {
    int64_t step_ns, capacity_ns;
};
struct rate_limits {
    struct rate_limit second, minute;
};
/* Bursts of `amount` (at least 1) and as many a period; 0: no limit. Rounded so that never more pass. */
struct rate_limit rate_limit_of(double amount, double period_seconds);

/* Who is one client: an IPv4 address, or the /64 an IPv6 address lies in (a subscriber has at least that). */
struct rate_key {
    unsigned char bytes[16];
};
struct rate_key rate_key_of(const char *address);

struct rate_buckets;
/* For 8 x 2^set_bits clients. NULL: out of memory. */
struct rate_buckets *rate_buckets_open(int set_bits);
void rate_buckets_close(struct rate_buckets *buckets);
/* Takes a token of both buckets, or none and *wait_ns > 0 until both have one. now_ns must not run backwards
 * by more than it takes to wait for a lock. Any thread. */
bool rate_buckets_take(struct rate_buckets *buckets, const struct rate_key *key,
                       const struct rate_limits *limits, int64_t now_ns, int64_t *wait_ns);

#endif
