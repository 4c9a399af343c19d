/* Token buckets with the time given: exact grants by hand, and what no order of requests may break. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "server/gate/rate_buckets.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
enum { SETS = 10 };

static const struct rate_limits usual = {.second = {33333334, 1000000020}, .minute = {60000000, 60000000000}};

static bool take(struct rate_buckets *buckets, const char *address, const struct rate_limits *limits,
                 int64_t now, int64_t *wait) {
    struct rate_key key = rate_key_of(address);
    return rate_buckets_take(buckets, &key, limits, now, wait);
}

static int take_many(struct rate_buckets *buckets, const char *address, const struct rate_limits *limits,
                     int64_t now, int tries) {
    int granted = 0;
    int64_t wait;
    for (int i = 0; i < tries; i++)
        granted += take(buckets, address, limits, now, &wait);
    return granted;
}

static void limits_are_rounded_so_that_never_more_pass(void **state) {
    (void)state;
    struct rate_limit second = rate_limit_of(30, 1), minute = rate_limit_of(1000, 60),
                      slow = rate_limit_of(0.5, 1);
    assert_int_equal(second.step_ns, usual.second.step_ns); /* 1e9 / 30 = 33333333.3 */
    assert_int_equal(second.capacity_ns, usual.second.capacity_ns);
    assert_int_equal(minute.step_ns, usual.minute.step_ns);
    assert_int_equal(minute.capacity_ns, usual.minute.capacity_ns);
    assert_int_equal(slow.step_ns, 2 * SECOND);
    assert_int_equal(slow.capacity_ns, 2 * SECOND);
    assert_int_equal(rate_limit_of(0, 1).step_ns, 0);
    assert_true(rate_limit_of(1e-300, 60).step_ns > 0);
}

static void a_burst_is_the_amount_and_then_one_a_step(void **state) {
    (void)state;
    struct rate_buckets *buckets = rate_buckets_open(SETS);
    const int64_t start = 5000 * SECOND;
    int64_t wait;
    assert_int_equal(take_many(buckets, "10.0.0.1", &usual, start, 100), 30);
    assert_false(take(buckets, "10.0.0.1", &usual, start, &wait));
    assert_int_equal(wait, 33333334);
    assert_false(take(buckets, "10.0.0.1", &usual, start + 33333333, &wait));
    assert_int_equal(wait, 1);
    assert_true(take(buckets, "10.0.0.1", &usual, start + 33333334, &wait));
    assert_false(take(buckets, "10.0.0.1", &usual, start + 33333334, &wait));
    assert_int_equal(take_many(buckets, "10.0.0.2", &usual, start, 100), 30);
    rate_buckets_close(buckets);
}

static void the_minute_ends_what_the_second_would_allow(void **state) {
    (void)state;
    struct rate_buckets *buckets = rate_buckets_open(SETS);
    int granted = 0;
    /* 30 at once, then at most 30 in each of the following seconds; the minute has 1000 and gains 16.67/s:
     * it is empty when 30 + 30 t = 1000 + 16.67 t, at t = 72.75 s. A second later only 16 or 17 pass. */
    for (int t = 0; t <= 72; t++)
        granted += take_many(buckets, "10.0.0.1", &usual, (100 + t) * SECOND + t * 20, 100);
    assert_int_equal(granted, 30 * 73);
    int next = take_many(buckets, "10.0.0.1", &usual, 173 * SECOND + 1460, 100);
    assert_in_range(next, 22, 27); /* 1000 + 16.67 x 73 - 2190 = 26.67 tokens are left */
    int after = take_many(buckets, "10.0.0.1", &usual, 174 * SECOND + 1480, 100);
    assert_in_range(after, 16, 17);
    rate_buckets_close(buckets);
}

static void a_refused_request_costs_nothing(void **state) {
    (void)state;
    struct rate_buckets *buckets = rate_buckets_open(SETS);
    assert_int_equal(take_many(buckets, "10.0.0.1", &usual, SECOND, 30), 30);
    assert_int_equal(take_many(buckets, "10.0.0.1", &usual, SECOND, 100000), 0);
    /* A second later the bucket of the second is full; that of the minute had 970 left and 16 new ones. */
    assert_int_equal(take_many(buckets, "10.0.0.1", &usual, SECOND + 1000000020, 100), 30);
    rate_buckets_close(buckets);
}

static void a_limit_of_zero_is_none(void **state) {
    (void)state;
    struct rate_buckets *buckets = rate_buckets_open(SETS);
    struct rate_limits second_only = {.second = usual.second}, minute_only = {.minute = usual.minute},
                       none = {0};
    assert_int_equal(take_many(buckets, "10.0.0.1", &second_only, SECOND, 2000), 30);
    assert_int_equal(take_many(buckets, "10.0.0.2", &minute_only, SECOND, 2000), 1000);
    assert_int_equal(take_many(buckets, "10.0.0.3", &none, SECOND, 2000), 2000);
    rate_buckets_close(buckets);
}

static void a_lowered_limit_keeps_nobody_out_longer_than_one_step(void **state) {
    (void)state;
    struct rate_buckets *buckets = rate_buckets_open(SETS);
    struct rate_limits minute = {.minute = usual.minute}, lower = {.second = rate_limit_of(2, 1)};
    int64_t wait;
    assert_int_equal(take_many(buckets, "10.0.0.1", &minute, SECOND, 2000), 1000);
    lower.minute = rate_limit_of(10, 60); /* capacity 60 s, step 6 s: nothing is left of it */
    assert_false(take(buckets, "10.0.0.1", &lower, SECOND, &wait));
    assert_int_equal(wait, 6 * SECOND);
    rate_buckets_close(buckets);
}

static void a_client_is_an_ipv4_address_or_an_ipv6_64(void **state) {
    (void)state;
    static const struct {
        const char *a, *b;
        bool is_same;
    } cases[] = {{"10.0.0.1", "10.0.0.1", true},
                 {"10.0.0.1", "10.0.0.2", false},
                 {"10.0.0.1", "::ffff:10.0.0.1", true},
                 {"::ffff:10.0.0.1", "::ffff:10.0.0.2", false},
                 {"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
                 {"2001:db8:1:2::1", "2001:db8:1:3::1", false},
                 {"2001:db8:1:2::1", "2001:db8:1::2:1", false},
                 {"10.0.0.1", "2001:db8::1", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rate_key a = rate_key_of(cases[i].a), b = rate_key_of(cases[i].b);
        if ((memcmp(&a, &b, sizeof a) == 0) != cases[i].is_same) fail_msg("%s, %s", cases[i].a, cases[i].b);
    }
}

static uint64_t random_below(uint64_t *seed, uint64_t n) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed % n;
}

/* Between any two grants i <= j of one client there are at most burst + rate x time of them. */
static void check_windows(const int64_t *times, int count, int64_t burst, const struct rate_limit *limit) {
    for (int i = 0; i < count; i++)
        for (int j = i; j < count; j++) {
            int64_t most = burst + (times[j] - times[i]) / limit->step_ns;
            if (j - i + 1 > most)
                fail_msg("%d grants in %lld ns", j - i + 1, (long long)(times[j] - times[i]));
        }
}

static void never_more_than_the_burst_and_the_rate_pass_in_any_window(void **state) {
    (void)state;
    uint64_t seed = 88172645463325252u;
    static int64_t times[3000];
    for (int round = 0; round < 20; round++) {
        double a = (double)(1 + random_below(&seed, 50)), b = (double)(1 + random_below(&seed, 500));
        struct rate_limits limits = {.second = rate_limit_of(a, 1), .minute = rate_limit_of(b, 60)};
        struct rate_buckets *buckets = rate_buckets_open(0);
        int64_t now = SECOND, wait;
        int count = 0;
        for (int i = 0; i < 20000 && count < 3000; i++) {
            now += (int64_t)random_below(&seed, random_below(&seed, 10) ? 20000000 : 3 * SECOND);
            if (take(buckets, "10.0.0.1", &limits, now, &wait))
                times[count++] = now;
            else if (random_below(&seed, 4) == 0 &&
                     (now += wait, take(buckets, "10.0.0.1", &limits, now, &wait)))
                times[count++] = now;
        }
        assert_true(count > 0);
        check_windows(times, count, (int64_t)a, &limits.second);
        check_windows(times, count, (int64_t)b, &limits.minute);
        rate_buckets_close(buckets);
    }
}

static void the_wait_said_is_exactly_the_wait_needed(void **state) {
    (void)state;
    uint64_t seed = 4711;
    struct rate_buckets *buckets = rate_buckets_open(SETS);
    int64_t now = SECOND, wait, unused;
    int refusals = 0;
    for (int i = 0; i < 100000; i++) {
        now += (int64_t)random_below(&seed, 30000000);
        if (take(buckets, "10.0.0.1", &usual, now, &wait)) continue;
        assert_true(wait > 0);
        assert_false(take(buckets, "10.0.0.1", &usual, now + wait - 1, &unused));
        assert_true(take(buckets, "10.0.0.1", &usual, now += wait, &unused));
        refusals++;
    }
    assert_true(refusals > 1000);
    rate_buckets_close(buckets);
}

static void a_flood_of_addresses_washes_no_debt_away(void **state) {
    (void)state;
    struct rate_buckets *buckets = rate_buckets_open(0); /* 8 clients */
    struct rate_key victim = rate_key_of("10.0.0.1"), other = rate_key_of("10.0.0.2");
    uint64_t seed = 99;
    int64_t now = SECOND, wait;
    int granted = 0;
    for (int i = 0; i < 300000; i++) {
        now += 100000; /* 30 s in all: 1000 + 500 tokens of the minute */
        uint32_t number = (uint32_t)random_below(&seed, 5000);
        memcpy(other.bytes + 12, &number, sizeof number);
        other.bytes[12] |= 0x80; /* never the victim */
        rate_buckets_take(buckets, &other, &usual, now, &wait);
        if (i % 10 == 0) granted += rate_buckets_take(buckets, &victim, &usual, now, &wait);
    }
    assert_in_range(granted, 1, 1500);
    rate_buckets_close(buckets);
}

static void a_client_that_paid_its_debt_leaves_room(void **state) {
    (void)state;
    struct rate_buckets *buckets = rate_buckets_open(0); /* 8 clients */
    char address[40];
    int64_t now = SECOND;
    for (int round = 0; round < 100; round++, now += 61 * SECOND)
        for (int i = 0; i < 8; i++) {
            snprintf(address, sizeof address, "10.0.%d.%d", round, i);
            assert_int_equal(take_many(buckets, address, &usual, now, 31), 30);
        }
    rate_buckets_close(buckets);
}

struct hammer {
    struct rate_buckets *buckets;
    int granted;
};

static void *hammer(void *context) {
    struct hammer *self = context;
    self->granted = take_many(self->buckets, "10.0.0.1", &usual, SECOND, 1000);
    return NULL;
}

static void threads_share_one_bucket(void **state) {
    (void)state;
    enum { THREADS = 4 };
    struct hammer hammers[THREADS];
    pthread_t threads[THREADS];
    struct rate_buckets *buckets = rate_buckets_open(SETS);
    int granted = 0;
    for (int i = 0; i < THREADS; i++) {
        hammers[i] = (struct hammer){.buckets = buckets};
        assert_int_equal(pthread_create(&threads[i], NULL, hammer, &hammers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        granted += hammers[i].granted;
    }
    assert_int_equal(granted, 30);
    rate_buckets_close(buckets);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_rounded_so_that_never_more_pass),
        cmocka_unit_test(a_burst_is_the_amount_and_then_one_a_step),
        cmocka_unit_test(the_minute_ends_what_the_second_would_allow),
        cmocka_unit_test(a_refused_request_costs_nothing),
        cmocka_unit_test(a_limit_of_zero_is_none),
        cmocka_unit_test(a_lowered_limit_keeps_nobody_out_longer_than_one_step),
        cmocka_unit_test(a_client_is_an_ipv4_address_or_an_ipv6_64),
        cmocka_unit_test(never_more_than_the_burst_and_the_rate_pass_in_any_window),
        cmocka_unit_test(the_wait_said_is_exactly_the_wait_needed),
        cmocka_unit_test(a_flood_of_addresses_washes_no_debt_away),
        cmocka_unit_test(a_client_that_paid_its_debt_leaves_room),
        cmocka_unit_test(threads_share_one_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
