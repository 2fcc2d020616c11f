/* SPDX-License-Identifier: MIT */
/* The rate falls when the loss has stopped falling, told by statistics of ours.
 *
 * What is judged is the losses since the last fall of the rate (or the end of the warm-up), as
 * medians of blocks of equal length, 20 blocks a window of `patience` values: spikes do not reach a
 * median. With m0 the median of the first window and m1 that of the last one, (m0 - m1) over the
 * time between their middles is the average speed. Then the straight line through the last window
 * (least squares) says how fast the loss falls now, and with what standard error. The answer has
 * three ways:
 *   - flat, and the rate falls: the loss falls at less than a quarter of the average speed, and the
 *     error is small enough (five of it within three quarters of that speed) to have seen more;
 *   - falling: at a quarter or more, with an error as small;
 *   - undecided: the noise hides it. The window then grows, up to half of all, and if that is not
 *     enough, more losses are awaited.
 * Five and not two, because it is looked again with every block, and first at the window whose
 * error happens to be small. Where nothing has fallen from the beginning there is no speed to
 * compare with: flat, when over three windows or more Kendall's rank test of all blocks does not
 * even hint at a fall (less than one standard deviation). So a straight fall is hardly ever a
 * plateau, slow as it may be beside the noise of single steps (of 40 runs of 2,000 steps that fall
 * by 0.5 in all with noise of 0.1 a step, one is taken for a plateau somewhere; with PyTorch's rule
 * and patience 100 all are), and the same losses times any number above 0, plus any number, are
 * judged alike.
 *
 * The idea of a slope with its error in place of a best value with a patience is that of dlib
 * (King, "Automatic Learning Rate Scheduling That Really Works", 2018); its rule takes a fall that
 * it cannot see for none.
 *
 * At most HISTORY blocks are kept; when they are full, neighbours are merged in pairs. */
#include "schedule.h"

#include "number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LR, FACTOR, PATIENCE, MIN_LR, METRIC, KEYS };
enum {
    BLOCKS = 20, /* of a window */
    BLOCKS_LEAST = 10,
    HISTORY = 256,
    CHUNKS = 128,   /* values of an unfinished block; of longer ones they are means */
    RUN_SHARE = 20, /* windows of a run, where patience is not given */
    OF_VALIDATION = 10
};
static const double speed_left = 0.25;
static const double errors = 5;
static const double hint = 1;

struct window_state {
    double rate;
    double patience;
    size_t block_length; /* values */
    double blocks[HISTORY];
    size_t n_blocks;
    double chunks[CHUNKS]; /* of the block that is being gathered */
    size_t n_chunks;
    size_t n_values; /* of that block */
    double chunk_sum;
    size_t chunk_n;
};

static void restart(struct window_state *state)
{
    state->block_length = (size_t)fmax(1, floor(state->patience / BLOCKS));
    state->n_blocks = state->n_chunks = state->n_values = state->chunk_n = 0;
    state->chunk_sum = 0;
}

static bool wants_max(const struct lrp_schedule *schedule)
{
    return lrp_schedule_metric_rises(lrp_schedule_metric(schedule));
}

static void settle(struct lrp_schedule *schedule, double n_steps, double steps_per_epoch)
{
    (void)steps_per_epoch;
    if (!(schedule->values[PATIENCE] > 0)) {
        schedule->values[PATIENCE] = lrp_schedule_metric_each_step(lrp_schedule_metric(schedule))
                                         ? fmax(BLOCKS, floor(n_steps / RUN_SHARE))
                                         : OF_VALIDATION;
    }
}

static void begin(const struct lrp_schedule *schedule, void *memory)
{
    struct window_state *state = memory;
    state->rate = schedule->values[LR];
    state->patience = schedule->values[PATIENCE];
    restart(state);
}

/* n at most HISTORY. */
static double median_of(const double *values, size_t n)
{
    double sorted[HISTORY];
    memcpy(sorted, values, n * sizeof *values);
    qsort(sorted, n, sizeof *sorted, lrp_compare_doubles);
    return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/* How fast the last w blocks fall, a block, and the standard error of it (least squares). */
static double fall_of(const double *y, size_t w, double *error)
{
    double middle = (double)(w - 1) / 2;
    double mean = 0;
    double xx = 0;
    double xy = 0;
    double rest = 0;
    for (size_t i = 0; i < w; i++) {
        mean += y[i] / (double)w;
    }
    for (size_t i = 0; i < w; i++) {
        double x = (double)i - middle;
        xx += x * x;
        xy += x * (y[i] - mean);
    }
    double slope = xy / xx;
    for (size_t i = 0; i < w; i++) {
        double residual = y[i] - mean - slope * ((double)i - middle);
        rest += residual * residual;
    }
    *error = sqrt(rest / (double)(w - 2) / xx);
    return -slope;
}

/* Mann 1945, Kendall 1975: z of the rank test against time, above 0 where the values fall. */
static double kendall_fall(const double *y, size_t n)
{
    double pairs = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++) {
            pairs += (y[i] > y[j]) - (y[i] < y[j]);
        }
    }
    double size = (double)n;
    return pairs / sqrt(size * (size - 1) * (2 * size + 5) / 18);
}

static bool is_flat(const struct window_state *state)
{
    const double *y = state->blocks;
    size_t n = state->n_blocks;
    double blocks = state->patience / (double)state->block_length;
    size_t window = (size_t)fmax(BLOCKS_LEAST, ceil(fmin(blocks, BLOCKS)));
    if (n < 2 * window) {
        return false;
    }
    double first = median_of(y, window);
    for (size_t w = window; w <= n / 2; w += w / 4 + 1) {
        double error = 0;
        double now = fall_of(y + n - w, w, &error);
        double apart = (double)n - (double)w / 2 - (double)window / 2;
        double average = (first - median_of(y + n - w, w)) / apart;
        if (average > 0 && (1 - speed_left) * average >= errors * error) {
            return now < speed_left * average;
        }
    }
    return n >= 3 * window && kendall_fall(y, n) < hint;
}

/* A whole block's median to the history. */
static void add_block(struct window_state *state)
{
    state->blocks[state->n_blocks] = median_of(state->chunks, state->n_chunks);
    state->n_blocks++;
    state->n_chunks = state->n_values = 0;
    if (state->n_blocks == HISTORY) {
        for (size_t i = 0; i < HISTORY / 2; i++) {
            state->blocks[i] = (state->blocks[2 * i] + state->blocks[2 * i + 1]) / 2;
        }
        state->n_blocks = HISTORY / 2;
        state->block_length *= 2;
    }
}

/* True when a block has become whole. */
static bool gather(struct window_state *state, double value)
{
    size_t chunk = (state->block_length + CHUNKS - 1) / CHUNKS;
    state->chunk_sum += value;
    state->chunk_n++;
    state->n_values++;
    bool whole = state->n_values == state->block_length;
    if (state->chunk_n == chunk || whole) {
        state->chunks[state->n_chunks] = state->chunk_sum / (double)state->chunk_n;
        state->n_chunks++;
        state->chunk_sum = 0;
        state->chunk_n = 0;
    }
    if (whole) {
        add_block(state);
    }
    return whole;
}

/* Values that are not finite say nothing about a plateau and are left out. */
static double observe(const struct lrp_schedule *schedule, void *memory, double value)
{
    struct window_state *state = memory;
    if (isfinite(value) && gather(state, wants_max(schedule) ? -value : value) && is_flat(state)) {
        double lower = fmax(state->rate * schedule->values[FACTOR], schedule->values[MIN_LR]);
        state->rate = fmin(state->rate, lower);
        restart(state);
    }
    return state->rate;
}

static const struct lrp_schedule_key keys[KEYS] = {
    LRP_FIRST_RATE_KEY("lr", "the first rate"),
    LRP_NUMBER_KEY("factor", 1e-10, 0.999999, 0.1, "the factor of a fall"),
    LRP_COUNT_KEY("patience", 0, 0,
                  "values of a window; the rate falls after two windows at the earliest",
                  .default_text = "steps / 20"),
    LRP_LOW_RATE_KEY("min_lr", "the lowest rate"),
    LRP_METRIC_KEY,
};

const struct lrp_schedule_row lrp_schedule_plateau = {
    .name = "plateau",
    .by_factors = true,
    .help = "falls when statistics say that the loss has stopped falling",
    .source = "slope of block medians against its error and the speed so far; lrprobe, after King "
              "2018 (dlib)",
    .keys = keys,
    .n_keys = KEYS,
    .state_size = sizeof(struct window_state),
    .metric_key = METRIC,
    .formula = "maximise = $rises\n",
    .settle = settle,
    .begin = begin,
    .observe = observe,
};
