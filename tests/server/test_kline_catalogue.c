/* The catalogue of stored series: mapped once, mapped anew when replaced, never pulled away from a holder;
 * the list follows the folders. */
#include "kline/columns.h"
#include "kline/test_folder.h"
#include "server/klines/kline_catalogue.h"
#include "server/mapped_files.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define START INT64_C(1704067200000)

/* Candle i closes at first + i, so that a reader can tell which version it sees. */
static void write_series(const char *store, const char *symbol, size_t count, double first) {
    struct error err = {0};
    struct kline_columns columns = {.view.interval = INTERVAL_1M};
    snprintf(columns.view.symbol, sizeof columns.view.symbol, "%s", symbol);
    for (size_t i = 0; i < count; i++) {
        double close = first + (double)i;
        struct kline_row row = {.open_time = START + (int64_t)i * 60000,
                                .close_time = START + (int64_t)i * 60000 + 59999,
                                .trades_count = 1,
                                .open = close,
                                .high = close,
                                .low = close,
                                .close = close,
                                .volume = 1.0,
                                .quote_volume = 1.0,
                                .taker_buy_base = 0.5,
                                .taker_buy_quote = 0.5};
        assert_int_equal(kline_columns_add(&columns, &row, NULL), OK);
    }
    if (store_write(store, &columns.view, "test", true, &err) != OK) fail_msg("%s", err.message);
    kline_columns_clear(&columns);
}

static struct kline_catalogue *open_catalogue(char *store) {
    struct error err = {0};
    struct settings settings = {.store = store};
    struct kline_catalogue *catalogue;
    if (kline_catalogue_open(&catalogue, &settings, &err) != OK) fail_msg("%s", err.message);
    return catalogue;
}

static struct held_series *hold(struct kline_catalogue *catalogue, const char *symbol) {
    struct error err = {0};
    struct held_series *held;
    if (kline_catalogue_hold(&held, catalogue, symbol, INTERVAL_1M, &err) != OK) fail_msg("%s", err.message);
    return held;
}

static char *sub_store(void **state, const char *name) {
    static char path[600];
    snprintf(path, sizeof path, "%s/%s", (char *)*state, name);
    return path;
}

static void a_series_is_mapped_once_and_found_without_waiting(void **state) {
    char *store = sub_store(state, "once");
    write_series(store, "AAA", 10, 100.0);
    struct kline_catalogue *catalogue = open_catalogue(store);
    assert_null(kline_catalogue_try(catalogue, "AAA", INTERVAL_1M));
    struct held_series *first = hold(catalogue, "AAA");
    struct held_series *second = kline_catalogue_try(catalogue, "AAA", INTERVAL_1M);
    assert_ptr_equal(first, second);
    assert_int_equal(held_series_view(first)->count, 10);
    assert_true(held_series_view(first)->close[9] == 109.0);
    assert_null(kline_catalogue_try(catalogue, "AAA", INTERVAL_1H));
    held_series_release(first);
    held_series_release(second);
    held_series_release(NULL);
    kline_catalogue_close(catalogue);
}

static void a_replaced_file_is_mapped_anew_and_the_old_one_stays_with_its_holder(void **state) {
    char *store = sub_store(state, "replaced");
    write_series(store, "AAA", 10, 100.0);
    struct kline_catalogue *catalogue = open_catalogue(store);
    struct held_series *old = hold(catalogue, "AAA");
    write_series(store, "AAA", 10, 500.0); /* the same size */
    assert_null(kline_catalogue_try(catalogue, "AAA", INTERVAL_1M));
    struct held_series *new = hold(catalogue, "AAA");
    assert_true(held_series_view(new)->close[0] == 500.0);
    assert_true(held_series_view(old)->close[0] == 100.0);
    assert_int_not_equal(held_series_info(new)->checksum, held_series_info(old)->checksum);
    held_series_release(new);
    kline_catalogue_close(catalogue);
    assert_true(held_series_view(old)->close[9] == 109.0);
    held_series_release(old);
}

static void a_holder_learns_that_its_file_was_cut(void **state) {
    char *store = sub_store(state, "cut");
    write_series(store, "AAA", 1000, 100.0); /* columns of two pages */
    write_series(store, "BBB", 10, 1.0);
    struct kline_catalogue *catalogue = open_catalogue(store);
    struct held_series *held = hold(catalogue, "AAA"), *other = hold(catalogue, "BBB");
    assert_true(held_series_is_whole(held) && held_series_is_untouched(held));
    char *path = store_series_path(store, "AAA", INTERVAL_1M);
    assert_int_equal(truncate(path, 4096), 0);
    assert_true(held_series_is_whole(held)); /* nothing was read */
    assert_false(held_series_is_untouched(held));
    assert_null(kline_catalogue_try(catalogue, "AAA", INTERVAL_1M));
    assert_true(held_series_is_untouched(other));
    mapped_files_guard();
    assert_true(held_series_view(held)->taker_buy_quote[999] == 0.0);
    assert_false(held_series_is_whole(held));
    struct error err = {0};
    struct held_series *again;
    assert_int_equal(kline_catalogue_hold(&again, catalogue, "AAA", INTERVAL_1M, &err), ERR_CORRUPT);
    assert_null(again);
    assert_true(kline_catalogue_has_file(catalogue, "AAA", INTERVAL_1M));
    assert_false(kline_catalogue_has_file(catalogue, "AAA", INTERVAL_1H));
    assert_false(kline_catalogue_has_file(catalogue, "../cut/AAA", INTERVAL_1M));
    held_series_release(held);
    held_series_release(other);
    free(path);
    kline_catalogue_close(catalogue);
}

static void a_removed_series_is_not_found(void **state) {
    char *store = sub_store(state, "removed");
    struct error err = {0};
    struct held_series *held;
    write_series(store, "AAA", 3, 1.0);
    struct kline_catalogue *catalogue = open_catalogue(store);
    held_series_release(hold(catalogue, "AAA"));
    char *path = store_series_path(store, "AAA", INTERVAL_1M);
    assert_int_equal(unlink(path), 0);
    free(path);
    assert_null(kline_catalogue_try(catalogue, "AAA", INTERVAL_1M));
    assert_int_equal(kline_catalogue_hold(&held, catalogue, "AAA", INTERVAL_1M, &err), ERR_NOT_FOUND);
    assert_null(held);
    kline_catalogue_close(catalogue);
}

static size_t listed(struct kline_catalogue *catalogue, uint64_t *generation) {
    const struct kline_list *list = kline_catalogue_list(catalogue);
    size_t count = list->count;
    *generation = list->generation;
    kline_list_release(list);
    return count;
}

static void the_list_follows_the_folders(void **state) {
    char *store = sub_store(state, "list");
    uint64_t first, second, third, fourth;
    struct kline_catalogue *catalogue = open_catalogue(store); /* no folder yet */
    assert_int_equal(listed(catalogue, &first), 0);
    write_series(store, "AAA", 3, 1.0);
    kline_catalogue_look(catalogue, NULL);
    assert_int_equal(listed(catalogue, &second), 1);
    assert_int_not_equal(first, second);
    kline_catalogue_look(catalogue, NULL);
    listed(catalogue, &third);
    assert_int_equal(second, third);
    write_series(store, "AAA", 4, 1.0);
    write_series(store, "BBB", 3, 1.0);
    kline_catalogue_look(catalogue, NULL);
    assert_int_equal(listed(catalogue, &fourth), 2);
    assert_int_not_equal(third, fourth);
    assert_true(kline_catalogue_is_fresh(catalogue));
    kline_catalogue_close(catalogue);
}

static const char *found(const struct kline_list *list, const char *symbol) {
    const struct series_info *info = kline_list_find(list, symbol, INTERVAL_1M);
    return info ? info->symbol : NULL;
}

static void a_symbol_in_other_letters_is_found_if_only_one_is_spelled_so(void **state) {
    char *store = sub_store(state, "letters");
    write_series(store, "BTCUSDT", 3, 1.0);
    write_series(store, "ETHusdt", 3, 1.0);
    write_series(store, "ETHUSDT", 3, 1.0);
    struct kline_catalogue *catalogue = open_catalogue(store);
    const struct kline_list *list = kline_catalogue_list(catalogue);
    assert_string_equal(found(list, "btcusdt"), "BTCUSDT");
    assert_string_equal(found(list, "ETHusdt"), "ETHusdt");
    assert_null(found(list, "ethusdt"));
    assert_null(found(list, "BTCUSD"));
    assert_null(kline_list_find(list, "BTCUSDT", INTERVAL_1H));
    kline_list_release(list);
    kline_catalogue_close(catalogue);
}

/* ---- many readers while the file is replaced
 * --------------------------------------------------------------- */

struct crowd {
    struct kline_catalogue *catalogue;
    atomic_bool stop;
    atomic_int wrong, read;
};

static void *read_again_and_again(void *argument) {
    struct crowd *crowd = argument;
    while (!atomic_load(&crowd->stop)) {
        struct held_series *held = kline_catalogue_try(crowd->catalogue, "AAA", INTERVAL_1M);
        if (!held && kline_catalogue_hold(&held, crowd->catalogue, "AAA", INTERVAL_1M, NULL) != OK)
            held = NULL;
        if (!held) {
            atomic_fetch_add(&crowd->wrong, 1);
            continue;
        }
        const struct series *view = held_series_view(held);
        for (size_t i = 1; i < view->count; i++)
            if (view->close[i] != view->close[0] + (double)i) atomic_fetch_add(&crowd->wrong, 1);
        held_series_release(held);
        atomic_fetch_add(&crowd->read, 1);
    }
    return NULL;
}

static void readers_see_one_version_whole_while_it_is_replaced(void **state) {
    enum { READERS = 3, VERSIONS = 60 };
    char *store = sub_store(state, "crowd");
    pthread_t threads[READERS];
    char other[700], command[3400];
    snprintf(other, sizeof other, "%s-other", store);
    write_series(store, "AAA", 500, 0.0);
    write_series(other, "AAA", 700, 1000.0);
    snprintf(command, sizeof command, "cp '%s/AAA/1m.h5' '%s/one' && cp '%s/AAA/1m.h5' '%s/two'", store,
             store, other, store);
    assert_int_equal(system(command), 0);
    struct crowd crowd = {.catalogue = open_catalogue(store)};
    for (int i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_again_and_again, &crowd), 0);
    /* by another process, as an import does it */
    for (int i = 1; i <= VERSIONS; i++) {
        snprintf(command, sizeof command, "cd '%s' && cp %s new && mv new AAA/1m.h5", store,
                 i % 2 ? "two" : "one");
        assert_int_equal(system(command), 0);
    }
    atomic_store(&crowd.stop, true);
    for (int i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&crowd.wrong), 0);
    assert_true(atomic_load(&crowd.read) > VERSIONS);
    kline_catalogue_close(crowd.catalogue);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_series_is_mapped_once_and_found_without_waiting),
        cmocka_unit_test(a_replaced_file_is_mapped_anew_and_the_old_one_stays_with_its_holder),
        cmocka_unit_test(a_holder_learns_that_its_file_was_cut),
        cmocka_unit_test(a_removed_series_is_not_found),
        cmocka_unit_test(the_list_follows_the_folders),
        cmocka_unit_test(a_symbol_in_other_letters_is_found_if_only_one_is_spelled_so),
        cmocka_unit_test(readers_see_one_version_whole_while_it_is_replaced),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
