/* SPDX-License-Identifier: MIT */
/* What several checks measure. What is of one metric does not allocate: long series are thinned to
 * a sample on the stack. */
#ifndef LRP_CHECKS_MEASURE_H
#define LRP_CHECKS_MEASURE_H

#include "diagnosis.h"
#include "trend.h"

enum { LRP_SAMPLE_MOST = 1000 };

/* Finite values of [begin, end), at most LRP_SAMPLE_MOST, evenly spaced; returns how many. */
size_t lrp_series_sample(const struct lrp_metric_series *series, size_t begin, size_t end,
                         double *out);
/* Median of that sample, NaN where nothing is finite. */
double lrp_series_median(const struct lrp_metric_series *series, size_t begin, size_t end);
/* Median of the last tenth, of 3 values at least. */
double lrp_series_final(const struct lrp_metric_series *series);
/* Last finite value at or before a position; NaN where there is none. */
double lrp_series_at(const struct lrp_metric_series *series, double position);
double lrp_series_highest(const struct lrp_metric_series *series); /* of the finite values */

/* Medians of at most `most` (up to LRP_BLOCKS_MOST) blocks of equally many values; blocks without
 * a finite value are left out. */
struct lrp_metric_blocks {
    size_t n;
    double at[LRP_BLOCKS_MOST]; /* position of the middle value */
    double value[LRP_BLOCKS_MOST];
};
void lrp_series_blocks(const struct lrp_metric_series *series, size_t most,
                       struct lrp_metric_blocks *out);

/* The number in a "# key: value" line; false where there is none. */
bool lrp_run_meta_number(const struct lrp_run *run, const char *key, double *out);
/* Whether the log carries the key with anything but 0, false, no, none or off. */
bool lrp_run_meta_is_set(const struct lrp_run *run, const char *key);
/* A rate to start advice from: NaN where it is 0, infinite or not in the log, so that an advice
 * with such numbers is not given. */
double lrp_known_rate(double lr);
/* The highest rate in force at a loss, the peak of the schedule: what advice starts from, since the
 * last rate of a decay trained nothing. NaN where no rate above 0 is known. */
double lrp_run_peak_rate(const struct lrp_run *run);
/* The rate in force at a position, NaN where none above 0 is known. */
double lrp_run_rate_at(const struct lrp_run *run, double position);
/* The lowest rate of published recipes for the log's optimizer (# optimizer: NAME) where the rate
 * is more than a hundred times below it; NaN where it is not, or the optimizer is not told. */
double lrp_lowest_recipe(const struct lrp_run *run, double lr);
/* What the validation loss gained over the last quarter of its values; false where there are fewer
 * than 8 of them, or the validation loss stands for the loss. */
struct lrp_late_gain {
    double share;      /* of its whole fall */
    double deviations; /* of the noise of single values */
    bool stands;       /* that is nothing */
};
bool lrp_run_late_validation(const struct lrp_run *run, struct lrp_late_gain *out);
/* Whether three blocks in the last half of the run brought more than half of what it gained: a cut
 * of the rate, or another change from outside, not a decay. */
bool lrp_run_steps_down(const struct lrp_run *run);
/* Number of classes: as given, else the log's "classes"; 0 = not known. */
double lrp_input_classes(const struct lrp_check_input *in);
/* Whether what stands for the loss is one: "loss" or "val_loss". */
bool lrp_run_has_loss(const struct lrp_run *run);

/* The largest loss of the first share of the points over the first one (where the loss may be
 * negative: 1 + rise / range), single points not counted. False where there are too few points. */
struct lrp_early {
    size_t n;           /* points looked at */
    double ratio;       /* 1 where it does not stand out of the noise */
    double loss, at;    /* the largest one */
    bool has_recovered; /* back near the first value within those points */
};
bool lrp_run_early(const struct lrp_run *run, double share, struct lrp_early *out);

/* The loss that the run starts from: the first value, or, where that is a lucky draw of single
 * batches, the median of the ten after it. Lucky is a first value that lies below that median by no
 * more than five deviations of single points, or by any number where a validation loss beside it
 * fell. Values of epochs are no draws. */
double lrp_run_start(const struct lrp_run *run);
/* The highest block median, single ones not counted: a block may be one point. */
double lrp_run_highest_lasting(const struct lrp_run *run);
/* The number of classes C, of 2, 3, 4, 5, 8, 10, 20, 100 and 1000, for which nine tenths of the
 * block medians lie within 1 % of ln C, the cross-entropy of guessing; 0 where there is none. For a
 * loss that is known to stand still: one that falls comes past such a value by chance. */
size_t lrp_classes_of_guessing(const struct lrp_run *run);
/* The number of classes C, of 10, 20, 100 and 1000, for which 20 epochs or more begin near ln C
 * (from 3 % below to 25 % above it) and end no more than 7 % below it: who guesses among C classes
 * does as well. 0 where there is none, and for logs of steps, in which a fine-tuning may begin and
 * end anywhere. Fitted on none of the sources: found on two problems of step-back. */
size_t lrp_classes_not_beaten(const struct lrp_run *run);

/* The position at which a loss that ends above its lowest left its low for good: after the last
 * block that lies no higher than the lowest one by more than 1.7 deviations of the noise (a
 * compromise between sudden and slow rises, by generated curves). The run's first position where no
 * block is below the first value, its last one where the loss does not rise. */
double lrp_run_onset(const struct lrp_run *run);
/* The straight line through the blocks from `begin` on and the interval of its end, as evidence for
 * plots. */
void lrp_show_trend(const struct lrp_theil_sen *line, const struct lrp_blocks *blocks, size_t begin,
                    struct lrp_diagnosis_evidence *evidence);

/* Patterns that recur point by point, as losses do whose batches keep their order. *out: the share
 * of the variance of n values (with mean near 0) that the medians of the phases of a period
 * explain, less what they would explain of noise. LRP_E_NOMEM. */
enum lrp_status lrp_explained_by_phases(const double *values, size_t n, size_t period, double *out,
                                        struct lrp_error *err);
/* Whether half of the variance of n values is a pattern with an odd period from 3 to 15 points: a
 * zig-zag, whose period is 2, is none. LRP_E_NOMEM. */
enum lrp_status lrp_repeats_odd(const double *values, size_t n, bool *out, struct lrp_error *err);
#endif
