/* SPDX-License-Identifier: MIT */
/* Spikes: how many, and how the run comes back from them. */
#include "alloc.h"
#include "checks_table.h"
#include "outliers.h"
#include "robust.h"

#include <math.h>
#include <stdlib.h>

enum {
    SPIKES_MOST = 4096,
    LONG_RUN = 3000,
    LONG_WINDOW = 1000,
    WINDOW = 128,
    APART = 3,
    RATE_BEFORE = 50
};

/* A blip of less than this, on the analysis scale, is no spike, however calm the run is. */
static const double smallest_deviation = 0.003;

struct spike {
    size_t index;  /* its highest point */
    double height; /* deviations */
    double before; /* rolling median and deviation of the level just before it */
    double deviation;
    size_t width;    /* points of it that stand out */
    size_t recovery; /* points until the level is back within 2 deviations, n where it never is */
};
struct spikes {
    struct spike *list; /* heap memory; the first SPIKES_MOST */
    size_t count;
    size_t kept;      /* of them in the list */
    size_t looked_at; /* points that had a window before them */
    size_t window;
};

/* On merged rows the extremes are what is left of a spike. */
static double high_level(const struct lrp_run *run, size_t i)
{
    const struct lrp_metric_series *loss = &run->metric[LRP_METRIC_LOSS];
    double high = loss->high[i];
    return run->log_level ? log(high) : high / run->level_unit;
}

/* Index from which on the next five points lie, by their majority, within limit; n if never. */
static size_t recovered_at(const double *level, size_t n, size_t from, double limit)
{
    for (size_t i = from; i < n; i++) {
        size_t below = 0;
        size_t end = i + 5 < n ? i + 5 : n;
        for (size_t k = i; k < end; k++) {
            below += level[k] <= limit ? 1 : 0;
        }
        if (2 * below > end - i) {
            return i;
        }
    }
    return n;
}

/* Whether the rate went up by more than half over the window before: a jump of the loss is then the
 * schedule's. */
static bool rate_rose(const struct lrp_run *run, size_t index, size_t window)
{
    size_t begin = index > window ? index - window : 0;
    for (size_t i = begin; i < index; i++) {
        if (run->rate[index] > 1.5 * run->rate[i]) {
            return true;
        }
    }
    return false;
}

/* Whether the values that share a position (a step that counts epochs) are means since it began:
 * from value to value the first ones change much more than those after the twentieth. */
static bool means_start_anew(const struct lrp_run *run)
{
    enum { SAMPLE = 200, LEAST = 10 };
    double early[SAMPLE];
    double late[SAMPLE];
    size_t n_early = 0;
    size_t n_late = 0;
    size_t since = 0;
    for (size_t i = 1; i < run->n; i++) {
        since = run->at[i] == run->at[i - 1] ? since + 1 : 0;
        double change = fabs(run->level[i] - run->level[i - 1]);
        if (since >= 1 && since <= 5 && n_early < SAMPLE) {
            early[n_early++] = change;
        } else if (since >= 20 && n_late < SAMPLE) {
            late[n_late++] = change;
        }
    }
    return n_early >= LEAST && n_late >= LEAST &&
           lrp_median_in_place(early, n_early) > 4 * lrp_median_in_place(late, n_late);
}

/* Whether fewer than twenty values before it share its position. */
static bool is_young_mean(const struct lrp_run *run, size_t i)
{
    return i < 20 || run->at[i - 20] != run->at[i];
}

/* Groups of neighbours that stand out. */
static void group(const struct lrp_run *run, const double *level, const struct lrp_outlier *points,
                  size_t n_points, struct spikes *out)
{
    size_t last_high = 0;
    bool anew = n_points > 0 && means_start_anew(run);
    for (size_t p = 0; p < n_points; p++) {
        size_t i = points[p].index;
        if (rate_rose(run, i, out->window) || (anew && is_young_mean(run, i))) {
            continue;
        }
        struct spike *before =
            out->count > 0 && out->count <= SPIKES_MOST ? &out->list[out->count - 1] : NULL;
        bool same = out->count > 0 && i - last_high <= APART;
        last_high = i;
        if (same) {
            if (before != NULL) {
                before->width++;
            }
            if (before != NULL && level[i] > level[before->index]) {
                before->index = i;
                before->height = (level[i] - before->before) / before->deviation;
            }
            continue;
        }
        if (out->count < SPIKES_MOST) {
            double height = (level[i] - points[p].median) / points[p].deviation;
            out->list[out->count] =
                (struct spike){i, height, points[p].median, points[p].deviation, 1, run->n};
        }
        out->count++;
    }
}

/* How many points it takes until the level is back, for each spike that is kept. */
static void measure_recoveries(const struct lrp_run *run, const double *level,
                               struct spikes *spikes)
{
    for (size_t s = 0; s < spikes->kept; s++) {
        struct spike *spike = &spikes->list[s];
        double limit = spike->before + 2 * spike->deviation;
        size_t back = recovered_at(level, run->n, spike->index + 1, limit);
        spike->recovery = back < run->n ? back - spike->index : run->n;
    }
}

/* All spikes of the run. The caller frees out->list, also after a failure. */
static enum lrp_status find_spikes(const struct lrp_check_input *in, double limit,
                                   struct spikes *out)
{
    const struct lrp_run *run = in->run;
    double *level = lrp_calloc_array(run->n, sizeof *level);
    struct lrp_outlier *points = NULL;
    size_t n_points = 0;
    size_t window = run->n >= LONG_RUN ? LONG_WINDOW : WINDOW;
    size_t first = window / 8; /* so many points must have come before */
    *out = (struct spikes){.list = lrp_calloc_array(SPIKES_MOST, sizeof *out->list),
                           .looked_at = run->n > first ? run->n - first : 0,
                           .window = window};
    if (level == NULL || out->list == NULL) {
        free(level);
        return lrp_fail_memory(in->err, run->n * sizeof *level);
    }
    for (size_t i = 0; i < run->n; i++) {
        level[i] = high_level(run, i);
    }
    enum lrp_status status = lrp_rolling_outliers(level, run->n, window, first, limit,
                                                  smallest_deviation, &points, &n_points, in->err);
    if (status == LRP_OK) {
        group(run, level, points, n_points, out);
        out->kept = out->count < SPIKES_MOST ? out->count : (size_t)SPIKES_MOST;
        measure_recoveries(run, level, out);
    }
    free(level);
    free(points);
    return status;
}

static void show(const struct lrp_run *run, const struct spikes *spikes,
                 struct lrp_diagnosis_evidence *evidence)
{
    size_t count =
        spikes->count < LRP_EVIDENCE_SPIKES ? spikes->count : (size_t)LRP_EVIDENCE_SPIKES;
    evidence->n_spikes = count;
    for (size_t s = 0; s < count; s++) {
        evidence->spike_at[s] = run->at[spikes->list[s].index];
        evidence->spike_loss[s] = run->metric[LRP_METRIC_LOSS].high[spikes->list[s].index];
    }
}

/* ---- K1 ------------------------------------------------------------------------------------ */

enum { K1_HEIGHT, K1_WARN, K1_FAIL, K1_LEAST, K1_SHORT, K1_HUGE, K1_SINGLE, K1_LASTING };
static const struct lrp_check_param k1_params[] = {
    [K1_HEIGHT] = {"height", 7, 3, 100, "deviations",
                   "height of a spike of the logarithm of the loss over what came before it",
                   "OLMo 2: 7 deviations over 1000 steps"},
    [K1_WARN] = {"rate", 2, 0, 1000, "per 1000 points", "rate from which it warns",
                 "a healthy GPT-2 run has 1.7; DeepOBS: 4 % of the good runs more than 1"},
    [K1_FAIL] = {"fail", 10, 0, 1000, "per 1000 points", "rate from which it fails", "design"},
    [K1_LEAST] = {"least", 3, 1, 1000, "spikes", "fewer are no rate", "design"},
    [K1_SHORT] = {"short", 30, 0, 1000, "per 1000 points",
                  "rate from which it warns in logs of less than 500 points", "design"},
    [K1_HUGE] = {"huge", 20, 2, 1e9, "x", "a single spike so many times what came before warns",
                 "design"},
    [K1_SINGLE] =
        {"single", 0.12, 0, 10, "of the fall",
         "rise of a single point that counts, where it doubles the loss as well",
         "batches of a good VGG-16 run reach 0.11; not fitted on DeepOBS or the families"},
    [K1_LASTING] = {"lasting", 0.5, 0, 10, "of the fall",
                    "a single spike that undid so much of it over 5 points warns", "design"},
};
enum { LASTING = 3, COLLAPSE = 5 }; /* points until it is back, points that stay up */

static double rise_of(const struct lrp_run *run, const struct spike *spike)
{
    double before = run->log_level ? exp(spike->before) : spike->before * run->level_unit;
    return run->metric[LRP_METRIC_LOSS].high[spike->index] - before;
}

/* Losses of single batches have a tail on one side: one point that is back at the next says nothing
 * of the weights unless it is large by the whole curve. What stands out for several points does. */
static bool counts(const struct lrp_check_input *in, const struct spike *spike)
{
    const struct lrp_run *run = in->run;
    double fall = run->initial - fmin(run->final, run->lowest);
    double rise = rise_of(run, spike);
    bool doubles = !run->log_level || spike->height * spike->deviation > log(2);
    bool lasts = spike->width >= 2 || (spike->recovery >= LASTING && spike->recovery < run->n);
    return rise > (lasts ? 0.2 : 1) * in->params[K1_SINGLE] * fall && (lasts || doubles);
}

/* Leaves those that count in the list; returns how many of all spikes that makes. */
static size_t leave_what_counts(const struct lrp_check_input *in, struct spikes *spikes)
{
    size_t kept = 0;
    for (size_t s = 0; s < spikes->kept; s++) {
        if (counts(in, &spikes->list[s])) {
            spikes->list[kept] = spikes->list[s];
            kept++;
        }
    }
    double share = (double)kept / (double)spikes->kept;
    spikes->kept = kept;
    return (size_t)round(share * (double)spikes->count);
}

/* Whether the five points from the highest one on keep a third of its rise. */
static bool stays_up(const struct lrp_run *run, const struct spike *spike)
{
    size_t end = spike->index + COLLAPSE;
    double rise = rise_of(run, spike);
    double limit = run->metric[LRP_METRIC_LOSS].high[spike->index] - 2.0 / 3 * rise;
    for (size_t i = spike->index; i < end && end <= run->n; i++) {
        if (!(run->loss[i] > limit)) {
            return false;
        }
    }
    return end <= run->n;
}

/* Whether one spike alone is an alarm: many times what came before it, or a collapse, from which
 * the run had to learn again. */
static bool is_grave(const struct lrp_check_input *in, const struct spike *spike)
{
    const struct lrp_run *run = in->run;
    double fall = run->initial - fmin(run->final, run->lowest);
    double rise = rise_of(run, spike);
    /* near a loss of zero many times nothing is still nothing */
    bool huge = run->log_level && spike->height * spike->deviation > log(in->params[K1_HUGE]) &&
                rise > run->initial - run->final;
    bool collapse = stays_up(run, spike) && rise > in->params[K1_LASTING] * fall;
    return huge || collapse;
}

static enum lrp_status k1_judge(const struct lrp_check_input *in, struct spikes *spikes,
                                struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    if (spikes->count == 0) {
        lrp_finding_measure(out, 0, in->params[K1_WARN]);
        return lrp_finding_pass(out, "no point stands more than %g deviations out",
                                in->params[K1_HEIGHT]);
    }
    size_t all = spikes->count;
    struct spike highest = spikes->list[0];
    bool grave = false;
    for (size_t s = 0; s < spikes->kept; s++) {
        highest = spikes->list[s].height > highest.height ? spikes->list[s] : highest;
        grave = grave || is_grave(in, &spikes->list[s]);
    }
    double loss = run->metric[LRP_METRIC_LOSS].high[highest.index];
    lrp_finding_span(out, run->at[spikes->list[0].index],
                     run->at[spikes->list[spikes->kept - 1].index]);
    spikes->count = leave_what_counts(in, spikes);
    double rate = 1000 * (double)spikes->count / (double)spikes->looked_at;
    lrp_finding_measure(out, rate, in->params[K1_WARN]);
    if (spikes->count == 0) {
        return lrp_finding_set(out, LRP_CHECK_INFO,
                               "%zu point%s out, most of all %.4g at %s %.8g by %.3g deviations, "
                               "each back at the next: single batches",
                               all, all == 1 ? " stands" : "s stand", loss, run->position,
                               run->at[highest.index], highest.height);
    }
    show(run, spikes, in->evidence);
    enum lrp_check_status status = grave ? LRP_CHECK_WARN : LRP_CHECK_INFO;
    bool brief = run->n < 500;
    if ((double)spikes->count >= in->params[K1_LEAST] &&
        rate > in->params[brief ? K1_SHORT : K1_WARN]) {
        status = rate > in->params[K1_FAIL] && !brief ? LRP_CHECK_FAIL : LRP_CHECK_WARN;
    }
    return lrp_finding_set(out, status,
                           "%zu spike%s, %.3g per 1000 points; what stands out most is %.4g at %s "
                           "%.8g, by %.3g deviations",
                           spikes->count, spikes->count == 1 ? "" : "s", rate, loss, run->position,
                           run->at[highest.index], highest.height);
}

static enum lrp_status k1_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    struct spikes spikes;
    enum lrp_status status = find_spikes(in, in->params[K1_HEIGHT], &spikes);
    status = status == LRP_OK ? k1_judge(in, &spikes, out) : status;
    free(spikes.list);
    return status;
}

const struct lrp_check lrp_check_K1 = {
    .id = "K1",
    .title = "loss spikes",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = 40,
    .verdict = LRP_VERDICT_SPIKES,
    .family = LRP_FAMILY_OSCILLATION,
    .method = "Points of the logarithm of the loss that stand more than seven robust deviations "
              "above the rolling median of the points before them (1000 points, 128 in short "
              "runs); neighbours count once. A single point counts where it doubles the loss and "
              "rises by 12 % of the fall, one of several points from 2.4 % on. The rate decides: "
              "single spikes occur in a quarter of good runs and are only told, unless one is many "
              "times what came before or undid half of the fall.",
    .remedy = "Clip the gradient norm at its 90th percentile. Look at the batches at the spikes, "
              "and skip them. With Adam, lower beta2 to 0.95. Lengthen the warmup, or lower the "
              "learning rate by 2.",
    .source = "OLMo (SpikeScore), PaLM (skip the batches); the logarithm is ours",
    LRP_CHECK_PARAM_TABLE(k1_params),
    .run = k1_run,
};

/* ---- K2 ------------------------------------------------------------------------------------ */

enum { K2_BEFORE = 1 }; /* advice */
enum { K2_FAST, K2_SHARE };
static const struct lrp_check_param k2_params[] = {
    [K2_FAST] = {"fast", 200, 1, 1e9, "points", "within these a recovery is fast",
                 "BLOOM recovered in 200 steps"},
    [K2_SHARE] = {"share", 0.02, 0, 1, "of the run", "within this part of the run as well",
                  "design"},
};

/* How many points the nearest maximum of the gradient norm lies before the spike, NaN where the
 * norm was not logged there. Looks 20 points back. */
static double gradient_lead(const struct lrp_run *run, size_t index)
{
    const struct lrp_metric_series *norm = &run->metric[LRP_METRIC_GRAD_NORM];
    size_t begin = 0;
    while (begin < norm->n && norm->at[begin] < run->at[index > 20 ? index - 20 : 0]) {
        begin++;
    }
    double best = (double)NAN;
    double highest = -HUGE_VAL;
    for (size_t i = begin; i < norm->n && norm->at[i] <= run->at[index]; i++) {
        if (norm->value[i] > highest) {
            highest = norm->value[i];
            best = run->at[index] - norm->at[i];
        }
    }
    return best;
}

static enum lrp_status k2_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_run *run = in->run;
    struct spikes spikes;
    struct spike slowest = {0, 0, 0, 0, 0, 0};
    enum lrp_status status = find_spikes(in, k1_params[K1_HEIGHT].value, &spikes);
    for (size_t s = 0; s < spikes.kept; s++) {
        slowest = spikes.list[s].recovery > slowest.recovery ? spikes.list[s] : slowest;
    }
    free(spikes.list);
    LRP_TRY(status);
    if (spikes.count == 0) {
        return lrp_finding_pass(out, "there is no spike");
    }
    double allowed = fmax(in->params[K2_FAST], in->params[K2_SHARE] * (double)run->n);
    bool never = slowest.recovery == run->n;
    bool seen_off = !never || (double)(run->n - slowest.index) > allowed;
    lrp_finding_measure(out, (double)(never ? run->n - slowest.index : slowest.recovery), allowed);
    out->first_step = run->at[slowest.index];
    if (!(out->value > allowed) || !seen_off) {
        return lrp_finding_set(out, LRP_CHECK_INFO,
                               "after each spike the loss was back within %.0f points", out->value);
    }
    double lead = gradient_lead(run, slowest.index);
    out->last_step = never ? run->at[run->n - 1] : run->at[slowest.index + slowest.recovery];
    lrp_finding_set(out, LRP_CHECK_WARN, "the spike at %s %.8g %s%s", run->position,
                    out->first_step,
                    never ? "was never made good again" : "took long to be made good again",
                    lead > 0 ? "; the gradient norm peaked before it" : "");
    lrp_finding_advise(in, out, K2_BEFORE, LRP_NUMBERS{out->first_step});
    return LRP_OK;
}

const struct lrp_check lrp_check_K2 = {
    .id = "K2",
    .title = "a spike that does not recover",
    .needs = "loss",
    .metrics = LRP_NEEDS(LOSS),
    .least = 500,
    .verdict = LRP_VERDICT_SPIKES,
    .family = LRP_FAMILY_OSCILLATION,
    .method = "For each spike of K1: the points until the majority of five neighbours is back "
              "within two deviations of the rolling median before it.",
    .remedy = "Go back to the weights before the spike, skip the batches around it, clip the "
              "gradient norm.",
    .advice = {[K2_BEFORE] =
                   "Go back to the weights before {position} {8}, skip the batches around it, clip "
                   "the gradient norm, and lower the learning rate by 2 to 3 from there."},
    .source = "stas00, ml-engineering (fast, slow, not fully recovering); PaLM; BLOOM",
    LRP_CHECK_PARAM_TABLE(k2_params),
    .run = k2_run,
};
