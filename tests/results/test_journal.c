/* The journal: what was acknowledged is read back, whatever happened to the writer; what is torn is cut, what
 * is damaged is told. */
#include "base/file.h"
#include "record_samples.h"
#include "results/journal.h"
#include "results/journal_format.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[] = "/tmp/kmill-journal-XXXXXX";
static char result_path[128];

static int make_place(void **state) {
    (void)state;
    strcpy(folder, "/tmp/kmill-journal-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    snprintf(result_path, sizeof result_path, "%s/r.h5", folder);
    return 0;
}

static int remove_place(void **state) {
    (void)state;
    char command[160];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static char *segment_path(unsigned number) {
    static char path[192];
    snprintf(path, sizeof path, "%s.journal/%06u.jnl", result_path, number);
    return path;
}

static struct provenance sample_provenance(void) {
    static char *params[] = {"fast", "slow"};
    static struct series_provenance series[] = {
        {.symbol = "BTCUSDT",
         .interval = "1h",
         .store = "klines",
         .source = "csv: 1 file",
         .bars = 100,
         .begin_ms = 1,
         .end_ms = 2,
         .checksum = 0xfedcba98},
        {.symbol = "ETHUSDT", .interval = "4h", .store = "klines", .bars = 7, .begin_ms = -5, .end_ms = 2}};
    return (struct provenance){.name = "cross",
                               .yaml = "name: cross\n",
                               .strategy = "class Strategy(IStrategy):\n    pass\n",
                               .strategy_sha256 = "abc",
                               .engine_version = "0.1",
                               .started_at = "2024-01-01T00:00:00+00:00",
                               .seed = UINT64_MAX,
                               .space_size = 1000,
                               .allowed = 900,
                               .param_names = params,
                               .param_count = 2,
                               .series = series,
                               .series_count = 2,
                               .equity_points = 64,
                               .rank_metric = "sharpe",
                               .rank_descending = 1,
                               .rank_where = "totalTrades >= 30"};
}

static struct journal *begin(void) {
    struct provenance provenance = sample_provenance();
    struct journal *journal;
    struct error err;
    if (journal_create(&journal, result_path, false, &provenance, &err) != OK) fail_msg("%s", err.message);
    return journal;
}

/* Record i of these tests: i-dependent length and bytes. */
static size_t fill(unsigned char *out, uint64_t i) {
    size_t length = (size_t)(sample_mix(i) % 3000);
    for (size_t k = 0; k < length; k++)
        out[k] = (unsigned char)(sample_mix(i) >> (k % 8 * 8)) ^ (unsigned char)k;
    return length;
}

static void append(struct journal *journal, uint64_t i) {
    unsigned char record[3000];
    size_t length = fill(record, i);
    assert_int_equal(journal_append(journal, i, record, length, NULL), OK);
}

static void append_range(struct journal *journal, uint64_t from, uint64_t to) {
    for (uint64_t i = from; i < to; i++)
        append(journal, i);
}

static struct journal_reader *open_reader(void) {
    struct journal_reader *reader;
    struct error err;
    if (journal_reader_open(&reader, result_path, &err) != OK) fail_msg("%s", err.message);
    return reader;
}

/* Reads the next record, checks its bytes; false at the end. */
static bool read_one(struct journal_reader *reader, uint64_t *run) {
    const void *data;
    size_t length;
    unsigned char want[3000];
    status rc = journal_reader_next(reader, run, &data, &length, NULL);
    if (rc == ERR_NOT_FOUND) return false;
    assert_int_equal(rc, OK);
    assert_int_equal(length, fill(want, *run));
    assert_memory_equal(data, want, length);
    return true;
}

static void assert_reads(struct journal_reader *reader, uint64_t from, uint64_t to) {
    uint64_t run;
    for (uint64_t i = from; i < to; i++) {
        assert_true(read_one(reader, &run));
        assert_int_equal(run, i);
    }
    assert_false(read_one(reader, &run));
}

static size_t damage_of(const struct journal_reader *reader) {
    const struct journal_damage *damage;
    return journal_reader_damage(reader, &damage);
}

static void records_come_back_in_order_and_by_position(void **state) {
    (void)state;
    struct journal *journal = begin();
    append_range(journal, 0, 3000);
    assert_int_equal(journal_sync(journal, NULL), OK);
    assert_int_equal(journal_durable(journal), 3000);
    struct journal_reader *reader = open_reader();
    struct journal_position positions[100];
    uint64_t run;
    for (uint64_t i = 0; i < 3000; i++) {
        assert_true(read_one(reader, &run));
        if (i % 30 == 0) positions[i / 30] = journal_reader_position(reader);
    }
    for (size_t k = 100; k-- > 0;) {
        const void *data;
        size_t length;
        unsigned char want[3000];
        assert_int_equal(journal_reader_at(reader, positions[k], &run, &data, &length, NULL), OK);
        assert_int_equal(run, 30 * k);
        assert_int_equal(length, fill(want, run));
        assert_memory_equal(data, want, length);
    }
    append_range(journal, 3000, 3010); /* reading goes on where more has come */
    assert_int_equal(journal_sync(journal, NULL), OK);
    assert_reads(reader, 3000, 3010);
    journal_reader_close(reader);
    assert_int_equal(journal_close(journal, NULL), OK);
}

static void the_header_keeps_all_provenance(void **state) {
    (void)state;
    assert_int_equal(journal_close(begin(), NULL), OK);
    struct journal_reader *reader = open_reader();
    const struct provenance *got = journal_reader_provenance(reader);
    struct provenance want = sample_provenance();
    assert_string_equal(got->name, want.name);
    assert_string_equal(got->strategy, want.strategy);
    assert_string_equal(got->strategy_sha256, "abc");
    assert_string_equal(got->rank_where, want.rank_where);
    assert_string_equal(got->host, "");
    assert_true(got->seed == UINT64_MAX && got->allowed == 900 && got->equity_points == 64 &&
                got->rank_descending == 1);
    assert_int_equal(got->param_count, 2);
    assert_string_equal(got->param_names[1], "slow");
    assert_int_equal(got->series_count, 2);
    assert_string_equal(got->series[1].symbol, "ETHUSDT");
    assert_true(got->series[0].checksum == 0xfedcba98 && got->series[1].begin_ms == -5);
    journal_reader_close(reader);
}

static void a_damaged_header_is_refused_wherever_it_is_damaged(void **state) {
    (void)state;
    assert_int_equal(journal_close(begin(), NULL), OK);
    char path[192], *data;
    size_t length;
    snprintf(path, sizeof path, "%s.journal/%s", result_path, JOURNAL_HEADER_NAME);
    assert_int_equal(file_read(&data, &length, path, NULL), OK);
    for (size_t at = 0; at < length; at++) {
        data[at] ^= 4;
        assert_int_equal(file_write_atomically(path, data, length, NULL), OK);
        struct journal_reader *reader;
        assert_int_equal(journal_reader_open(&reader, result_path, NULL), ERR_CORRUPT);
        /* and the decoder alone, without the CRC's help: refused or sound, never a crash */
        struct provenance decoded;
        if (at >= sizeof(struct journal_frame) &&
            provenance_decode(&decoded, data + sizeof(struct journal_frame),
                              length - sizeof(struct journal_frame), NULL) == OK)
            provenance_clear(&decoded);
        data[at] ^= 4;
    }
    for (size_t cut = 0; cut < length - sizeof(struct journal_frame); cut++) {
        struct provenance decoded;
        assert_int_equal(provenance_decode(&decoded, data + sizeof(struct journal_frame), cut, NULL),
                         ERR_CORRUPT);
    }
    free(data);
}

static void a_second_writer_and_a_second_journal_are_refused(void **state) {
    (void)state;
    struct journal *journal = begin(), *second;
    struct provenance provenance = sample_provenance();
    assert_int_equal(journal_resume(&second, result_path, NULL), ERR_EXISTS);
    assert_int_equal(journal_create(&second, result_path, false, &provenance, NULL), ERR_EXISTS);
    assert_int_equal(journal_close(journal, NULL), OK);
    assert_int_equal(journal_create(&second, result_path, false, &provenance, NULL), ERR_EXISTS);
    assert_int_equal(journal_remove(result_path, NULL), OK);
    assert_int_equal(journal_resume(&second, result_path, NULL), ERR_NOT_FOUND);
    assert_int_equal(journal_create(&second, result_path, false, &provenance, NULL), OK);
    assert_int_equal(journal_close(second, NULL), OK);
    assert_int_equal(journal_remove(result_path, NULL), OK);
    assert_int_equal(file_write_atomically(result_path, "x", 1, NULL), OK);
    assert_int_equal(journal_create(&second, result_path, false, &provenance, NULL), ERR_EXISTS);
}

static void segments_are_sealed_and_read_through(void **state) {
    (void)state;
    struct journal *journal = begin();
    size_t length = 8 << 20;
    char *record = malloc(length);
    for (uint64_t i = 0; i < 20; i++) { /* 160 MiB: three segments */
        memset(record, (int)i + 1, length);
        assert_int_equal(journal_append(journal, i, record, length, NULL), OK);
    }
    assert_int_equal(journal_close(journal, NULL), OK);
    assert_int_equal(access(segment_path(1), F_OK), 0);
    struct journal_reader *reader = open_reader();
    for (uint64_t i = 0; i < 20; i++) {
        uint64_t run;
        const void *data;
        size_t got;
        assert_int_equal(journal_reader_next(reader, &run, &data, &got, NULL), OK);
        memset(record, (int)i + 1, length);
        assert_true(run == i && got == length);
        assert_memory_equal(data, record, length);
    }
    assert_int_equal(damage_of(reader), 0);
    journal_reader_close(reader);
    free(record);
}

/* One segment with `count` records; offsets[i] where record i begins, offsets[count] the end. */
static void make_segment(uint64_t count, off_t *offsets, char **image) {
    struct journal *journal = begin();
    append_range(journal, 0, count);
    assert_int_equal(journal_close(journal, NULL), OK);
    struct journal_reader *reader = open_reader();
    for (uint64_t i = 0, run; i < count; i++) {
        assert_true(read_one(reader, &run));
        offsets[i] = (off_t)journal_reader_position(reader).offset;
    }
    journal_reader_close(reader);
    size_t length;
    assert_int_equal(file_read(image, &length, segment_path(0), NULL), OK);
    offsets[count] = (off_t)length;
}

static void a_torn_tail_is_cut_and_a_resumed_writer_goes_on_behind_it(void **state) {
    (void)state;
    off_t offsets[41];
    char *image;
    make_segment(40, offsets, &image);
    for (uint64_t round = 0; round < 60; round++) {
        off_t cut = (off_t)(sample_mix(round) % (uint64_t)offsets[40]);
        uint64_t whole = 0;
        while (offsets[whole + 1] <= cut)
            whole++;
        assert_int_equal(file_write_atomically(segment_path(0), image, (size_t)cut, NULL), OK);
        if (round % 2) { /* a file system may leave zeros where the data did not arrive */
            assert_int_equal(truncate(segment_path(0), offsets[40]), 0);
        }
        struct journal *journal;
        assert_int_equal(journal_resume(&journal, result_path, NULL), OK);
        append_range(journal, 100, 110);
        assert_int_equal(journal_close(journal, NULL), OK);
        struct journal_reader *reader = open_reader();
        uint64_t run;
        for (uint64_t i = 0; i < whole; i++)
            assert_true(read_one(reader, &run) && run == i);
        assert_reads(reader, 100, 110);
        assert_int_equal(damage_of(reader), 0);
        journal_reader_close(reader);
        unlink(segment_path(1));
    }
    free(image);
}

static void damage_in_the_middle_stops_the_segment_and_is_reported(void **state) {
    (void)state;
    off_t offsets[41];
    char *image;
    make_segment(40, offsets, &image);
    struct journal *journal;
    assert_int_equal(journal_resume(&journal, result_path, NULL), OK);
    append_range(journal, 100, 105);
    assert_int_equal(journal_close(journal, NULL), OK);
    for (uint64_t round = 0; round < 300; round++) {
        size_t at = (size_t)(sample_mix(round) % (uint64_t)offsets[39]);
        uint64_t hit = 0;
        while ((size_t)offsets[hit + 1] <= at)
            hit++;
        image[at] = (char)(image[at] ^ 1 << round % 8);
        assert_int_equal(file_write_atomically(segment_path(0), image, (size_t)offsets[40], NULL), OK);
        image[at] = (char)(image[at] ^ 1 << round % 8);
        struct journal_reader *reader = open_reader();
        uint64_t run;
        for (uint64_t i = 0; i < hit; i++)
            assert_true(read_one(reader, &run) && run == i);
        assert_reads(reader, 100, 105);
        const struct journal_damage *damage;
        assert_int_equal(journal_reader_damage(reader, &damage), 1);
        assert_true(damage[0].segment == 0 && (off_t)damage[0].offset == offsets[hit]);
        journal_reader_close(reader);
    }
    free(image);
}

static void damage_in_the_last_segment_and_a_missing_one_are_reported(void **state) {
    (void)state;
    off_t offsets[41];
    char *image;
    make_segment(40, offsets, &image);
    image[offsets[20] + 2] ^= 1;
    assert_int_equal(file_write_atomically(segment_path(0), image, (size_t)offsets[40], NULL), OK);
    struct journal_reader *reader = open_reader();
    assert_reads(reader, 0, 20);
    uint64_t run;
    assert_false(read_one(reader, &run));
    assert_int_equal(damage_of(reader), 1);
    assert_int_equal(rename(segment_path(0), "/tmp/kmill-unused"), 0);
    unlink("/tmp/kmill-unused");
    struct journal *journal;
    assert_int_equal(file_write_atomically(segment_path(3), "", 0, NULL), OK);
    assert_int_equal(journal_resume(&journal, result_path, NULL), OK);
    append_range(journal, 50, 60);
    assert_int_equal(journal_close(journal, NULL), OK);
    journal_reader_close(reader);
    reader = open_reader();
    assert_reads(reader, 50, 60);
    assert_int_equal(damage_of(reader), 3); /* 0, 1, 2 */
    journal_reader_close(reader);
    free(image);
}

static void a_segment_that_cannot_be_made_is_an_error_that_stays(void **state) {
    (void)state;
    struct journal *journal = begin();
    assert_int_equal(symlink("/dev/full", segment_path(0)), 0);
    append(journal, 1); /* O_EXCL refuses the name */
    struct error err = {0};
    assert_int_equal(journal_sync(journal, &err), ERR_IO);
    assert_non_null(strstr(err.message, "000000.jnl"));
    unsigned char record[8] = {0};
    assert_int_equal(journal_append(journal, 2, record, sizeof record, NULL), ERR_IO);
    assert_int_equal(journal_durable(journal), 0);
    assert_int_equal(journal_close(journal, NULL), ERR_IO);
}

/* What the killed writer has told: records below `acknowledged` were reported as durable. */
struct shared {
    _Atomic uint64_t acknowledged;
};

static void write_until_killed(struct shared *shared, uint64_t first) {
    struct journal *journal;
    if ((first ? journal_resume(&journal, result_path, NULL) : OK) != OK) _exit(9);
    if (!first) journal = begin();
    for (uint64_t i = first;; i++) {
        unsigned char record[3000];
        size_t length = fill(record, i);
        if (journal_append(journal, i, record, length, NULL) != OK) _exit(8);
        if (i % 64 == 0) atomic_store(&shared->acknowledged, first + journal_durable(journal));
        if (i % 1024 == 0) usleep(500);
    }
}

static void check_after_kill(uint64_t *next, uint64_t acknowledged) {
    struct journal_reader *reader = open_reader();
    uint64_t run, expected = 0;
    while (read_one(reader, &run))
        assert_int_equal(run, expected++);
    assert_int_equal(damage_of(reader), 0);
    assert_true(expected >= acknowledged);
    *next = expected;
    journal_reader_close(reader);
}

static void no_acknowledged_record_is_lost_by_kill_9(void **state) {
    (void)state;
    const char *wanted = getenv("KMILL_KILL_ROUNDS");
    int rounds = wanted ? atoi(wanted) : 30;
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t next = 0, total = 0;
    for (int round = 0; round < rounds; round++) {
        atomic_store(&shared->acknowledged, 0);
        pid_t child = fork();
        if (child == 0) write_until_killed(shared, next);
        while (next == 0 && atomic_load(&shared->acknowledged) == 0 && waitpid(child, NULL, WNOHANG) == 0)
            usleep(1000); /* the first one makes the journal */
        usleep((useconds_t)(5000 + sample_mix((uint64_t)round + (uint64_t)getpid()) % 80000));
        kill(child, SIGKILL);
        int how;
        waitpid(child, &how, 0);
        assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
        uint64_t acknowledged = atomic_load(&shared->acknowledged);
        total = acknowledged > total ? acknowledged : total;
        check_after_kill(&next, acknowledged);
        if (next > 60000) { /* begin anew before it gets large */
            assert_int_equal(journal_remove(result_path, NULL), OK);
            next = 0;
        }
    }
    print_message("%d kills, up to %llu records acknowledged\n", rounds, (unsigned long long)total);
    assert_true(total > 0);
    munmap(shared, sizeof *shared);
}

static void a_reader_follows_a_writer(void **state) {
    (void)state;
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = fork();
    if (child == 0) write_until_killed(shared, 0);
    while (atomic_load(&shared->acknowledged) == 0)
        usleep(1000);
    struct journal_reader *reader = open_reader();
    uint64_t run, expected = 0;
    while (expected < 20000) {
        if (read_one(reader, &run))
            assert_int_equal(run, expected++);
        else
            usleep(200);
        assert_int_equal(damage_of(reader), 0);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    journal_reader_close(reader);
    munmap(shared, sizeof *shared);
}

/* Writes the image on in pieces that end anywhere, as a reader of a busy journal may see it. */
static void write_in_pieces(const char *image, size_t length) {
    int file = open(segment_path(0), O_WRONLY | O_APPEND);
    for (size_t at = 0, i = 0; at < length; i++) {
        size_t piece = 1 + sample_mix(i) % 5000;
        if (piece > length - at) piece = length - at;
        if (write(file, image + at, piece) != (ssize_t)piece) _exit(1);
        at += piece;
    }
    _exit(0);
}

static void half_written_frames_are_no_damage(void **state) {
    (void)state;
    enum { RECORDS = 20000 };
    off_t *offsets = malloc((RECORDS + 1) * sizeof *offsets);
    char *image;
    make_segment(RECORDS, offsets, &image);
    for (int round = 0; round < 5; round++) {
        assert_int_equal(truncate(segment_path(0), 0), 0);
        struct journal_reader *reader = open_reader();
        pid_t child = fork();
        if (child == 0) write_in_pieces(image, (size_t)offsets[RECORDS]);
        for (uint64_t run, expected = 0; expected < RECORDS;) {
            if (read_one(reader, &run)) assert_int_equal(run, expected++);
            assert_int_equal(damage_of(reader), 0);
        }
        waitpid(child, NULL, 0);
        journal_reader_close(reader);
    }
    free(image);
    free(offsets);
}

static void a_sealed_journal_is_in_use_until_it_is_closed(void **state) {
    (void)state;
    struct journal *journal = begin(), *second;
    append_range(journal, 0, 10);
    assert_int_equal(journal_seal(journal, NULL), OK);
    assert_int_equal(journal_state_of(result_path), JOURNAL_IN_USE);
    assert_int_equal(journal_resume(&second, result_path, NULL), ERR_EXISTS);
    struct journal_reader *reader = open_reader();
    assert_reads(reader, 0, 10);
    journal_reader_close(reader);
    assert_int_equal(journal_remove(result_path, NULL), OK);
    assert_int_equal(journal_close(journal, NULL), OK);
    assert_int_equal(journal_state_of(result_path), JOURNAL_NONE);
}

/* Somebody who asks for the state again and again keeps no writer out. */
static void asking_for_the_state_turns_no_writer_away(void **state) {
    (void)state;
    struct journal *journal = begin();
    assert_int_equal(journal_close(journal, NULL), OK);
    pid_t child = fork();
    while (child == 0)
        journal_state_of(result_path);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(journal_resume(&journal, result_path, NULL), OK);
        assert_int_equal(journal_close(journal, NULL), OK);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_PLACE(records_come_back_in_order_and_by_position),
        IN_PLACE(the_header_keeps_all_provenance),
        IN_PLACE(a_damaged_header_is_refused_wherever_it_is_damaged),
        IN_PLACE(a_second_writer_and_a_second_journal_are_refused),
        IN_PLACE(segments_are_sealed_and_read_through),
        IN_PLACE(a_torn_tail_is_cut_and_a_resumed_writer_goes_on_behind_it),
        IN_PLACE(damage_in_the_middle_stops_the_segment_and_is_reported),
        IN_PLACE(damage_in_the_last_segment_and_a_missing_one_are_reported),
        IN_PLACE(a_segment_that_cannot_be_made_is_an_error_that_stays),
        IN_PLACE(no_acknowledged_record_is_lost_by_kill_9),
        IN_PLACE(a_reader_follows_a_writer),
        IN_PLACE(half_written_frames_are_no_damage),
        IN_PLACE(a_sealed_journal_is_in_use_until_it_is_closed),
        IN_PLACE(asking_for_the_state_turns_no_writer_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
