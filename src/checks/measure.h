/* SPDX-License-Identifier: MIT */
/* What several checks measure on one metric. None of it allocates: long series are thinned to a
 * sample on the stack. */
#ifndef LRP_CHECKS_MEASURE_H
#define LRP_CHECKS_MEASURE_H

#include "checklist.h"

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
#endif
