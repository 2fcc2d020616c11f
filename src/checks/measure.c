/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include "alloc.h"
#include "number.h"
#include "robust.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t lrp_series_sample(const struct lrp_metric_series *series, size_t begin, size_t end,
                         double *out)
{
    size_t count = 0;
    end = end < series->n ? end : series->n;
    size_t length = begin < end ? end - begin : 0;
    size_t wanted = length < LRP_SAMPLE_MOST ? length : (size_t)LRP_SAMPLE_MOST;
    for (size_t i = 0; i < wanted; i++) {
        size_t index = begin + (size_t)(((double)i + 0.5) * (double)length / (double)wanted);
        if (isfinite(series->value[index])) {
            out[count] = series->value[index];
            count++;
        }
    }
    return count;
}

double lrp_series_median(const struct lrp_metric_series *series, size_t begin, size_t end)
{
    double sample[LRP_SAMPLE_MOST];
    return lrp_median_in_place(sample, lrp_series_sample(series, begin, end, sample));
}

double lrp_series_final(const struct lrp_metric_series *series)
{
    size_t last = series->n / 10 > 3 ? series->n / 10 : 3;
    return lrp_series_median(series, series->n > last ? series->n - last : 0, series->n);
}

double lrp_series_at(const struct lrp_metric_series *series, double position)
{
    size_t low = 0;
    size_t high = series->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (series->at[middle] <= position) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    while (low > 0 && !isfinite(series->value[low - 1])) {
        low--;
    }
    return low > 0 ? series->value[low - 1] : (double)NAN;
}

double lrp_series_highest(const struct lrp_metric_series *series)
{
    double highest = (double)NAN;
    for (size_t i = 0; i < series->n; i++) {
        if (isfinite(series->value[i]) && !(series->value[i] <= highest)) {
            highest = series->value[i];
        }
    }
    return highest;
}

void lrp_series_blocks(const struct lrp_metric_series *series, size_t most,
                       struct lrp_metric_blocks *out)
{
    most = most < LRP_BLOCKS_MOST ? most : (size_t)LRP_BLOCKS_MOST;
    size_t n = series->n < most ? series->n : most;
    out->n = 0;
    for (size_t b = 0; b < n; b++) {
        size_t begin = (size_t)((double)b * (double)series->n / (double)n);
        size_t end = (size_t)((double)(b + 1) * (double)series->n / (double)n);
        double middle = lrp_series_median(series, begin, end);
        if (isfinite(middle)) {
            out->at[out->n] = series->at[begin + (end - begin) / 2];
            out->value[out->n] = middle;
            out->n++;
        }
    }
}

bool lrp_run_meta_number(const struct lrp_run *run, const char *key, double *out)
{
    const char *text = lrp_record_meta(run->record, key);
    double value = 0;
    if (text == NULL || !lrp_parse_double(text, strlen(text), &value) || !isfinite(value)) {
        return false;
    }
    *out = value;
    return true;
}

bool lrp_run_meta_is_set(const struct lrp_run *run, const char *key)
{
    static const char *const off[] = {"", "false", "False", "no", "none", "None", "off"};
    const char *text = lrp_record_meta(run->record, key);
    double number = 1;
    if (text == NULL || (lrp_run_meta_number(run, key, &number) && number == 0)) {
        return false;
    }
    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++) {
        if (strcmp(text, off[i]) == 0) {
            return false;
        }
    }
    return true;
}

double lrp_known_rate(double lr)
{
    return isfinite(lr) && lr > 0 ? lr : (double)NAN;
}

double lrp_run_peak_rate(const struct lrp_run *run)
{
    double highest = (double)NAN;
    for (size_t i = 0; i < run->n; i++) {
        highest = fmax(highest, lrp_known_rate(run->rate[i])); /* the other one where one is NaN */
    }
    return highest;
}

double lrp_run_rate_at(const struct lrp_run *run, double position)
{
    size_t i = 0;
    while (i + 1 < run->n && run->at[i + 1] <= position) {
        i++;
    }
    return run->n > 0 ? lrp_known_rate(run->rate[i]) : (double)NAN;
}

double lrp_lowest_recipe(const struct lrp_run *run, double lr)
{
    /* lrprobe list recipes: SGD from 0.006 (Smith 2015) up, Adam and its kin from 5e-6 (fine-tuning
     * of large models) up */
    static const struct {
        const char *begins;
        double lowest;
    } recipes[] = {{"sgd", 0.006},      {"SGD", 0.006}, {"momentum", 0.006},
                   {"nesterov", 0.006}, {"adam", 5e-6}, {"Adam", 5e-6}};
    const char *optimizer = lrp_record_meta(run->record, "optimizer");
    for (size_t i = 0; optimizer != NULL && i < sizeof recipes / sizeof recipes[0]; i++) {
        if (strncmp(optimizer, recipes[i].begins, strlen(recipes[i].begins)) == 0) {
            return lr < 0.01 * recipes[i].lowest ? recipes[i].lowest : (double)NAN;
        }
    }
    return (double)NAN;
}

bool lrp_run_late_validation(const struct lrp_run *run, struct lrp_late_gain *out)
{
    const size_t least = 8;
    struct lrp_metric_blocks val;
    if (run->loss_is_substitute || lrp_run_series(run, LRP_METRIC_VAL_LOSS, least) == NULL) {
        return false;
    }
    lrp_series_blocks(&run->metric[LRP_METRIC_VAL_LOSS], LRP_BLOCKS_MOST, &val);
    if (val.n < least) {
        return false;
    }
    size_t part = val.n / 10 > 3 ? val.n / 10 : 3;
    size_t quarter = 3 * val.n / 4;
    struct lrp_metric_series view = {.n = val.n, .value = val.value};
    double lowest = val.value[0];
    for (size_t i = 1; i < val.n; i++) {
        lowest = fmin(lowest, val.value[i]);
    }
    double gain = lrp_series_median(&view, quarter - part / 2, quarter + part / 2 + 1) -
                  lrp_series_median(&view, val.n - part, val.n);
    double noise = lrp_noise_of(val.value + val.n / 2, val.n - val.n / 2);
    out->share = gain / (val.value[0] - lowest);
    out->deviations = gain / noise;
    /* of 191 runs of DeepOBS and step-back at a good rate (0.3 % of the fall: 22 gain more) */
    out->stands = !(out->share > 0.003) || out->deviations <= 2;
    return true;
}

bool lrp_run_steps_down(const struct lrp_run *run)
{
    const struct lrp_blocks *blocks = &run->blocks;
    double step = 0;
    for (size_t b = blocks->n / 2 + 3; b + 3 <= blocks->n; b++) {
        double before[3];
        double after[3];
        memcpy(before, blocks->loss + b - 3, sizeof before);
        memcpy(after, blocks->loss + b, sizeof after);
        step = fmax(step, lrp_median_in_place(before, 3) - lrp_median_in_place(after, 3));
    }
    return step > 0.5 * (lrp_run_loss_around(run, 0.5) - run->final);
}

double lrp_input_classes(const struct lrp_check_input *in)
{
    double classes = in->n_classes;
    bool known = classes >= 2 || lrp_run_meta_number(in->run, "classes", &classes);
    return known && classes >= 2 ? classes : 0;
}

bool lrp_run_has_loss(const struct lrp_run *run)
{
    return run->n > 0 && (!run->loss_is_substitute || strcmp(run->loss_name, "val_loss") == 0);
}

/* Whether a validation loss beside every training loss ended below its first value: then the run
 * did not rise from where it was at the first row, however low the training loss was there. */
static bool validation_fell(const struct lrp_run *run)
{
    const struct lrp_metric_series *val = &run->metric[LRP_METRIC_VAL_LOSS];
    return 10 * val->n >= 9 * run->n && lrp_series_final(val) < val->value[0];
}

double lrp_run_start(const struct lrp_run *run)
{
    enum { AFTER = 10, LEAST = 50 };
    double level[AFTER];
    double loss[AFTER];
    if (run->epoch_log || run->n < LEAST || !isfinite(run->sigma)) {
        return run->initial;
    }
    memcpy(level, run->level + 1, sizeof level);
    memcpy(loss, run->loss + 1, sizeof loss);
    double above = lrp_median_in_place(level, AFTER) - run->level[0];
    bool is_lucky = above > 0 && (above <= 5 * run->sigma || validation_fell(run));
    return is_lucky ? lrp_median_in_place(loss, AFTER) : run->initial;
}

bool lrp_run_early(const struct lrp_run *run, double share, struct lrp_early *out)
{
    const size_t least = 5;
    size_t n = (size_t)(share * (double)run->n);
    if (n < least) {
        return false;
    }
    double start = lrp_run_start(run);
    double start_level = run->log_level ? log(start) : start / run->level_unit;
    double level = start_level;
    out->n = n;
    out->loss = start;
    out->at = run->at[0];
    for (size_t i = 1; i < n; i++) {
        double loss = lrp_median_of_three(run->loss, n, i);
        if (loss > out->loss) {
            out->loss = loss;
            out->at = run->at[i];
            level = lrp_median_of_three(run->level, n, i);
        }
    }
    double noise = lrp_noise_of(run->level, n < LRP_BLOCKS_MOST ? n : (size_t)LRP_BLOCKS_MOST);
    double range = run->highest - run->lowest;
    double late[LRP_BLOCKS_MOST];
    size_t last = n / 3 > 3 ? n / 3 : 3;
    last = last < LRP_BLOCKS_MOST ? last : (size_t)LRP_BLOCKS_MOST;
    memcpy(late, run->loss + n - last, last * sizeof *late);
    double back = lrp_median_in_place(late, last);
    bool stands_out = level - start_level > 4 * noise;
    out->ratio =
        run->log_level ? out->loss / start : 1 + (out->loss - start) / (range > 0 ? range : 1);
    out->ratio = stands_out ? out->ratio : 1;
    out->has_recovered = back - start <= 0.1 * (run->log_level ? start : range);
    return true;
}

double lrp_run_highest_lasting(const struct lrp_run *run)
{
    double highest = -HUGE_VAL;
    for (size_t b = 0; b < run->blocks.n; b++) {
        highest = fmax(highest, lrp_median_of_three(run->blocks.loss, run->blocks.n, b));
    }
    return run->blocks.n > 0 ? highest : run->highest;
}

size_t lrp_classes_of_guessing(const struct lrp_run *run)
{
    static const size_t usual[] = {2, 3, 4, 5, 8, 10, 20, 100, 1000};
    const struct lrp_blocks *blocks = &run->blocks;
    if (!lrp_run_has_loss(run)) {
        return 0;
    }
    for (size_t c = 0; c < sizeof usual / sizeof usual[0]; c++) {
        double chance = log((double)usual[c]);
        size_t near = 0;
        for (size_t b = 0; b < blocks->n; b++) {
            near += fabs(blocks->loss[b] - chance) <= 0.01 * chance ? 1 : 0;
        }
        if (blocks->n > 0 && 10 * near >= 9 * blocks->n) {
            return usual[c];
        }
    }
    return 0;
}

size_t lrp_classes_not_beaten(const struct lrp_run *run)
{
    static const size_t usual[] = {10, 20, 100, 1000};
    enum { LEAST = 20 };
    if (!run->epoch_log || run->n < LEAST || !lrp_run_has_loss(run)) {
        return 0;
    }
    for (size_t c = 0; c < sizeof usual / sizeof usual[0]; c++) {
        double chance = log((double)usual[c]);
        bool begins_there = run->initial >= 0.97 * chance && run->initial <= 1.25 * chance;
        if (begins_there && run->final >= 0.93 * chance && run->final <= 1.25 * chance) {
            return usual[c];
        }
    }
    return 0;
}

double lrp_run_onset(const struct lrp_run *run)
{
    const struct lrp_blocks *blocks = &run->blocks;
    double rise = run->final - run->lowest;
    size_t half = blocks->n / 2;
    size_t last = 0;
    if (blocks->n == 0 || !(rise > 0)) {
        return run->n > 0 ? run->at[run->n - 1] : (double)NAN;
    }
    /* where it rises fast the noise is often larger: the calmer half tells that of the low */
    double noise =
        fmin(lrp_noise_of(blocks->loss, half), lrp_noise_of(blocks->loss + half, blocks->n - half));
    double limit = run->lowest + 0.005 * rise + (isfinite(noise) ? 1.7 * noise : 0);
    for (size_t b = 0; b < blocks->n; b++) {
        last = blocks->loss[b] <= limit ? b : last;
    }
    /* the first value is no block: a run that blew up at once has its onset there */
    if (run->initial < run->lowest) {
        return run->at[0];
    }
    return last + 1 < blocks->n ? run->at[blocks->begin[last + 1]] : run->at[run->n - 1];
}

void lrp_show_trend(const struct lrp_theil_sen *line, const struct lrp_blocks *blocks, size_t begin,
                    struct lrp_diagnosis_evidence *evidence)
{
    double from = blocks->at[begin];
    double to = blocks->at[blocks->n - 1];
    double middle = 0.5 * (from + to);
    double loss = line->intercept + line->slope * middle; /* the line turns about its middle */
    evidence->trend.from = from;
    evidence->trend.to = to;
    evidence->trend.loss_from = line->intercept + line->slope * from;
    evidence->trend.loss_to = line->intercept + line->slope * to;
    evidence->trend.low_to = loss + line->low * (to - middle);
    evidence->trend.high_to = loss + line->high * (to - middle);
}

enum lrp_status lrp_explained_by_phases(const double *values, size_t n, size_t period, double *out,
                                        struct lrp_error *err)
{
    double before = 0;
    double after = 0;
    double *rest = lrp_calloc_array(n, sizeof *rest);
    LRP_TRY_MEMORY(rest, err);
    memcpy(rest, values, n * sizeof *rest);
    enum lrp_status status = lrp_remove_phase(rest, n, period, err);
    for (size_t i = 0; i < n; i++) {
        before += values[i] * values[i];
        after += rest[i] * rest[i];
    }
    free(rest);
    *out = 1 - after / before * (double)n / (double)(n - period);
    return status;
}

enum lrp_status lrp_repeats_odd(const double *values, size_t n, bool *out, struct lrp_error *err)
{
    double *centred = lrp_calloc_array(n, sizeof *centred);
    double mean = 0;
    enum lrp_status status = LRP_OK;
    LRP_TRY_MEMORY(centred, err);
    for (size_t i = 0; i < n; i++) {
        mean += values[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        centred[i] = values[i] - mean;
    }
    *out = false;
    for (size_t period = 3; period <= 15 && 5 * period <= n && !*out && status == LRP_OK;
         period += 2) {
        double explained = 0;
        status = lrp_explained_by_phases(centred, n, period, &explained, err);
        *out = explained > 0.5;
    }
    free(centred);
    return status;
}
