/* The ledger: figures worked by hand, and random accounts against a second implementation in Python. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "account/ledger.h"
#include "python_oracle.h"

static struct decimal d(const char *text) {
    struct decimal value = {0};
    if (!decimal_from_text(&value, text, strlen(text))) fail_msg("not a decimal: %s", text);
    return value;
}

static void assert_decimal(struct decimal value, const char *expected) {
    char text[DECIMAL_TEXT_MAX];
    decimal_to_text(text, value);
    assert_string_equal(text, expected);
}

#define assert_double(got, expected) assert_true((got) == (expected))

static const struct order_stamp at_open = {.kind = STAMP_OPEN_TIME};

static struct account_rules rules_of(const char *balance, const char *fee_rate, const char *slippage_bp) {
    return (struct account_rules){d(balance), d(fee_rate), d(slippage_bp), PRICE_CHECK_OFF};
}

/* 10000 at 0.1 %: 10 at 100 cost 1000 + 1; 4 sold at 120 bring 480 - 0.48. */
static void buying_and_partial_selling_move_the_exact_amounts(void **state) {
    (void)state;
    struct ledger ledger = {0};
    struct account_rules rules = rules_of("10000", "0.001", "0");
    ledger_reset(&ledger, &rules);
    ledger.moment = (struct order_moment){.bar = 3};
    assert_true(ledger_buy(&ledger, d("100"), d("10"), at_open));
    assert_decimal(ledger.balance, "8999.000");
    assert_decimal(ledger.position, "10");
    assert_decimal(ledger.quote_fee, "1.000");
    assert_double(ledger_average_price(&ledger), 100.0);
    ledger.moment = (struct order_moment){.bar = 5, .after_close = true};
    assert_true(ledger_sell(&ledger, d("120"), d("4"), at_open));
    assert_decimal(ledger.balance, "9478.520");
    assert_decimal(ledger.position, "6");
    assert_decimal(ledger.cost, "600");
    assert_decimal(ledger.cost_fee, "0.600");
    assert_double(ledger_average_price(&ledger), 100.0);
    assert_int_equal(ledger.trade_count, 2);
    struct trade sell = ledger.trades[1];
    assert_int_equal(sell.bar, 5);
    assert_int_equal(sell.side, TRADE_SELL);
    assert_int_equal(sell.after_close, 1);
    assert_double(sell.price, 120.0);
    assert_double(sell.amount, 4.0);
    assert_double(sell.fee, 0.48);
    assert_double(sell.balance, 9478.52);
    assert_double(sell.position, 6.0);
    assert_double(sell.total_value, 10198.52);
    assert_double(sell.profit, 79.12); /* 480 - 0.48 - 400 - 0.4 */
    assert_int_equal(ledger.trades[0].bar, 3);
    assert_int_equal(ledger.trades[0].after_close, 0);
    assert_double(ledger.trades[0].profit, 0.0);
    assert_int_equal(ledger.version, 2);
    ledger_clear(&ledger);
}

static void selling_everything_leaves_nothing_behind(void **state) {
    (void)state;
    struct ledger ledger = {0};
    struct account_rules rules = rules_of("100", "0", "0");
    ledger_reset(&ledger, &rules);
    assert_true(ledger_buy(&ledger, d("3"), d("0.1"), at_open));
    assert_true(ledger_buy(&ledger, d("7"), d("0.2"), at_open));
    assert_double(ledger_average_price(&ledger),
                  17.0 / 3); /* (0.3 + 1.4) / 0.3, correctly rounded either way */
    assert_true(ledger_sell_all(&ledger, d("5"), at_open));
    assert_true(decimal_is_zero(ledger.position));
    assert_true(decimal_is_zero(ledger.cost));
    assert_double(ledger_average_price(&ledger), 0.0);
    assert_decimal(ledger.balance, "99.8");
    assert_false(ledger_sell_all(&ledger, d("5"), at_open));
    assert_int_equal(ledger.refused_orders, 1);
    ledger_clear(&ledger);
}

static void slippage_is_paid_recorded_and_checked(void **state) {
    (void)state;
    struct ledger ledger = {0};
    struct account_rules rules = rules_of("1000", "0", "50"); /* half a percent */
    rules.price_check = PRICE_CHECK_COUNT;
    ledger_reset(&ledger, &rules);
    ledger.moment = (struct order_moment){.low = 99, .high = 100.4};
    assert_true(ledger_buy(&ledger, d("100"), d("2"), at_open)); /* at 100.5: outside */
    assert_double(ledger.trades[0].price, 100.5);
    assert_double(ledger.trades[0].balance, 799.0);
    assert_int_equal(ledger.price_outside, 1);
    assert_true(ledger_sell_all(&ledger, d("100"), at_open)); /* at 99.5: inside */
    assert_double(ledger.trades[1].price, 99.5);
    assert_double(ledger.trades[1].profit, -2.0);
    assert_int_equal(ledger.price_outside, 1);
    ledger_clear(&ledger);
}

static void the_price_check_is_exact_at_the_bounds(void **state) {
    (void)state;
    struct ledger ledger = {0};
    struct account_rules rules = rules_of("1000", "0", "0");
    rules.price_check = PRICE_CHECK_REFUSE;
    ledger_reset(&ledger, &rules);
    ledger.moment = (struct order_moment){.low = 0.1, .high = 0.3};
    assert_true(ledger_buy(&ledger, d("0.1"), d("1"), at_open));
    assert_true(ledger_buy(&ledger, d("0.3"), d("1"), at_open));
    assert_false(ledger_buy(&ledger, d("0.30000000000000000001"), d("1"), at_open)); /* the same double */
    assert_false(ledger_buy(&ledger, d("0.09999999999999999999999"), d("1"), at_open));
    assert_false(ledger_buy(&ledger, d("0.31"), d("1"), at_open));
    assert_int_equal(ledger.price_outside, 3);
    assert_int_equal(ledger.refused_orders, 3);
    assert_int_equal(ledger.trade_count, 2);
    ledger_clear(&ledger);
}

static void a_refused_order_changes_nothing(void **state) {
    (void)state;
    struct ledger ledger = {0};
    struct account_rules rules = rules_of("100", "0.001", "0");
    ledger_reset(&ledger, &rules);
    assert_true(ledger_buy(&ledger, d("10"), d("5"), at_open));
    struct ledger before = ledger;
    assert_false(ledger_buy(&ledger, d("10"), d("5"), at_open)); /* 50.05 > 49.95 */
    assert_false(ledger_buy(&ledger, d("10"), d("0"), at_open));
    assert_false(ledger_buy(&ledger, d("10"), d("-1"), at_open));
    assert_false(ledger_buy(&ledger, d("0"), d("1"), at_open));
    assert_false(ledger_buy(&ledger, d("-10"), d("1"), at_open));
    assert_false(ledger_sell(&ledger, d("10"), d("5.0000000001"), at_open));
    assert_false(ledger_sell(&ledger, d("-10"), d("1"), at_open));
    assert_false(ledger_sell(&ledger, d("10"), d("-0"), at_open));
    ledger_refuse(&ledger);
    assert_int_equal(ledger.refused_orders, 9);
    ledger.refused_orders = before.refused_orders;
    assert_memory_equal(&ledger, &before, sizeof ledger);
    ledger_clear(&ledger);
}

/* 50 x 2 x 1.001 = 100.1: all of it can be spent. */
static void the_last_cent_can_be_spent_and_no_more(void **state) {
    (void)state;
    struct ledger ledger = {0};
    struct account_rules rules = rules_of("100.1", "0.001", "0");
    ledger_reset(&ledger, &rules);
    assert_false(ledger_buy(&ledger, d("50"), d("2.0000000000000000000000001"), at_open));
    assert_true(ledger_buy(&ledger, d("50"), d("2"), at_open));
    assert_true(decimal_is_zero(ledger.balance));
    assert_double(ledger.balance_float, 0.0);
    ledger_clear(&ledger);
}

/* Bought at 100, sold at 100.1 with 0.1 % on both sides: 0.1 gained, 0.1 + 0.1001 paid. */
static void a_sell_wins_only_if_it_pays_both_fees(void **state) {
    (void)state;
    struct ledger ledger = {0};
    struct account_rules rules = rules_of("1000", "0.001", "0");
    ledger_reset(&ledger, &rules);
    assert_true(ledger_buy(&ledger, d("100"), d("3"), at_open));
    assert_true(ledger_sell(&ledger, d("100.1"), d("1"), at_open));
    assert_double(ledger.trades[1].profit, -0.1001);
    assert_int_equal(ledger.winning_sells, 0);
    assert_true(ledger_sell(&ledger, d("100.3"), d("1"), at_open)); /* 0.3 - 0.1 - 0.1003 */
    assert_double(ledger.trades[2].profit, 0.0997);
    assert_int_equal(ledger.winning_sells, 1);
    assert_int_equal(ledger.sells, 2);
    ledger_clear(&ledger);
}

static void drawdown_is_measured_from_the_highest_equity_point(void **state) {
    (void)state;
    struct ledger ledger = {0};
    struct account_rules rules = rules_of("1000", "0", "0");
    ledger_reset(&ledger, &rules);
    assert_true(ledger_buy(&ledger, d("100"), d("10"), at_open));
    assert_double(ledger_mark(&ledger, 80.0), 800.0);
    assert_double(ledger.max_drawdown, 0.2);
    assert_double(ledger_mark(&ledger, 150.0), 1500.0);
    assert_double(ledger_mark(&ledger, 135.0), 1350.0);
    assert_double(ledger.max_drawdown, 0.2);
    assert_double(ledger.peak_equity, 1500.0);
    assert_decimal(ledger_drawdown(&ledger, d("75")), "0.5");
    assert_decimal(ledger_drawdown(&ledger, d("200")), "0"); /* a new peak: the equity itself */
    assert_decimal(ledger_position_value(&ledger, d("2.50")), "25.00");
    assert_decimal(ledger_equity(&ledger, d("2.50")), "25.00");
    ledger_clear(&ledger);
}

static void texts_of_orders_are_copied_and_a_reset_forgets_all(void **state) {
    (void)state;
    struct ledger ledger = {0};
    struct account_rules rules = rules_of("1000", "0", "0");
    ledger_reset(&ledger, &rules);
    for (int i = 0; i < 100; i++) {
        char text[16];
        int length = sprintf(text, "bar %d", i);
        struct order_stamp stamp = {STAMP_TEXT, text, (size_t)length};
        assert_true(ledger_buy(&ledger, d("1"), d("1"), i % 2 ? stamp : at_open));
        memset(text, 'x', sizeof text);
    }
    assert_int_equal(ledger.text_count, 50);
    assert_string_equal(ledger.texts[ledger.trades[99].text], "bar 99");
    assert_int_equal(ledger.trades[99].stamp, STAMP_TEXT);
    assert_int_equal(ledger.trades[98].stamp, STAMP_OPEN_TIME);
    ledger_mark(&ledger, 0.5);
    ledger_reset(&ledger, &rules);
    assert_int_equal(ledger.trade_count + ledger.text_count + ledger.version, 0);
    assert_decimal(ledger.balance, "1000");
    assert_true(decimal_is_zero(ledger.position) && decimal_is_zero(ledger.cost));
    assert_double(ledger.peak_equity, 1000.0);
    assert_double(ledger.max_drawdown, 0.0);
    ledger_clear(&ledger);
    ledger_clear(&ledger);
}

/* ---- the oracle: one function a kind of line ---- */

static bool is_text_of(struct decimal value, const char *expected) {
    char text[DECIMAL_TEXT_MAX];
    decimal_to_text(text, value);
    return strcmp(text, expected) == 0;
}

enum { WORDS = 24 };

/* words: trade fields, exact state, counters, as described in ledger_oracle.py. */
static bool is_state(const struct ledger *ledger, char **words) {
    if (ledger->trade_count) {
        struct trade last = ledger->trades[ledger->trade_count - 1];
        double fields[] = {last.price,    last.amount,      last.fee,   last.balance,
                           last.position, last.total_value, last.profit};
        for (int i = 0; i < 7; i++)
            if (fields[i] != strtod(words[i], NULL)) return false;
    }
    uint64_t counters[] = {ledger->refused_orders, ledger->price_outside, ledger->sells,
                           ledger->winning_sells};
    for (int i = 0; i < 4; i++)
        if (counters[i] != strtoull(words[10 + i], NULL, 10)) return false;
    return is_text_of(ledger->balance, words[7]) && is_text_of(ledger->position, words[8]) &&
           is_text_of(ledger->quote_fee, words[9]);
}

static bool follows_order(struct ledger *ledger, char **words) {
    struct decimal price = d(words[1]);
    bool is_all = *words[0] == 'A', accepted;
    if (is_all)
        accepted = ledger_sell_all(ledger, price, at_open);
    else if (*words[0] == 'B')
        accepted = ledger_buy(ledger, price, d(words[2]), at_open);
    else
        accepted = ledger_sell(ledger, price, d(words[2]), at_open);
    int next = is_all ? 2 : 3;
    return accepted == (*words[next] == '1') && is_state(ledger, words + next + 1);
}

static bool follows_query(const struct ledger *ledger, char **words) {
    struct decimal price = d(words[1]);
    return is_text_of(ledger_position_value(ledger, price), words[2]) &&
           is_text_of(ledger_equity(ledger, price), words[3]) &&
           ledger_average_price(ledger) == strtod(words[4], NULL) &&
           is_text_of(ledger_drawdown(ledger, price), words[5]);
}

static bool follows_mark(struct ledger *ledger, char **words) {
    double equity = ledger_mark(ledger, strtod(words[1], NULL));
    return equity == strtod(words[2], NULL) && ledger->peak_equity == strtod(words[3], NULL) &&
           ledger->max_drawdown == strtod(words[4], NULL);
}

static bool follows(struct ledger *ledger, char **words) {
    switch (*words[0]) {
    case 'N': {
        struct account_rules rules = rules_of(words[1], words[2], words[3]);
        rules.price_check = (enum price_check)atoi(words[4]);
        ledger_reset(ledger, &rules);
        return true;
    }
    case 'O':
        ledger->moment =
            (struct order_moment){atoi(words[1]), strtod(words[2], NULL), strtod(words[3], NULL), false};
        return true;
    case 'Q':
        return follows_query(ledger, words);
    case 'M':
        return follows_mark(ledger, words);
    default:
        return follows_order(ledger, words);
    }
}

static void random_accounts_agree_with_python(void **state) {
    (void)state;
    FILE *oracle = oracle_open(__FILE__, "ledger_oracle.py", "600");
    assert_non_null(oracle);
    struct ledger ledger = {0};
    char line[2048], copy[2048];
    long lines = 0, accepted = 0, refused = 0;
    while (fgets(line, sizeof line, oracle)) {
        char *words[WORDS], *rest = NULL;
        int count = 0;
        strcpy(copy, line);
        for (char *word = strtok_r(line, " \n", &rest); word && count < WORDS;
             word = strtok_r(NULL, " \n", &rest))
            words[count++] = word;
        if (*words[0] == 'N') {
            accepted += (long)ledger.trade_count;
            refused += (long)ledger.refused_orders;
        }
        if (!follows(&ledger, words)) fail_msg("line %ld differs: %s", lines + 1, copy);
        lines++;
    }
    assert_int_equal(pclose(oracle), 0);
    ledger_clear(&ledger);
    assert_true(accepted > 10000 && refused > 10000);
    print_message("%ld orders accepted, %ld refused, 0 different\n", accepted, refused);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buying_and_partial_selling_move_the_exact_amounts),
        cmocka_unit_test(selling_everything_leaves_nothing_behind),
        cmocka_unit_test(slippage_is_paid_recorded_and_checked),
        cmocka_unit_test(the_price_check_is_exact_at_the_bounds),
        cmocka_unit_test(a_refused_order_changes_nothing),
        cmocka_unit_test(the_last_cent_can_be_spent_and_no_more),
        cmocka_unit_test(a_sell_wins_only_if_it_pays_both_fees),
        cmocka_unit_test(drawdown_is_measured_from_the_highest_equity_point),
        cmocka_unit_test(texts_of_orders_are_copied_and_a_reset_forgets_all),
        cmocka_unit_test(random_accounts_agree_with_python),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
