/* Fewer points of a curve. Both ways walk over the points that are not NaN and need no memory: buckets are
 * equal in their number of such points. */
#include "kmill/analysis.h"

#include <math.h>

/* The points that are not NaN, one after the other. */
struct walk {
    const double *y;
    size_t at, count;
};

static bool walk_next(struct walk *walk, size_t *point) {
    while (walk->at < walk->count && isnan(walk->y[walk->at]))
        walk->at++;
    if (walk->at == walk->count) return false;
    *point = walk->at++;
    return true;
}

static size_t count_points(const double *y, size_t count) {
    size_t points = 0;
    for (size_t i = 0; i < count; i++)
        points += !isnan(y[i]);
    return points;
}

static size_t keep_all(size_t *kept, const double *y, size_t count) {
    struct walk walk = {.y = y, .count = count};
    size_t n = 0;
    while (walk_next(&walk, &kept[n]))
        n++;
    return n;
}

/* Which of the points between the first and the last is the first of bucket `bucket`. */
static size_t bucket_begin(size_t bucket, size_t buckets, size_t points) {
    return 1 + (size_t)((unsigned __int128)bucket * (points - 2) / buckets);
}

static size_t last_point(const double *y, size_t count) {
    while (isnan(y[count - 1]))
        count--;
    return count - 1;
}

/* ---- largest triangle three buckets ---- */

struct point {
    double x, y;
};

/* Mean of the next `count` points of the walk. */
static struct point mean_of(struct walk *walk, const double *x, size_t count) {
    struct point first = {0, 0}, sum = {0, 0};
    size_t at;
    for (size_t i = 0; i < count && walk_next(walk, &at); i++) {
        if (i == 0) first = (struct point){x[at], walk->y[at]};
        sum.x += x[at] - first.x; /* times are large, their distances are not */
        sum.y += walk->y[at] - first.y;
    }
    return (struct point){first.x + sum.x / (double)count, first.y + sum.y / (double)count};
}

/* Of the next `count` points the one that makes the largest triangle with the point kept before and the mean
 * of the next bucket; the first of equal ones. */
static size_t largest_triangle(struct walk *walk, const double *x, size_t count, size_t before,
                               struct point next) {
    double largest = -1.0, ax = x[before], ay = walk->y[before];
    size_t best = before, at;
    for (size_t i = 0; i < count && walk_next(walk, &at); i++) {
        double area = fabs((ax - next.x) * (walk->y[at] - ay) - (ax - x[at]) * (next.y - ay));
        if (i == 0 || area > largest) {
            best = at;
            largest = area;
        }
    }
    return best;
}

size_t decimate_lttb(size_t *kept, size_t wanted, const double *x, const double *y, size_t count) {
    size_t points = count_points(y, count), n = 0;
    if (points <= wanted) return keep_all(kept, y, count);
    struct walk here = {.y = y, .count = count}, ahead = here;
    if (wanted == 0) return 0;
    walk_next(&here, &kept[n++]);
    if (wanted == 1) return n;
    size_t buckets = wanted - 2, last = last_point(y, count), skipped;
    walk_next(&ahead, &skipped);
    for (size_t i = 0; buckets && i < bucket_begin(1, buckets, points) - 1; i++)
        walk_next(&ahead, &skipped);
    for (size_t b = 0; b < buckets; b++) {
        size_t begin = bucket_begin(b, buckets, points), end = bucket_begin(b + 1, buckets, points);
        struct point next = {x[last], y[last]};
        if (b + 1 < buckets) next = mean_of(&ahead, x, bucket_begin(b + 2, buckets, points) - end);
        kept[n] = largest_triangle(&here, x, end - begin, kept[n - 1], next);
        n++;
    }
    kept[n++] = last;
    return n;
}

/* ---- lowest and highest ---- */

size_t decimate_min_max(size_t *kept, size_t wanted, const double *y, size_t count) {
    size_t points = count_points(y, count), n = 0;
    if (points <= wanted) return keep_all(kept, y, count);
    struct walk walk = {.y = y, .count = count};
    if (wanted == 0) return 0;
    walk_next(&walk, &kept[n++]);
    if (wanted == 1) return n;
    size_t buckets = (wanted - 2) / 2;
    for (size_t b = 0; b < buckets; b++) {
        size_t length = bucket_begin(b + 1, buckets, points) - bucket_begin(b, buckets, points), at;
        size_t low = 0, high = 0;
        for (size_t i = 0; i < length && walk_next(&walk, &at); i++) {
            if (i == 0 || y[at] < y[low]) low = at;
            if (i == 0 || y[at] > y[high]) high = at;
        }
        kept[n++] = low < high ? low : high;
        if (low != high) kept[n++] = low < high ? high : low;
    }
    kept[n++] = last_point(y, count);
    return n;
}
