/* SPDX-License-Identifier: MIT */
/* Topics of `lrprobe explain`: terms of the subject, with a picture computed on the spot. */
#ifndef LRP_CLI_EXPLAIN_H
#define LRP_CLI_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

enum { LRP_PICTURE_POINTS = 400, LRP_PICTURE_CURVES = 3 };

struct lrp_picture_curve {
    const char *title;
    double x[LRP_PICTURE_POINTS];
    double y[LRP_PICTURE_POINTS];
    size_t n;
};
struct lrp_picture {
    const char *title;
    const char *x_label;
    const char *y_label;
    bool log_x;
    bool log_y;
    struct lrp_picture_curve curves[LRP_PICTURE_CURVES];
    size_t n_curves;
};
/* Fills in a zeroed picture. Deterministic: seeds are fixed. */
typedef void lrp_picture_maker(struct lrp_picture *picture);

struct lrp_term {
    const char *name;    /* "warm-restarts" */
    const char *title;   /* one phrase */
    const char *what;    /* whole sentences */
    const char *when;    /* when to use it, or what to do about it */
    const char *formula; /* NULL = none */
    const char *source;
    const char *see; /* names of other topics, blanks between them */
    lrp_picture_maker *picture;
};
extern const struct lrp_term lrp_terms[]; /* ends with a NULL name, sorted by name */

/* Simulations of a few lines each, explain_pictures.c */
lrp_picture_maker lrp_picture_annealing;
lrp_picture_maker lrp_picture_batch_size;
lrp_picture_maker lrp_picture_bias_variance;
lrp_picture_maker lrp_picture_clipping;
lrp_picture_maker lrp_picture_cyclical;
lrp_picture_maker lrp_picture_divergence;
lrp_picture_maker lrp_picture_dropout;
lrp_picture_maker lrp_picture_early_stopping;
lrp_picture_maker lrp_picture_fine_tuning;
lrp_picture_maker lrp_picture_learning_rate;
lrp_picture_maker lrp_picture_minima;
lrp_picture_maker lrp_picture_momentum;
lrp_picture_maker lrp_picture_one_cycle;
lrp_picture_maker lrp_picture_oscillation;
lrp_picture_maker lrp_picture_plateau;
lrp_picture_maker lrp_picture_range_test;
lrp_picture_maker lrp_picture_restarts;
lrp_picture_maker lrp_picture_robustness;
lrp_picture_maker lrp_picture_slow;
lrp_picture_maker lrp_picture_spikes;
lrp_picture_maker lrp_picture_super_convergence;
lrp_picture_maker lrp_picture_thresholds;
lrp_picture_maker lrp_picture_warmup;
lrp_picture_maker lrp_picture_weight_decay;
lrp_picture_maker lrp_picture_zigzag;
#endif
