/* SPDX-License-Identifier: MIT */
/* A loss that had fallen and rises again: at the end, above its best, by a step. */
#include "checks_table.h"
#include "measure.h"
#include "robust.h"

#include <math.h>
#include <string.h>

/* Whether the rate went up by more than half somewhere between two points: a rise of the loss is
 * then no surprise. */
static bool rate_rose(const struct lrp_run *run, size_t from, size_t to)
{
    double lowest = run->rate[from];
    for (size_t i = from; i <= to && i < run->n; i++) {
        if (run->rate[i] > 1.5 * lowest) {
            return true;
        }
        lowest = run->rate[i] < lowest ? run->rate[i] : lowest;
    }
    return false;
}

/* ---- D2 ------------------------------------------------------------------------------------ */

enum { D2_PART, D2_RISE, D2_NOISE, D2_FAIL };
static const struct lrp_check_param d2_params[] = {
    [D2_PART] = {"part", 0.15, 0.02, 1, "of the run", "last part of the run that is looked at",
                 "design"},
    [D2_RISE] =
        {"rise", 0.05, 0, 10, "of the fall", "rise over that part from which it warns",
         "Tuning Playbook: a training loss that rises is usually a bug; the size is design"},
    [D2_NOISE] = {"noise", 3, 0, 100, "block deviations",
                  "the rise must be more than this many deviations of the noise", "design"},
    [D2_FAIL] = {"fail", 0.3, 0, 10, "of the fall", "rise from which it fails", "design"},
};

static enum lrp_status d2_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_blocks *blocks = &run->blocks;
    struct lrp_theil_sen line;
    size_t count = (size_t)(in->params[D2_PART] * (double)blocks->n);
    count = count > 5 ? count : 5;
    if (blocks->n < 20 || !lrp_run_fell(run)) {
        return lrp_finding_skip(out, "%s",
                                blocks->n < 20 ? "too few loss points" : "the loss never fell");
    }
    size_t begin = blocks->n - count;
    double fall = run->initial - fmin(run->final, run->lowest);
    enum lrp_status status =
        lrp_theil_sen(blocks->at + begin, blocks->loss + begin, count, 0.95, 1, &line, in->err);
    if (status == LRP_E_NOMEM) {
        return status;
    }
    if (status != LRP_OK || !(fall > 0)) {
        return lrp_finding_skip(out, "%s",
                                fall > 0 ? "the positions do not rise" : "the loss never fell");
    }
    double span = blocks->at[blocks->n - 1] - blocks->at[begin];
    double rise = line.slope * span;
    lrp_finding_measure(out, rise / fall, in->params[D2_RISE]);
    bool rises = lrp_trend_of(line.low, line.high, 0) == LRP_TREND_RISING;
    if (!rises || !(out->value > in->params[D2_RISE]) ||
        !(rise > in->params[D2_NOISE] * lrp_run_block_noise(run)) ||
        rate_rose(run, blocks->begin[begin], run->n - 1)) {
        return lrp_finding_pass(out,
                                "over the last %.0f %% of the run the loss %s by %.2g %% "
                                "of its fall",
                                100 * in->params[D2_PART], rise > 0 ? "rose" : "fell",
                                100 * fabs(out->value));
    }
    lrp_finding_span(out, blocks->at[begin], run->at[run->n - 1]);
    lrp_show_trend(&line, blocks, begin, in->evidence);
    in->evidence->onset = lrp_run_onset(run);
    bool failed = out->value > in->params[D2_FAIL];
    out->verdict = failed ? LRP_VERDICT_DIVERGED : LRP_VERDICT_OSCILLATING; /* as D3 */
    return lrp_finding_set(
        out, failed ? LRP_CHECK_FAIL : LRP_CHECK_WARN,
        "over the last %.0f %% of the run the loss rose by %.3g %% of its fall, from "
        "%.4g to %.4g; its best was %.4g at %s %.8g",
        100 * in->params[D2_PART], 100 * out->value, in->evidence->trend.loss_from,
        in->evidence->trend.loss_to, run->lowest, run->position, run->lowest_at);
}

const struct lrp_check lrp_check_D2 = {
    .id = "D2",
    .title = "rises at the end",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = 20,
    .verdict = LRP_VERDICT_DIVERGED,
    .family = LRP_FAMILY_DIVERGENCE,
    .method = "The Theil-Sen line through the block medians of the last part of the run: its slope "
              "is above zero with its whole 95 % interval, and the rise is a part of the fall and "
              "clear of the noise. Not judged where the rate rises.",
    .remedy = "Go back to the weights of the best step, and train on with a third of the learning "
              "rate; add gradient clipping.",
    .source = "dlib (P(increase) > 0.99); Google, Deep Learning Tuning Playbook",
    LRP_CHECK_PARAM_TABLE(d2_params),
    .run = d2_run,
};

/* ---- D3 ------------------------------------------------------------------------------------ */

enum { D3_BEST = 1 }; /* advice */
enum { D3_WARN, D3_FAIL, D3_NOISE };
static const struct lrp_check_param d3_params[] = {
    [D3_WARN] = {"share", 0.1, 0, 10, "of the fall",
                 "part of the fall that was lost again from which it warns",
                 "more careful than the 0.025 that is chosen without each source: few noisy points "
                 "of strangers' logs reach 0.06; see reports/calibration.md"},
    [D3_FAIL] = {"fail", 0.5, 0, 10, "of the fall", "part from which it fails", "design"},
    [D3_NOISE] = {"noise", 4, 0, 100, "block deviations",
                  "the rise must be more than this many deviations of the noise",
                  "the lowest of 100 noisy blocks lies 2.5 deviations low"},
};

static enum lrp_status d3_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_blocks *blocks = &run->blocks;
    if (blocks->n < LRP_BLOCKS_LEAST || !lrp_run_fell(run)) {
        return lrp_finding_skip(out, "%s",
                                blocks->n < LRP_BLOCKS_LEAST ? "too few loss points"
                                                             : "the loss never fell");
    }
    double fall = run->initial - run->lowest;
    double rise = run->final - run->lowest;
    double noise = lrp_run_block_noise(run);
    lrp_finding_measure(out, rise / fall, in->params[D3_WARN]);
    /* the last blocks are what final is made of: a low among them is no earlier best */
    bool early = run->lowest_at < blocks->at[blocks->n - 1 - blocks->n / 7];
    if (!(fall > 0) || !early || !(rise > in->params[D3_NOISE] * noise) ||
        !(out->value > in->params[D3_WARN])) {
        return lrp_finding_pass(out, "it ended within %.2g %% of its fall from its best",
                                fall > 0 && rise > 0 ? 100 * rise / fall : 0.0);
    }
    lrp_finding_span(out, run->lowest_at, run->at[run->n - 1]);
    in->evidence->onset = lrp_run_onset(run);
    bool failed = out->value > in->params[D3_FAIL];
    /* a part of the fall lost again is unsteadiness; a run that lost most of it has diverged */
    out->verdict = failed ? LRP_VERDICT_DIVERGED : LRP_VERDICT_OSCILLATING;
    lrp_finding_set(out, failed ? LRP_CHECK_FAIL : LRP_CHECK_WARN,
                    "after its best, %.4g at %s %.8g, the loss lost %.3g %% of its fall again and "
                    "ended at %.4g",
                    run->lowest, run->position, run->lowest_at, 100 * out->value, run->final);
    lrp_finding_advise(in, out, D3_BEST, LRP_NUMBERS{run->lowest_at});
    return LRP_OK;
}

const struct lrp_check lrp_check_D3 = {
    .id = "D3",
    .title = "ended above its best",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = LRP_BLOCKS_LEAST,
    .verdict = LRP_VERDICT_DIVERGED,
    .family = LRP_FAMILY_DIVERGENCE,
    .method = "Compares the final loss (median of the last tenth) with the lowest block median "
              "before, in units of the whole fall, so that neither scale nor offset of the loss "
              "matter. The rise must be clear of the noise of the blocks.",
    .remedy = "Use the weights of the best step; lower the learning rate towards the end.",
    .advice = {[D3_BEST] = "Use the weights of {position} {8}. Then lower the learning rate "
                           "towards the end (a cosine or linear decay), or throughout by 3."},
    .source = "trainproof (on raw values, 1.5 x the lowest: 17 % false alarms on step logs)",
    LRP_CHECK_PARAM_TABLE(d3_params),
    .run = d3_run,
};

/* ---- D4 ------------------------------------------------------------------------------------ */

enum { D4_SHIFT, D4_RISE, D4_NOISE };
static const struct lrp_check_param d4_params[] = {
    [D4_SHIFT] = {"shift", 0.08, 0.001, 100, "of the fall",
                  "step up between the medians of the 8 blocks before and after a point",
                  "leave-one-source-out, see reports/calibration.md"},
    [D4_RISE] = {"rise", 0.8, 0.05, 100, "of the fall", "rise from one block to any later one",
                 "leave-one-source-out, see reports/calibration.md"},
    [D4_NOISE] = {"noise", 6, 0, 100, "block deviations",
                  "both must be more than this many deviations of the noise",
                  "a CUSUM with h = 8, k = 0.5 alarms on two blocks of 4.5 deviations"},
};
enum { D4_WINDOW = 8 };
static const double D4_NOISE_LOST = 4; /* block deviations, as D3.noise */
static const double D4_LOST = 0.1; /* of the fall: a run that ends so near its low has recovered */

static double median_of_blocks(const struct lrp_blocks *blocks, size_t begin, size_t count)
{
    double values[D4_WINDOW];
    memcpy(values, blocks->loss + begin, count * sizeof *values);
    return lrp_median_in_place(values, count);
}

/* A stretch of blocks over which the loss rose. */
struct level_rise {
    size_t from, to; /* blocks */
    double low, high;
};

/* The largest step up that stays. */
static struct level_rise largest_shift(const struct lrp_run *run)
{
    const struct lrp_blocks *blocks = &run->blocks;
    struct level_rise best = {0, 0, 0, 0};
    for (size_t b = D4_WINDOW; b + D4_WINDOW <= blocks->n; b++) {
        double low = median_of_blocks(blocks, b - D4_WINDOW, D4_WINDOW);
        double high = median_of_blocks(blocks, b, D4_WINDOW);
        if (high - low > best.high - best.low &&
            !rate_rose(run, blocks->begin[b - D4_WINDOW], blocks->begin[b + D4_WINDOW - 1])) {
            best = (struct level_rise){b - 1, b, low, high};
        }
    }
    return best;
}

/* The largest rise from a block to a later one. */
static struct level_rise largest_rise(const struct lrp_run *run)
{
    const struct lrp_blocks *blocks = &run->blocks;
    struct level_rise best = {0, 0, 0, 0};
    size_t low = 0;
    for (size_t b = 1; b < blocks->n; b++) {
        if (blocks->loss[b] < blocks->loss[low]) {
            low = b;
        }
        if (blocks->loss[b] - blocks->loss[low] > best.high - best.low &&
            !rate_rose(run, blocks->begin[low], blocks->begin[b])) {
            best = (struct level_rise){low, b, blocks->loss[low], blocks->loss[b]};
        }
    }
    return best;
}

static enum lrp_status d4_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    const struct lrp_blocks *blocks = &run->blocks;
    double fall = run->initial - fmin(run->final, run->lowest);
    double noise = lrp_run_block_noise(run);
    if (blocks->n < 2 * D4_WINDOW || !lrp_run_fell(run)) {
        return lrp_finding_skip(out, "%s",
                                lrp_run_fell(run) ? "too few loss points" : "the loss never fell");
    }
    struct level_rise shift = largest_shift(run);
    struct level_rise rise = largest_rise(run);
    double share = (shift.high - shift.low) / fall;
    bool shifted = share > in->params[D4_SHIFT] && share * fall > in->params[D4_NOISE] * noise;
    double whole = (rise.high - rise.low) / fall;
    bool rose = whole > in->params[D4_RISE] && whole * fall > in->params[D4_NOISE] * noise;
    struct level_rise seen = shifted ? shift : rise;
    lrp_finding_measure(out, shifted || !rose ? share : whole,
                        shifted || !rose ? in->params[D4_SHIFT] : in->params[D4_RISE]);
    if (!shifted && !rose) {
        return lrp_finding_pass(
            out, "the largest step up was %.2g %% of the fall, the largest rise %.2g %%",
            100 * share, 100 * whole);
    }
    lrp_finding_span(out, blocks->at[seen.from], blocks->at[seen.to]);
    in->evidence->level_shift = run->at[blocks->begin[seen.to]];
    /* a step that was made good again is a wobble on the way; only a large one is an alarm, and in
     * the first tenth of the run it is for S4 to judge */
    double lost = (run->final - seen.low) / fall;
    bool recovered = lost <= D4_LOST || lost * fall <= D4_NOISE_LOST * noise;
    bool at_start = 10 * seen.to <= blocks->n;
    /* the whole fall undone by more than one point, and not made good */
    bool undone = rose && lrp_run_highest_lasting(run) - rise.low > fall;
    bool failed = undone && !recovered;
    out->verdict = failed      ? LRP_VERDICT_DIVERGED
                   : recovered ? LRP_VERDICT_SPIKES
                               : LRP_VERDICT_OSCILLATING;
    enum lrp_check_status status = failed ? LRP_CHECK_FAIL : LRP_CHECK_WARN;
    return lrp_finding_set(out, recovered && (!rose || at_start) ? LRP_CHECK_INFO : status,
                           "%s %s %.8g the loss %s from %.4g to %.4g, %.3g %% of its whole fall%s",
                           shifted ? "at" : "until", run->position, in->evidence->level_shift,
                           shifted ? "stepped up" : "rose", seen.low, seen.high, 100 * out->value,
                           recovered ? "; it came back" : "");
}

const struct lrp_check lrp_check_D4 = {
    .id = "D4",
    .title = "the level of the loss stepped up",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = 2 * D4_WINDOW,
    .verdict = LRP_VERDICT_DIVERGED,
    .family = LRP_FAMILY_DIVERGENCE,
    .method = "The largest step up between the medians of eight blocks before and after a point, "
              "and the largest rise from a block to a later one, in units of the whole fall and of "
              "the noise. A rise that goes with a rise of the learning rate does not count.",
    .remedy = "Look at what changed at that step: data, learning rate, precision, a resumed run. "
              "If nothing did, divide the learning rate by 3, lengthen the warmup, and clip the "
              "gradient norm.",
    .source = "stas00, ml-engineering, training-loss-patterns (resumed runs); thresholds ours",
    LRP_CHECK_PARAM_TABLE(d4_params),
    .run = d4_run,
};
