/* SPDX-License-Identifier: MIT */
#include "run_internal.h"

#include "alloc.h"
#include "rate_rise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const metric_names[LRP_METRICS] = {
    [LRP_METRIC_LOSS] = "loss",
    [LRP_METRIC_VAL_LOSS] = "val_loss",
    [LRP_METRIC_ACCURACY] = "accuracy",
    [LRP_METRIC_VAL_ACCURACY] = "val_accuracy",
    [LRP_METRIC_LR] = "lr",
    [LRP_METRIC_MOMENTUM] = "momentum",
    [LRP_METRIC_GRAD_NORM] = "grad_norm",
    [LRP_METRIC_UPDATE_NORM] = "update_norm",
    [LRP_METRIC_WEIGHT_NORM] = "weight_norm",
    [LRP_METRIC_GRAD_COSINE] = "grad_cosine",
    [LRP_METRIC_DEAD_FRACTION] = "dead_fraction",
    [LRP_METRIC_CLIPPED] = "clipped",
    [LRP_METRIC_SHARPNESS] = "sharpness",
    [LRP_METRIC_BATCH_SIZE] = "batch_size",
};

const char *lrp_metric_name(enum lrp_metric metric)
{
    return metric_names[metric];
}

static size_t present_cells(const struct lrp_record *record, size_t column)
{
    size_t count = 0;
    for (size_t row = 0; column != LRP_NO_COLUMN && row < lrp_record_rows(record); row++) {
        count += lrp_record_present(record, column, row) != 0 ? 1 : 0;
    }
    return count;
}

/* Positions of all rows: step where most rows have one, else epoch, else the row's number. A row
 * without a position has that of the row before it. */
static void fill_positions(const struct lrp_record *record, const char **name, double *at)
{
    static const char *const candidates[] = {"step", "epoch"};
    size_t rows = lrp_record_rows(record);
    size_t column = LRP_NO_COLUMN;
    *name = "row";
    for (size_t i = 0; i < 2 && column == LRP_NO_COLUMN; i++) {
        size_t found = lrp_record_find_column(record, candidates[i]);
        if (2 * present_cells(record, found) > rows) {
            column = found;
            *name = candidates[i];
        }
    }
    double last = 0;
    for (size_t row = 0; row < rows; row++) {
        double here = column != LRP_NO_COLUMN ? lrp_record_values(record, column)[row]
                                              : (double)row * (double)lrp_record_block_rows(record);
        last = isfinite(here) ? here : last;
        at[row] = last;
    }
}

/* The measured cells of one column into a series of its own. */
static enum lrp_status fill_metric(const struct lrp_record *record, size_t column, double *at,
                                   struct lrp_metric_series *out, struct lrp_error *err)
{
    size_t n = present_cells(record, column);
    bool merged = lrp_record_block_rows(record) > 1;
    if (n == 0) {
        return LRP_OK;
    }
    bool every_row = n == lrp_record_rows(record);
    out->at = every_row ? at : lrp_calloc_array(n, sizeof *out->at);
    out->value = lrp_calloc_array(n, sizeof *out->value);
    out->low = merged ? lrp_calloc_array(n, sizeof *out->low) : out->value;
    out->high = merged ? lrp_calloc_array(n, sizeof *out->high) : out->value;
    if (out->at == NULL || out->value == NULL || out->low == NULL || out->high == NULL) {
        return lrp_fail_memory(err, n * sizeof *out->at);
    }
    const double *values = lrp_record_values(record, column);
    out->first_bad = n;
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        if (lrp_record_present(record, column, row) == 0) {
            continue;
        }
        bool bad = !isfinite(values[row]);
        out->at[out->n] = at[row];
        out->value[out->n] = values[row];
        if (merged) {
            struct lrp_block block = lrp_record_block(record, column, row);
            out->low[out->n] = block.low;
            out->high[out->n] = block.high;
            bad = bad || block.nonfinite > 0;
        }
        out->n_finite += bad ? 0 : 1;
        if (bad && out->first_bad == n) {
            out->first_bad = out->n;
        }
        out->n++;
    }
    return LRP_OK;
}

/* Accuracies in percent become shares. */
static void percent_to_share(struct lrp_metric_series *series)
{
    const double whole = 1.5; /* a share is not above 1, but for rounding and odd definitions */
    double low = HUGE_VAL;
    double high = -HUGE_VAL;
    for (size_t i = 0; i < series->n; i++) {
        if (isfinite(series->value[i])) {
            low = fmin(low, series->low[i]);
            high = fmax(high, series->high[i]);
        }
    }
    if (!(low >= 0 && high > whole && high <= 100)) {
        return;
    }
    double *parts[] = {series->value, series->low, series->high};
    size_t n_parts = series->low == series->value ? 1 : 3;
    for (size_t p = 0; p < n_parts; p++) {
        for (size_t i = 0; i < series->n; i++) {
            parts[p][i] /= 100;
        }
    }
}

/* Loss points an epoch: what the epoch column says. */
static double logged_points_per_epoch(const struct lrp_record *record, const struct lrp_run *run)
{
    size_t column = lrp_record_find_column(record, "epoch");
    if (column == LRP_NO_COLUMN || run->n < 2) {
        /* without counters, a validation value beside every training value: a row is an epoch */
        const struct lrp_metric_series *val = &run->metric[LRP_METRIC_VAL_LOSS];
        const struct lrp_metric_series *accuracy = &run->metric[LRP_METRIC_VAL_ACCURACY];
        size_t n = run->metric[LRP_METRIC_LOSS].n;
        bool beside = 10 * val->n >= 9 * n || 10 * accuracy->n >= 9 * n;
        return run->n >= 2 && beside && strcmp(run->position, "row") == 0 ? 1 : (double)NAN;
    }
    const double *epoch = lrp_record_values(record, column);
    double first = (double)NAN;
    double last = (double)NAN;
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        if (isfinite(epoch[row])) {
            first = isfinite(first) ? first : epoch[row];
            last = epoch[row];
        }
    }
    double points = (double)(run->metric[LRP_METRIC_LOSS].n - 1) / (last - first);
    return last > first && points >= 0.5 ? points : (double)NAN;
}

/* Rate at each loss point: the last one logged at or before it. */
static enum lrp_status rates_at_losses(const struct lrp_run *run, double **out,
                                       struct lrp_error *err)
{
    const struct lrp_metric_series *lr = &run->metric[LRP_METRIC_LR];
    double *rate = lrp_calloc_array(run->n, sizeof *rate);
    LRP_TRY_MEMORY(rate, err);
    size_t next = 0;
    double last = (double)NAN;
    for (size_t i = 0; i < run->n; i++) {
        while (next < lr->n && lr->at[next] <= run->at[i]) {
            last = isfinite(lr->value[next]) ? lr->value[next] : last;
            next++;
        }
        rate[i] = isfinite(last) || lr->n == 0 ? last : lr->value[0];
    }
    *out = rate;
    return LRP_OK;
}

/* Stretches of a rate within a factor of two of their first one; the last one takes what is left
 * when there are too many. */
static void split_by_rate(struct lrp_run *run, const double *rate)
{
    size_t begin = 0;
    run->n_segments = 0;
    for (size_t i = 1; i <= run->n; i++) {
        double ratio = i < run->n ? rate[i] / rate[begin] : (double)NAN;
        bool same = i < run->n &&
                    (!isfinite(ratio) || (ratio < 2 && ratio > 0.5) || rate[i] == rate[begin]);
        if (same || (i < run->n && run->n_segments + 1 == LRP_RATE_SEGMENTS)) {
            continue;
        }
        run->segment[run->n_segments] =
            (struct lrp_rate_segment){begin, i, rate[begin + (i - begin) / 2]};
        run->n_segments++;
        begin = i;
    }
}

static enum lrp_status look_at_rate(struct lrp_run *run, struct lrp_error *err)
{
    double *rate = NULL;
    const struct lrp_metric_series *lr = &run->metric[LRP_METRIC_LR];
    LRP_TRY(rates_at_losses(run, &rate, err));
    split_by_rate(run, rate);
    double low = HUGE_VAL;
    double high = -HUGE_VAL;
    for (size_t i = 0; i < lr->n; i++) {
        low = fmin(low, lr->value[i]);
        high = fmax(high, lr->value[i]);
    }
    run->constant_lr = lr->n > 0 && high <= 1.01 * low;
    enum lrp_rate_rise rise = lr->n > 0 ? lrp_rate_rise_of(rate, run->loss, run->n) : LRP_RISE_NONE;
    run->is_sweep = rise != LRP_RISE_NONE;
    run->may_warm_up = rise == LRP_RISE_WARM_UP;
    run->rate = rate;
    return LRP_OK;
}

/* A log without a training loss is judged by the next best curve that falls when things go well. */
static enum lrp_status substitute_loss(struct lrp_run *run, struct lrp_error *err)
{
    static const struct {
        enum lrp_metric metric;
        const char *name;
        bool turned; /* the better the higher */
    } candidates[] = {
        {LRP_METRIC_VAL_LOSS, "val_loss", false},
        {LRP_METRIC_ACCURACY, "1 - accuracy", true},
        {LRP_METRIC_VAL_ACCURACY, "1 - val_accuracy", true},
    };
    struct lrp_metric_series *loss = &run->metric[LRP_METRIC_LOSS];
    run->loss_name = "loss";
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0] && loss->n == 0; i++) {
        const struct lrp_metric_series *from = &run->metric[candidates[i].metric];
        if (from->n == 0) {
            continue;
        }
        loss->at = lrp_calloc_array(from->n, sizeof *loss->at);
        loss->value = lrp_calloc_array(from->n, sizeof *loss->value);
        loss->low = loss->high = loss->value;
        if (loss->at == NULL || loss->value == NULL) {
            return lrp_fail_memory(err, from->n * sizeof *loss->at);
        }
        for (size_t k = 0; k < from->n; k++) {
            loss->at[k] = from->at[k];
            loss->value[k] = candidates[i].turned ? 1 - from->value[k] : from->value[k];
        }
        loss->n = from->n;
        loss->n_finite = from->n_finite;
        loss->first_bad = from->first_bad;
        run->loss_name = candidates[i].name;
        run->loss_is_substitute = true;
    }
    return LRP_OK;
}

static void free_series(const struct lrp_run *run, struct lrp_metric_series *series)
{
    if (series->low != series->value) {
        free(series->low);
        free(series->high);
    }
    if (series->at != run->rows_at) {
        free(series->at);
    }
    free(series->value);
    memset(series, 0, sizeof *series);
}

/* In reinforcement learning the return decides, as long as the losses are finite. */
static enum lrp_status take_return(struct lrp_run *run, struct lrp_error *err)
{
    struct lrp_metric_series *loss = &run->metric[LRP_METRIC_LOSS];
    size_t column = lrp_run_return_column(run->record);
    run->is_game = column == LRP_NO_COLUMN && lrp_run_has_opposed_losses(run->record);
    if (column == LRP_NO_COLUMN || loss->first_bad < loss->n) {
        return LRP_OK;
    }
    free_series(run, loss);
    LRP_TRY(fill_metric(run->record, column, run->rows_at, loss, err));
    lrp_run_turn_return(loss);
    run->is_return = run->loss_is_substitute = true;
    run->loss_name = "-return";
    return LRP_OK;
}

static enum lrp_status look_at_loss(struct lrp_run *run, struct lrp_error *err)
{
    const struct lrp_metric_series *loss = &run->metric[LRP_METRIC_LOSS];
    run->n = loss->n > 0 ? loss->first_bad : 0;
    run->at = loss->at;
    run->loss = loss->value;
    run->initial = run->final = run->lowest = run->lowest_at = run->highest = (double)NAN;
    run->sigma = (double)NAN;
    run->points_per_epoch = logged_points_per_epoch(run->record, run);
    run->epoch_log = run->points_per_epoch < 1.5;
    if (run->n == 0) {
        return LRP_OK;
    }
    LRP_TRY(lrp_run_levels(run, err));
    LRP_TRY(lrp_run_blocks(run, err));
    LRP_TRY(lrp_run_residual(run, err));
    return look_at_rate(run, err);
}

static enum lrp_status fill_run(struct lrp_run *run, struct lrp_error *err)
{
    run->rows_at = lrp_calloc_array(lrp_record_rows(run->record), sizeof *run->rows_at);
    LRP_TRY_MEMORY(run->rows_at, err);
    fill_positions(run->record, &run->position, run->rows_at);
    for (int m = 0; m < LRP_METRICS; m++) {
        size_t column = lrp_record_find_column(run->record, metric_names[m]);
        LRP_TRY(fill_metric(run->record, column, run->rows_at, &run->metric[m], err));
    }
    percent_to_share(&run->metric[LRP_METRIC_ACCURACY]);
    percent_to_share(&run->metric[LRP_METRIC_VAL_ACCURACY]);
    LRP_TRY(substitute_loss(run, err));
    LRP_TRY(take_return(run, err));
    return look_at_loss(run, err);
}

enum lrp_status lrp_run_new(const struct lrp_record *record, struct lrp_run **out,
                            struct lrp_error *err)
{
    struct lrp_run *run = lrp_calloc_array(1, sizeof *run);
    LRP_TRY_MEMORY(run, err);
    run->record = record;
    enum lrp_status status = fill_run(run, err);
    if (status != LRP_OK) {
        lrp_run_free(run);
        return status;
    }
    *out = run;
    return LRP_OK;
}

void lrp_run_free(struct lrp_run *run)
{
    if (run == NULL) {
        return;
    }
    for (int m = 0; m < LRP_METRICS; m++) {
        free_series(run, &run->metric[m]);
    }
    free(run->rows_at);
    free(run->level);
    free(run->residual);
    free(run->rate);
    free(run);
}

const struct lrp_metric_series *lrp_run_series(const struct lrp_run *run, enum lrp_metric metric,
                                               size_t least)
{
    const struct lrp_metric_series *series = &run->metric[metric];
    return series->n > 0 && series->n_finite >= least ? series : NULL;
}

bool lrp_run_has_metric(const struct lrp_run *run)
{
    for (int m = 0; m < LRP_METRICS; m++) {
        if (m != LRP_METRIC_LR && m != LRP_METRIC_MOMENTUM && m != LRP_METRIC_BATCH_SIZE &&
            run->metric[m].n > 0) {
            return true;
        }
    }
    return false;
}

bool lrp_run_starts_untrained(const struct lrp_run *run)
{
    return !run->epoch_log || (strcmp(run->position, "row") != 0 && run->at[0] <= 0);
}
