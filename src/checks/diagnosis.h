/* SPDX-License-Identifier: MIT */
/* A diagnosis from inside: the findings, the verdict, and what reports draw as evidence. */
#ifndef LRP_CHECKS_DIAGNOSIS_H
#define LRP_CHECKS_DIAGNOSIS_H

#include "checklist.h"

enum { LRP_EVIDENCE_SPIKES = 64 };

/* Numbers behind the findings, for plots; positions are those of the run (see lrp_run.position),
 * losses are in the log's own unit. NaN or 0 where a check had nothing to say. */
struct lrp_diagnosis_evidence {
    /* trend of the last part of the run: a line through (from, loss_from) and (to, loss_to), and
     * the interval of its end */
    struct {
        double from, to, loss_from, loss_to, low_to, high_to;
    } trend;
    /* curve of decay fitted to the blocks, t in positions: c + a (t - t0)^-b, or c + a exp(-(t -
     * t0) / tau) where tau is a number: see lrp_evidence_decay() */
    struct {
        double a, b, c, t0, tau;
        double from, to;            /* fitted over */
        double at_twice, low, high; /* predicted at twice the length, with a 90 % interval */
    } power;
    double onset;       /* where divergence begins */
    double level_shift; /* where the level jumps up */
    struct {
        double from, to, period,
            amplitude; /* period in positions, amplitude in units of the loss */
    } oscillation;
    double spike_at[LRP_EVIDENCE_SPIKES];
    double spike_loss[LRP_EVIDENCE_SPIKES];
    size_t n_spikes;
    double best_val_at; /* lowest smoothed validation loss */
};
/* The fitted curve of decay at position t, NaN where there is none. */
double lrp_evidence_decay(const struct lrp_diagnosis_evidence *evidence, double t);

struct lrp_diagnosis {
    struct lrp_run *run; /* of a record that the caller keeps alive as long as the diagnosis */
    struct lrp_finding *findings;
    size_t n_findings;
    struct lrp_diagnosis_evidence evidence;
    enum lrp_verdict verdict;
    const struct lrp_finding *primary; /* NULL = none */
    char reason[480];
    size_t counts[5]; /* findings by status */
    /* train against validation error (Ng's bias and variance), NaN where not known */
    struct {
        double train_error, val_error;
        const char *reading; /* static, NULL = not known */
        const char *actions;
        bool from_accuracy; /* errors are 1 - accuracy, else losses */
    } bias_variance;
};
/* Reads the final training error against the final validation error (Ng, "Machine Learning
 * Yearning", chapters 20 to 27): fills diagnosis->bias_variance. Errors are 1 - accuracy where both
 * accuracies are there, else the losses. */
void lrp_bias_variance(struct lrp_diagnosis *diagnosis);
#endif
