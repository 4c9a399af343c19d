/* Indicators of one window in the reference's order of operations, one function a formula. */
#include "indicator/indicator.h"
#include "indicator/python_float.h"

double indicator_sum(const double *x, size_t n) {
    struct python_sum sum = {0};
    for (size_t i = 0; i < n; i++)
        python_sum_add(&sum, x[i]);
    return python_sum_value(sum);
}

bool indicator_sma(double *out, const double *x, size_t n, size_t period) {
    if (n < period) return false;
    *out = indicator_sum(x + n - period, period) / (double)period;
    return true;
}

static double multiplier(size_t period) {
    return 2.0 / (double)(period + 1);
}

bool indicator_ema(double *out, const double *x, size_t n, size_t period) {
    if (n < period) return false;
    double m = multiplier(period), ema = indicator_sum(x, period) / (double)period;
    for (size_t i = period; i < n; i++)
        ema = (x[i] - ema) * m + ema;
    *out = ema;
    return true;
}

bool indicator_rsi(double *out, const double *x, size_t n, size_t period) {
    if (n < period + 1) return false;
    const double *last = x + n - period; /* of the last `period` changes, the later values */
    struct python_sum gain = {0}, loss = {0};
    for (size_t i = 0; i < period; i++) {
        double change = last[i] - last[(ptrdiff_t)i - 1];
        python_sum_add(&gain, change > 0 ? change : 0.0);
        python_sum_add(&loss, change < 0 ? -change : 0.0);
    }
    *out = indicator_rsi_of(python_sum_value(gain), python_sum_value(loss), period);
    return true;
}

double indicator_rsi_of(double gain, double loss, size_t period) {
    double average_gain = gain / (double)period, average_loss = loss / (double)period;
    if (average_loss == 0) return 100.0;
    return 100.0 - 100.0 / (1.0 + average_gain / average_loss);
}

bool indicator_macd(struct macd *out, const double *x, size_t n, size_t fast, size_t slow, size_t signal) {
    if (n < slow + signal) return false;
    double fast_m = multiplier(fast), slow_m = multiplier(slow), signal_m = multiplier(signal);
    double fast_ema = indicator_sum(x, fast) / (double)fast, slow_ema = indicator_sum(x, slow) / (double)slow;
    double line = 0, signal_ema = 0;
    struct python_sum seed = {0};
    for (size_t i = slow; i < n; i++) {
        fast_ema = (x[i] - fast_ema) * fast_m + fast_ema;
        slow_ema = (x[i] - slow_ema) * slow_m + slow_ema;
        line = fast_ema - slow_ema;
        if (i < slow + signal) {
            python_sum_add(&seed, line);
            if (i + 1 == slow + signal) signal_ema = python_sum_value(seed) / (double)signal;
        } else {
            signal_ema = (line - signal_ema) * signal_m + signal_ema;
        }
    }
    *out = (struct macd){line, signal_ema, line - signal_ema};
    return true;
}

double indicator_deviation(const double *x, size_t n, double middle) {
    struct python_sum squares = {0};
    for (size_t i = 0; i < n; i++)
        python_sum_add(&squares, python_square(x[i] - middle));
    return python_power(python_sum_value(squares) / (double)n, 0.5);
}

bool indicator_bollinger(struct bollinger *out, const double *x, size_t n, size_t period, double k) {
    if (n < period) return false;
    const double *last = x + n - period;
    double middle = indicator_sum(last, period) / (double)period;
    double deviation = indicator_deviation(last, period, middle);
    *out = (struct bollinger){middle + k * deviation, middle, middle - k * deviation};
    return true;
}

/* As Python's max: the first of equal ones, which for numbers >= 0 makes no difference. */
double indicator_true_range(double high, double low, double previous_close) {
    double range = high - low, up = fabs(high - previous_close), down = fabs(low - previous_close);
    if (up > range) range = up;
    return down > range ? down : range;
}

bool indicator_atr(double *out, const double *high, const double *low, const double *close, size_t n,
                   size_t period) {
    if (n < period + 1) return false;
    struct python_sum sum = {0};
    for (size_t i = n - period; i < n; i++)
        python_sum_add(&sum, indicator_true_range(high[i], low[i], close[i - 1]));
    *out = python_sum_value(sum) / (double)period;
    return true;
}
