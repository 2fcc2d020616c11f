/* SPDX-License-Identifier: MIT */
#include "run_notes.h"

#include "alloc.h"
#include "rounds.h"
#include "string_list.h"
#include "text.h"
#include "words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LAST_LINES = 10 };

/* A trainer whose own schedule got the better of the plan reports other rates: its record is right,
 * but it is not the sweep that was asked for. */
static enum lrp_status check_rates(struct lrp_session *session, const struct lrp_phase *phase,
                                   size_t number, const struct lrp_record *record,
                                   struct lrp_error *err)
{
    static const double TOLERANCE = 1e-3; /* of a rate that went through float32 or few digits */
    size_t column = lrp_record_find_column(record, "lr");
    if (column == LRP_NO_COLUMN) {
        return LRP_OK; /* told where the column is needed */
    }
    double *planned = NULL;
    LRP_TRY(lrp_run_rates(session, phase, number, &planned, err));
    const double *used = lrp_record_values(record, column);
    size_t rows = lrp_record_rows(record) < phase->steps ? lrp_record_rows(record) : phase->steps;
    size_t others = 0;
    size_t first = 0;
    for (size_t k = rows; k-- > 0;) {
        if (!(fabs(used[k] - planned[k]) <= TOLERANCE * planned[k])) {
            others++;
            first = k;
        }
    }
    enum lrp_status status = LRP_OK;
    if (others > 0) {
        status = lrp_session_event(session, err,
                                   "run %03zu: %zu of %zu steps were made at other rates than "
                                   "planned, first step %zu at %.3g instead of %.3g: the trainer's "
                                   "own schedule must not set the rate",
                                   number, others, rows, first, used[first], planned[first]);
    }
    free(planned);
    return status;
}

static bool is_told(const struct lrp_session *session, const char *sentence)
{
    for (size_t i = 0; i < session->result->n_events; i++) {
        if (strcmp(session->result->events[i], sentence) == 0) {
            return true;
        }
    }
    return false;
}

/* What the trainer wants to be known, once: each run says the same. */
static enum lrp_status pass_notes_on(struct lrp_session *session, size_t number,
                                     struct lrp_error *err)
{
    char **notes = NULL;
    enum lrp_status status =
        lrp_report_notes(session->runs[number].report_path, "note", &notes, err);
    for (size_t i = 0; notes != NULL && notes[i] != NULL && status == LRP_OK; i++) {
        if (!is_told(session, notes[i])) {
            status = lrp_session_event(session, err, "%s", notes[i]);
        }
    }
    lrp_string_list_free(notes);
    return status;
}

/* What must not be missing beside the bounds; every round has them, whichever run said so. */
static enum lrp_status keep_warnings(struct lrp_session *session, size_t number,
                                     struct lrp_error *err)
{
    char **found = NULL;
    enum lrp_status status =
        lrp_report_notes(session->runs[number].report_path, "warning", &found, err);
    for (size_t i = 0; found != NULL && found[i] != NULL && status == LRP_OK; i++) {
        bool known = false;
        for (size_t k = 0; session->warnings != NULL && session->warnings[k] != NULL; k++) {
            known |= strcmp(session->warnings[k], found[i]) == 0;
        }
        if (!known) {
            status = lrp_string_list_add(&session->warnings, err, "%s", found[i]);
        }
    }
    lrp_string_list_free(found);
    return status;
}

enum lrp_status lrp_note_record(struct lrp_session *session, const struct lrp_phase *phase,
                                size_t number, const struct lrp_record *record,
                                struct lrp_error *err)
{
    LRP_TRY(check_rates(session, phase, number, record, err));
    LRP_TRY(keep_warnings(session, number, err));
    return pass_notes_on(session, number, err);
}

/* The last lines of the first few runs that failed: the others mostly say the same. */
static enum lrp_status keep_output(struct lrp_session *session, size_t number,
                                   struct lrp_error *err)
{
    struct lrp_session_result *result = session->result;
    if (result->n_outputs == LRP_SESSION_OUTPUTS) {
        return LRP_OK;
    }
    struct lrp_session_output *output = &result->outputs[result->n_outputs];
    struct lrp_text lines;
    lrp_text_init(&lines, 1 << 16);
    lrp_last_words(&session->runs[number].run, LAST_LINES, &lines);
    enum lrp_status status = lrp_text_check(&lines, err);
    if (status != LRP_OK || lines.length == 0) {
        lrp_text_fini(&lines);
        return status;
    }
    (void)snprintf(output->title, sizeof output->title, "run %03zu", number);
    output->lines = lines.bytes; /* taken over */
    result->n_outputs++;
    return LRP_OK;
}

/* A script with an end of its own is a common case, and the reason alone does not say what to do.
 */
const char *lrp_short_advice(const struct lrp_session *session)
{
    return session->options.strategy->one_rate
               ? " (--steps is the length of each run; the trainer must make as many)"
               : " (a sweep needs at least 10 steps)";
}

enum lrp_status lrp_note_failure(struct lrp_session *session, size_t number, bool usable,
                                 struct lrp_error *err)
{
    const struct lrp_trainer_run *run = &session->runs[number].run;
    if (run->reason[0] == '\0') {
        return LRP_OK;
    }
    const bool ended = run->end == LRP_RUN_SHORT && run->rows > 0;
    LRP_TRY(lrp_session_event(
        session, err, "run %03zu (seed %llu): %s%s%s", number, (unsigned long long)run->seed,
        run->reason, ended && !usable ? lrp_short_advice(session) : "",
        !usable                                                  ? " [left out of the analysis]"
        : run->end != LRP_RUN_COMPLETE && run->rows < run->steps ? " [it counts up to there]"
                                                                 : ""));
    return usable ? LRP_OK : keep_output(session, number, err);
}
