/* SPDX-License-Identifier: MIT */
/* The rounds of a range test: plan, run, collect, analyse, and move the range until the outcome is
 * ok or nothing more can be tried. One driver; what differs between kinds of range test is a
 * strategy, a row of a table. */
#ifndef LRP_SESSION_ROUNDS_H
#define LRP_SESSION_ROUNDS_H

#include "phase.h"

struct lrp_rounds { /* what the driver and its strategy know between two rounds */
    struct lrp_session *session;
    double lr_min, lr_max; /* of the next round */
    void *state;           /* the strategy's own, state_size zeroed bytes */
};
/* What one round runs. */
struct lrp_round_plan {
    struct lrp_phase phase;       /* n_runs 0: all that the range needs was run before */
    struct lrp_planned_run *runs; /* heap memory, phase.n_runs of them */
};

struct lrp_strategy {
    const char *name;                    /* as --mode has it, and the manifest */
    size_t steps, repeats, repeats_most; /* defaults */
    bool one_rate;                       /* each run has one rate throughout, and its own command */
    bool keeps_runs;                     /* later rounds analyse the runs of earlier ones, too */
    /* Where nothing diverged, noise is all that is seen below the rates where the loss falls. */
    bool raises_noise;
    int digits;             /* of rates in events */
    double lower_by;        /* factor by which the range moves down where the model learns at
                               its lowest rate already */
    const char *at_lowest;  /* " at the lowest rate" where an event says it of an end kept */
    const char *noun;       /* "repeats" */
    const char *same_seeds; /* what is warned of where seeds make no difference */
    size_t state_size;
    /* Whether the options make sense. LRP_E_ARG. */
    enum lrp_status (*check)(const struct lrp_session_options *options, struct lrp_error *err);
    /* Sets the range of the first round, by a scout where an end is left to lrprobe. */
    enum lrp_status (*begin)(struct lrp_rounds *rounds, struct lrp_error *err);
    enum lrp_status (*plan)(struct lrp_rounds *rounds, struct lrp_round_plan *plan,
                            struct lrp_error *err);
    /* Whether the rest of a phase under way is worth doing; NULL = always. */
    bool (*go_on)(const struct lrp_session *session, const struct lrp_trainer_run *runs,
                  size_t n_runs);
    /* What there is to analyse after a phase (ran: there was one) and its events. evidence->n is 0
     * where no run is usable; an error ends the session. */
    enum lrp_status (*collect)(struct lrp_rounds *rounds, bool ran, struct lrp_evidence *evidence,
                               struct lrp_error *err);
    /* Whether a further round, with these bounds and this curve, only says how the result that
     * there is has to be read: then that one is kept, as the strategy has changed it. NULL = no. */
    bool (*keeps_result)(struct lrp_rounds *rounds, const struct lrp_bounds *bounds,
                         const struct lrp_curve *curve);
    /* After the analysis of a phase that ran; NULL = nothing to do. */
    void (*analysed)(struct lrp_rounds *rounds);
    /* Whether the model learns at the lowest rate of the range already, by an outcome of ok. */
    bool (*learns_at_once)(const struct lrp_rounds *rounds);
    /* Tries something else than higher rates where the loss did not diverge, with an event of its
     * own; *again: it did. NULL = nothing. */
    enum lrp_status (*instead_of_raising)(struct lrp_rounds *rounds, bool *again,
                                          struct lrp_error *err);
    /* Nothing was learnt below a rate where the loss rises, decades above the lowest one: the
     * decades below that rate alone, so that there are more steps in each. NULL = no. */
    enum lrp_status (*narrow)(struct lrp_rounds *rounds, bool *again, struct lrp_error *err);
    /* Move an end of the range; escape: the loss diverged at once. */
    void (*raise)(struct lrp_rounds *rounds);
    void (*lower)(struct lrp_rounds *rounds, double factor, bool escape);
    /* One more repeat over the same range where those that there are leave too much open; *again
     * stays false where they do not, or where there are enough. NULL = no. */
    enum lrp_status (*one_more)(struct lrp_rounds *rounds, bool *again, struct lrp_error *err);
    /* The same range in as many steps as the trainer turned out to give; *again as above. NULL =
     * no. */
    enum lrp_status (*fit_steps)(struct lrp_rounds *rounds, bool *again, struct lrp_error *err);
    /* More evidence over the same range, with an event; *again stays false where that is no use. */
    enum lrp_status (*more)(struct lrp_rounds *rounds, bool *again, struct lrp_error *err);
    /* After the last round of a series: whether a further series follows, over a range that the
     * first one has found. NULL = no. */
    bool (*refine)(struct lrp_rounds *rounds);
    /* After the last series: what else the answer needs. NULL = nothing. */
    enum lrp_status (*complete)(struct lrp_rounds *rounds, struct lrp_error *err);
};
/* Fills the session's result, as lrp_session_run says. */
enum lrp_status lrp_rounds_run(struct lrp_session *session, struct lrp_error *err);
/* From the answer of a round to the range, the steps or the repeats of the next one, with an event.
 * A move follows the reason: the same outcome may stand for rates that are too low and for a model
 * that no rate helps. *again, false before, stays so where there is nothing more to try. */
enum lrp_status lrp_rounds_adapt(struct lrp_rounds *rounds, bool *again, struct lrp_error *err);
/* How the session's records are analysed. */
void lrp_rounds_bounds_options(const struct lrp_session *session, struct lrp_bounds_options *how);
/* Tells that a scout is over and what it saw: "starts to learn near 1e-3, does not diverge". Rates
 * that are NaN were not seen; unseen: what is said then of the start. ended: where its trainer
 * ended by itself without having diverged. */
void lrp_scout_end(struct lrp_session *session, double starts, const char *unseen, double diverges,
                   double ended);
#endif
