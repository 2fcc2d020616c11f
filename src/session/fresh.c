/* SPDX-License-Identifier: MIT */
#include "fresh.h"

#include "alloc.h"
#include "answer.h"
#include "fresh_grid.h"
#include "fresh_run.h"
#include "fresh_set.h"
#include "number.h"
#include "phase.h"
#include "record_reader.h"
#include "run_notes.h"
#include "scout_reading.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 5, MORE_REPEATS_MAX = 2, SCOUT_STRIDE = 2, FAILURES_TOLD = 3 };
/* So many runs without a loss, the ones at the lowest rates, and the others will have none. */
enum { HOPELESS = 3 };
/* From the scout's bounds so far outwards, in decades: a coarse grid misplaces them by half of it.
 */
static const double MARGIN = 0.4;
/* Where nothing learns or everything diverges the range moves by so much. */
static const double EXTEND_UP = 10;
static const double EXTEND_DOWN = 10;
static const double ESCAPE_DOWN = 1000;

struct fresh {
    struct lrp_session *session;
    struct lrp_fresh_grid grid;
    long stride;    /* 2 for the scout */
    size_t repeats; /* 1 for the scout */
    size_t doubled; /* times that the repeats were doubled */
    double low, high;
    double crash_told; /* lowest rate of a crash that an event tells of */
};

static const char *shown(double rate, char *buffer)
{
    return lrp_format_short(rate, 3, buffer);
}

static bool left_to_us(double given)
{
    return isnan(given);
}

static void measure_range(struct fresh *fresh)
{
    fresh->low = lrp_fresh_grid_rate(&fresh->grid, fresh->grid.low);
    fresh->high = lrp_fresh_grid_rate(&fresh->grid, fresh->grid.high);
}

static bool is_made(const struct lrp_session *session, double lr, uint64_t seed)
{
    for (size_t i = 0; i < session->n_runs; i++) {
        const struct lrp_session_run *item = &session->runs[i];
        if (item->run.seed == seed && fabs(item->lr / lr - 1) < 1e-6) {
            return true;
        }
    }
    return false;
}

/* The runs that the range needs and that are not made yet; lowest rates first, since those never
 * end early and so are the longest, and since they go well wherever anything does. */
static enum lrp_status plan_runs(const struct fresh *fresh, struct lrp_planned_run **planned,
                                 size_t *n, struct lrp_error *err)
{
    size_t rates = (size_t)((fresh->grid.high - fresh->grid.low) / fresh->stride) + 1;
    *n = 0;
    *planned = lrp_calloc_array(rates * fresh->repeats, sizeof **planned);
    if (*planned == NULL) {
        return lrp_fail_memory(err, rates * sizeof **planned);
    }
    for (long k = fresh->grid.low; k <= fresh->grid.high; k += fresh->stride) {
        double lr = lrp_fresh_grid_rate(&fresh->grid, k);
        for (size_t r = 0; r < fresh->repeats; r++) {
            uint64_t seed = fresh->session->options.seed + 1 + r;
            if (!is_made(fresh->session, lr, seed)) {
                (*planned)[(*n)++] = (struct lrp_planned_run){.lr = lr, .seed = seed};
            }
        }
    }
    return LRP_OK;
}

/* False once the first runs have ended without any loss. */
static bool go_on(const struct lrp_session *session, const struct lrp_trainer_run *runs,
                  size_t n_runs)
{
    size_t over = 0;
    for (size_t i = 0; i < session->n_runs; i++) {
        if (session->runs[i].run.rows > 0) {
            return true;
        }
    }
    for (size_t i = 0; i < n_runs; i++) {
        if (runs[i].rows > 0) {
            return true;
        }
        over += runs[i].end == LRP_RUN_FAILED || runs[i].end == LRP_RUN_SHORT ||
                        runs[i].end == LRP_RUN_TIMEOUT || runs[i].end == LRP_RUN_BAD_REPORT
                    ? 1
                    : 0;
    }
    return over < HOPELESS;
}

/* What is to be said of the runs of the last phase; crashed: rate from which on failures are no
 * failures, NaN = none. */
static enum lrp_status note_runs(struct lrp_session *session, double crashed, struct lrp_error *err)
{
    const struct lrp_phase *phase = &session->phases[session->n_phases - 1];
    enum lrp_status status = LRP_OK;
    size_t untold = 0;
    size_t told = 0;
    bool noted = false;
    for (size_t i = phase->first_run; i < phase->first_run + phase->n_runs && status == LRP_OK;
         i++) {
        const struct lrp_session_run *item = &session->runs[i];
        struct lrp_record *record = NULL;
        struct lrp_error why;
        if (lrp_run_is_usable(item, false)) {
            if (!noted && lrp_run_record_read(item->paths[1], &record, &why) == LRP_OK) {
                noted = true;
                status = lrp_note_record(session, phase, i, record, err);
                lrp_record_free(record);
            }
        } else if (item->run.reason[0] != '\0' && !(item->lr >= crashed)) {
            if (told < FAILURES_TOLD) {
                status = lrp_note_failure(session, i, false, err);
            }
            untold += told < FAILURES_TOLD ? 0 : 1;
            told++;
        }
    }
    return status != LRP_OK || untold == 0
               ? status
               : lrp_session_event(session, err,
                                   "%zu more runs failed and were left out; sweep.json "
                                   "has their reasons",
                                   untold);
}

static enum lrp_status note_crash(struct fresh *fresh, const struct lrp_fresh_set *set,
                                  struct lrp_error *err)
{
    struct lrp_session *session = fresh->session;
    char rate[LRP_NUMBER_SIZE];
    if (isnan(set->crashed) || set->crashed >= fresh->crash_told) {
        return LRP_OK;
    }
    fresh->crash_told = set->crashed;
    return lrp_session_event(session, err,
                             "from a rate of %s on the trainer fails, while it goes well at lower "
                             "ones; that was taken for divergence. Run %03zu: %.200s",
                             shown(set->crashed, rate), set->example,
                             session->runs[set->example].run.reason);
}

static enum lrp_status say_rates_do_nothing(const struct lrp_session *session,
                                            struct lrp_error *err)
{
    bool told = false;
    for (size_t i = 0; session->options.argv[i] != NULL; i++) {
        told |= strstr(session->options.argv[i], "{lr}") != NULL;
    }
    return lrp_fail(err, LRP_E_CHILD, 0,
                    "the runs have the same losses whatever the rate: the trainer does not use %s",
                    told
                        ? "the rate that {lr} gives it"
                        : "the rate of its plan; write {lr} in its command where the rate belongs");
}

/* What the runs made so far say; news: there is a phase that was not looked at. The result is
 * replaced only when there is something to analyse. */
static enum lrp_status analyse(struct fresh *fresh, bool news, bool stopped, struct lrp_error *err)
{
    struct lrp_session *session = fresh->session;
    struct lrp_session_result *result = session->result;
    struct lrp_fresh_set set;
    struct lrp_bounds bounds;
    struct lrp_curve *curve = NULL;
    enum lrp_status status = lrp_fresh_set_collect(session, fresh->low, fresh->high, &set, err);
    status = status == LRP_OK && news ? note_runs(session, set.crashed, err) : status;
    status = status == LRP_OK ? note_crash(fresh, &set, err) : status;
    if (status == LRP_OK && set.same_rates && !stopped) {
        status = say_rates_do_nothing(session, err);
    }
    if (status == LRP_OK && set.n == 0) {
        status = stopped ? lrp_fail(err, LRP_E_INTERRUPTED, 0, "%s", session->stopped)
                         : lrp_nothing_usable(session, err);
    }
    if (status == LRP_OK) {
        struct lrp_bounds_options how;
        lrp_bounds_options_default(&how);
        how.steps_planned = session->options.steps_planned;
        how.steps_per_epoch = session->options.steps_per_epoch;
        status = lrp_bounds_find_curve((const struct lrp_record *const *)set.records, set.n, &how,
                                       &bounds, &curve, err);
    }
    if (status != LRP_OK) {
        lrp_fresh_set_fini(&set);
        return status;
    }
    if (set.same_seeds) {
        lrp_bounds_warn(&bounds, "runs with different seeds have the same losses, so there is no "
                                 "interval; {seed} in the command gives the trainer its seed");
    }
    if (stopped) {
        lrp_bounds_warn(&bounds, "stopped: this rests on %zu of %zu runs", set.n, set.planned);
    }
    struct lrp_phase_records old = {.records = result->records, .n = result->n_records};
    lrp_phase_records_fini(&old);
    lrp_curve_free(result->curve);
    result->bounds = bounds;
    result->curve = curve;
    result->records = set.records;
    result->n_records = set.n;
    session->phases[session->n_phases - 1].outcome = lrp_outcome_name(bounds.outcome);
    return LRP_OK;
}

static void end_phase(const struct fresh *fresh)
{
    const struct lrp_bounds *bounds = &fresh->session->result->bounds;
    char sentence[120] = "";
    char a[LRP_NUMBER_SIZE];
    char b[LRP_NUMBER_SIZE];
    if (fresh->stride > 1) {
        bool learns = !isnan(bounds->base_lr.value);
        bool diverges = !isnan(bounds->evidence.diverged_lr);
        (void)snprintf(sentence, sizeof sentence, "%s%s, %s%s",
                       learns ? "starts to learn near " : "no start of learning seen",
                       learns ? shown(bounds->base_lr.value, a) : "",
                       diverges ? "diverges near " : "does not diverge",
                       diverges ? shown(bounds->evidence.diverged_lr, b) : "");
    }
    lrp_phase_end(fresh->session, sentence);
}

/* Runs what the range still needs, and analyses all that is there. */
static enum lrp_status run_round(struct fresh *fresh, struct lrp_error *err)
{
    struct lrp_session *session = fresh->session;
    struct lrp_planned_run *planned = NULL;
    size_t n = 0;
    measure_range(fresh);
    enum lrp_status status = plan_runs(fresh, &planned, &n, err);
    enum lrp_status ran = LRP_OK;
    if (status == LRP_OK && n > 0) {
        const struct lrp_phase phase = {.name = fresh->stride > 1 ? "scout" : "runs",
                                        .lr_min = fresh->low,
                                        .lr_max = fresh->high,
                                        .steps = session->options.steps,
                                        .n_runs = n};
        session->go_on = go_on;
        session->halt = 0;
        ran = lrp_phase_train(session, &phase, planned, err);
        session->go_on = NULL;
        for (size_t i = session->n_runs - n; i < session->n_runs; i++) {
            lrp_fresh_run_fini(&session->runs[i]);
            session->runs[i].run.argv = session->options.argv;
        }
        status = ran == LRP_E_INTERRUPTED ? LRP_OK : ran;
    }
    free(planned);
    if (status != LRP_OK) {
        return status;
    }
    status = analyse(fresh, n > 0, session->result->interrupted, err);
    if (status == LRP_OK && n > 0) {
        end_phase(fresh);
    }
    return status == LRP_OK && session->result->interrupted
               ? lrp_fail(err, LRP_E_INTERRUPTED, 0, "%s", session->stopped)
               : status;
}

/* One end of the range to a rate outside of it, by whole steps of the stride. */
static void move_low(struct fresh *fresh, double rate)
{
    long index = lrp_fresh_grid_index(&fresh->grid, fmax(rate, LRP_LOWEST_RATE), 0);
    long steps = (fresh->grid.low - index + fresh->stride - 1) / fresh->stride;
    fresh->grid.low -= steps * fresh->stride;
}

static void move_high(struct fresh *fresh, double rate)
{
    long index = lrp_fresh_grid_index(&fresh->grid, fmin(rate, LRP_HIGHEST_RATE), 1);
    long steps = (index - fresh->grid.high + fresh->stride - 1) / fresh->stride;
    fresh->grid.high += steps * fresh->stride;
}

static enum lrp_status extend_up(struct fresh *fresh, bool *again, struct lrp_error *err)
{
    struct lrp_session *session = fresh->session;
    char a[LRP_NUMBER_SIZE];
    if (!left_to_us(session->options.lr_max)) {
        return lrp_session_event(session, err,
                                 "the loss did not diverge up to %s; the range was not extended, "
                                 "since --lr-max was given",
                                 shown(fresh->high, a));
    }
    if (fresh->high >= LRP_HIGHEST_RATE) {
        return lrp_session_event(session, err, "the loss did not diverge up to %s, the ceiling",
                                 shown(fresh->high, a));
    }
    move_high(fresh, fresh->high * EXTEND_UP);
    measure_range(fresh);
    *again = true;
    return lrp_session_event(session, err,
                             "the loss did not diverge: the range was extended up to %s",
                             shown(fresh->high, a));
}

static enum lrp_status extend_down(struct fresh *fresh, const char *why, double factor, bool *again,
                                   struct lrp_error *err)
{
    struct lrp_session *session = fresh->session;
    char a[LRP_NUMBER_SIZE];
    if (!left_to_us(session->options.lr_min)) {
        return lrp_session_event(session, err,
                                 "%s at %s; the range was not lowered, since --lr-min was given",
                                 why, shown(fresh->low, a));
    }
    if (fresh->low <= LRP_LOWEST_RATE) {
        return lrp_session_event(session, err, "%s at %s, the floor", why, shown(fresh->low, a));
    }
    move_low(fresh, fresh->low / factor);
    measure_range(fresh);
    *again = true;
    return lrp_session_event(session, err, "%s at the lowest rate: the range was lowered to %s",
                             why, shown(fresh->low, a));
}

static enum lrp_status more_repeats(struct fresh *fresh, bool *again, struct lrp_error *err)
{
    if (fresh->stride > 1 || fresh->doubled >= MORE_REPEATS_MAX) {
        return LRP_OK;
    }
    fresh->doubled++;
    fresh->repeats *= 2;
    *again = true;
    return lrp_session_event(fresh->session, err,
                             "the runs were too noisy: there are %zu at each rate now",
                             fresh->repeats);
}

/* From the outcome of a round to the range of the next. */
static enum lrp_status adapt(struct fresh *fresh, bool *again, struct lrp_error *err)
{
    const struct lrp_bounds *bounds = &fresh->session->result->bounds;
    switch (bounds->outcome) {
    case LRP_OUTCOME_OK:
        return isnan(bounds->base_lr.value)
                   ? extend_down(fresh, "the model learns already", EXTEND_DOWN, again, err)
                   : LRP_OK;
    case LRP_OUTCOME_DID_NOT_DIVERGE:
    case LRP_OUTCOME_FLAT:
        return extend_up(fresh, again, err);
    case LRP_OUTCOME_DIVERGED_AT_START:
        return extend_down(fresh, "the loss diverged", ESCAPE_DOWN, again, err);
    case LRP_OUTCOME_TOO_NOISY:
        return more_repeats(fresh, again, err);
    case LRP_OUTCOME_TOO_SHORT:
    default:
        return LRP_OK;
    }
}

static enum lrp_status rounds(struct fresh *fresh, struct lrp_error *err)
{
    enum lrp_status status = LRP_OK;
    bool again = true;
    for (size_t round = 1; again && status == LRP_OK; round++) {
        status = run_round(fresh, err);
        again = false;
        if (status == LRP_OK && round < ROUNDS_MAX) {
            status = adapt(fresh, &again, err);
        }
    }
    return status;
}

/* The decades that matter, by the scout; given ends stay as they are. */
static void choose_range(struct fresh *fresh)
{
    const struct lrp_session_options *options = &fresh->session->options;
    const struct lrp_bounds *bounds = &fresh->session->result->bounds;
    struct lrp_fresh_grid *grid = &fresh->grid;
    if (left_to_us(options->lr_min) && !isnan(bounds->base_lr.value)) {
        double low = bounds->base_lr.value / pow(10, MARGIN);
        grid->low = lrp_fresh_grid_index(grid, fmax(low, fresh->low), 0);
    }
    if (left_to_us(options->lr_max) && !isnan(bounds->max_lr.value)) {
        double high = bounds->max_lr.high * pow(10, MARGIN);
        grid->high = lrp_fresh_grid_index(grid, fmin(high, fresh->high), 1);
    }
    if (options->rates > 1) {
        lrp_fresh_grid_divide(grid, options->rates);
    }
}

enum lrp_status lrp_fresh_rounds(struct lrp_session *session, struct lrp_error *err)
{
    const struct lrp_session_options *options = &session->options;
    struct fresh fresh = {
        .session = session, .stride = 1, .repeats = options->repeats, .crash_told = HUGE_VAL};
    double low = 0;
    double high = 0;
    lrp_scout_ends(options->lr_min, options->lr_max, &low, &high);
    lrp_fresh_grid_set(&fresh.grid, options->lr_min, options->lr_max, options->rates, low, high);
    if (left_to_us(options->lr_min) || left_to_us(options->lr_max)) {
        fresh.stride = SCOUT_STRIDE;
        fresh.repeats = 1;
        fresh.grid.high += (fresh.grid.high - fresh.grid.low) % SCOUT_STRIDE;
        enum lrp_status status = rounds(&fresh, err);
        bool found = status == LRP_OK && session->result->bounds.outcome == LRP_OUTCOME_OK;
        if (!found) { /* without both ends seen there is nothing to repeat */
            return status;
        }
        choose_range(&fresh);
        fresh.stride = 1;
        fresh.repeats = options->repeats;
    }
    return rounds(&fresh, err);
}
