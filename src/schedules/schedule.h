/* SPDX-License-Identifier: MIT */
/* Schedules: learning rate and momentum as functions of the step, and for those that wait for a
 * plateau, of the losses so far. Defaults and the value at every step are PyTorch's where PyTorch
 * has the schedule.
 *
 * Steps count from 0. A warm-up of W steps may stand in front of any schedule: step k < W has
 * (k + 1) / (W + 1) of the schedule's first rate (Goyal et al. 1706.02677, section 2.2: gradual
 * warm-up; PyTorch's LinearLR with start_factor 1 / (W + 1) and total_iters W), and its first
 * momentum. The schedule itself begins at step W and has the rest of the run. */
#ifndef LRP_SCHEDULES_SCHEDULE_H
#define LRP_SCHEDULES_SCHEDULE_H

#include "status.h"
#include "text.h"

#include <stdbool.h>

enum { LRP_SCHEDULE_KEYS = 16, LRP_SCHEDULE_LIST = 256 };

/* Where a key's value comes from when it is filled in from the bounds of a range test. */
enum lrp_schedule_source {
    LRP_FROM_NOTHING,
    LRP_FROM_SUGGESTED, /* the one rate: what a run bears for long */
    LRP_FROM_ONE_CYCLE_MAX,
    LRP_FROM_ONE_CYCLE_INITIAL,
    LRP_FROM_ONE_CYCLE_FINAL,
    LRP_FROM_MOMENTUM_LOW,
    LRP_FROM_MOMENTUM_HIGH,
    LRP_FROM_CLR_BASE,
    LRP_FROM_CLR_MAX,
    LRP_FROM_CLR_STEP_SIZE
};
struct lrp_schedule_key {
    const char *name;
    double low, high;  /* allowed, both ends */
    double value;      /* default; NaN = must be given, or see default_text */
    const char *words; /* "cos|linear": the value is the index of the word; NULL = a number */
    const char *help;  /* small letter, no full stop */
    const char *default_text; /* of a default that depends on others; NULL = it is value */
    enum lrp_schedule_source source;
    bool whole; /* a whole number */
    bool list;  /* whole numbers a/b/c, kept in struct lrp_schedule's list */
};
/* The allowed range of a rate. */
#define LRP_RATE_LEAST 1e-30
#define LRP_RATE_MOST  1e30

struct lrp_schedule_row;
struct lrp_schedule {
    const struct lrp_schedule_row *row;
    double values[LRP_SCHEDULE_KEYS]; /* in the order of the row's keys */
    double list[LRP_SCHEDULE_LIST];   /* ascending */
    size_t n_list;
    double warmup; /* steps; below 1 a share of the run */
};
/* What a plateau schedule wants to be told: the column's name in a run record. */
enum lrp_schedule_metric {
    LRP_SCHEDULE_BY_LOSS,
    LRP_SCHEDULE_BY_VAL_LOSS,
    LRP_SCHEDULE_BY_ACCURACY,
    LRP_SCHEDULE_BY_VAL_ACCURACY,
    LRP_SCHEDULE_BY_NONE
};
#define LRP_SCHEDULE_BY_WORDS "loss|val_loss|accuracy|val_accuracy"

struct lrp_schedule_row {
    const char *name;
    const char *help;
    const char *source; /* paper, and the formula's place in it */
    bool by_factors;    /* it falls by factors: to be looked at on a logarithmic axis */
    const struct lrp_schedule_key *keys;
    size_t n_keys;
    /* Fills in values that depend on others; checks them together. NULL = nothing to do. */
    enum lrp_status (*resolve)(struct lrp_schedule *schedule, struct lrp_error *err);
    /* step 0 .. n_steps - 1, the warm-up not counted; defined for later steps too. */
    struct lrp_schedule_point (*at)(const struct lrp_schedule *schedule, double n_steps,
                                    double step);
    /* The same as text for lrp_schedule_code: lines "name = expression" that end with rate, and
     * with momentum where it cycles (see code.h). Of those that go by losses: what their code needs
     * beside the keys. */
    void (*formula)(const struct lrp_schedule *schedule, double n_steps, struct lrp_text *out);
    /* The call of PyTorch's own class, after "torch.optim.lr_scheduler."; NULL = PyTorch has none.
     * False: none for these values. */
    bool (*pytorch)(const struct lrp_schedule *schedule, double n_steps, struct lrp_text *out);
    /* Those that go by losses: settle fills in the defaults that depend on the run (steps_per_epoch
     * 0 = not known); a state of so many bytes, zeroed before begin. observe is given every
     * value of the metric, nan and inf among them, and returns the rate of the steps to come. */
    size_t state_size;
    size_t metric_key; /* index of the key that chooses the metric */
    void (*settle)(struct lrp_schedule *schedule, double n_steps, double steps_per_epoch);
    void (*begin)(const struct lrp_schedule *schedule, void *state);
    double (*observe)(const struct lrp_schedule *schedule, void *state, double value);
};
extern const struct lrp_schedule_row *const lrp_schedules[];  /* ends with NULL */
extern const struct lrp_schedule_key lrp_schedule_warmup_key; /* of all rows */
extern const struct lrp_schedule_row lrp_schedule_constant;
extern const struct lrp_schedule_row lrp_schedule_step;
extern const struct lrp_schedule_row lrp_schedule_multistep;
extern const struct lrp_schedule_row lrp_schedule_exponential;
extern const struct lrp_schedule_row lrp_schedule_polynomial;
extern const struct lrp_schedule_row lrp_schedule_inverse_time;
extern const struct lrp_schedule_row lrp_schedule_cosine;
extern const struct lrp_schedule_row lrp_schedule_triangular;
extern const struct lrp_schedule_row lrp_schedule_triangular2;
extern const struct lrp_schedule_row lrp_schedule_exp_range;
extern const struct lrp_schedule_row lrp_schedule_sgdr;
extern const struct lrp_schedule_row lrp_schedule_onecycle;
extern const struct lrp_schedule_row lrp_schedule_wsd;
extern const struct lrp_schedule_row lrp_schedule_plateau;
extern const struct lrp_schedule_row lrp_schedule_plateau_torch;

/* "triangular:base_lr=1e-3,max_lr=0.1,step_size=200". Keys that are not given are filled in from
 * bounds (NULL = none) where these have them, else by their defaults. LRP_E_ARG names the key and
 * what there is. LRP_E_NODATA: the bounds lack what the schedule needs. */
enum lrp_status lrp_schedule_parse(const char *text, const struct lrp_bounds *bounds,
                                   struct lrp_schedule *schedule, struct lrp_error *err);
/* The whole as a spec that parses to the same, defaults included but those that the run decides. */
void lrp_schedule_spec(const struct lrp_schedule *schedule, struct lrp_text *out);
/* Steps of the warm-up in a run of n_steps. */
double lrp_schedule_warmup(const struct lrp_schedule *schedule, size_t n_steps);
/* Rate and momentum of step (from 0) of a run of n_steps; of a schedule that goes by losses, the
 * one where the rate never falls. */
struct lrp_schedule_point lrp_schedule_at(const struct lrp_schedule *schedule, size_t n_steps,
                                          size_t step);

/* LRP_SCHEDULE_BY_NONE: the schedule is a function of the step alone. */
enum lrp_schedule_metric lrp_schedule_metric(const struct lrp_schedule *schedule);
/* "loss", "val_loss", ...: the column's name; NULL of LRP_SCHEDULE_BY_NONE. */
const char *lrp_schedule_metric_name(enum lrp_schedule_metric metric);

/* A run under a parsed schedule, which is copied; see lrp_schedule_run_new. steps_per_epoch: 0 =
 * not known. */
enum lrp_status lrp_schedule_begin(const struct lrp_schedule *schedule, size_t n_steps,
                                   size_t steps_per_epoch, struct lrp_schedule_run **out,
                                   struct lrp_error *err);
#endif
