/* Lanes as GCC vectors, which the compiler maps to what the target has: plain x86-64 and arm64 too. On x86-64
 * a second version for AVX2 is chosen when the program starts; neither fuses multiplications and additions
 * (-ffp-contract=off), which is what would change bits. */
#include "indicator/lanes.h"
#include "indicator/python_float.h"

typedef double vector __attribute__((vector_size(64), aligned(8)));
typedef int64_t vector_mask __attribute__((vector_size(64), aligned(8)));
enum { WIDTH = 8, VECTORS = LANES / WIDTH };

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define FOR_EACH_CPU __attribute__((target_clones("avx2", "default")))
#else
#define FOR_EACH_CPU
#endif

#define LOAD(p) (*(const vector *)(p))
#define STORE(p, v) (*(vector *)(p) = (v))

FOR_EACH_CPU
void lanes_ema(double out[LANES], const double *x, const double seed[LANES], size_t period, size_t window) {
    double m = 2.0 / (double)(period + 1);
    vector ema[VECTORS];
    for (int v = 0; v < VECTORS; v++)
        ema[v] = LOAD(seed + v * WIDTH);
    for (size_t k = period; k < window; k++)
        for (int v = 0; v < VECTORS; v++)
            ema[v] = (LOAD(x + k + v * WIDTH) - ema[v]) * m + ema[v];
    for (int v = 0; v < VECTORS; v++)
        STORE(out + v * WIDTH, ema[v]);
}

/* One step of the compensated sum. Two-sum instead of the reference's comparison of magnitudes: both give the
 * exact error of the addition, and this one needs no branch. */
#define SUM_STEP(high, low, value)                                 \
    do {                                                           \
        vector total_ = (high) + (value), back_ = total_ - (high); \
        (low) += ((high) - (total_ - back_)) + ((value)-back_);    \
        (high) = total_;                                           \
    } while (0)

FOR_EACH_CPU
void lanes_macd(double line_out[LANES], double signal_out[LANES], const double *x,
                const double fast_seed[LANES], const double slow_seed[LANES], size_t fast, size_t slow,
                size_t signal, size_t window) {
    double fast_m = 2.0 / (double)(fast + 1), slow_m = 2.0 / (double)(slow + 1),
           signal_m = 2.0 / (double)(signal + 1);
    for (int v = 0; v < VECTORS; v++) {
        const double *p = x + v * WIDTH;
        vector fast_ema = LOAD(fast_seed + v * WIDTH), slow_ema = LOAD(slow_seed + v * WIDTH);
        vector line = {0}, high = {0}, low = {0};
        size_t k = slow;
        for (; k < slow + signal; k++) {
            fast_ema = (LOAD(p + k) - fast_ema) * fast_m + fast_ema;
            slow_ema = (LOAD(p + k) - slow_ema) * slow_m + slow_ema;
            line = fast_ema - slow_ema;
            SUM_STEP(high, low, line);
        }
        vector signal_ema = (high + low) / (double)signal;
        for (; k < window; k++) {
            fast_ema = (LOAD(p + k) - fast_ema) * fast_m + fast_ema;
            slow_ema = (LOAD(p + k) - slow_ema) * slow_m + slow_ema;
            line = fast_ema - slow_ema;
            signal_ema = (line - signal_ema) * signal_m + signal_ema;
        }
        STORE(line_out + v * WIDTH, line);
        STORE(signal_out + v * WIDTH, signal_ema);
    }
}

/* Where the sign bit of sure is not set. */
static __attribute__((noinline)) void replace_unsure(double *squares, const double *differences,
                                                     const int64_t *sure) {
    for (int j = 0; j < WIDTH; j++)
        if (sure[j] >= 0) squares[j] = python_power(differences[j], 2.0);
}

typedef int64_t half_mask __attribute__((vector_size(32)));
typedef int64_t quarter_mask __attribute__((vector_size(16)));

/* python_square of eight values; see there. A condition a < b is taken as the sign of a - b, because vector
 * comparisons wider than the machine's are compiled to one scalar comparison each. (Infinite products have no
 * such sign.) */
#define SQUARE(result, x)                                                                                    \
    do {                                                                                                     \
        vector product_ = (x) * (x), scaled_ = (x)*PYTHON_SPLIT;                                             \
        vector top_ = scaled_ - (scaled_ - (x)), rest_ = (x)-top_;                                           \
        vector error_ = ((top_ * top_ - product_) + 2.0 * top_ * rest_) + rest_ * rest_;                     \
        vector_mask exponent_ = (vector_mask)product_ & INT64_C(0x7ff0000000000000);                         \
        vector power_ = (vector)exponent_;                                                                   \
        vector limit_ = power_ * (PYTHON_SQUARE_SURE * 0x1p-52);                                             \
        vector_mask sure_ = (vector_mask)(error_ - limit_) & (vector_mask)(-error_ - limit_) &               \
                            (vector_mask)(PYTHON_SQUARE_MIN - power_) &                                      \
                            (vector_mask)(power_ - PYTHON_SQUARE_MAX) & (exponent_ - (vector_mask)product_); \
        half_mask half_ = __builtin_shufflevector(sure_, sure_, 0, 1, 2, 3) &                                \
                          __builtin_shufflevector(sure_, sure_, 4, 5, 6, 7);                                 \
        quarter_mask quarter_ =                                                                              \
            __builtin_shufflevector(half_, half_, 0, 1) & __builtin_shufflevector(half_, half_, 2, 3);       \
        (result) = product_;                                                                                 \
        if ((quarter_[0] & quarter_[1]) >= 0)                                                                \
            replace_unsure((double *)&(result), (const double *)&(x), (const int64_t *)&sure_);              \
    } while (0)

FOR_EACH_CPU
void lanes_deviation(double out[LANES], const double *x, const double middle[LANES], size_t n) {
    for (int v = 0; v < VECTORS; v++) {
        vector center = LOAD(middle + v * WIDTH), high = {0}, low = {0};
        for (size_t k = 0; k < n; k++) {
            vector difference = LOAD(x + v * WIDTH + k) - center, square;
            SQUARE(square, difference);
            SUM_STEP(high, low, square);
        }
        vector variance = (high + low) / (double)n;
        for (int j = 0; j < WIDTH; j++)
            out[v * WIDTH + j] = python_power(variance[j], 0.5);
    }
}
