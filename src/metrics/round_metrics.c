/* Rounds: each sell with its share of the buys. The ledger has its exact profit; its base (cost and buy fees
 * of the share) follows from profit = (revenue - fee) - base. */
#include "metrics/metric_parts.h"

#include <math.h>

struct rounds {
    size_t count, wins;
    double profit, wins_profit, losses_profit; /* sums */
    double returns, best, worst;
    double duration, longest; /* ms */
    size_t win_chain, loss_chain, longest_wins, longest_losses;
};

static void add_round(struct rounds *all, const struct trade *sell, double duration) {
    double base = (sell->price * sell->amount - sell->fee) - sell->profit;
    double rate = sell->profit / base;
    bool is_win = sell->profit > 0.0;
    if (all->count == 0 || rate > all->best) all->best = rate;
    if (all->count == 0 || rate < all->worst) all->worst = rate;
    all->count++;
    all->wins += is_win;
    all->profit += sell->profit;
    all->returns += rate;
    *(is_win ? &all->wins_profit : &all->losses_profit) += sell->profit;
    all->duration += duration;
    if (duration > all->longest) all->longest = duration;
    all->win_chain = is_win ? all->win_chain + 1 : 0;
    all->loss_chain = is_win ? 0 : all->loss_chain + 1;
    if (all->win_chain > all->longest_wins) all->longest_wins = all->win_chain;
    if (all->loss_chain > all->longest_losses) all->longest_losses = all->loss_chain;
}

/* The bars of the trades, counted within the range. */
static size_t bar_of(const struct metric_input *input, const struct trade *trade) {
    return (size_t)(trade->bar - input->first_bar);
}

static struct rounds find_rounds(const struct metric_input *input) {
    const struct ledger *ledger = input->ledger;
    const int64_t *open_time = input->series->open_time;
    struct rounds all = {0};
    int64_t entry_ms = 0;
    bool is_flat = true;
    for (size_t i = 0; i < ledger->trade_count; i++) {
        const struct trade *trade = &ledger->trades[i];
        int64_t ms = open_time[bar_of(input, trade)];
        if (is_flat) entry_ms = ms;
        if (trade->side == TRADE_SELL) add_round(&all, trade, (double)(ms - entry_ms));
        is_flat = !(trade->position > 0.0);
    }
    return all;
}

/* Bars whose equity point has a position: a trade after the bar's close counts from the next bar on. */
static double exposure_of(const struct metric_input *input) {
    const struct ledger *ledger = input->ledger;
    size_t held = 0, since = 0;
    bool is_holding = false;
    for (size_t i = 0; i < ledger->trade_count; i++) {
        const struct trade *trade = &ledger->trades[i];
        size_t from = bar_of(input, trade) + trade->after_close;
        if (is_holding) held += from - since;
        since = from;
        is_holding = trade->position > 0.0;
    }
    if (is_holding) held += input->n - since;
    return (double)held / (double)input->n;
}

/* sqrt(count) x mean / sample deviation of the profits. */
static double quality_number(const struct metric_input *input, const struct rounds *all) {
    double mean = all->profit / (double)all->count, squares = 0.0;
    const struct ledger *ledger = input->ledger;
    if (all->count < 2) return NAN;
    for (size_t i = 0; i < ledger->trade_count; i++) {
        if (ledger->trades[i].side != TRADE_SELL) continue;
        double difference = ledger->trades[i].profit - mean;
        squares += difference * difference;
    }
    double deviation = sqrt(squares / (double)(all->count - 1));
    return is_no_deviation(deviation, mean) ? NAN : sqrt((double)all->count) * mean / deviation;
}

static double mean_of(double sum, size_t count) {
    return count ? sum / (double)count : NAN;
}

static void fill_profits(double *out, const struct rounds *all) {
    size_t losses = all->count - all->wins;
    double win = mean_of(all->wins_profit, all->wins), loss = mean_of(all->losses_profit, losses);
    double share = all->count ? (double)all->wins / (double)all->count : 0.0;
    out[METRIC_WIN_RATE] = share;
    out[METRIC_AVERAGE_WIN] = win;
    out[METRIC_AVERAGE_LOSS] = loss;
    out[METRIC_EXPECTANCY] = mean_of(all->profit, all->count);
    out[METRIC_PROFIT_FACTOR] = all->losses_profit < 0.0 ? all->wins_profit / -all->losses_profit : NAN;
    out[METRIC_KELLY] = loss < 0.0 ? share - (1.0 - share) / (win / -loss) : NAN;
}

void round_metrics(double *out, const struct metric_input *input) {
    struct rounds all = find_rounds(input);
    out[METRIC_BUYS] = (double)(input->ledger->trade_count - all.count);
    out[METRIC_SELLS] = (double)all.count;
    out[METRIC_BEST_TRADE] = all.count ? all.best : NAN;
    out[METRIC_WORST_TRADE] = all.count ? all.worst : NAN;
    out[METRIC_AVERAGE_TRADE] = mean_of(all.returns, all.count);
    out[METRIC_MAX_TRADE_DURATION] = all.count ? all.longest : NAN;
    out[METRIC_AVERAGE_TRADE_DURATION] = mean_of(all.duration, all.count);
    out[METRIC_MAX_CONSECUTIVE_WINS] = (double)all.longest_wins;
    out[METRIC_MAX_CONSECUTIVE_LOSSES] = (double)all.longest_losses;
    out[METRIC_SQN] = quality_number(input, &all);
    out[METRIC_EXPOSURE] = exposure_of(input);
    fill_profits(out, &all);
}
