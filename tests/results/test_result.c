/* Result files: every run is read back from them as it was recorded, whatever the order of arrival, by this
 * library and by h5py. */
#include "base/file.h"
#include "kmill/result.h"
#include "python_oracle.h"
#include "result_samples.h"

#include <hdf5.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { ROWS = 2500 };
static char folder[] = "/tmp/kmill-result-XXXXXX";

static char *in_folder(const char *name) {
    static char paths[4][160];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, 160, "%s/%s", folder, name);
    return path;
}

static void must(status rc, const struct error *err) {
    if (rc != OK) fail_msg("%d: %s", rc, err->message);
}

/* The sweep's journal: rows in the order (i x stride) mod ROWS, stride coprime to ROWS. */
static void make_journal(const char *path, uint64_t stride) {
    struct provenance provenance = sample_sweep();
    struct journal *journal;
    struct error err;
    must(journal_create(&journal, path, false, &provenance, &err), &err);
    for (uint64_t i = 0; i < ROWS; i++) {
        uint64_t run = sample_run_of_row(i * stride % ROWS);
        if (sample_curve_points(run)) assert_true(sample_append(journal, run, SWEEP_BARS));
        /* runs recorded twice: the one without a curve must not hide the one with it, whichever is later */
        if (!sample_curve_points(run) || run % 20 == 0) assert_true(sample_append(journal, run, 0));
        if (run % 31 == 0 && !sample_curve_points(run)) assert_true(sample_append(journal, run, 0));
    }
    must(journal_close(journal, &err), &err);
}

static struct result *open_result(const char *path) {
    struct result *result;
    struct error err;
    must(result_open(&result, path, &err), &err);
    return result;
}

static int make_files(void **state) {
    (void)state;
    if (!mkdtemp(folder)) return -1;
    struct error err;
    struct result_options options = sample_options();
    make_journal(in_folder("a.h5"), 1);
    must(result_write(in_folder("a.h5"), &options, &err), &err);
    make_journal(in_folder("b.h5"), 1777);
    must(result_write(in_folder("b.h5"), &options, &err), &err);
    return 0;
}

static int remove_files(void **state) {
    (void)state;
    char command[160];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static void every_run_is_read_back_as_it_was_recorded(void **state) {
    (void)state;
    struct result *result = open_result(in_folder("b.h5"));
    assert_int_equal(result_run_count(result), ROWS);
    assert_true(result_complete(result));
    struct sample sample;
    struct error err;
    for (uint64_t row = 0; row < ROWS; row++) {
        uint64_t run = sample_run_of_row(row), found;
        sample_make(&sample, run, sample_series_of(run), 0);
        const struct run_record *got;
        must(result_row_of_run(result, &found, run, &err), &err);
        assert_int_equal(found, row);
        must(result_run(result, &got, row, &err), &err);
        assert_int_equal(got->run, run);
        assert_int_equal(got->series, sample.record.series);
        assert_int_equal(got->status, sample.record.status);
        assert_int_equal(got->trade_count, sample.record.trade_count);
        assert_int_equal(got->trade_total, sample.record.trade_count);
        for (size_t t = 0; t < got->trade_count; t++) {
            struct trade want = sample.trades[t], have = got->trades[t];
            if (want.stamp == STAMP_TEXT)
                assert_string_equal(got->trade_texts[have.text], sample.texts[want.text]);
            have.text = want.text; /* numbered anew */
            assert_memory_equal(&have, &want, sizeof want);
        }
        if (sample.record.status == RUN_DONE) {
            assert_memory_equal(got->metrics, sample.record.metrics, sizeof got->metrics);
            assert_memory_equal(got->sparkline, sample.record.sparkline, sizeof got->sparkline);
        } else {
            assert_string_equal(got->error_message, sample.message);
            assert_string_equal(got->error_type, "ValueError");
            assert_string_equal(got->traceback, sample.record.traceback);
            assert_true(got->error_line == 7 && got->error_bar == sample.record.error_bar);
        }
        assert_int_equal(got->log_length, sample.record.log_length);
        if (got->log_length) assert_string_equal(got->log, sample.log);
        assert_int_equal(got->warnings_length, sample.record.warnings_length);
    }
    result_close(result);
    assert_int_equal(H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL), 0);
}

static void every_parameter_comes_back_with_its_kind(void **state) {
    (void)state;
    struct result *result = open_result(in_folder("a.h5"));
    assert_int_equal(result_param_count(result), SWEEP_PARAMS);
    for (size_t p = 0; p < SWEEP_PARAMS; p++)
        assert_string_equal(result_param_name(result, p), sample_param_names[p]);
    for (uint64_t row = 0; row < ROWS; row++) {
        struct value want[SWEEP_PARAMS], got;
        sample_params(NULL, sample_run_of_row(row), want);
        for (size_t p = 0; p < SWEEP_PARAMS; p++) {
            assert_int_equal(result_param(result, &got, p, row, NULL), OK);
            if (!value_equal(got, want[p])) fail_msg("row %d parameter %zu", (int)row, p);
        }
    }
    result_close(result);
}

/* A server reads the same cells for days. */
static void reading_a_parameter_again_takes_no_memory(void **state) {
    (void)state;
    struct result *result = open_result(in_folder("a.h5"));
    struct value first[ROWS], got;
    size_t before = 0;
    for (uint64_t round = 0; round < 100000 / ROWS + 2; round++) {
        for (uint64_t row = 0; row < ROWS; row++) {
            assert_int_equal(result_param(result, &got, 5, row, NULL), OK); /* "odd/name": of several kinds */
            if (round == 0) first[row] = got;
            assert_true(value_equal(got, first[row])); /* the texts of the first round still hold */
        }
        if (round == 0) before = mallinfo2().uordblks;
    }
    assert_int_equal(mallinfo2().uordblks, before);
    result_close(result);
}

static void curves_are_kept_where_any_record_had_one(void **state) {
    (void)state;
    struct result *result = open_result(in_folder("b.h5"));
    for (uint64_t row = 0; row < ROWS; row++) {
        uint64_t run = sample_run_of_row(row);
        double *curve;
        size_t count;
        assert_int_equal(result_equity(result, &curve, &count, row, NULL), OK);
        assert_int_equal(count, sample_curve_points(run));
        for (size_t i = 0; i < count; i++)
            assert_true(curve[i] == sample_equity(run, i));
        free(curve);
    }
    result_close(result);
}

static void candles_and_provenance_come_back(void **state) {
    (void)state;
    struct result *result = open_result(in_folder("a.h5"));
    const struct series_columns *got, *want = sample_candles();
    for (size_t k = 0; k < 2; k++) {
        assert_int_equal(result_candles(result, &got, k, NULL), OK);
        assert_true(got->count == SWEEP_BARS && got->first_bar == SWEEP_FIRST_BAR);
        assert_memory_equal(got->open_time, want[k].open_time, SWEEP_BARS * 8);
        assert_memory_equal(got->close_time, want[k].close_time, SWEEP_BARS * 8);
        assert_memory_equal(got->open, want[k].open, SWEEP_BARS * 8);
        assert_memory_equal(got->volume, want[k].volume, SWEEP_BARS * 8);
    }
    struct provenance sweep = sample_sweep();
    const struct provenance *provenance = result_provenance(result);
    assert_string_equal(provenance->strategy, sweep.strategy);
    assert_string_equal(provenance->yaml, sweep.yaml);
    assert_true(provenance->seed == UINT64_MAX - 1 && provenance->allowed == 5000);
    assert_string_equal(provenance->finished_at, "2024-01-02T00:00:00+00:00");
    assert_true(provenance->series_count == 2 && provenance->series[0].checksum == 4000000000);
    result_close(result);
}

static void an_unknown_run_names_its_neighbours(void **state) {
    (void)state;
    struct result *result = open_result(in_folder("a.h5"));
    uint64_t row;
    struct error err;
    assert_int_equal(result_row_of_run(result, &row, 4, &err), ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "no run 4, the nearest are 3 and 6"));
    result_close(result);
}

/* ---- the order of arrival ---- */

struct comparison_files {
    hid_t a, b;
    int datasets;
};

static herr_t compare_dataset(hid_t object, const char *name, const H5O_info_t *about, void *context) {
    (void)object;
    struct comparison_files *files = context;
    if (about->type != H5O_TYPE_DATASET || strcmp(name, "elapsed") == 0) return 0;
    hid_t a = H5Dopen2(files->a, name, H5P_DEFAULT), b = H5Dopen2(files->b, name, H5P_DEFAULT);
    hid_t type = H5Dget_type(a), space_a = H5Dget_space(a), space_b = H5Dget_space(b);
    hssize_t count = H5Sget_simple_extent_npoints(space_a);
    assert_int_equal(count, H5Sget_simple_extent_npoints(space_b));
    size_t bytes = (size_t)count * H5Tget_size(type);
    char *data_a = calloc(1, bytes + 1), *data_b = calloc(1, bytes + 1);
    assert_true(H5Dread(a, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data_a) >= 0);
    assert_true(H5Dread(b, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data_b) >= 0);
    if (memcmp(data_a, data_b, bytes) != 0) fail_msg("%s differs", name);
    files->datasets++;
    free(data_a);
    free(data_b);
    H5Tclose(type);
    H5Sclose(space_a);
    H5Sclose(space_b);
    H5Dclose(a);
    H5Dclose(b);
    return 0;
}

static void the_order_of_arrival_does_not_reach_the_file(void **state) {
    (void)state;
    struct comparison_files files = {H5Fopen(in_folder("a.h5"), H5F_ACC_RDONLY, H5P_DEFAULT),
                                     H5Fopen(in_folder("b.h5"), H5F_ACC_RDONLY, H5P_DEFAULT), 0};
    H5Ovisit(files.a, H5_INDEX_NAME, H5_ITER_NATIVE, compare_dataset, &files);
    assert_true(files.datasets > METRIC_COUNT + 40);
    H5Fclose(files.a);
    H5Fclose(files.b);
}

/* ---- what is left out ---- */

static void trades_of_runs_that_are_not_wanted_are_left_out(void **state) {
    (void)state;
    uint64_t kept[] = {sample_run_of_row(3), sample_run_of_row(10), sample_run_of_row(2001)};
    struct result_options options = sample_options();
    options.keep_trades = kept;
    options.keep_trades_count = 3;
    options.series = NULL;
    struct result *result;
    struct error err;
    must(result_open_journal(&result, in_folder("a.h5"), &options, &err), &err);
    assert_false(result_complete(result));
    for (uint64_t row = 0; row < ROWS; row++) {
        const struct run_record *got;
        must(result_run(result, &got, row, &err), &err);
        uint64_t run = sample_run_of_row(row);
        size_t all = sample_fails(run) ? 0 : sample_trade_count(run);
        assert_int_equal(got->trade_total, all);
        assert_int_equal(got->trade_count, row == 3 || row == 10 || row == 2001 ? all : 0);
    }
    const struct series_columns *candles;
    assert_int_equal(result_candles(result, &candles, 0, &err), ERR_NOT_FOUND);
    result_close(result);
}

static void an_empty_journal_makes_an_empty_result(void **state) {
    (void)state;
    struct provenance provenance = sample_sweep();
    struct journal *journal;
    struct error err;
    struct result_options options = sample_options();
    must(journal_create(&journal, in_folder("empty.h5"), false, &provenance, &err), &err);
    must(journal_close(journal, &err), &err);
    must(result_write(in_folder("empty.h5"), &options, &err), &err);
    struct result *result = open_result(in_folder("empty.h5"));
    assert_int_equal(result_run_count(result), 0);
    uint64_t *rows, total, row;
    size_t count;
    struct query query = {.where = "sharpe > 0", .sort = {{"sharpe", true}}, .limit = 10};
    must(result_query(result, &rows, &count, &total, &query, &err), &err);
    assert_true(count == 0 && total == 0);
    assert_int_equal(result_row_of_run(result, &row, 4, &err), ERR_NOT_FOUND);
    free(rows);
    result_close(result);
}

static void a_run_that_the_sweep_does_not_have_is_refused(void **state) {
    (void)state;
    struct provenance provenance = sample_sweep();
    provenance.series_count = 1; /* half of the runs belong to the second one */
    struct journal *journal;
    struct error err;
    struct result_options options = sample_options();
    must(journal_create(&journal, in_folder("wrong.h5"), false, &provenance, &err), &err);
    for (uint64_t run = 0; run < 10; run++)
        assert_true(sample_append(journal, run, 0));
    must(journal_close(journal, &err), &err);
    assert_int_equal(result_write(in_folder("wrong.h5"), &options, &err), ERR_CORRUPT);
    assert_int_not_equal(access(in_folder("wrong.h5"), F_OK), 0);
    assert_int_equal(H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL), 0);
}

/* ---- files of unknown origin ---- */

static void use_everything(struct result *result) {
    for (uint64_t row = 0; row < result_run_count(result); row += 97) {
        const struct run_record *record;
        double *curve = NULL;
        size_t count;
        struct value value;
        if (result_run(result, &record, row, NULL) == OK)
            for (size_t t = 0; t < record->trade_count; t++)
                if (record->trades[t].stamp == STAMP_TEXT)
                    assert_true(strlen(record->trade_texts[record->trades[t].text]) < 100000);
        if (result_equity(result, &curve, &count, row, NULL) == OK) free(curve);
        for (size_t p = 0; p < result_param_count(result); p++)
            (void)result_param(result, &value, p, row, NULL);
    }
    uint64_t *rows = NULL, total;
    size_t count;
    struct query query = {
        .where = "totalTrades > 3 and symbol == 'BTCUSDT'", .sort = {{"sharpe", true}}, .limit = 5};
    if (result_query(result, &rows, &count, &total, &query, NULL) == OK) free(rows);
}

/* In a child: what the HDF5 library itself does with damaged metadata is not ours, only that ours does not
 * make it worse. */
static void cut_files_are_refused(void **state) {
    (void)state;
    char *data;
    size_t length;
    assert_int_equal(file_read(&data, &length, in_folder("a.h5"), NULL), OK);
    for (size_t part = 0; part < 40; part++) {
        size_t cut = length / 40 * part + part;
        assert_int_equal(file_write_atomically(in_folder("cut.h5"), data, cut, NULL), OK);
        struct result *result = NULL;
        struct error err = {0};
        status rc = result_open(&result, in_folder("cut.h5"), &err);
        assert_int_not_equal(rc, OK);
        assert_true(strlen(err.message) > 10);
    }
    /* the raw columns may hold anything: nothing of it may be followed blindly */
    for (uint64_t round = 0; round < 30; round++) {
        char *copy = malloc(length);
        memcpy(copy, data, length);
        for (size_t i = 0; i < 400; i++) {
            size_t at = 4096 + (size_t)(sample_mix(round * 1000 + i) % (length - 4096));
            copy[at] = (char)sample_mix(at + round);
        }
        assert_int_equal(file_write_atomically(in_folder("cut.h5"), copy, length, NULL), OK);
        free(copy);
        pid_t child = fork();
        if (child == 0) {
            struct result *result;
            if (result_open(&result, in_folder("cut.h5"), NULL) == OK) use_everything(result);
            _exit(0);
        }
        int how;
        waitpid(child, &how, 0);
        assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    }
    free(data);
}

static void a_file_of_another_kind_is_refused_in_one_line(void **state) {
    (void)state;
    struct result *result;
    struct error err;
    assert_int_equal(result_open(&result, in_folder("none.h5"), &err), ERR_NOT_FOUND);
    assert_int_equal(file_write_atomically(in_folder("text.h5"), "hello\n", 6, NULL), OK);
    assert_int_equal(result_open(&result, in_folder("text.h5"), &err), ERR_INPUT);
    hid_t other = H5Fcreate(in_folder("other.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(other);
    assert_int_equal(result_open(&result, in_folder("other.h5"), &err), ERR_INPUT);
    assert_non_null(strstr(err.message, "no result of kmill"));
}

/* ---- h5py ---- */

static void write_expectation(const char *path) {
    struct text out = {0};
    struct sample sample;
    for (uint64_t row = 0; row < ROWS; row += 7) {
        uint64_t run = sample_run_of_row(row);
        sample_make(&sample, run, sample_series_of(run), 0);
        struct value values[SWEEP_PARAMS];
        sample_params(NULL, run, values);
        text_printf(&out, "{\"row\":%d,\"run\":%d,\"series\":%u,\"status\":%d,\"sharpe\":", (int)row,
                    (int)run, sample.record.series, sample.record.status);
        text_add_json_double(&out,
                             sample.record.status == RUN_DONE ? sample.record.metrics[METRIC_SHARPE] : NAN);
        text_printf(&out, ",\"fast\":%d,\"mode\":", (int)values[0].integer);
        text_add_json_value(&out, values[2]);
        text_printf(&out, ",\"flag\":%s,\"message\":", values[3].boolean ? "true" : "false");
        text_add_json_string(&out, sample.message, strlen(sample.message));
        text_printf(&out, ",\"log\":");
        text_add_json_string(&out, sample.log, strlen(sample.log));
        text_printf(&out, ",\"curve\":");
        if (sample_curve_points(run))
            text_add_json_double(&out, sample_equity(run, SWEEP_BARS - 1));
        else
            text_add_string(&out, "null");
        text_printf(&out, ",\"prices\":[");
        for (size_t t = 0; t < sample.record.trade_count; t++) {
            if (t) text_add_char(&out, ',');
            text_add_json_double(&out, sample.trades[t].price);
        }
        text_printf(&out, "],\"times\":[");
        for (size_t t = 0; t < sample.record.trade_count; t++) {
            const struct series_columns *candles = &sample_candles()[sample.record.series];
            size_t bar = (size_t)(sample.trades[t].bar - SWEEP_FIRST_BAR);
            text_printf(&out, "%s%lld", t ? "," : "",
                        (long long)(sample.trades[t].stamp == STAMP_CLOSE_TIME ? candles->close_time[bar]
                                                                               : candles->open_time[bar]));
        }
        text_printf(&out, "]}\n");
    }
    assert_int_equal(file_write_atomically(path, out.data, out.length, NULL), OK);
    text_clear(&out);
}

static void h5py_reads_it_without_kmill(void **state) {
    (void)state;
    char arguments[400], answer[200] = "";
    write_expectation(in_folder("want.jsonl"));
    snprintf(arguments, sizeof arguments, "'%s' '%s'", in_folder("a.h5"), in_folder("want.jsonl"));
    FILE *oracle = oracle_open(__FILE__, "h5py_oracle.py", arguments);
    assert_non_null(oracle);
    char *line = fgets(answer, sizeof answer, oracle);
    int how = pclose(oracle);
    if (WIFEXITED(how) && WEXITSTATUS(how) == 77) skip();
    print_message("%s", answer);
    assert_true(line && WIFEXITED(how) && WEXITSTATUS(how) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_run_is_read_back_as_it_was_recorded),
        cmocka_unit_test(every_parameter_comes_back_with_its_kind),
        cmocka_unit_test(reading_a_parameter_again_takes_no_memory),
        cmocka_unit_test(curves_are_kept_where_any_record_had_one),
        cmocka_unit_test(candles_and_provenance_come_back),
        cmocka_unit_test(an_unknown_run_names_its_neighbours),
        cmocka_unit_test(the_order_of_arrival_does_not_reach_the_file),
        cmocka_unit_test(trades_of_runs_that_are_not_wanted_are_left_out),
        cmocka_unit_test(an_empty_journal_makes_an_empty_result),
        cmocka_unit_test(a_run_that_the_sweep_does_not_have_is_refused),
        cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(a_file_of_another_kind_is_refused_in_one_line),
        cmocka_unit_test(h5py_reads_it_without_kmill),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
