/* SPDX-License-Identifier: MIT */
#include "collect.h"

#include "alloc.h"
#include "curve_points.h"
#include "pool.h"
#include "record_reader.h"
#include "run_notes.h"

#include <math.h>
#include <string.h>

enum { ROWS_OF_A_CUT_RUN = 16 };

/* The trainer came to an end of its own before the last planned step. */
static bool ended_itself(const struct lrp_trainer_run *run)
{
    return (run->end == LRP_RUN_SHORT || run->end == LRP_RUN_FAILED ||
            run->end == LRP_RUN_TIMEOUT) &&
           run->rows < run->steps;
}

bool lrp_run_is_usable(const struct lrp_run_entry *item, bool cut)
{
    const struct lrp_trainer_run *run = &item->run;
    const bool sweep = isnan(item->lr);
    switch (run->end) {
    case LRP_RUN_COMPLETE:
    case LRP_RUN_ENOUGH:
        return run->rows > 0;
    case LRP_RUN_SHORT:
    case LRP_RUN_FAILED:
        return run->rows == run->steps || (run->rows > 0 && !isfinite(item->last_loss)) ||
               ((sweep || run->end == LRP_RUN_SHORT) && run->rows >= LRP_FEWEST_STEPS);
    case LRP_RUN_TIMEOUT:
        return sweep && run->rows >= LRP_FEWEST_STEPS;
    case LRP_RUN_INTERRUPTED:
        return cut && run->rows >= ROWS_OF_A_CUT_RUN;
    default:
        return false;
    }
}

static bool is_same_plan(const struct lrp_phase *a, const struct lrp_phase *b)
{
    return strcmp(a->name, b->name) == 0 && a->steps == b->steps && a->lr_min == b->lr_min &&
           a->lr_max == b->lr_max;
}

size_t lrp_runs_of_plan(const struct lrp_session *session, const struct lrp_phase *plan)
{
    size_t n = 0;
    for (size_t p = 0; p < session->n_phases; p++) {
        n += is_same_plan(&session->phases[p], plan) ? session->phases[p].n_runs : 0;
    }
    return n;
}

size_t lrp_within_budget(const struct lrp_session *session, size_t steps)
{
    return session->budget > 0 && session->budget < steps ? session->budget : steps;
}

static bool any_is_complete(const struct lrp_session *session, const struct lrp_phase *plan)
{
    for (size_t p = 0; p < session->n_phases; p++) {
        const struct lrp_phase *phase = &session->phases[p];
        for (size_t i = 0; i < phase->n_runs && is_same_plan(phase, plan); i++) {
            if (lrp_run_is_usable(&session->runs[phase->first_run + i], false)) {
                return true;
            }
        }
    }
    return false;
}

/* *high: whether the record of a sweep ends above its lowest place, or not finite. */
static enum lrp_status ends_high(const struct lrp_run_entry *item, const struct lrp_record *record,
                                 bool *high, struct lrp_error *err)
{
    struct lrp_curve_points points;
    *high = item->diverged || !isfinite(item->last_loss);
    if (*high) {
        return LRP_OK;
    }
    enum lrp_status status = lrp_curve_points_collect(record, "loss", 1, &points, err);
    *high = status == LRP_OK && points.n >= LRP_FEWEST_STEPS && lrp_ended_high(&points);
    lrp_curve_points_fini(&points);
    return status;
}

/* What a usable sweep says of how many steps its trainer gives. */
static enum lrp_status weigh_end(const struct lrp_run_entry *item, size_t number,
                                 const struct lrp_record *record, struct lrp_evidence *evidence,
                                 struct lrp_error *err)
{
    bool high = true;
    if (ended_itself(&item->run)) {
        LRP_TRY(ends_high(item, record, &high, err));
        evidence->diverged += high && !item->diverged ? 1 : 0;
    }
    if (high) {
        evidence->goes_on = true;
    } else if (item->run.rows > evidence->gives) {
        evidence->gives = item->run.rows;
        evidence->ended = number;
    }
    return LRP_OK;
}

static enum lrp_status collect_run(struct lrp_session *session, size_t number, bool is_new,
                                   struct lrp_evidence *evidence, struct lrp_error *err)
{
    const struct lrp_phase *phase = &session->phases[session->n_phases - 1];
    const struct lrp_run_entry *item = &session->runs[number];
    bool usable = lrp_run_is_usable(item, evidence->cut);
    struct lrp_record *record = NULL;
    struct lrp_error why;
    if (usable && lrp_run_record_read(item->report_path, &record, &why) != LRP_OK) {
        usable = false;
        LRP_TRY(
            lrp_session_event(session, err, "run %03zu cannot be read: %s", number, why.message));
    }
    if (usable) {
        evidence->runs[evidence->n] = number;
        evidence->records[evidence->n++] = record;
        evidence->diverged += item->diverged ? 1 : 0;
        LRP_TRY(weigh_end(item, number, record, evidence, err));
    }
    if (usable && is_new) {
        LRP_TRY(lrp_note_record(session, phase, number, record, err));
    }
    return is_new ? lrp_note_failure(session, number, usable, err) : LRP_OK;
}

enum lrp_status lrp_phase_collect(struct lrp_session *session, struct lrp_evidence *evidence,
                                  struct lrp_error *err)
{
    const struct lrp_phase *last = &session->phases[session->n_phases - 1];
    evidence->planned = lrp_runs_of_plan(session, last);
    evidence->records = lrp_calloc_array(evidence->planned, sizeof(struct lrp_record *));
    evidence->runs = lrp_calloc_array(evidence->planned, sizeof *evidence->runs);
    LRP_TRY_MEMORY(evidence->records, err);
    LRP_TRY_MEMORY(evidence->runs, err);
    /* One complete sweep says more than several that end below the rates where the loss rises. */
    evidence->cut = !any_is_complete(session, last);
    for (size_t p = 0; p < session->n_phases; p++) {
        const struct lrp_phase *phase = &session->phases[p];
        for (size_t i = 0; i < phase->n_runs && is_same_plan(phase, last); i++) {
            LRP_TRY(collect_run(session, phase->first_run + i, phase == last, evidence, err));
        }
    }
    evidence->gives = evidence->goes_on ? 0 : evidence->gives;
    return LRP_OK;
}

enum lrp_status lrp_nothing_usable(const struct lrp_session *session, struct lrp_error *err)
{
    const struct lrp_phase *phase = &session->phases[session->n_phases - 1];
    for (size_t i = 0; i < phase->n_runs; i++) {
        const struct lrp_trainer_run *run = &session->runs[phase->first_run + i].run;
        if (run->reason[0] != '\0') {
            return lrp_fail(
                err, run->bad_log ? LRP_E_NODATA : LRP_E_CHILD, 0, "%.330s%s", run->reason,
                run->end == LRP_RUN_SHORT && run->rows > 0 ? lrp_short_advice(session) : "");
        }
    }
    return lrp_fail(err, LRP_E_CHILD, 0, "no run of the trainer gave a usable record");
}
