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

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

enum { LRP_SCHEDULE_KEYS = 16, LRP_SCHEDULE_LIST = 256 };

struct lrp_schedule_key {
    const char *name;
    double low, high;  /* allowed, both ends */
    double value;      /* default; NaN = must be given, or see default_text */
    const char *words; /* "cos|linear": the value is the index of the word; NULL = a number */
    const char *help;  /* small letter, no full stop */
    const char *default_text; /* of a default that depends on others; NULL = it is value */
    size_t bound; /* place of the double in struct lrp_bounds that it is filled in from; 0 = none */
    bool whole;   /* a whole number */
    bool all_steps; /* 0 is all steps of the run after the warm-up */
    bool list;      /* whole numbers a/b/c, kept in struct lrp_schedule's list */
};
/* The allowed range of a rate. */
#define LRP_RATE_LEAST 1e-30
#define LRP_RATE_MOST  1e30
/* Rows of key tables: a rate above 0 that must be given; a rate that may be 0, as it is by default;
 * a number; a count from low on; a word of "a|b|c", of which `last` is the last index. What few
 * keys have stands behind the help, by its name. */
#define LRP_RATE_KEY(key_name, ...)                                                                \
    LRP_NUMBER_KEY(key_name, LRP_RATE_LEAST, LRP_RATE_MOST, (double)NAN, __VA_ARGS__)
#define LRP_LOW_RATE_KEY(key_name, ...) LRP_NUMBER_KEY(key_name, 0, LRP_RATE_MOST, 0, __VA_ARGS__)
#define LRP_NUMBER_KEY(key_name, least, most, fallback, ...)                                       \
    {                                                                                              \
        .name = (key_name), .low = (least), .high = (most), .value = (fallback),                   \
        .help = __VA_ARGS__                                                                        \
    }
#define LRP_COUNT_KEY(key_name, least, fallback, ...)                                              \
    LRP_NUMBER_KEY(key_name, least, 1e15, fallback, __VA_ARGS__, .whole = true)
#define LRP_WORD_KEY(key_name, choices, last, fallback, ...)                                       \
    LRP_NUMBER_KEY(key_name, 0, last, fallback, __VA_ARGS__, .words = (choices))
/* Keys that several schedules have. */
#define LRP_FIRST_RATE_KEY(key_name, help_text)                                                    \
    LRP_RATE_KEY(key_name, help_text, .bound = offsetof(struct lrp_bounds, suggested_lr.value))
#define LRP_CYCLE_MOMENTUM "cycle_momentum"
#define LRP_MOMENTUM_KEY                                                                           \
    LRP_WORD_KEY(LRP_CYCLE_MOMENTUM, "0|1", 1, 1, "the momentum goes the other way")
#define LRP_METRIC_KEY                                                                             \
    LRP_WORD_KEY("metric", LRP_SCHEDULE_BY_WORDS, LRP_SCHEDULE_BY_VAL_ACCURACY, 0,                 \
                 "what is watched")

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
    /* Fills in values that depend on other values. NULL = nothing to do. */
    void (*resolve)(double *values);
    /* Pairs of keys of which the first must not be above the second; a pair of zeros ends them. */
    size_t ordered[4][2];
    /* step 0 .. n_steps - 1, the warm-up not counted; defined for later steps too. NULL = the first
     * key's value throughout. */
    struct lrp_schedule_point (*at)(const struct lrp_schedule *schedule, double n_steps,
                                    double step);
    /* The same as text for lrp_schedule_code: lines "name = expression" that end with rate, and
     * with momentum where it cycles (see code.h). Of those that go by losses: what their code needs
     * beside the keys. A function where the text depends on the values. */
    const char *formula;
    void (*write_formula)(const struct lrp_schedule *schedule, double n_steps,
                          struct lrp_text *out);
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
extern const struct lrp_schedule_row lrp_schedule_clr;
extern const struct lrp_schedule_row lrp_schedule_triangular2;
extern const struct lrp_schedule_row lrp_schedule_exp_range;
extern const struct lrp_schedule_row lrp_schedule_sgdr;
extern const struct lrp_schedule_row lrp_schedule_onecycle;
extern const struct lrp_schedule_row lrp_schedule_wsd;
extern const struct lrp_schedule_row lrp_schedule_plateau;
extern const struct lrp_schedule_row lrp_schedule_plateau_torch;

/* "triangular:base_lr=1e-3,max_lr=0.1,step_size=200". Keys that are not given are filled in from
 * bounds (NULL = none) where these have them, else by their defaults. With bounds the momentum
 * cycles only if the sweep was made with one, or if SPEC gives one of its keys. LRP_E_ARG names the
 * key and what there is. LRP_E_NODATA: the bounds lack what the schedule needs. */
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

/* Value of key k; the length of the run where the key stands for all its steps. */
double lrp_schedule_value(const struct lrp_schedule *schedule, size_t k, double n_steps);

/* LRP_SCHEDULE_BY_NONE: the schedule is a function of the step alone. */
enum lrp_schedule_metric lrp_schedule_metric(const struct lrp_schedule *schedule);
/* "loss", "val_loss", ...: the column's name; NULL of LRP_SCHEDULE_BY_NONE. */
const char *lrp_schedule_metric_name(enum lrp_schedule_metric metric);
/* Whether there is a value of it at every step, and whether higher is better. */
bool lrp_schedule_metric_each_step(enum lrp_schedule_metric metric);
bool lrp_schedule_metric_rises(enum lrp_schedule_metric metric);

/* A run under a parsed schedule, which is copied; see lrp_schedule_run_new. steps_per_epoch: 0 =
 * not known. */
enum lrp_status lrp_schedule_begin(const struct lrp_schedule *schedule, size_t n_steps,
                                   size_t steps_per_epoch, struct lrp_schedule_run **out,
                                   struct lrp_error *err);
#endif
