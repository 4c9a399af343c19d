/* What a worker's threads share, under load: the work ring, the series and its indicator columns, the answer
 * pipe, and CPython with an interpreter a thread. Each distinct run is first done alone, by one thread with
 * columns of its own; then several threads do all of them many times in the order in which the ring gives
 * them out, and every answer must have the same bytes. Built with -fsanitize=thread this is also the place
 * where a race between them shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "engine/backtest.h"
#include "engine/channel.h"
#include "kline/synth.h"
#include "strategy/python_executor.h"
#include "strategy/python_process.h"
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 4, DISTINCT = 48, ITEMS = 1440, OUT_MAX = 64, BARS = 1500, LOOPING_RUN = 17 };
/* Room for some of the columns that are asked for, so that both ways of getting a value are taken. */
enum { COLUMN_BUDGET = 400 * 1024 };

static const char strategy[] =
    "class Strategy(IStrategy):\n"
    "  def __init__(self):\n"
    "    super().__init__()\n"
    "    self.bars, self.kept, self.me = 0, [], self\n"
    "  def on_trade(self, trade):\n"
    "    self.kept.append(trade)\n"
    "  def on_day_end(self, date, context):\n"
    "    if len(self.kept) % 5 == 4: print(date, context.balance, context.get_drawdown(100.0))\n"
    "  def run(self, context, kline, params):\n"
    "    n = params['n']\n"
    "    self.bars += 1\n"
    "    closes = self.kline_cache.get_closes()\n"
    "    fast, slow = calculate_sma(closes, 3 + n % 7), calculate_ema(closes, 12 + n % 5)\n"
    "    rsi, macd = calculate_rsi(closes, 14), calculate_macd(closes, 5, 11 + n % 3, 4)\n"
    "    bands = calculate_bollinger(closes, 20, 2.0)\n"
    "    if n == 17 and self.bars == 100:\n"
    "      while True: pass\n"
    "    if n % 12 == 5 and self.bars == 700: raise ValueError(f'{n} {rsi} {macd} {bands}')\n"
    "    if slow is None or bands[0] is None: return\n"
    "    if context.position == 0 and fast > slow and kline.close < bands[0]:\n"
    "      context.buy(kline.close, float(context.balance / kline.close) * 0.5, kline.open_time)\n"
    "    elif context.position > 0 and fast < slow:\n"
    "      context.sell_all(kline.close, kline.close_time if n % 2 else f'{n} {macd}')\n";

struct thread {
    pthread_t id;
    uint32_t number;
    struct python_interpreter *interpreter;
    struct executor *executor;
    struct shared_columns *columns;
    int answers;
    bool sound;
};

static struct channel_memory *memory;
static pthread_mutex_t write_lock = PTHREAD_MUTEX_INITIALIZER;
static struct kline_columns klines;
static struct series series;
static struct thread threads[THREADS];
static struct text expected[DISTINCT];

/* The answer of a run without its elapsed time. Worker threads never assert. */
static bool evaluate(struct text *out, struct thread *t, struct backtest *backtest, uint64_t run) {
    const struct parameter_value params[] = {
        {"n", {.kind = VALUE_INT, .integer = (int64_t)(run % DISTINCT)}}};
    const struct account_rules rules = {.initial_balance = decimal_from_int64(10000),
                                        .fee_rate = decimal_from_double(0.001),
                                        .slippage_bp = decimal_from_int64(0),
                                        .price_check = PRICE_CHECK_COUNT};
    const struct run_input input = {.series = &series,
                                    .columns = t->columns,
                                    .params = params,
                                    .param_count = 1,
                                    .window = 30 + run % 3 * 5,
                                    .first_bar = 0,
                                    .begin = 20,
                                    .end = BARS};
    struct error err;
    python_interpreter_set_limits(t->interpreter, run % DISTINCT == LOOPING_RUN ? 0.05 : 0,
                                  UINT64_C(256) << 20);
    if (backtest_run(backtest, t->executor, &input, &rules, &err) != OK) return false;
    const struct run_failure *failure = &backtest->report.failure;
    struct run_record record = {.run = run % DISTINCT,
                                .status = backtest->status,
                                .trades = backtest->ledger.trades,
                                .trade_count = backtest->ledger.trade_count,
                                .trade_total = backtest->ledger.trade_count,
                                .trade_texts = (const char *const *)backtest->ledger.texts,
                                .trade_text_count = backtest->ledger.text_count,
                                .equity = backtest->equity,
                                .equity_count = backtest->bars,
                                .error_type = failure->type,
                                .error_message = failure->message,
                                .traceback = failure->traceback,
                                .error_line = failure->line,
                                .error_bar = failure->bar,
                                .log = backtest->report.log.data,
                                .log_length = backtest->report.log.length};
    memcpy(record.metrics, backtest->metrics, sizeof record.metrics);
    out->length = 0;
    return run_record_encode(out, &record, &err) == OK;
}

static void *run_alone(void *context) {
    struct thread *t = context;
    struct backtest backtest = {0};
    struct error err;
    t->sound = python_interpreter_watch(t->interpreter, &err) == OK &&
               python_interpreter_attach(t->interpreter, &err) == OK;
    for (uint64_t run = 0; t->sound && run < DISTINCT; run++)
        t->sound = evaluate(&expected[run], t, &backtest, run);
    python_interpreter_detach(t->interpreter);
    backtest_clear(&backtest);
    return NULL;
}

static void *run_together(void *context) {
    struct thread *t = context;
    struct backtest backtest = {0};
    struct text encoded = {0};
    struct work_item item;
    uint64_t sequence;
    struct error err;
    t->sound = python_interpreter_watch(t->interpreter, &err) == OK &&
               python_interpreter_attach(t->interpreter, &err) == OK;
    while (t->sound && channel_take(memory, t->number, &item, &sequence)) {
        t->sound = evaluate(&encoded, t, &backtest, item.run);
        channel_done(memory, t->number);
        t->sound = t->sound &&
                   frame_write(t->answers, &write_lock, FRAME_RESULT, sequence, encoded.data, encoded.length);
    }
    python_interpreter_detach(t->interpreter);
    backtest_clear(&backtest);
    text_clear(&encoded);
    return NULL;
}

static int open_all(void **state) {
    (void)state;
    const struct synth_options options = {
        .symbol = "TESTUSDT", .interval = INTERVAL_1H, .bars = BARS, .seed = 11};
    const struct python_strategy_source source = {"strategy.py", strategy};
    const struct strategy_options plain = {0};
    struct error err;
    if (synth_series(&klines, &options, &err) || python_process_start(&err)) return -1;
    series = klines.view;
    for (uint32_t i = 0; i < THREADS; i++) {
        struct thread *t = &threads[i];
        t->number = i;
        if (python_interpreter_create(&t->interpreter, &err)) return -1;
        python_interpreter_enter(t->interpreter);
        status rc = python_executor_create(&t->executor, t->interpreter, &source, &plain, &err);
        python_interpreter_leave(t->interpreter);
        if (rc != OK) return -1;
    }
    python_process_leave_main();
    return 0;
}

static int close_all(void **state) {
    (void)state;
    python_process_enter_main();
    for (int i = 0; i < THREADS; i++) {
        python_interpreter_enter(threads[i].interpreter);
        threads[i].executor->ops->destroy(threads[i].executor);
        python_interpreter_leave(threads[i].interpreter);
    }
    for (int i = 0; i < DISTINCT; i++)
        text_clear(&expected[i]);
    kline_columns_clear(&klines);
    return 0;
}

static void learn_what_is_right(void) {
    struct error err;
    assert_int_equal(shared_columns_open(&threads[0].columns, &series, 64 << 20, &err), OK);
    assert_int_equal(pthread_create(&threads[0].id, NULL, run_alone, &threads[0]), 0);
    pthread_join(threads[0].id, NULL);
    shared_columns_close(threads[0].columns);
    assert_true(threads[0].sound);
}

/* Takes what has come in; false once a frame is not what it must be. */
static bool take_answers(struct frame_reader *reader, unsigned char *answered, size_t *count) {
    struct frame_header header;
    const char *payload;
    struct error err;
    status rc;
    while ((rc = frame_reader_next(reader, &header, &payload, &err)) == OK) {
        if (header.sequence >= ITEMS || answered[header.sequence]++) return false;
        const struct text *right = &expected[header.sequence % DISTINCT];
        if (header.length != right->length || memcmp(payload, right->data, right->length)) {
            print_error("run %d has another answer\n", (int)(header.sequence % DISTINCT));
            return false;
        }
        ++*count;
    }
    return rc == ERR_NOT_FOUND;
}

/* The coordinator's part: keeps OUT_MAX items out until every one is answered. */
static void publish_and_compare(int answers) {
    static unsigned char answered[ITEMS];
    struct frame_reader reader = {0};
    struct error err;
    size_t published = 0, count = 0;
    while (count < ITEMS) {
        while (published < ITEMS && published - count < OUT_MAX)
            channel_publish(memory, (struct work_item){published++, 0});
        struct pollfd p = {answers, POLLIN, 0};
        assert_int_equal(poll(&p, 1, 60000), 1);
        bool end;
        assert_int_equal(frame_reader_fill(&reader, answers, &end, &err), OK);
        assert_false(end);
        assert_true(take_answers(&reader, answered, &count));
    }
    frame_reader_clear(&reader);
}

static void runs_on_many_threads_have_the_bits_of_runs_alone(void **state) {
    (void)state;
    learn_what_is_right();
    struct shared_columns *columns;
    struct error err;
    int memory_fd, pipe_ends[2];
    assert_int_equal(shared_columns_open(&columns, &series, COLUMN_BUDGET, &err), OK);
    assert_int_equal(channel_memory_create(&memory, &memory_fd, THREADS, &err), OK);
    assert_int_equal(pipe(pipe_ends), 0);
    for (int i = 0; i < THREADS; i++) {
        threads[i].columns = columns;
        threads[i].answers = pipe_ends[1];
        assert_int_equal(pthread_create(&threads[i].id, NULL, run_together, &threads[i]), 0);
    }
    publish_and_compare(pipe_ends[0]);
    channel_stop(memory);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i].id, NULL);
        assert_true(threads[i].sound);
    }
    assert_true(shared_columns_bytes(columns) > COLUMN_BUDGET / 2); /* it was a test of sharing */
    shared_columns_close(columns);
    channel_memory_close(memory);
    close(memory_fd);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
}

/* What the comparison above rests on: the answers are not all the same, and of each kind. */
static void the_runs_differ(void **state) {
    (void)state;
    struct run_record_decoder *decoder;
    struct error err;
    int of_status[RUN_STATUS_COUNT] = {0};
    size_t trades = 0;
    assert_int_equal(run_record_decoder_open(&decoder, &err), OK);
    for (int i = 0; i < DISTINCT; i++) {
        struct run_record record;
        assert_int_equal(
            run_record_decode(decoder, &record, expected[i].data, expected[i].length, true, &err), OK);
        of_status[record.status]++;
        trades += record.trade_count;
    }
    run_record_decoder_close(decoder);
    /* n % 12 == 5 are four, of which 17 does not come as far as its exception */
    assert_int_equal(of_status[RUN_FAILED], 3);
    assert_int_equal(of_status[RUN_TIME_LIMIT], 1);
    assert_int_equal(of_status[RUN_DONE], DISTINCT - 4);
    assert_true(trades > 10 * DISTINCT);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(runs_on_many_threads_have_the_bits_of_runs_alone),
                                       cmocka_unit_test(the_runs_differ)};
    return cmocka_run_group_tests(tests, open_all, close_all);
}
