/* SPDX-License-Identifier: MIT */
#include "fresh_set.h"

#include "alloc.h"
#include "phase.h"
#include "record.h"
#include "record_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rates that are closer are too alike for their losses to differ in print. */
static const double SEEN_APART = 10;
static const double SAME_RATE = 1e-6;

struct set_member { /* a run in the range */
    size_t run;
    uint64_t seed;
    double lr;
    bool usable;
    bool crashed;
    struct lrp_record *record; /* NULL where it is neither */
};

static int compare_members(const void *left, const void *right)
{
    const struct set_member *a = left;
    const struct set_member *b = right;
    if (a->seed != b->seed) {
        return a->seed > b->seed ? 1 : -1;
    }
    return (a->lr > b->lr) - (a->lr < b->lr);
}

/* Fills a new record with one row: a rate and a NaN loss. */
static enum lrp_status add_diverged_row(struct lrp_record *record, double lr, struct lrp_error *err)
{
    const double row[2] = {lr, (double)NAN};
    size_t column = 0;
    LRP_TRY(lrp_record_add_column(record, "lr", &column, err));
    LRP_TRY(lrp_record_add_column(record, "loss", &column, err));
    return lrp_record_append_row(record, row, NULL, err);
}

static enum lrp_status diverged_record(double lr, struct lrp_record **out, struct lrp_error *err)
{
    LRP_TRY(lrp_record_new(0, out, err));
    enum lrp_status status = add_diverged_row(*out, lr, err);
    if (status != LRP_OK) {
        lrp_record_free(*out);
        *out = NULL;
    }
    return status;
}

static bool failed_by_itself(const struct lrp_trainer_run *run)
{
    return run->end == LRP_RUN_FAILED || (run->end == LRP_RUN_SHORT && run->rows == 0);
}

/* Among the n runs of one seed, in order of their rates: failures above all that went well. */
static void find_crashes(const struct lrp_session *session, struct set_member *members, size_t n)
{
    size_t good = 0; /* behind the last one that went well */
    for (size_t i = 0; i < n; i++) {
        good = members[i].usable && !session->runs[members[i].run].diverged ? i + 1 : good;
    }
    for (size_t i = good; i < n && good > 0; i++) {
        members[i].crashed =
            !members[i].usable && failed_by_itself(&session->runs[members[i].run].run);
    }
}

static enum lrp_status read_member(struct lrp_session *session, struct set_member *member,
                                   struct lrp_error *err)
{
    struct lrp_error why;
    if (member->usable) {
        if (lrp_run_record_read(session->runs[member->run].report_path, &member->record, &why) ==
            LRP_OK) {
            return LRP_OK;
        }
        return lrp_session_event(session, err, "run %03zu cannot be read: %s", member->run,
                                 why.message);
    }
    return member->crashed ? diverged_record(member->lr, &member->record, err) : LRP_OK;
}

/* All usable runs of the first seed have the losses of its first one, over a decade or more. */
static bool rates_do_nothing(const struct set_member *members, size_t n)
{
    const struct set_member *first = NULL;
    double widest = 1;
    for (size_t i = 0; i < n && members[i].seed == members[0].seed; i++) {
        if (members[i].record == NULL || !members[i].usable) {
            continue;
        }
        if (first == NULL) {
            first = &members[i];
        } else if (!lrp_same_column(first->record, members[i].record, "loss")) {
            return false;
        } else {
            widest = members[i].lr / first->lr;
        }
    }
    return widest >= SEEN_APART;
}

static const struct set_member *find_member(const struct set_member *members, size_t n, double lr)
{
    for (size_t i = 0; i < n && members[i].seed == members[0].seed; i++) {
        if (fabs(members[i].lr / lr - 1) < SAME_RATE) {
            return &members[i];
        }
    }
    return NULL;
}

/* Each usable run of a later seed has the losses of the first seed's at its rate; two or more. */
static bool seeds_do_nothing(const struct set_member *members, size_t n)
{
    size_t compared = 0;
    for (size_t i = 0; i < n; i++) {
        if (members[i].seed == members[0].seed || !members[i].usable || members[i].record == NULL) {
            continue;
        }
        const struct set_member *first = find_member(members, n, members[i].lr);
        if (first == NULL || !first->usable || first->record == NULL) {
            continue;
        }
        if (!lrp_same_column(first->record, members[i].record, "loss")) {
            return false;
        }
        compared++;
    }
    return compared >= 2;
}

static void take_members(const struct lrp_session *session, double low, double high,
                         struct set_member *members, size_t *n)
{
    for (size_t i = 0; i < session->n_runs; i++) {
        const struct lrp_run_entry *item = &session->runs[i];
        if (item->lr >= low * (1 - SAME_RATE) && item->lr <= high * (1 + SAME_RATE)) {
            members[(*n)++] = (struct set_member){.run = i,
                                                  .seed = item->run.seed,
                                                  .lr = item->lr,
                                                  .usable = lrp_run_is_usable(item, false)};
        }
    }
    qsort(members, *n, sizeof *members, compare_members);
    for (size_t begin = 0; begin < *n;) {
        size_t end = begin + 1;
        while (end < *n && members[end].seed == members[begin].seed) {
            end++;
        }
        find_crashes(session, members + begin, end - begin);
        begin = end;
    }
}

/* The records go to the evidence; with the same losses at each seed only those of the first. */
static void give_records(struct set_member *members, size_t n, struct lrp_evidence *evidence)
{
    for (size_t i = 0; i < n; i++) {
        if (members[i].crashed && !(members[i].lr >= evidence->crashed)) {
            evidence->crashed = members[i].lr;
            evidence->example = members[i].run;
        }
        if (members[i].record == NULL) {
            continue;
        }
        if (evidence->same_seeds && members[i].seed != members[0].seed) {
            lrp_record_free(members[i].record);
        } else {
            evidence->records[evidence->n++] = members[i].record;
        }
        members[i].record = NULL;
    }
}

enum lrp_status lrp_fresh_set_collect(struct lrp_session *session, double low, double high,
                                      struct lrp_evidence *evidence, struct lrp_error *err)
{
    *evidence = (struct lrp_evidence){.crashed = (double)NAN};
    struct set_member *members = lrp_calloc_array(session->n_runs, sizeof *members);
    evidence->records = lrp_calloc_array(session->n_runs, sizeof(struct lrp_record *));
    if (members == NULL || evidence->records == NULL) {
        free(members);
        return lrp_fail_memory(err, session->n_runs * sizeof *members);
    }
    size_t n = 0;
    enum lrp_status status = LRP_OK;
    take_members(session, low, high, members, &n);
    for (size_t i = 0; i < n && status == LRP_OK; i++) {
        status = read_member(session, &members[i], err);
    }
    if (status == LRP_OK && session->options.external && n > 0) {
        evidence->same_rates = rates_do_nothing(members, n);
        evidence->same_seeds = seeds_do_nothing(members, n);
    }
    evidence->planned = n;
    give_records(members, n, evidence);
    free(members);
    return status;
}
