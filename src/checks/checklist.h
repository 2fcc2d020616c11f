/* SPDX-License-Identifier: MIT */
/* A check is a pure function on a run. One row of lrp_checks each, one file a family.
 *
 * A new check: a row in a file check_<family>.c, its id in checks_table.h, a fixture that fires and
 * one that is quiet in tests/data/checks/<id>/, and its sentences in expected.txt there. */
#ifndef LRP_CHECKS_CHECKLIST_H
#define LRP_CHECKS_CHECKLIST_H

#include "run.h"

struct lrp_check_param {
    const char *name;   /* --set D1.ratio=0.9 */
    double value;       /* default */
    double low, high;   /* allowed, both ends */
    const char *unit;   /* "" where there is none */
    const char *help;   /* one sentence, small letter, no full stop */
    const char *source; /* where the default comes from: a paper, a peer's source, a study here */
};
enum { LRP_CHECK_PARAMS = 8, LRP_CHECK_ADVICE = 8, LRP_ADVICE_NUMBERS = 4 };

/* What goes into a check. */
struct lrp_check_input {
    const struct lrp_run *run;
    const struct lrp_bounds *bounds;       /* NULL = none given */
    const struct lrp_run *baseline;        /* NULL = none given */
    const struct lrp_run *const *siblings; /* runs of the same task, this one not among them */
    size_t n_siblings;
    const struct lrp_run *zero_input;        /* the same run fed with zeros, NULL = none given */
    bool one_batch;                          /* trained on one batch only, to overfit it */
    double n_classes;                        /* 0 = not known */
    const struct lrp_check *check;           /* the row */
    const double *params;                    /* of the check, in the order of its table */
    struct lrp_diagnosis_evidence *evidence; /* for plots; never NULL */
    struct lrp_error *err;                   /* for functions that may fail; may be NULL */
};

/* The section of a report that the findings of a check belong to; an alarm goes where its verdict
 * does. */
enum lrp_check_family {
    LRP_FAMILY_OTHER = 0,
    LRP_FAMILY_DIVERGENCE,
    LRP_FAMILY_OSCILLATION,
    LRP_FAMILY_PROGRESS,
    LRP_FAMILY_GENERALISATION,
};

/* How a check is treated. */
enum lrp_check_flag {
    LRP_CHECK_OF_LOG = 1 << 0,         /* judges the log, not the training: of a sweep too */
    LRP_CHECK_EXPLAINS_ALL = 1 << 1,   /* where it argues that nothing was learned, that comes
                                          before every other verdict */
    LRP_CHECK_BEFORE_SPIKES = 1 << 3,  /* as a warning it comes before spikes, which do not explain
                                          it */
    LRP_CHECK_ADVISES_HIGHER = 1 << 2, /* its advice is a higher rate: not for an unsteady run */
};

struct lrp_check {
    const char *id;           /* "D1" */
    const char *title;        /* what is wrong when it fires: "ended no better than it started" */
    const char *needs;        /* as shown: "loss", "loss, val_loss", "lr and --bounds" */
    unsigned metrics;         /* bit 1 << enum lrp_metric of each that must be there */
    size_t least;             /* finite values that each of them must have */
    enum lrp_verdict verdict; /* what it argues for when it warns or fails; UNDECIDED = nothing */
    enum lrp_check_family family;
    unsigned flags;     /* enum lrp_check_flag */
    const char *method; /* for the manual: the statistic and when it fires, whole sentences */
    const char *remedy; /* what to try, in order; whole sentences. The advice of an alarm for which
                           the check chooses none of these: */
    /* for what it may find, from index 1 on; {2} is a number with two digits, {0} one without
     * decimals, {position} the word "step", "epoch" or "row" */
    const char *advice[LRP_CHECK_ADVICE];
    const char *source; /* where the idea comes from */
    const struct lrp_check_param *params;
    size_t n_params;
    /* out comes with id, title, needs and verdict filled, status pass, value, threshold and steps
     * NaN, texts empty. The columns it needs are there with enough values. What the run cannot
     * answer is a finding that is not assessed; a failure of ours (LRP_E_NOMEM) is returned, and
     * is one of the diagnosis. */
    enum lrp_status (*run)(const struct lrp_check_input *in, struct lrp_finding *out);
};
/* Bit of a metric, for lrp_check.metrics. */
#define LRP_NEEDS(metric) (1U << LRP_METRIC_##metric)
/* Members params and n_params of a row. */
#define LRP_CHECK_PARAM_TABLE(table) .params = (table), .n_params = sizeof(table) / sizeof(table)[0]

extern const struct lrp_check *const lrp_checks[]; /* in the order of the checklist; ends with NULL
                                                    */
extern const size_t lrp_n_checks;
/* Index of the check whose id is the first length bytes of id, lrp_n_checks where there is none. */
size_t lrp_check_index(const char *id, size_t length);

/* The status and the evidence, which is cut where it does not fit. Returns LRP_OK, so that it can
 * be a check's last word; so do the next two. */
enum lrp_status lrp_finding_set(struct lrp_finding *out, enum lrp_check_status status,
                                const char *format, ...) LRP_PRINTF(3, 4);
/* It passes, and why. */
enum lrp_status lrp_finding_pass(struct lrp_finding *out, const char *format, ...) LRP_PRINTF(2, 3);
/* It is not assessed, and why; without value and threshold. */
enum lrp_status lrp_finding_skip(struct lrp_finding *out, const char *format, ...) LRP_PRINTF(2, 3);
enum { LRP_REMEDY = 0 };
/* What to try: an advice of the row, LRP_REMEDY or an index into its table, with the numbers that
 * it names in that order (NULL where it names none). Nothing where one of them is NaN. */
void lrp_finding_advise(const struct lrp_check_input *in, struct lrp_finding *out, size_t which,
                        const double numbers[LRP_ADVICE_NUMBERS]);
/* LRP_NUMBERS{lr, lr / 3} */
#define LRP_NUMBERS (const double[LRP_ADVICE_NUMBERS])
/* The check's statistic and its limit. */
void lrp_finding_measure(struct lrp_finding *out, double value, double threshold);
/* The positions between which it was seen. */
void lrp_finding_span(struct lrp_finding *out, double first, double last);
#endif
