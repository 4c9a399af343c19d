/* The executor as the bar loop sees it: runs, what they leave in the ledger, how they fail. */
#include "executor_fixture.h"

static const char sma_cross[] = "class Strategy(IStrategy):\n"
                                "    def run(self, context, kline, params):\n"
                                "        closes = self.kline_cache.get_closes()\n"
                                "        fast_period = params.get('fast_period', 10)\n"
                                "        slow_period = params.get('slow_period', 30)\n"
                                "        if len(closes) < slow_period + 1:\n"
                                "            return\n"
                                "        fast_ma = calculate_sma(closes, fast_period)\n"
                                "        slow_ma = calculate_sma(closes, slow_period)\n"
                                "        prev_fast = calculate_sma(closes[:-1], fast_period)\n"
                                "        prev_slow = calculate_sma(closes[:-1], slow_period)\n"
                                "        if fast_ma > slow_ma and prev_fast <= prev_slow:\n"
                                "            if context.position == 0:\n"
                                "                buy_amount = float(context.balance / kline.close) * 0.95\n"
                                "                context.buy(kline.close, buy_amount, kline.open_time)\n"
                                "        elif fast_ma < slow_ma and prev_fast >= prev_slow:\n"
                                "            if context.position > 0:\n"
                                "                context.sell_all(kline.close, kline.open_time)\n";

/* Simple moving average the plain way; for the wave of the series the crossings are far from ties. */
static double average(size_t end, size_t period) {
    double sum = 0;
    for (size_t i = end - period; i < end; i++)
        sum += fixture.series.close[i];
    return sum / (double)period;
}

/* The bars on which the cross trades, found again without Python. */
static size_t expected_crossings(int64_t *bars) {
    size_t count = 0;
    bool holding = false;
    for (size_t bar = 30; bar < SERIES_BARS; bar++) {
        bool above = average(bar + 1, 10) > average(bar + 1, 30),
             was_above = average(bar, 10) > average(bar, 30);
        if (above == was_above || above == holding) continue;
        holding = above;
        bars[count++] = (int64_t)bar;
    }
    return count;
}

static void the_moving_average_cross_trades_where_the_averages_cross(void **state) {
    (void)state;
    int64_t bars[SERIES_BARS];
    size_t count = expected_crossings(bars);
    struct run_result result = run_source(sma_cross, NULL);
    assert_int_equal(result.status, OK);
    assert_true(count >= 8);
    assert_int_equal(result.ledger.trade_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(result.ledger.trades[i].bar, bars[i]);
        assert_int_equal(result.ledger.trades[i].side, i % 2 ? TRADE_SELL : TRADE_BUY);
        assert_int_equal(result.ledger.trades[i].stamp, STAMP_OPEN_TIME);
    }
    run_result_clear(&result);
}

static void a_second_run_gives_the_same_as_the_first(void **state) {
    (void)state;
    static const struct run_wish plain;
    struct executor *executor = make_executor(sma_cross);
    struct run_result first = run_executor(executor, &plain), second = run_executor(executor, &plain);
    assert_int_equal(first.ledger.trade_count, second.ledger.trade_count);
    assert_memory_equal(first.ledger.trades, second.ledger.trades,
                        first.ledger.trade_count * sizeof *first.ledger.trades);
    run_result_clear(&first);
    run_result_clear(&second);
    executor->ops->destroy(executor);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_moving_average_cross_trades_where_the_averages_cross),
        cmocka_unit_test(a_second_run_gives_the_same_as_the_first),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
