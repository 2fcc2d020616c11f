/* SPDX-License-Identifier: MIT */
/* For tests: a session with a strategy whose runs are made up. */
#ifndef LRP_TESTS_MADE_UP_STRATEGY_H
#define LRP_TESTS_MADE_UP_STRATEGY_H

#include "rounds.h"
#include "test_main.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum curve { LEARNS, FALLS, STAYS, DIVERGES, NOISE, FEW };
enum { ROWS = 200, ROUNDS = 8 };

static struct made_up { /* what the strategy gives and what it is asked */
    enum curve curves[ROUNDS];
    bool any_diverged, interrupted, cut, same_seeds, learns_at_once, refines;
    bool nothing; /* no usable run in the last round */
    bool scores;  /* val_accuracy is measured, but now and then, and shows nothing */
    size_t n_rounds, n_wanted;
    size_t raised, lowered, more, instead, fitted, narrowed, repeated;
    size_t gives; /* steps that the trainer gave before it ended by itself */
    bool no_effect, narrows;
    size_t unlike, repeats_wanted;
    double factor;
    bool escaped, gives_more, has_instead;
} made;
static struct lrp_session session;
static struct lrp_session_result result;
static struct lrp_phase phase;
static struct lrp_error err;

static double loss_of(enum curve curve, size_t row)
{
    const double x = (double)row / (ROWS - 1);
    const double wobble = 0.002 * sin(12.9898 * (double)(row * row % 1009));
    switch (curve) {
    case LEARNS:
        return x < 0.3   ? 2 + wobble
               : x < 0.7 ? 2 - 4 * (x - 0.3) + wobble
               : x < 0.9 ? 0.4 + wobble
                         : 0.4 + 300 * (x - 0.9);
    case FALLS:
        return x < 0.3 ? 2 + wobble : 2 - 2 * (x - 0.3) + wobble;
    case STAYS:
    case FEW:
        return 2;
    case DIVERGES:
        return row < 2 ? 2 : (double)NAN;
    case NOISE:
    default:
        return 2 + 300 * wobble;
    }
}

static struct lrp_record *make_record(enum curve curve, double low, double high)
{
    struct lrp_record *record = NULL;
    size_t column = 0;
    ck_assert(lrp_record_new(0, &record, &err) == LRP_OK);
    ck_assert(lrp_record_add_column(record, "lr", &column, &err) == LRP_OK);
    ck_assert(lrp_record_add_column(record, "loss", &column, &err) == LRP_OK);
    if (made.scores) {
        ck_assert(lrp_record_add_column(record, "val_accuracy", &column, &err) == LRP_OK);
    }
    for (size_t row = 0; row < (curve == FEW ? 5 : ROWS); row++) {
        const double score = 0.5 + 0.01 * (double)(row % 3);
        const unsigned char present[3] = {1, 1, row % 16 == 15 ? 1 : 0};
        const double values[3] = {low * pow(high / low, (double)row / (ROWS - 1)),
                                  loss_of(curve, row), score};
        ck_assert(lrp_record_append_row(record, values, present, &err) == LRP_OK);
    }
    return record;
}

static enum lrp_status begin(struct lrp_rounds *rounds, struct lrp_error *why)
{
    (void)why;
    rounds->lr_min = isnan(session.options.lr_min) ? 1e-5 : session.options.lr_min;
    rounds->lr_max = isnan(session.options.lr_max) ? 1 : session.options.lr_max;
    return LRP_OK;
}

static enum lrp_status plan(struct lrp_rounds *rounds, struct lrp_round_plan *plan,
                            struct lrp_error *why)
{
    (void)rounds; /* the runs are there already */
    (void)plan;
    (void)why;
    return LRP_OK;
}

static enum lrp_status collect(struct lrp_rounds *rounds, bool ran, struct lrp_evidence *evidence,
                               struct lrp_error *why)
{
    (void)ran;
    (void)why;
    size_t round = made.n_rounds++;
    ck_assert_uint_lt(round, ROUNDS);
    if (round + 1 == made.n_wanted) {
        result.interrupted = made.interrupted;
        if (made.nothing) {
            return LRP_OK;
        }
    }
    evidence->records = calloc(1, sizeof(struct lrp_record *));
    ck_assert_ptr_nonnull(evidence->records);
    evidence->records[0] = make_record(made.curves[round], rounds->lr_min, rounds->lr_max);
    evidence->n = 1;
    evidence->planned = 3;
    evidence->diverged = made.any_diverged ? 1 : 0;
    evidence->cut = made.cut;
    evidence->same_seeds = made.same_seeds;
    evidence->gives = made.gives;
    evidence->no_effect = made.no_effect;
    evidence->unlike = made.unlike;
    return LRP_OK;
}

static bool learns_at_once(const struct lrp_rounds *rounds)
{
    (void)rounds;
    return made.learns_at_once;
}

static enum lrp_status instead(struct lrp_rounds *rounds, bool *again, struct lrp_error *why)
{
    (void)rounds;
    (void)why;
    made.instead++;
    *again = made.has_instead;
    made.has_instead = false;
    return LRP_OK;
}

static void raise_range(struct lrp_rounds *rounds)
{
    made.raised++;
    rounds->lr_max *= 10;
}

static void lower_range(struct lrp_rounds *rounds, double factor, bool escape)
{
    made.lowered++;
    made.factor = factor;
    made.escaped = escape;
    rounds->lr_min /= factor;
}

static enum lrp_status more(struct lrp_rounds *rounds, bool *again, struct lrp_error *why)
{
    (void)rounds;
    (void)why;
    made.more++;
    *again = made.gives_more;
    return LRP_OK;
}

static enum lrp_status fit_steps(struct lrp_rounds *rounds, bool *again, struct lrp_error *why)
{
    (void)rounds;
    (void)why;
    made.fitted++;
    *again = made.fitted == 1;
    return LRP_OK;
}

static enum lrp_status narrow(struct lrp_rounds *rounds, bool *again, struct lrp_error *why)
{
    (void)rounds;
    (void)why;
    made.narrowed++;
    *again = made.narrows;
    return LRP_OK;
}

static enum lrp_status one_more(struct lrp_rounds *rounds, bool *again, struct lrp_error *why)
{
    (void)rounds;
    (void)why;
    *again = made.repeated < made.repeats_wanted;
    made.repeated += *again ? 1 : 0;
    return LRP_OK;
}

static bool refine(struct lrp_rounds *rounds)
{
    (void)rounds;
    bool refines = made.refines;
    made.refines = false;
    return refines;
}

static struct lrp_strategy strategy;
static struct lrp_run_entry run;

static void set_up(void)
{
    strategy = (struct lrp_strategy){.name = "made-up",
                                     .digits = 2,
                                     .lower_by = 30,
                                     .at_lowest = "",
                                     .noun = "repeats",
                                     .same_seeds = "the seed does nothing",
                                     .state_size = 1,
                                     .begin = begin,
                                     .plan = plan,
                                     .collect = collect,
                                     .learns_at_once = learns_at_once,
                                     .instead_of_raising = instead,
                                     .raise = raise_range,
                                     .lower = lower_range,
                                     .more = more,
                                     .fit_steps = fit_steps,
                                     .narrow = narrow,
                                     .one_more = one_more,
                                     .refine = refine};
    made = (struct made_up){.n_wanted = 1};
    result = (struct lrp_session_result){0};
    phase = (struct lrp_phase){.name = "repeats"};
    session = (struct lrp_session){
        .options = {.strategy = &strategy, .lr_min = (double)NAN, .lr_max = (double)NAN},
        .result = &result,
        .phases = &phase,
        .n_phases = 1,
        .runs = &run,
        .n_runs = 1,
        .stopped = "stopped on request"};
    err = (struct lrp_error){0};
}

static void tear_down(void)
{
    lrp_session_result_fini(&result);
}

static void go(size_t n_rounds)
{
    made.n_wanted = n_rounds;
    enum lrp_status status = lrp_rounds_run(&session, &err);
    ck_assert_msg(status == LRP_OK, "%s", err.message);
    ck_assert_uint_eq(made.n_rounds, n_rounds);
}

static bool has_event(const char *part)
{
    for (size_t i = 0; i < result.n_events; i++) {
        if (strstr(result.events[i], part) != NULL) {
            return true;
        }
    }
    return false;
}

static bool has_warning(const char *part)
{
    for (size_t i = 0; i < result.bounds.n_warnings; i++) {
        if (strstr(result.bounds.warnings[i], part) != NULL) {
            return true;
        }
    }
    return false;
}

static void check_outcome(const char *outcome)
{
    ck_assert_str_eq(lrp_outcome_name(result.bounds.outcome), outcome);
    ck_assert_str_eq(phase.outcome, outcome);
}
#endif
