/* SPDX-License-Identifier: MIT */
/* Divergence: the loss ends high, rises, jumps, blows up. */
#include "checks_table.h"

#include <math.h>

#define LOSS (1U << LRP_METRIC_LOSS)

/* ---- D1 ------------------------------------------------------------------------------------ */

enum { D1_RATIO, D1_DIP, D1_NOISE };
static const struct lrp_check_param d1_params[] = {
    [D1_RATIO] = {"ratio", 0.95, 0.5, 2, "",
                  "final loss / first loss from which the run has failed",
                  "no healthy run of 391 of DeepOBS ends above it"},
    [D1_DIP] = {"dip", 0.9, 0.1, 1, "",
                "lowest loss / first loss below which the run had learned before", "design"},
    [D1_NOISE] = {"noise", 2, 0, 100, "block deviations",
                  "a fall of less than this many deviations of the noise is no fall", "design"},
};

/* Where the loss left its low for good: the last block that is nearer to the lowest loss than to
 * the final one. */
static double onset_of_rise(const struct lrp_run *run)
{
    const struct lrp_blocks *blocks = &run->blocks;
    double limit = run->lowest + 0.25 * (run->final - run->lowest);
    double at = run->lowest_at;
    for (size_t b = 0; b < blocks->n; b++) {
        if (blocks->loss[b] <= limit) {
            at = b + 1 < blocks->n ? run->at[blocks->begin[b + 1]] : blocks->at[b];
        }
    }
    return at;
}

static void d1_run(const struct lrp_check_input *in, const double *params, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    double fall = run->initial - run->final;
    /* a loss that may be negative has no ratio: its range takes the place of the first value */
    double scale = run->log_level ? run->initial : run->highest - run->lowest;
    double ratio = 1 - fall / scale;
    double lowest = 1 - (run->initial - run->lowest) / scale;
    double highest = 1 - (run->initial - run->highest) / scale;
    double noise = lrp_run_block_noise(run);
    out->value = ratio;
    out->threshold = params[D1_RATIO];
    bool moved = !(fall <= params[D1_NOISE] * noise);
    if (ratio < params[D1_RATIO] && moved) {
        lrp_finding_set(out, LRP_CHECK_PASS, "it ended at %.3g of its first value", ratio);
        return;
    }
    out->first_step = run->at[0];
    out->last_step = run->at[run->n - 1];
    bool dipped = lowest < params[D1_DIP];
    bool overshot = highest > 2 - params[D1_DIP] && ratio >= params[D1_RATIO];
    if (dipped || overshot) {
        out->first_step = in->evidence->onset = onset_of_rise(run);
        lrp_finding_set(out, LRP_CHECK_FAIL,
                        "the loss ended at %.4g, no better than its first value %.4g (lowest %.4g "
                        "at %s %.6g)",
                        run->final, run->initial, run->lowest, run->position, run->lowest_at);
        return;
    }
    out->verdict = LRP_VERDICT_NOT_LEARNING;
    lrp_finding_set(out, LRP_CHECK_FAIL,
                    "the loss never left its first value: %.4g at the start, %.4g at the end, %.4g "
                    "at its lowest",
                    run->initial, run->final, run->lowest);
}

const struct lrp_check lrp_check_D1 = {
    .id = "D1",
    .title = "ended no better than it started",
    .needs = "loss",
    .metrics = LOSS,
    .least = 5,
    .verdict = LRP_VERDICT_DIVERGED,
    .method = "Compares the final loss (median of the last tenth) with the first one. A run that "
              "had learned before, or went far above its first loss, has diverged; one that never "
              "left its first loss is not learning. A fall that is within the noise of block "
              "medians is no fall.",
    .remedy = "Divide the learning rate by 3 until the loss falls. Add a warmup over the first 5 % "
              "of the steps, and clip the gradient norm at its median. Where the loss never moved, "
              "the rate may as well be far too low: a range test tells.",
    .source = "Bengio 2012, section 3.2 (divide by 3 until it stops diverging)",
    .params = d1_params,
    .n_params = sizeof d1_params / sizeof d1_params[0],
    .run = d1_run,
};
