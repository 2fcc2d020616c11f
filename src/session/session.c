/* SPDX-License-Identifier: MIT */
#include "session.h"

#include "alloc.h"
#include "answer.h"
#include "child_setup.h"
#include "environment.h"
#include "fresh.h"
#include "fresh_run.h"
#include "launcher.h"
#include "loss_pattern.h"
#include "manifest.h"
#include "number.h"
#include "phase.h"
#include "same_runs.h"
#include "scout_reading.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS_MAX = 5, MORE_STEPS_MAX = 2 };
/* Passes through the training data after which a sweep that finds no end is tried with fewer steps,
 * and the fewest steps then: wine (142 rows) is learnt by heart in 50 passes, not in 20. */
enum { SHORTENED_PASSES = 20, SHORTENED_STEPS = 40, FEWEST_STEPS = 20 };
/* A sweep over less than this factor shows nothing but one place. */
static const double NARROWEST_RANGE = 2;

struct range { /* of the next round */
    double lr_min, lr_max;
    size_t steps;
    size_t lengthened; /* times that the steps were doubled */
    size_t extended;   /* times that the highest rate was raised */
    bool shortened;    /* the steps were cut, since the data were learnt by heart */
};

static size_t processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) {
        return 1;
    }
    int n = CPU_COUNT(&set);
    return n > 0 ? (size_t)n : 1;
}

static void fill_defaults(struct lrp_session_options *options)
{
    if (options->steps == 0) {
        options->steps = options->fresh ? LRP_FRESH_STEPS : 200;
    }
    if (options->repeats == 0) {
        options->repeats = options->fresh ? LRP_FRESH_REPEATS : 5;
    }
    options->scout_steps = options->scout_steps > 0 ? options->scout_steps : 100;
    const bool queue = lrp_launcher_of(&options->launch)->whole_set;
    /* nobody knows what a strange trainer takes of the machine */
    if (options->jobs == 0 && !queue) {
        options->jobs = options->external ? 1 : processors();
    }
}

static enum lrp_status check_options(const struct lrp_session_options *options,
                                     struct lrp_error *err)
{
    double low = 0;
    double high = 0;
    lrp_scout_ends(options->lr_min, options->lr_max, &low, &high);
    enum lrp_status status = lrp_plan_check(low, high, options->steps, err);
    if (status == LRP_OK && high < NARROWEST_RANGE * low) {
        status = lrp_fail(err, LRP_E_ARG, 0,
                          "lr-max is %g, but a range test needs at least %g times lr-min, which is "
                          "%g",
                          high, NARROWEST_RANGE, low);
    }
    if (status == LRP_OK && options->fresh) {
        return lrp_fresh_check(options, err);
    }
    return status == LRP_OK ? lrp_plan_check(low, high, options->scout_steps, err) : status;
}

static double decades(double low, double high)
{
    return log10(high) - log10(low);
}

/* Steps for a range at the density that the manifest keeps; not so few that nothing can be seen. */
static size_t steps_for(const struct lrp_session *session, double low, double high)
{
    double steps = ceil(session->steps_per_decade * decades(low, high)) + 1;
    steps = fmax(steps, FEWEST_STEPS);
    return steps < LRP_PLAN_MAX_STEPS ? (size_t)steps : LRP_PLAN_MAX_STEPS;
}

static const char *shown(double rate, char *buffer)
{
    return lrp_format_short(rate, 2, buffer);
}

static void end_scout(struct lrp_session *session, const struct lrp_scout *scout)
{
    char sentence[120];
    char a[LRP_NUMBER_SIZE];
    char b[LRP_NUMBER_SIZE];
    const char *learns = isnan(scout->starts) ? NULL : shown(scout->starts, a);
    const char *diverges = isnan(scout->diverges) ? NULL : shown(scout->diverges, b);
    (void)snprintf(
        sentence, sizeof sentence, "%s%s, %s%s",
        learns == NULL ? "no learning seen" : "starts to learn near ", learns == NULL ? "" : learns,
        diverges == NULL ? "does not diverge" : "diverges near ", diverges == NULL ? "" : diverges);
    lrp_phase_end(session, sentence);
}

static enum lrp_status read_scout(struct lrp_session *session,
                                  const struct lrp_phase_records *records, struct lrp_scout *scout,
                                  struct lrp_error *err)
{
    const struct lrp_record *record = records->records[0];
    size_t lr = lrp_record_find_column(record, "lr");
    size_t loss = lrp_record_find_column(record, "loss");
    if (lr == LRP_NO_COLUMN || loss == LRP_NO_COLUMN || lrp_record_rows(record) == 0) {
        return lrp_fail(err, LRP_E_CHILD, 0, "the trainer's report has no columns lr and loss");
    }
    if (!lrp_scout_choose(lrp_record_values(record, lr), lrp_record_values(record, loss),
                          lrp_record_rows(record), records->any_diverged, scout)) {
        return lrp_fail_memory(err, 0);
    }
    end_scout(session, scout);
    return LRP_OK;
}

/* The scout, and from it the range of the first round; given ends stay as they are. */
static enum lrp_status scout_range(struct lrp_session *session, struct range *range,
                                   struct lrp_error *err)
{
    const struct lrp_session_options *options = &session->options;
    double low = 0;
    double high = 0;
    lrp_scout_ends(options->lr_min, options->lr_max, &low, &high);
    const struct lrp_phase phase = {
        .name = "scout", .lr_min = low, .lr_max = high, .steps = options->scout_steps, .n_runs = 1};
    struct lrp_phase_records records;
    struct lrp_scout scout;
    enum lrp_status status = lrp_phase_run(session, &phase, options->seed, &records, err);
    if (status == LRP_OK && records.n == 0) {
        status = lrp_nothing_usable(session, err);
    }
    if (status == LRP_OK) {
        status = read_scout(session, &records, &scout, err);
    }
    lrp_phase_records_fini(&records);
    if (status != LRP_OK) {
        return status;
    }
    range->lr_min = isnan(options->lr_min) ? scout.lr_min : options->lr_min;
    range->lr_max = isnan(options->lr_max) ? scout.lr_max : options->lr_max;
    if (range->lr_min >= range->lr_max) {
        range->lr_min = isnan(options->lr_min) ? range->lr_max / 1000 : range->lr_min;
        range->lr_max = isnan(options->lr_max) ? range->lr_min * 1000 : range->lr_max;
    }
    return LRP_OK;
}

/* What a stop means for the answer. An earlier whole round beats a later one that was cut short and
 * has no bounds to show; true if it is to be kept. */
static bool stopped_round(const struct lrp_session *session, const struct lrp_phase *phase,
                          const struct lrp_phase_records *records, struct lrp_bounds *bounds)
{
    struct lrp_session_result *result = session->result;
    if (result->n_records > 0 && bounds->outcome != LRP_OUTCOME_OK) {
        lrp_bounds_warn(&result->bounds,
                        "stopped during a further round, %.3g to %.3g; this is the answer of the "
                        "round before it",
                        phase->lr_min, phase->lr_max);
        return true;
    }
    if (records->cut) {
        lrp_bounds_warn(bounds, "stopped on the way up: rates above %.3g were not tried",
                        bounds->lr_high);
    } else {
        lrp_bounds_warn(bounds, "stopped: this rests on %zu of %zu repeats", records->n,
                        phase->n_runs);
    }
    return false;
}

/* One round: the repeats over range and their analysis. The result is replaced only when there is
 * something to analyse, so that a stop in a later round keeps the earlier one. */
static enum lrp_status run_round(struct lrp_session *session, const struct range *range,
                                 struct lrp_error *err)
{
    struct lrp_session_result *result = session->result;
    const struct lrp_session_options *options = &session->options;
    const struct lrp_phase phase = {.name = "repeats",
                                    .lr_min = range->lr_min,
                                    .lr_max = range->lr_max,
                                    .steps = range->steps,
                                    .n_runs = options->repeats};
    struct lrp_phase_records records;
    enum lrp_status ran = lrp_phase_run(session, &phase, options->seed + 1, &records, err);
    if (ran != LRP_OK && ran != LRP_E_INTERRUPTED) {
        return ran;
    }
    lrp_phase_end(session, "");
    if (records.n == 0) {
        lrp_phase_records_fini(&records);
        return ran != LRP_OK ? ran : lrp_nothing_usable(session, err);
    }
    struct lrp_bounds_options how;
    lrp_bounds_options_default(&how);
    how.steps_planned = options->steps_planned;
    how.steps_per_epoch = options->steps_per_epoch;
    struct lrp_bounds bounds;
    struct lrp_curve *curve = NULL;
    enum lrp_status status = lrp_bounds_find_curve(
        (const struct lrp_record *const *)records.records, records.n, &how, &bounds, &curve, err);
    if (status != LRP_OK) {
        lrp_phase_records_fini(&records);
        return status;
    }
    if (lrp_runs_are_same((const struct lrp_record *const *)records.records, records.n)) {
        lrp_bounds_warn(&bounds, "all repeats are the same to the last digit: the trainer takes no "
                                 "notice of LRPROBE_SEED, so the intervals mean nothing");
    }
    if (ran == LRP_E_INTERRUPTED && stopped_round(session, &phase, &records, &bounds)) {
        lrp_phase_records_fini(&records);
        lrp_curve_free(curve);
        return ran;
    }
    struct lrp_phase_records old = {.records = result->records, .n = result->n_records};
    lrp_phase_records_fini(&old);
    lrp_curve_free(result->curve);
    result->bounds = bounds;
    result->curve = curve;
    result->records = records.records;
    result->n_records = records.n;
    struct lrp_phase *done = &session->phases[session->n_phases - 1];
    done->outcome = lrp_outcome_name(bounds.outcome);
    done->any_diverged = records.any_diverged;
    return ran;
}

/* A small data set that is seen again and again is learnt by heart before the rate is high enough
 * to diverge: with a loss of nearly 0 there is no gradient left, and no rate does harm. Fewer steps
 * then. *again stays false where that is not the case, or was done already. */
static enum lrp_status fewer_steps(struct lrp_session *session, struct range *range, bool *again,
                                   struct lrp_error *err)
{
    const double per_epoch = session->options.steps_per_epoch;
    double passes = per_epoch > 0 ? (double)range->steps / per_epoch : 0;
    double steps = fmax(SHORTENED_PASSES * per_epoch, SHORTENED_STEPS);
    if (range->shortened || range->extended == 0 || passes <= SHORTENED_PASSES ||
        steps >= (double)range->steps) {
        return LRP_OK;
    }
    range->shortened = true;
    session->steps_per_decade = (steps - 1) / decades(range->lr_min, range->lr_max);
    *again = true;
    return lrp_session_event(session, err,
                             "each repeat went %.0f times through the training data, enough to "
                             "learn them by heart: the repeats were run again with %.0f steps",
                             passes, steps);
}

static enum lrp_status extend_up(struct lrp_session *session, struct range *range, bool *again,
                                 struct lrp_error *err)
{
    char a[LRP_NUMBER_SIZE];
    if (!isnan(session->options.lr_max)) {
        return lrp_session_event(session, err,
                                 "the loss did not diverge up to %s; the range was not extended, "
                                 "since --lr-max was given",
                                 shown(range->lr_max, a));
    }
    if (range->lr_max >= LRP_HIGHEST_RATE) {
        return lrp_session_event(session, err, "the loss did not diverge up to %s, the ceiling",
                                 shown(range->lr_max, a));
    }
    enum lrp_status status = fewer_steps(session, range, again, err);
    if (status != LRP_OK || *again) {
        return status;
    }
    range->extended++;
    range->lr_max = fmin(range->lr_max * 10, LRP_HIGHEST_RATE);
    *again = true;
    return lrp_session_event(session, err,
                             "the loss did not diverge: the range was extended up to %s",
                             shown(range->lr_max, a));
}

static enum lrp_status extend_down(struct lrp_session *session, struct range *range,
                                   const char *why, double factor, bool *again,
                                   struct lrp_error *err)
{
    char a[LRP_NUMBER_SIZE];
    if (!isnan(session->options.lr_min)) {
        return lrp_session_event(session, err,
                                 "%s at %s; the range was not lowered, since --lr-min was given",
                                 why, shown(range->lr_min, a));
    }
    if (range->lr_min <= LRP_LOWEST_RATE) {
        return lrp_session_event(session, err, "%s at %s, the floor", why, shown(range->lr_min, a));
    }
    range->lr_min = fmax(lrp_round_rate(range->lr_min / factor, false), LRP_LOWEST_RATE);
    *again = true;
    return lrp_session_event(session, err, "%s: the range was lowered to %s", why,
                             shown(range->lr_min, a));
}

static enum lrp_status more_steps(struct lrp_session *session, struct range *range, bool *again,
                                  struct lrp_error *err)
{
    const struct lrp_session_options *options = &session->options;
    bool all_given = !isnan(options->lr_min) && !isnan(options->lr_max);
    if (all_given || range->lengthened >= MORE_STEPS_MAX || range->steps > LRP_PLAN_MAX_STEPS / 2) {
        return LRP_OK;
    }
    range->lengthened++;
    session->steps_per_decade *= 2;
    *again = true;
    return lrp_session_event(
        session, err, "the repeats were %s: they were run again with twice the steps",
        session->result->bounds.outcome == LRP_OUTCOME_TOO_NOISY ? "too noisy" : "too short");
}

/* From the outcome of a round to the range of the next; *again stays false where there is nothing
 * more to try. */
static enum lrp_status adapt(struct lrp_session *session, struct range *range, bool *again,
                             struct lrp_error *err)
{
    const struct lrp_bounds *bounds = &session->result->bounds;
    const double low = range->lr_min;
    enum lrp_status status = LRP_OK;
    switch (bounds->outcome) {
    case LRP_OUTCOME_OK:
        /* in a linear sweep the second step is decades away, wherever the first one lies */
        if (!(bounds->base_lr.value > low * 1.05) && session->options.shape != LRP_SWEEP_LINEAR) {
            status = extend_down(session, range, "the model learns already at the lowest rate", 30,
                                 again, err);
        }
        break;
    case LRP_OUTCOME_DID_NOT_DIVERGE:
    case LRP_OUTCOME_FLAT:
        status = extend_up(session, range, again, err);
        break;
    case LRP_OUTCOME_DIVERGED_AT_START:
        status =
            extend_down(session, range, "the loss diverged at the lowest rate", 1000, again, err);
        if (*again && isnan(session->options.lr_max)) {
            range->lr_max = low * 10;
        }
        break;
    case LRP_OUTCOME_TOO_SHORT:
        status = more_steps(session, range, again, err);
        break;
    case LRP_OUTCOME_TOO_NOISY:
        /* where nothing diverged the fall may lie higher: noise is all there is below it */
        status = session->phases[session->n_phases - 1].any_diverged
                     ? more_steps(session, range, again, err)
                     : extend_up(session, range, again, err);
        break;
    }
    if (*again) {
        range->steps = steps_for(session, range->lr_min, range->lr_max);
    }
    return status;
}

static enum lrp_status run_rounds(struct lrp_session *session, struct lrp_error *err)
{
    const struct lrp_session_options *options = &session->options;
    struct range range = {.lr_min = options->lr_min, .lr_max = options->lr_max};
    enum lrp_status status = LRP_OK;
    if (isnan(range.lr_min) || isnan(range.lr_max)) {
        status = scout_range(session, &range, err);
    }
    if (status != LRP_OK) {
        return status;
    }
    range.steps = options->steps;
    session->steps_per_decade = (double)(options->steps - 1) / decades(range.lr_min, range.lr_max);
    bool again = true;
    for (size_t round = 1; again && status == LRP_OK; round++) {
        status = run_round(session, &range, err);
        again = false;
        if (status == LRP_OK && round < ROUNDS_MAX) {
            status = adapt(session, &range, &again, err);
        }
    }
    return status;
}

/* Defaults, the folder, and what external trainers are given. */
static enum lrp_status set_up(struct lrp_session *session, char **folder, struct lrp_error *err)
{
    struct lrp_session_options *options = &session->options;
    fill_defaults(options);
    enum lrp_status status = check_options(options, err);
    if (status == LRP_OK) {
        status = lrp_folder_make(session, err);
    }
    if (status != LRP_OK) {
        return status;
    }
    /* whole paths: a trainer may change its folder before it reads its plan */
    *folder = realpath(options->folder, NULL);
    if (*folder == NULL) {
        return lrp_fail_errno(err, errno, "use the folder", options->folder);
    }
    options->folder = *folder;
    options->launch.folder = *folder;
    options->limits.launch = &options->launch;
    status = lrp_folder_lock(*folder, &session->lock, err);
    if (status == LRP_OK && options->loss_pattern != NULL) {
        status = lrp_loss_pattern_new(options->loss_pattern, &session->loss_pattern, err);
    }
    if (status == LRP_OK && options->external) {
        status = lrp_child_files_write(*folder, err);
    }
    return status == LRP_OK
               ? lrp_child_environment(options, processors(), &session->environment, err)
               : status;
}

static void tear_down(struct lrp_session *session)
{
    for (size_t i = 0; i < session->n_runs; i++) {
        for (size_t k = 0; k < 4; k++) {
            free(session->runs[i].paths[k]);
        }
        lrp_fresh_run_fini(&session->runs[i]);
    }
    lrp_loss_pattern_free(session->loss_pattern);
    free(session->runs);
    free(session->phases);
    lrp_environment_free(session->environment);
    if (session->lock >= 0) {
        close(session->lock);
    }
}

enum lrp_status lrp_session_run(const struct lrp_session_options *options,
                                const struct lrp_session_handlers *handlers,
                                struct lrp_session_result *result, struct lrp_error *err)
{
    struct lrp_session session = {.options = *options,
                                  .handlers = handlers,
                                  .result = result,
                                  .lock = -1,
                                  .steps_per_decade = (double)NAN};
    char *folder = NULL;
    *result = (struct lrp_session_result){0};
    lrp_bounds_clear(&result->bounds);
    enum lrp_status status = set_up(&session, &folder, err);
    if (status == LRP_OK) {
        status = options->fresh ? lrp_fresh_rounds(&session, err) : run_rounds(&session, err);
        enum lrp_status written = lrp_manifest_write(&session, status == LRP_OK ? err : NULL);
        status = status == LRP_OK ? written : status;
    }
    tear_down(&session);
    free(folder);
    return status;
}

void lrp_session_result_fini(struct lrp_session_result *result)
{
    struct lrp_phase_records records = {.records = result->records, .n = result->n_records};
    lrp_phase_records_fini(&records);
    for (size_t i = 0; i < result->n_events; i++) {
        free(result->events[i]);
    }
    free(result->events);
    for (size_t i = 0; i < result->n_outputs; i++) {
        free(result->outputs[i].lines);
    }
    lrp_curve_free(result->curve);
    *result = (struct lrp_session_result){0};
}
