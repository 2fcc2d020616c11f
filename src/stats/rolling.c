/* SPDX-License-Identifier: MIT */
#include "rolling.h"

#include "alloc.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* First index in n sorted values that is not below value; without branches that cannot be
 * foreseen. */
static size_t place_of(const double *sorted, size_t n, double value)
{
    const double *base = sorted;
    while (n > 1) {
        size_t half = n / 2;
        base += base[half - 1] < value ? half : 0;
        n -= half;
    }
    return (size_t)(base - sorted) + (n == 1 && base[0] < value);
}

static double middle_of(double low, double high)
{
    return low == high ? low : 0.5 * low + 0.5 * high;
}

/* Median of the absolute deviations of n sorted values from their median. Seen from there the
 * deviations to either side ascend, so two sorted sequences are to be merged up to their middle:
 * bisection for how many of those come from the left. */
static double mad_of_sorted(const double *sorted, size_t n, double median)
{
    const size_t rank = (n - 1) / 2;
    const size_t n_left = n / 2; /* sorted[n_left - 1] <= median <= sorted[n_left] */
    const size_t n_right = n - n_left;
    const double *right = sorted + n_left; /* to the left: right[-1], right[-2], ... */
    size_t low = rank + 1 > n_right ? rank + 1 - n_right : 0;
    size_t high = rank + 1 < n_left ? rank + 1 : n_left;
    while (low < high) {
        size_t taken = low + (high - low) / 2;
        if (median - right[-(ptrdiff_t)taken - 1] < right[rank - taken] - median) {
            low = taken + 1;
        } else {
            high = taken;
        }
    }
    size_t from_right = rank + 1 - low;
    double last_left = low > 0 ? median - right[-(ptrdiff_t)low] : 0;
    double last_right = from_right > 0 ? right[from_right - 1] - median : 0;
    double below = last_left > last_right ? last_left : last_right;
    if (n % 2 == 1) {
        return below;
    }
    double next_left = low < n_left ? median - right[-(ptrdiff_t)low - 1] : HUGE_VAL;
    double next_right = from_right < n_right ? right[from_right] - median : HUGE_VAL;
    return middle_of(below, next_left < next_right ? next_left : next_right);
}

static void median_and_mad(const double *sorted, size_t n, double *median, double *mad)
{
    *median = middle_of(sorted[(n - 1) / 2], sorted[n / 2]);
    *mad = isfinite(*median) ? mad_of_sorted(sorted, n, *median) : (double)NAN;
}

/* Takes out gone and puts in came; both places are near each other in order, on average a third of
 * the window apart. */
static void replace(double *sorted, size_t n, double gone, double came)
{
    size_t from = place_of(sorted, n, gone);
    size_t to = place_of(sorted, n, came);
    if (to > from) {
        to--;
        memmove(sorted + from, sorted + from + 1, (to - from) * sizeof *sorted);
    } else {
        memmove(sorted + to + 1, sorted + to, (from - to) * sizeof *sorted);
    }
    sorted[to] = came;
}

enum lrp_status lrp_rolling_median(const double *y, size_t n, size_t window, size_t least,
                                   double *median, double *mad, struct lrp_error *err)
{
    if (window == 0 || window > LRP_ROLLING_MOST) {
        return lrp_fail(err, LRP_E_ARG, 0, "a rolling window has 1 to %d values, not %zu",
                        LRP_ROLLING_MOST, window);
    }
    double *sorted = lrp_calloc_array(window, sizeof *sorted);
    if (sorted == NULL) {
        return lrp_fail_memory(err, window * sizeof *sorted);
    }
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        median[i] = (double)NAN;
        mad[i] = (double)NAN;
        if (count >= least && count > 0) {
            median_and_mad(sorted, count, &median[i], &mad[i]);
        }
        if (count == window) {
            replace(sorted, window, y[i - window], y[i]);
        } else {
            size_t at = place_of(sorted, count, y[i]);
            memmove(sorted + at + 1, sorted + at, (count - at) * sizeof *sorted);
            sorted[at] = y[i];
            count++;
        }
    }
    free(sorted);
    return LRP_OK;
}

/* The set of ranks within the window: bits, and above them for each word of the level below one
 * bit that says it is not zero. */
enum { LEVELS = 6 };
struct rank_set {
    uint64_t *level[LEVELS];
    int n_levels;
    uint64_t *words;
    size_t count;
    size_t at;    /* the median's rank */
    size_t below; /* ranks in the set that are less */
};

struct place {
    uint64_t key; /* ascends with the value */
    uint32_t index;
};

static uint64_t key_of(double value)
{
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 != 0 ? ~bits : bits | (uint64_t)1 << 63;
}

static double value_of(uint64_t key)
{
    uint64_t bits = key >> 63 != 0 ? key & ~((uint64_t)1 << 63) : ~key;
    double value = 0;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Sorts by 11 bits of the key at a time, lowest first: for millions of values some six times
 * faster than comparing. The result is in the first half of places, which holds 2 n. */
static void sort_places(struct place *places, size_t n)
{
    enum { BITS = 11, BUCKETS = 1 << BITS };
    struct place *from = places;
    struct place *to = places + n;
    for (unsigned shift = 0; shift < 64; shift += BITS) {
        size_t next[BUCKETS] = {0};
        for (size_t i = 0; i < n; i++) {
            next[from[i].key >> shift & (BUCKETS - 1)]++;
        }
        size_t begin = 0;
        for (size_t b = 0; b < BUCKETS; b++) {
            size_t count = next[b];
            next[b] = begin;
            begin += count;
        }
        for (size_t i = 0; i < n; i++) {
            size_t bucket = from[i].key >> shift & (BUCKETS - 1);
            to[next[bucket]] = from[i];
            next[bucket]++;
        }
        struct place *kept = from;
        from = to;
        to = kept;
    }
}

static bool rank_set_init(struct rank_set *set, size_t n)
{
    size_t lengths[LEVELS];
    size_t total = 0;
    memset(set, 0, sizeof *set);
    for (size_t bits = n; set->n_levels == 0 || bits > 1; set->n_levels++) {
        bits = bits / 64 + (bits % 64 != 0);
        lengths[set->n_levels] = bits;
        total += bits;
    }
    set->words = lrp_calloc_array(total, sizeof *set->words);
    if (set->words == NULL) {
        return false;
    }
    uint64_t *next = set->words;
    for (int k = 0; k < set->n_levels; k++) {
        set->level[k] = next;
        next += lengths[k];
    }
    return true;
}

/* Nearest member above rank; there must be one. */
static size_t member_above(const struct rank_set *set, size_t rank)
{
    int k = 0;
    uint64_t word = 0;
    for (; k < LEVELS - 1; k++) { /* up, until something is to the right in the word */
        word = rank % 64 == 63 ? 0 : set->level[k][rank / 64] >> (rank % 64 + 1);
        if (word != 0) {
            rank += 1 + (size_t)__builtin_ctzll(word);
            break;
        }
        rank /= 64;
    }
    for (; k > 0; k--) { /* down, leftmost each time */
        rank = rank * 64 + (size_t)__builtin_ctzll(set->level[k - 1][rank]);
    }
    return rank;
}

static size_t member_beneath(const struct rank_set *set, size_t rank)
{
    int k = 0;
    uint64_t word = 0;
    for (; k < LEVELS - 1; k++) {
        word = rank % 64 == 0 ? 0 : set->level[k][rank / 64] << (64 - rank % 64);
        if (word != 0) {
            rank -= 1 + (size_t)__builtin_clzll(word);
            break;
        }
        rank /= 64;
    }
    for (; k > 0; k--) {
        rank = rank * 64 + 63 - (size_t)__builtin_clzll(set->level[k - 1][rank]);
    }
    return rank;
}

static void centre(struct rank_set *set)
{
    size_t wanted = (set->count - 1) / 2;
    for (; set->below < wanted; set->below++) {
        set->at = member_above(set, set->at);
    }
    for (; set->below > wanted; set->below--) {
        set->at = member_beneath(set, set->at);
    }
}

static void put(struct rank_set *set, size_t rank)
{
    if (set->count == 0) {
        set->at = rank;
    }
    set->below += rank < set->at;
    set->count++;
    for (int k = 0; k < set->n_levels; k++) {
        set->level[k][rank / 64] |= (uint64_t)1 << rank % 64;
        rank /= 64;
    }
    centre(set);
}

/* Takes a member out; another must be left. */
static void take(struct rank_set *set, size_t rank)
{
    if (rank == set->at && set->below + 1 < set->count) {
        set->at = member_above(set, rank);
    } else if (rank == set->at) {
        set->at = member_beneath(set, rank);
        set->below--;
    } else {
        set->below -= rank < set->at;
    }
    set->count--;
    for (int k = 0; k < set->n_levels; k++) {
        uint64_t *word = &set->level[k][rank / 64];
        *word &= ~((uint64_t)1 << rank % 64);
        if (*word != 0) {
            break;
        }
        rank /= 64;
    }
    centre(set);
}

enum lrp_status lrp_centred_median(const double *y, size_t n, size_t half, double *out,
                                   struct lrp_error *err)
{
    if (n > UINT32_MAX) {
        return lrp_fail(err, LRP_E_LIMIT, 0, "a running median takes fewer than 2^32 values");
    }
    struct place *places = lrp_calloc_array(n, 2 * sizeof *places);
    uint32_t *ranks = lrp_calloc_array(n, sizeof *ranks);
    struct rank_set set = {0};
    if (places == NULL || ranks == NULL || !rank_set_init(&set, n)) {
        free(places);
        free(ranks);
        return lrp_fail_memory(err, n * (2 * sizeof *places + sizeof *ranks));
    }
    for (size_t i = 0; i < n; i++) {
        places[i] = (struct place){key_of(y[i]), (uint32_t)i};
    }
    sort_places(places, n);
    for (size_t rank = 0; rank < n; rank++) {
        ranks[places[rank].index] = (uint32_t)rank;
    }
    size_t begin = 0;
    size_t end = 0;
    for (size_t i = 0; i < n; i++) {
        size_t reach = i < half ? i : half;
        reach = n - 1 - i < reach ? n - 1 - i : reach;
        for (; end < i + reach + 1; end++) {
            put(&set, ranks[end]);
        }
        for (; begin < i - reach; begin++) {
            take(&set, ranks[begin]);
        }
        out[i] = value_of(places[set.at].key);
    }
    free(set.words);
    free(ranks);
    free(places);
    return LRP_OK;
}
