/* SPDX-License-Identifier: MIT */
#include "outliers.h"

#include "alloc.h"
#include "robust.h"
#include "rolling.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* In long series the window is eight blocks long. Wherever it ends, the last PARTS whole blocks
 * before that lie in it, and their sorted values bound its median and deviation from below. Only
 * what stands above the limit of these bounds is looked at closely. */
enum { BLOCKS = 8, PARTS = BLOCKS - 1, LONG = 16, MANY = 64 };

struct search {
    const double *y;
    size_t n, window, least;
    double limit, smallest;
    struct lrp_outlier *list;
    size_t count, capacity;
};

static enum lrp_status judge(struct search *search, size_t index, double median, double mad,
                             struct lrp_error *err)
{
    double deviation = fmax(LRP_MAD_TO_SIGMA * mad, search->smallest);
    if (!((search->y[index] - median) / deviation > search->limit)) {
        return LRP_OK;
    }
    enum lrp_status status = lrp_grow_array((void **)&search->list, search->count,
                                            &search->capacity, sizeof *search->list, SIZE_MAX, err);
    if (status == LRP_OK) {
        search->list[search->count] = (struct lrp_outlier){index, median, deviation};
        search->count++;
    }
    return status;
}

/* The first `end` values, each with its window. */
static enum lrp_status search_all(struct search *search, size_t end, struct lrp_error *err)
{
    double *median = lrp_calloc_array(end, 2 * sizeof *median);
    LRP_TRY_MEMORY(median, err);
    double *mad = median + end;
    enum lrp_status status =
        lrp_rolling_median(search->y, end, search->window, search->least, median, mad, err);
    for (size_t i = search->least; i < end && status == LRP_OK; i++) {
        status = judge(search, i, median[i], mad[i], err);
    }
    free(median);
    return status;
}

/* What one block says of every window that it lies in. */
struct block {
    double low;    /* so many of its values are not below it that, with as many in each of the
                    * PARTS, they are more than half of the window */
    double narrow; /* the narrowest interval with its part of the values that lie within the
                    * median deviation of the median */
};

static struct block look_at(const double *y, size_t length, double *sorted)
{
    const size_t half = BLOCKS * length / 2; /* values within the median deviation, at least */
    const size_t above = (half + 1 + PARTS - 1) / PARTS;
    const size_t within = (half - length + PARTS - 1) / PARTS;
    memcpy(sorted, y, length * sizeof *sorted);
    lrp_sort_doubles(sorted, length);
    struct block block = {sorted[length - above], HUGE_VAL};
    for (size_t i = 0; i + within <= length; i++) {
        block.narrow = fmin(block.narrow, sorted[i + within - 1] - sorted[i]);
    }
    return block;
}

/* No value up to here, in the block behind these PARTS, stands out. */
static double bound_behind(const struct search *search, const struct block *parts)
{
    double low = HUGE_VAL;
    double narrow = HUGE_VAL;
    for (size_t p = 0; p < PARTS; p++) {
        low = fmin(low, parts[p].low);
        narrow = fmin(narrow, parts[p].narrow);
    }
    double rise = search->limit * fmax(LRP_MAD_TO_SIGMA * 0.5 * narrow, search->smallest);
    return low + rise - 1e-9 * (fabs(low) + rise); /* rounding in either way of computing it */
}

/* The window before index, by itself. scratch: window values. */
static enum lrp_status look_closely(struct search *search, size_t index, double *scratch,
                                    struct lrp_error *err)
{
    size_t window = search->window;
    memcpy(scratch, search->y + index - window, window * sizeof *scratch);
    double median = lrp_median_in_place(scratch, window);
    return judge(search, index, median, lrp_mad_in_place(scratch, window), err);
}

/* Marks in bound[b] what block b has to rise above; *count of values that do. */
static void find_bounds(const struct search *search, struct block *blocks, double *scratch,
                        double *bound, size_t n_blocks, size_t *count)
{
    const size_t length = search->window / BLOCKS;
    *count = 0;
    for (size_t b = 0; b < n_blocks; b++) {
        size_t begin = b * length;
        size_t end = begin + length < search->n ? begin + length : search->n;
        if (b >= BLOCKS) {
            bound[b] = bound_behind(search, blocks + b - PARTS);
            for (size_t i = begin; i < end; i++) {
                *count += search->y[i] > bound[b] ? 1 : 0;
            }
        }
        if (end - begin == length) { /* nothing comes behind a shorter one */
            blocks[b] = look_at(search->y + begin, length, scratch);
        }
    }
}

static enum lrp_status search_long(struct search *search, struct lrp_error *err)
{
    const size_t length = search->window / BLOCKS;
    const size_t n_blocks = (search->n + length - 1) / length;
    struct block *blocks = lrp_calloc_array(n_blocks, sizeof *blocks);
    double *bound = lrp_calloc_array(n_blocks + search->window, sizeof *bound);
    double *scratch = bound != NULL ? bound + n_blocks : NULL;
    size_t count = 0;
    enum lrp_status status = LRP_OK;
    if (blocks == NULL || bound == NULL) {
        status = lrp_fail_memory(err, n_blocks * sizeof *blocks);
    } else {
        find_bounds(search, blocks, scratch, bound, n_blocks, &count);
        /* where much stands out, windows that move cost less */
        status = search_all(search, count > search->n / MANY ? search->n : search->window, err);
    }
    bool done = status != LRP_OK || count > search->n / MANY;
    for (size_t i = search->window; i < search->n && !done; i++) {
        if (search->y[i] > bound[i / length]) {
            status = look_closely(search, i, scratch, err);
            done = status != LRP_OK;
        }
    }
    free(blocks);
    free(bound);
    return status;
}

enum lrp_status lrp_rolling_outliers(const double *y, size_t n, size_t window, size_t least,
                                     double limit, double smallest, struct lrp_outlier **out,
                                     size_t *n_out, struct lrp_error *err)
{
    struct search search = {
        .y = y, .n = n, .window = window, .least = least, .limit = limit, .smallest = smallest};
    bool in_blocks = window >= (size_t)BLOCKS * BLOCKS && window % BLOCKS == 0 && least <= window &&
                     window <= LRP_ROLLING_MOST && n / LONG >= window;
    enum lrp_status status = in_blocks ? search_long(&search, err) : search_all(&search, n, err);
    if (status != LRP_OK) {
        free(search.list);
        return status;
    }
    *out = search.list;
    *n_out = search.count;
    return LRP_OK;
}
