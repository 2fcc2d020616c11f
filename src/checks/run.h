/* SPDX-License-Identifier: MIT */
/* A run record made ready for the checks: each metric as a series of its own, and the views of the
 * loss that most checks need, computed once. Everything here is scale-free: multiplying the loss by
 * a constant changes no decision of a check. */
#ifndef LRP_CHECKS_RUN_H
#define LRP_CHECKS_RUN_H

#include "record.h"

enum lrp_metric {
    LRP_METRIC_LOSS,
    LRP_METRIC_VAL_LOSS,
    LRP_METRIC_ACCURACY,
    LRP_METRIC_VAL_ACCURACY,
    LRP_METRIC_LR,
    LRP_METRIC_MOMENTUM,
    LRP_METRIC_GRAD_NORM,
    LRP_METRIC_UPDATE_NORM,
    LRP_METRIC_WEIGHT_NORM,
    LRP_METRIC_GRAD_COSINE,
    LRP_METRIC_DEAD_FRACTION,
    LRP_METRIC_CLIPPED,
    LRP_METRIC_SHARPNESS,
    LRP_METRIC_BATCH_SIZE,
    LRP_METRICS
};
/* The column's name: "loss", ... */
const char *lrp_metric_name(enum lrp_metric metric);

/* One metric: the cells that were measured, in order. n is 0 where the column is missing.
 * Accuracies are shares, also where the log has percent. */
struct lrp_metric_series {
    size_t n;
    double *at;    /* n positions, ascending: step, else epoch, else row number from 0; the run's
                    * rows_at where every row has a value */
    double *value; /* n values; nan and inf are data */
    double *low;   /* n extremes of merged rows; the same array as value where rows are single */
    double *high;
    size_t n_finite;
    size_t first_bad; /* index of the first nan or inf, n where there is none */
};

enum { LRP_BLOCKS_MOST = 200, LRP_BLOCKS_LEAST = 8, LRP_RATE_SEGMENTS = 64 };

/* The loss over non-overlapping blocks of equally many points, of the finite part before the first
 * nan or inf. Medians kill spikes and the correlation inside a block. */
struct lrp_blocks {
    size_t n;                /* 0 where there are too few points, else up to LRP_BLOCKS_MOST */
    size_t points_per_block; /* as near as that divides */
    size_t begin[LRP_BLOCKS_MOST]; /* index of the block's first loss point */
    double at[LRP_BLOCKS_MOST];    /* position of its middle point */
    double loss[LRP_BLOCKS_MOST];  /* median */
    double level[LRP_BLOCKS_MOST]; /* median on the analysis scale, see lrp_run.level */
    /* Noise of one block median on the analysis scale, see lrp_noise_of. */
    double sigma;
};

/* A stretch of points at which the learning rate is the same but for a factor of two. */
struct lrp_rate_segment {
    size_t begin, end; /* indices into the loss series, [begin, end) */
    double lr;         /* median rate */
};

struct lrp_run {
    const struct lrp_record *record; /* borrowed */
    const char *position;            /* "step", "epoch" or "row" */
    double *rows_at;                 /* the position of every row */
    struct lrp_metric_series metric[LRP_METRICS];

    /* ---- the loss, its finite part [0, n) of metric[LRP_METRIC_LOSS] ---- */
    const char *loss_name;   /* static: "loss", or what stands in for it: see below */
    bool is_return;          /* the loss is the negative of a mean return: it decides in
                              * reinforcement learning, where losses do not measure success */
    bool is_game;            /* losses of networks that work against each other, and no return */
    bool loss_is_substitute; /* no loss in the log: the series is val_loss, 1 - accuracy, ... */
    size_t n;
    const double *at;
    const double *loss;
    /* Analysis scale: ln(loss) where all are positive, else loss / its robust range. NULL if n is
     * 0. */
    double *level;
    bool log_level;
    double level_unit; /* loss that one unit of level stands for; where it is ln(loss), of the final
                          loss */
    /* level without its slow trend (running median) and without what recurs each epoch; n values.
     */
    double *residual;
    double sigma;            /* robust deviation of residual over the last half */
    double points_per_epoch; /* loss points an epoch as the log tells; NaN = it does not; 1 = one
                                row an epoch */
    struct {
        size_t period;     /* loss points after which the losses recur; 0 = none is known */
        double strength;   /* autocorrelation of the residual there, before its removal */
        double neighbours; /* mean absolute one, one point before and after */
    } recurrence;
    bool epoch_log; /* one row an epoch, or values that are means over many steps */
    double initial; /* first value */
    double final;   /* median of the last tenth, of 3 points at least */
    double lowest;  /* lowest block median (of points where there are no blocks) */
    double lowest_at;
    double highest; /* highest block median */
    struct lrp_blocks blocks;
    double *rate; /* n values: the rate in force at each loss point, NaN without an lr column */
    struct lrp_rate_segment segment[LRP_RATE_SEGMENTS];
    size_t n_segments; /* 1 where there is no lr column */
    bool constant_lr;  /* there is an lr column and it does not change */
    bool is_sweep;     /* the rate rises steadily from end to end: a range test, or: */
    bool may_warm_up;  /* a sweep that may as well be a run that ended within its warm-up */
};

/* Noise of one of n values that lie along a smooth curve: robust deviation of the second
 * differences / sqrt(6). NaN for fewer than 5 or more than LRP_BLOCKS_MOST values. */
double lrp_noise_of(const double *values, size_t n);

/* level of the points [begin, n) without its slow trend: a moving average over width points, taken
 * twice. out: n - begin values. */
enum lrp_status lrp_run_detrend(const struct lrp_run *run, size_t begin, size_t width, double *out,
                                struct lrp_error *err);
/* Subtracts from each value the median of all values at the same phase of the period. */
enum lrp_status lrp_remove_phase(double *values, size_t n, size_t period, struct lrp_error *err);

enum lrp_status lrp_run_new(const struct lrp_record *record, struct lrp_run **out,
                            struct lrp_error *err);
void lrp_run_free(struct lrp_run *run);
/* Whether there is anything that a check could look at. */
bool lrp_run_has_metric(const struct lrp_run *run);
/* Whether the first row was measured before any training, so that it is the loss to start from: not
 * where rows are epochs and count from 1, or are not counted. */
bool lrp_run_starts_untrained(const struct lrp_run *run);
/* Whether the loss ever fell by more than a twentieth of its first value (of a loss that may be
 * negative: at all). What never fell can neither rise again nor stand on a plateau: D1 has it. */
bool lrp_run_fell(const struct lrp_run *run);
/* Noise of one block median in units of the loss, over the last half of the run (lrp_noise_of); NaN
 * where there are too few blocks. */
double lrp_run_block_noise(const struct lrp_run *run);
/* Median of the five block losses around a share (0..1) of the run. */
double lrp_run_loss_around(const struct lrp_run *run, double share);
/* The metric's series where it has at least least finite values, else NULL. */
const struct lrp_metric_series *lrp_run_series(const struct lrp_run *run, enum lrp_metric metric,
                                               size_t least);
#endif
