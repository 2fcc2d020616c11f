/* SPDX-License-Identifier: MIT */
/* liblrprobe: read training logs, find learning-rate bounds, say why a run fails.
 *
 * Ownership. Objects come from *_new or *_read and end with the matching *_free, which accepts
 * NULL. Out-parameters are written only on LRP_OK and then belong to the caller. Input pointers are
 * borrowed for the call. Returned const pointers stay valid until the object changes.
 * Errors. Fallible functions return enum lrp_status; their last parameter takes a caller-owned
 * struct lrp_error (or NULL), filled only on failure. The library never prints, never exits, never
 * touches the locale or signals. Threads. Nothing is shared between objects: different objects may
 * be used from different threads.
 */
#ifndef LRPROBE_LRPROBE_H
#define LRPROBE_LRPROBE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LRP_API          __attribute__((visibility("default")))
#define LRP_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define LRP_API
#define LRP_PRINTF(f, a)
#endif

/* Values are part of the ABI: append, never renumber. */
enum lrp_status {
    LRP_OK = 0,
    LRP_E_NOMEM = 1,       /* memory could not be had */
    LRP_E_ARG = 2,         /* the caller asked for something that makes no sense (usage) */
    LRP_E_FORMAT = 3,      /* the data are not what they should be */
    LRP_E_LIMIT = 4,       /* the data are larger than a stated limit */
    LRP_E_IO = 5,          /* the operating system refused: open, write, disk full, spawn */
    LRP_E_NODATA = 6,      /* the data are well-formed but hold nothing to work on */
    LRP_E_TOOL = 7,        /* a helper program (gnuplot) is missing or failed */
    LRP_E_INTERRUPTED = 8, /* stopped on request */
    LRP_E_CHILD = 9        /* a trainer process failed */
};

/* Filled only on failure. message is one sentence without prefix and newline. */
struct lrp_error {
    enum lrp_status status;
    size_t line; /* 1-based line in the input, 0 = not known */
    char message[400];
};

/* ---- run records --------------------------------------------------------------------------- */

/* One training run as named columns of double over rows. Row k: `lr` is the rate used for update k,
 * `loss` the loss before that update, val_* measured after it. A cell may be missing ("not measured
 * here"); nan and inf are data. */
struct lrp_record;

#define LRP_NO_COLUMN ((size_t)-1)

/* Read a log from a file (plain or .gz; "-" is standard input), or from memory.
 * format: a reader's name, or NULL to detect it. LRP_E_IO, LRP_E_FORMAT, LRP_E_LIMIT, LRP_E_NODATA.
 */
LRP_API enum lrp_status lrp_record_read(const char *path, const char *format,
                                        struct lrp_record **out, struct lrp_error *err);
LRP_API enum lrp_status lrp_record_read_memory(const void *bytes, size_t length, const char *format,
                                               struct lrp_record **out, struct lrp_error *err);
LRP_API void lrp_record_free(struct lrp_record *record);
LRP_API size_t lrp_record_rows(const struct lrp_record *record);
LRP_API size_t lrp_record_columns(const struct lrp_record *record);
LRP_API const char *lrp_record_column_name(const struct lrp_record *record, size_t column);
/* Index of the column with that name, LRP_NO_COLUMN if there is none. */
LRP_API size_t lrp_record_find_column(const struct lrp_record *record, const char *name);
/* rows values; where a cell is missing the value is NaN, see lrp_record_present. */
LRP_API const double *lrp_record_values(const struct lrp_record *record, size_t column);
/* 1 if the cell was measured (nan and inf are), 0 if it is missing. */
LRP_API int lrp_record_present(const struct lrp_record *record, size_t column, size_t row);
/* Value of a "# key: value" line at the top, NULL if there is none. */
LRP_API const char *lrp_record_meta(const struct lrp_record *record, const char *key);

/* ---- bounds -------------------------------------------------------------------------------- */

enum lrp_outcome {
    LRP_OUTCOME_OK = 0,
    LRP_OUTCOME_DID_NOT_DIVERGE = 1,
    LRP_OUTCOME_DIVERGED_AT_START = 2,
    LRP_OUTCOME_FLAT = 3,
    LRP_OUTCOME_TOO_NOISY = 4,
    LRP_OUTCOME_TOO_SHORT = 5
};
/* "ok", "did-not-diverge", ...: the words of bounds.json. */
LRP_API const char *lrp_outcome_name(enum lrp_outcome outcome);

/* Why an outcome is not ok, or what limits an answer. Values are part of the ABI: append. */
enum lrp_reason {
    LRP_REASON_NONE = 0,
    LRP_REASON_RANGE_TOO_LOW = 1,     /* the highest rate that was swept is not too high yet */
    LRP_REASON_RANGE_TOO_HIGH = 2,    /* the lowest rate that was swept is too high already */
    LRP_REASON_NO_LEARNING = 3,       /* nothing is learnt below the rate where the loss rises */
    LRP_REASON_MEMORISED = 4,         /* the loss reached zero before any rate was too high */
    LRP_REASON_NO_EFFECT = 5,         /* the losses do not depend on the rate */
    LRP_REASON_TRAINER_ENDED = 6,     /* the trainer ended by itself before more could be seen */
    LRP_REASON_DIRECTION_UNKNOWN = 7, /* whether a high or a low value of the metric is good */
    LRP_REASON_NOISE = 8,
    LRP_REASON_FEW_STEPS = 9,
    LRP_REASON_REPEATS_DIFFER = 10
};
/* "memorised", "no-effect", ...: the words of bounds.json; NULL for LRP_REASON_NONE. */
LRP_API const char *lrp_reason_name(enum lrp_reason reason);

/* A rate with its interval; NaN where it cannot be given. */
struct lrp_rate {
    double value;
    double low;
    double high;
};

enum { LRP_BOUNDS_WARNINGS = 12, LRP_PEERS = 6, LRP_GROUPS = 32 };
/* What a warning is of, for who has to find it again. */
enum lrp_warning {
    LRP_WARNING_OTHER = 0,
    LRP_WARNING_NO_BASE_LR = 1, /* why there is none */
    LRP_WARNING_NO_MAX_LR = 2,
    LRP_WARNING_SPARSE = 3 /* too few steps in each decade */
};

/* What the records say of how they were made; advice is for these conditions only. A text is "" and
 * a number NaN (a count 0) where it is not known. */
struct lrp_conditions {
    char optimizer[64]; /* class name, "AdamW" */
    char options[240];  /* "momentum=0.9 weight_decay=0.0005", without the rate */
    /* What a one-cycle or triangular schedule may cycle beside the rate: "momentum", "beta1", or
     * "none" where the sweep had no momentum. */
    char momentum[16];
    double momentum_value;           /* its value in the sweep */
    double own_lr;                   /* what the script would have used, of its fastest group */
    size_t n_groups;                 /* parameter groups; ratios only of the first LRP_GROUPS */
    double group_ratios[LRP_GROUPS]; /* own rates over that of the fastest group */
    size_t n_optimizers;             /* the bounds are those of the one that is recorded */
    double batch_size;
    double steps;         /* of a sweep, or of a run at one rate */
    char start[16];       /* "fresh" or "checkpoint" */
    char framework[32];   /* "torch 2.6.0" */
    int higher_is_better; /* of the metric; 0 where lower is, or where that is not known */
};

struct lrp_bounds {
    enum lrp_outcome outcome;
    enum lrp_reason reason;
    struct lrp_conditions conditions;
    const char *metric;    /* static string: the column that decided, "loss", "val_loss", ... */
    double interval_level; /* 0.9; NaN = "within one sweep", no level */
    double lr_low;         /* the range that was swept */
    double lr_high;
    double steps_planned; /* length of the run to come in steps; NaN = not given */
    struct lrp_rate base_lr;
    struct lrp_rate max_lr;
    struct lrp_rate suggested_lr;
    struct {
        double max_lr, initial_lr, final_lr, momentum_low, momentum_high;
    } one_cycle;
    struct {
        double base_lr, max_lr, step_size, cycles;
    } clr;
    struct {
        double diverged_lr, steepest_lr, lowest_loss_lr;
    } evidence;
    size_t repeats;
    double peers[LRP_PEERS]; /* in the order of lrp_peer_name(); NaN = that rule gives no answer */
    size_t n_warnings;
    char warnings[LRP_BOUNDS_WARNINGS][400];
    enum lrp_warning warning_kinds[LRP_BOUNDS_WARNINGS];
};

/* "fastai_valley", "fastai_slide", "fastai_steep", "fastai_minimum", "lightning",
 * "torch_lr_finder"; NULL past the end. */
LRP_API const char *lrp_peer_name(size_t index);

struct lrp_bounds_options {
    double interval_level;  /* default 0.9 */
    double steps_planned;   /* 0 = not given */
    double steps_per_epoch; /* 0 = not known; used for the CLR step size */
    const char *metric;     /* NULL = choose: validation where present, else loss */
    int direction;          /* 1 = a high value of metric is good, -1 = a low one, 0 = by its name;
                               where that does not say: LRP_REASON_DIRECTION_UNKNOWN */
};
LRP_API void lrp_bounds_options_default(struct lrp_bounds_options *options);

/* Bounds from sweeps (one record a repeat, with columns lr and loss), or from a set of
 * constant-rate runs of one task: told apart by the lr column. options may be NULL. LRP_OK means an
 * answer with an outcome, which may be other than ok. LRP_E_ARG: n_records is 0. LRP_E_NODATA: a
 * column is missing. LRP_E_FORMAT: the records do not fit together. */
LRP_API enum lrp_status lrp_bounds_find(const struct lrp_record *const *records, size_t n_records,
                                        const struct lrp_bounds_options *options,
                                        struct lrp_bounds *out, struct lrp_error *err);

/* ---- schedules ------------------------------------------------------------------------------ */

/* Rate and momentum of a step. */
struct lrp_schedule_point {
    double lr;
    double momentum; /* NaN = the optimizer's own */
};
/* A run under a schedule. */
struct lrp_schedule_run;

/* spec: as for `lrprobe train --schedule`, "onecycle:max_lr=0.1" (lrprobe list schedules). Keys
 * that it leaves out are filled in from bounds (NULL = none) where these have them, else by their
 * defaults. n_steps: length of the run; steps_per_epoch: 0 = not known. LRP_E_ARG names the key and
 * what there is; LRP_E_NODATA: the bounds lack what the schedule needs. */
LRP_API enum lrp_status lrp_schedule_run_new(const char *spec, const struct lrp_bounds *bounds,
                                             size_t n_steps, size_t steps_per_epoch,
                                             struct lrp_schedule_run **out, struct lrp_error *err);
LRP_API void lrp_schedule_run_free(struct lrp_schedule_run *run);
/* For a step, from 0 on. Steps past the end are answered too. */
LRP_API struct lrp_schedule_point lrp_schedule_run_at(const struct lrp_schedule_run *run,
                                                      size_t step);
/* The column of a run record that the schedule goes by ("loss", "val_loss", ...), NULL if the step
 * alone decides. */
LRP_API const char *lrp_schedule_run_metric(const struct lrp_schedule_run *run);
/* Its value at a step, to be told in the order of the steps; counts for those after it. Without
 * effect during the warm-up, and where the step alone decides. */
LRP_API void lrp_schedule_run_observe(struct lrp_schedule_run *run, size_t step, double value);

/* ---- diagnosis ----------------------------------------------------------------------------- */

enum lrp_check_status {
    LRP_CHECK_PASS = 0,
    LRP_CHECK_INFO = 1, /* worth knowing, never an alarm */
    LRP_CHECK_WARN = 2,
    LRP_CHECK_FAIL = 3,
    LRP_CHECK_NOT_ASSESSED = 4 /* a column is missing or there are too few points: evidence says */
};
/* "pass", "info", "warn", "fail", "not-assessed". */
LRP_API const char *lrp_check_status_name(enum lrp_check_status status);

/* In the order of precedence: the first one that a finding argues for is the verdict. */
enum lrp_verdict {
    LRP_VERDICT_NON_FINITE = 0,
    LRP_VERDICT_DIVERGED = 1,
    LRP_VERDICT_NOT_LEARNING = 2,
    LRP_VERDICT_OSCILLATING = 3,
    LRP_VERDICT_SPIKES = 4,
    LRP_VERDICT_SLOW = 5,
    LRP_VERDICT_PLATEAU = 6,
    LRP_VERDICT_OVERFITTING = 7,
    LRP_VERDICT_UNDERFITTING = 8,
    LRP_VERDICT_HEALTHY = 9,
    LRP_VERDICT_UNDECIDED = 10
};
/* "non-finite", "diverged", ...: the words of diagnosis.json. */
LRP_API const char *lrp_verdict_name(enum lrp_verdict verdict);

/* What one check found. */
struct lrp_finding {
    const char *id;    /* static: "D1"; stable, never renumbered */
    const char *title; /* static, in words */
    const char *needs; /* static: the columns it needs, "loss, val_loss" */
    enum lrp_check_status status;
    enum lrp_verdict verdict; /* what a warn or fail argues for; LRP_VERDICT_UNDECIDED = none */
    double value;             /* the check's statistic and its limit, NaN where there is none */
    double threshold;
    double first_step; /* where it was seen, NaN where that makes no sense */
    double last_step;
    char evidence[480]; /* a sentence with numbers */
    char advice[640];   /* what to try, in order, with numbers; "" when nothing is wrong */
};

struct lrp_diagnosis;
struct lrp_diagnose_options {
    const struct lrp_bounds *bounds;   /* a range test of the same task, NULL = none */
    const struct lrp_record *baseline; /* a known good run of the same task, NULL = none */
    /* Runs of the same task at other rates (the run itself may be among them). */
    const struct lrp_record *const *siblings;
    size_t n_siblings;
    const struct lrp_record *zero_input; /* the same run fed with zeros instead of data */
    int one_batch;                       /* the run was trained on one batch only, to overfit it */
    size_t n_classes;                    /* 0 = not known */
    const char *const *sets;             /* n_sets parameters of checks: "D1.ratio=0.9" */
    size_t n_sets;
};
LRP_API void lrp_diagnose_options_default(struct lrp_diagnose_options *options);

/* The checklist for one finished run. options may be NULL. LRP_E_ARG: a parameter that does not
 * exist or is out of bounds. LRP_E_NODATA: no known metric in the record. */
LRP_API enum lrp_status lrp_diagnose(const struct lrp_record *record,
                                     const struct lrp_diagnose_options *options,
                                     struct lrp_diagnosis **out, struct lrp_error *err);
LRP_API void lrp_diagnosis_free(struct lrp_diagnosis *diagnosis);
LRP_API enum lrp_verdict lrp_diagnosis_verdict(const struct lrp_diagnosis *diagnosis);
/* Id of the finding that decided the verdict, NULL where none did (healthy, undecided). */
LRP_API const char *lrp_diagnosis_primary(const struct lrp_diagnosis *diagnosis);
/* One sentence: why this verdict. */
LRP_API const char *lrp_diagnosis_reason(const struct lrp_diagnosis *diagnosis);
LRP_API size_t lrp_diagnosis_findings(const struct lrp_diagnosis *diagnosis);
/* index-th finding, in the order of the checklist; NULL past the end. */
LRP_API const struct lrp_finding *lrp_diagnosis_finding(const struct lrp_diagnosis *diagnosis,
                                                        size_t index);

#ifdef __cplusplus
}
#endif
#endif
