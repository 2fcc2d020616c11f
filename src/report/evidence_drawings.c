/* SPDX-License-Identifier: MIT */
/* One figure for each family of findings: what was found, drawn into the stretch of the run where
 * it was found. */
#include "run_drawings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Periods of a swing that can still be told apart; points on both sides of a spike; points of a
 * fitted curve; buckets of a stretch of many points, and points that one of them has at least. */
enum {
    PERIODS_SHOWN = 16,
    SPIKE_POINTS = 60,
    FIT_POINTS = 200,
    BUCKETS = 120,
    BUCKET_LEAST = 10,
    NOISE_POINTS = 100,
    LAST_POINTS = 100
};

/* Index of the first of n rising positions that is not below from. */
static size_t index_from(const double *at, size_t n, double from)
{
    size_t index = 0;
    while (index < n && at[index] < from) {
        index++;
    }
    return index;
}

/* Indices [begin, end) of the loss points whose positions lie in from .. to. */
static void points_within(const struct lrp_run *run, double from, double to, size_t *begin,
                          size_t *end)
{
    *begin = index_from(run->at, run->n, from);
    *end = run->n;
    while (*end > *begin && run->at[*end - 1] > to) {
        (*end)--;
    }
}

/* The vertical axis for values from low to high. */
static void axis_for(const struct lrp_run *run, double low, double high,
                     struct lrp_drawing *drawing)
{
    lrp_drawing_y(drawing, run->loss_name, run->log_level && low > 0 && high > 10 * low);
    drawing->figure.y_low = low;
    drawing->figure.y_high = high;
}

/* The loss points of a stretch as they are. */
static void points_of(const struct lrp_run *run, size_t begin, size_t end,
                      struct lrp_drawing *drawing)
{
    struct lrp_metric_series part = run->metric[LRP_METRIC_LOSS];
    double low = HUGE_VAL;
    double high = -HUGE_VAL;
    part.at += begin;
    part.value += begin;
    part.low += begin;
    part.high += begin;
    part.n = part.n_finite = end - begin;
    for (size_t i = 0; i < part.n; i++) {
        low = fmin(low, part.low[i]);
        high = fmax(high, part.high[i]);
    }
    axis_for(run, low, high, drawing);
    lrp_draw_series(&part, run->loss_name, LRP_CURVE_MAIN, drawing);
}

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return a < b ? -1 : a > b ? 1 : 0;
}

/* Many points are a solid ground on which nothing can be seen: of each bucket of neighbours the
 * median, and as a band what lies between its tenths. */
static void buckets_of(const struct lrp_run *run, size_t begin, size_t end,
                       struct lrp_drawing *drawing)
{
    size_t per_bucket = (end - begin) / BUCKETS;
    double *x = lrp_drawing_array(drawing, 4 * BUCKETS + per_bucket);
    if (x == NULL) {
        return;
    }
    double *y = x + BUCKETS;
    double *low = y + BUCKETS;
    double *high = low + BUCKETS;
    double *sorted = high + BUCKETS;
    double lowest = HUGE_VAL;
    double highest = -HUGE_VAL;
    for (size_t b = 0; b < BUCKETS; b++) {
        size_t first = begin + b * per_bucket;
        memcpy(sorted, run->loss + first, per_bucket * sizeof *sorted);
        qsort(sorted, per_bucket, sizeof *sorted, ascending);
        x[b] = run->at[first + per_bucket / 2];
        y[b] = sorted[per_bucket / 2];
        low[b] = sorted[per_bucket / 10];
        high[b] = sorted[per_bucket - 1 - per_bucket / 10];
        lowest = fmin(lowest, low[b]);
        highest = fmax(highest, high[b]);
    }
    axis_for(run, lowest, highest, drawing);
    lrp_drawing_band(drawing, "10 to 90 %", x, low, high, BUCKETS, LRP_CURVE_FAINT);
    lrp_drawing_curve(drawing, run->loss_name, x, y, BUCKETS, LRP_CURVE_MAIN);
}

/* The loss over a stretch. */
static void loss_within(const struct lrp_run *run, size_t begin, size_t end,
                        struct lrp_drawing *drawing)
{
    if ((end - begin) / BUCKETS >= BUCKET_LEAST) {
        buckets_of(run, begin, end, drawing);
    } else {
        points_of(run, begin, end, drawing);
    }
}

/* ---- divergence ---------------------------------------------------------------------------- */

struct rise {
    double half; /* how long it takes from its beginning to half of its height */
    double height;
};

/* How the values rise from `from` on; half is NaN where they do not. */
static struct rise rise_of(const double *at, const double *values, size_t n, double from)
{
    struct rise rise = {(double)NAN, 0};
    size_t begin = index_from(at, n, from);
    for (size_t i = begin; i < n; i++) {
        rise.height = fmax(rise.height, values[i] - values[begin]);
    }
    for (size_t i = begin + 1; i < n && rise.height > 0 && !isfinite(rise.half); i++) {
        rise.half = values[i] - values[begin] >= 0.5 * rise.height ? at[i] - from : rise.half;
    }
    return rise;
}

/* Noise of the single points after a position: of their differences, so that no trend counts. */
static double noise_after(const struct lrp_run *run, double from)
{
    double steps[NOISE_POINTS];
    size_t n = 0;
    for (size_t i = index_from(run->at, run->n, from); i + 1 < run->n && n < NOISE_POINTS; i++) {
        steps[n] = fabs(run->level[i + 1] - run->level[i]);
        n++;
    }
    qsort(steps, n, sizeof *steps, ascending);
    return n > 0 ? 1.05 * steps[n / 2] : 0; /* median to deviation, and that of a difference */
}

/* The stretch that shows an event. One that is too fast for block medians and stands out of the
 * noise: its rise in the middle third. Else: from the best loss to the end. */
static void stretch_around(const struct lrp_run *run, double event, size_t *begin, size_t *end)
{
    double last = run->at[run->n - 1];
    double whole = last - run->at[0];
    double block = run->blocks.n > 0 ? whole / (double)run->blocks.n : whole;
    struct rise slow = rise_of(run->blocks.at, run->blocks.level, run->blocks.n, event);
    struct rise fast = rise_of(run->at, run->level, run->n, event);
    bool sudden = !(slow.half > 3 * block) && slow.height > 6 * noise_after(run, event);
    if (sudden && isfinite(fast.half)) {
        double width = fmax(3 * fast.half, 40 * whole / (double)run->n);
        points_within(run, event - width, event + 2 * width, begin, end);
    } else {
        points_within(run, fmin(run->lowest_at, event) - 0.02 * whole, last, begin, end);
    }
    if (*end - *begin < 8) {
        *begin = 0;
        *end = run->n;
    }
}

static void mark_divergence(const struct lrp_diagnosis *diagnosis, size_t begin, size_t end,
                            struct lrp_drawing *drawing)
{
    const struct lrp_run *run = diagnosis->run;
    const struct lrp_diagnosis_evidence *evidence = &diagnosis->evidence;
    const struct lrp_metric_series *loss = &run->metric[LRP_METRIC_LOSS];
    double low = drawing->figure.y_low;
    double high = drawing->figure.y_high;
    /* a far first loss would press the curve flat; then it is the best one to compare with */
    if (drawing->figure.log_y ||
        (run->initial > low - (high - low) && run->initial < high + (high - low))) {
        lrp_drawing_level(drawing, "first loss", run->at[begin], run->at[end - 1], run->initial);
        drawing->figure.y_low = fmin(low, run->initial);
        drawing->figure.y_high = fmax(high, run->initial);
    } else {
        lrp_drawing_level(drawing, "best loss", run->at[begin], run->at[end - 1], run->lowest);
    }
    lrp_drawing_interval(drawing, "rise begins", evidence->onset, evidence->onset, run->at[end - 1],
                         LRP_MARK_MAX);
    lrp_drawing_mark(drawing, "level shift", evidence->level_shift, LRP_MARK_MAX);
    if (loss->first_bad < loss->n) {
        lrp_drawing_mark(drawing, "no number", loss->at[loss->first_bad], LRP_MARK_MAX);
    }
}

void lrp_draw_divergence(const struct lrp_diagnosis_report *report, struct lrp_drawing *drawing)
{
    const struct lrp_run *run = report->diagnosis->run;
    const struct lrp_diagnosis_evidence *evidence = &report->diagnosis->evidence;
    if (run->n > 0) {
        size_t begin = 0;
        size_t end = run->n;
        double event = isfinite(evidence->onset) ? evidence->onset : evidence->level_shift;
        if (isfinite(event)) {
            stretch_around(run, event, &begin, &end);
        } else if (run->n < run->metric[LRP_METRIC_LOSS].n && run->n / 20 > LAST_POINTS) {
            begin = run->n - run->n / 20; /* what came before the first that is no number */
        }
        loss_within(run, begin, end, drawing);
        mark_divergence(report->diagnosis, begin, end, drawing);
    }
}

/* ---- oscillation --------------------------------------------------------------------------- */

/* The straight line through the points of a stretch, which is short against the run. */
static void line_through(const struct lrp_run *run, size_t begin, size_t end, double *slope,
                         double *middle, double *middle_at)
{
    double n = (double)(end - begin);
    double at = 0;
    double loss = 0;
    double xx = 0;
    double xy = 0;
    for (size_t i = begin; i < end; i++) {
        at += run->at[i] / n;
        loss += run->loss[i] / n;
    }
    for (size_t i = begin; i < end; i++) {
        xx += (run->at[i] - at) * (run->at[i] - at);
        xy += (run->at[i] - at) * (run->loss[i] - loss);
    }
    *slope = xx > 0 ? xy / xx : 0;
    *middle = loss;
    *middle_at = at;
}

static void draw_swing(const struct lrp_run *run, const struct lrp_diagnosis_evidence *evidence,
                       size_t begin, size_t end, struct lrp_drawing *drawing)
{
    double *x = lrp_drawing_array(drawing, 8);
    double amplitude = evidence->oscillation.amplitude;
    double slope = 0;
    double middle = 0;
    double middle_at = 0;
    if (x == NULL || end <= begin) {
        return;
    }
    double *trend = x + 2;
    double *low = x + 4;
    double *high = x + 6;
    line_through(run, begin, end, &slope, &middle, &middle_at);
    for (size_t i = 0; i < 2; i++) {
        x[i] = run->at[i == 0 ? begin : end - 1];
        trend[i] = middle + slope * (x[i] - middle_at);
        low[i] = trend[i] - amplitude;
        high[i] = trend[i] + amplitude;
    }
    if (amplitude > 0) {
        lrp_drawing_band(drawing, "amplitude", x, low, high, 2, LRP_CURVE_FIT);
    }
    points_of(run, begin, end, drawing);
    lrp_drawing_curve(drawing, "trend", x, trend, 2, LRP_CURVE_FIT);
}

static size_t highest_spike(const struct lrp_diagnosis_evidence *evidence)
{
    size_t highest = 0;
    for (size_t s = 1; s < evidence->n_spikes; s++) {
        highest = evidence->spike_loss[s] > evidence->spike_loss[highest] ? s : highest;
    }
    return highest;
}

static void draw_spike(const struct lrp_run *run, const struct lrp_diagnosis_evidence *evidence,
                       struct lrp_drawing *drawing)
{
    size_t middle = index_from(run->at, run->n, evidence->spike_at[highest_spike(evidence)]);
    size_t begin = middle > SPIKE_POINTS ? middle - SPIKE_POINTS : 0;
    size_t end = middle + 2 * SPIKE_POINTS < run->n ? middle + 2 * SPIKE_POINTS : run->n;
    points_of(run, begin, end, drawing);
    size_t first = index_from(evidence->spike_at, evidence->n_spikes, run->at[begin]);
    size_t last = first;
    while (last < evidence->n_spikes && evidence->spike_at[last] <= run->at[end - 1]) {
        last++;
    }
    lrp_drawing_curve(drawing, "spikes", evidence->spike_at + first, evidence->spike_loss + first,
                      last - first, LRP_CURVE_POINTS);
}

/* Where the first alarm of this kind was seen. */
static void draw_noise(const struct lrp_diagnosis *diagnosis, struct lrp_drawing *drawing)
{
    const struct lrp_run *run = diagnosis->run;
    size_t begin = 0;
    size_t end = run->n;
    for (size_t i = 0; i < diagnosis->n_findings; i++) {
        const struct lrp_finding *finding = &diagnosis->findings[i];
        if (lrp_finding_is_alarm(finding) && finding->verdict == LRP_VERDICT_OSCILLATING &&
            isfinite(finding->first_step)) {
            begin = index_from(run->at, run->n, finding->first_step);
            break;
        }
    }
    loss_within(run, begin, end, drawing);
    lrp_drawing_mark(drawing, "level shift", diagnosis->evidence.level_shift, LRP_MARK_MAX);
    if (end > begin) {
        lrp_drawing_level(drawing, "final loss", run->at[begin], run->at[end - 1], run->final);
    }
}

void lrp_draw_oscillation(const struct lrp_diagnosis_report *report, struct lrp_drawing *drawing)
{
    const struct lrp_run *run = report->diagnosis->run;
    const struct lrp_diagnosis_evidence *evidence = &report->diagnosis->evidence;
    double period = evidence->oscillation.period;
    if (run->n > 0 && isfinite(period)) {
        size_t begin = 0;
        size_t end = 0;
        double from =
            fmax(evidence->oscillation.from, evidence->oscillation.to - PERIODS_SHOWN * period);
        points_within(run, from, evidence->oscillation.to, &begin, &end);
        draw_swing(run, evidence, begin, end, drawing);
    } else if (run->n > 0 && evidence->n_spikes > 0) {
        draw_spike(run, evidence, drawing);
    } else if (run->n > 0) {
        draw_noise(report->diagnosis, drawing);
    }
}

/* ---- progress ------------------------------------------------------------------------------ */

static void draw_power(const struct lrp_run *run, const struct lrp_diagnosis_evidence *evidence,
                       struct lrp_drawing *drawing)
{
    double from = evidence->power.from;
    double end = run->at[run->n - 1];
    double twice = 2 * end - run->at[0];
    double *x = lrp_drawing_array(drawing, 5 * FIT_POINTS);
    if (x == NULL) {
        return;
    }
    double *y = x + FIT_POINTS;
    double *ahead = y + FIT_POINTS;
    double *low = ahead + FIT_POINTS;
    double *high = low + FIT_POINTS;
    double now = lrp_evidence_decay(evidence, end);
    double fall = now - evidence->power.at_twice;
    for (size_t i = 0; i < FIT_POINTS; i++) {
        double share = (double)i / (FIT_POINTS - 1);
        x[i] = from + share * (twice - from);
        y[i] = lrp_evidence_decay(evidence, x[i]);
        /* the interval is known at twice the length, and opens as the fit itself falls */
        ahead[i] = end + share * (twice - end);
        double here = lrp_evidence_decay(evidence, ahead[i]);
        double gone = fall > 0 ? (now - here) / fall : share;
        low[i] = here - gone * (evidence->power.at_twice - evidence->power.low);
        high[i] = here + gone * (evidence->power.high - evidence->power.at_twice);
    }
    if (isfinite(evidence->power.low) && isfinite(evidence->power.high)) {
        lrp_drawing_band(drawing, NULL, ahead, low, high, FIT_POINTS, LRP_CURVE_FIT);
    }
    lrp_drawing_curve(drawing, "power law and its interval", x, y, FIT_POINTS, LRP_CURVE_FIT);
    lrp_drawing_mark(drawing, "end of the run", end, LRP_MARK_NOTE);
}

static void draw_trend(const struct lrp_diagnosis_evidence *evidence, struct lrp_drawing *drawing)
{
    double *x = lrp_drawing_array(drawing, 8);
    if (x == NULL) {
        return;
    }
    double *y = x + 2;
    double *low = x + 4;
    double *high = x + 6;
    x[0] = evidence->trend.from;
    x[1] = evidence->trend.to;
    y[0] = low[0] = high[0] = evidence->trend.loss_from;
    y[1] = evidence->trend.loss_to;
    low[1] = evidence->trend.low_to;
    high[1] = evidence->trend.high_to;
    lrp_drawing_band(drawing, NULL, x, low, high, 2, LRP_CURVE_SECOND);
    lrp_drawing_curve(drawing, "trend and its interval", x, y, 2, LRP_CURVE_SECOND);
}

/* The first fall, drawn elsewhere, would press flat what this figure is about. */
static void leave_out_first_fall(const struct lrp_run *run,
                                 const struct lrp_diagnosis_evidence *evidence,
                                 struct lrp_drawing *drawing)
{
    const struct lrp_blocks *blocks = &run->blocks;
    size_t first = blocks->n / 20;
    double low = run->lowest;
    double high = -HUGE_VAL;
    for (size_t b = first > 0 ? first : 1; b < blocks->n; b++) {
        high = fmax(high, blocks->loss[b]);
    }
    if (isfinite(evidence->power.b)) {
        low = fmin(low, fmin(evidence->power.at_twice, evidence->power.low));
    }
    if (!drawing->figure.log_y && high > low && run->initial > high) {
        drawing->figure.y_low = low;
        drawing->figure.y_high = high;
    }
}

void lrp_draw_progress(const struct lrp_diagnosis_report *report, struct lrp_drawing *drawing)
{
    const struct lrp_run *run = report->diagnosis->run;
    const struct lrp_diagnosis_evidence *evidence = &report->diagnosis->evidence;
    if (run->n > 0) {
        lrp_draw_loss(run, drawing);
        if (isfinite(evidence->power.c)) {
            draw_power(run, evidence, drawing);
        }
        if (isfinite(evidence->trend.from)) {
            draw_trend(evidence, drawing);
        }
        if (!isfinite(evidence->power.c) && !isfinite(evidence->trend.from)) {
            double last = run->at[run->n - 1];
            double from = last - 0.25 * (last - run->at[0]);
            lrp_drawing_interval(drawing, "last quarter", from, from, last, LRP_MARK_NOTE);
            lrp_drawing_level(drawing, "final loss", run->at[0], last, run->final);
        }
        leave_out_first_fall(run, evidence, drawing);
    }
}

/* ---- validation, rate ---------------------------------------------------------------------- */

void lrp_draw_validation(const struct lrp_diagnosis_report *report, struct lrp_drawing *drawing)
{
    const struct lrp_run *run = report->diagnosis->run;
    const struct lrp_metric_series *val = &run->metric[LRP_METRIC_VAL_LOSS];
    double best_at = report->diagnosis->evidence.best_val_at;
    if (run->n > 0 && val->n_finite >= 2 && !run->loss_is_substitute) {
        lrp_draw_loss(run, drawing);
        lrp_draw_series(val, "val_loss", LRP_CURVE_VALIDATION, drawing);
        lrp_drawing_mark(drawing, "best validation", best_at, LRP_MARK_BASE);
    }
}

void lrp_draw_rate(const struct lrp_diagnosis_report *report, struct lrp_drawing *drawing)
{
    const struct lrp_run *run = report->diagnosis->run;
    const struct lrp_metric_series *lr = &run->metric[LRP_METRIC_LR];
    double low = HUGE_VAL;
    double high = -HUGE_VAL;
    for (size_t i = 0; i < lr->n; i++) {
        low = lr->value[i] > 0 ? fmin(low, lr->value[i]) : low;
        high = fmax(high, lr->value[i]);
    }
    if (high > 1.01 * low) {
        lrp_drawing_y(drawing, "learning rate", high > 30 * low);
        lrp_draw_series(lr, "learning rate", LRP_CURVE_MAIN, drawing);
    }
}
