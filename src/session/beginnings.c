/* SPDX-License-Identifier: MIT */
#include "beginnings.h"

#include "alloc.h"
#include "collect.h"
#include "curve_points.h"
#include "number.h"
#include "record_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Shares of the whole fall that a beginning lies lower than the first one, or higher (weights that
 * had diverged were saved). Fresh weights of another seed made half the fall of difference at most,
 * on 13 tasks of the built-in trainer with 4 seeds each, the most in a wide network for regression;
 * a resumed checkpoint of a classifier made 0.9. */
static const double LOWER_SHARE = 0.7;
static const double HIGHER_SHARE = 2;
static const double NOISE_FACTOR = 6;

struct beginning {
    double loss;  /* the very first one, before any update */
    double level; /* median of the first losses; NaN = too few that are finite */
    double lowest;
    double noise; /* of one loss */
    const char *start;
};

static enum lrp_status read_beginning(const struct lrp_record *record, struct beginning *out,
                                      struct lrp_error *err)
{
    struct lrp_curve_points points;
    size_t column = lrp_record_find_column(record, "loss");
    bool any = column != LRP_NO_COLUMN && lrp_record_rows(record) > 0;
    enum lrp_status status = lrp_curve_points_collect(record, "loss", 1, &points, err);
    *out = (struct beginning){.loss = any ? lrp_record_values(record, column)[0] : (double)NAN,
                              .level = points.start,
                              .lowest = points.lowest,
                              .noise = points.noise,
                              .start = lrp_record_meta(record, "start")};
    lrp_curve_points_fini(&points);
    return status;
}

static bool is_near(double level, const struct beginning *first)
{
    const double fall = first->level - first->lowest;
    const double noise = NOISE_FACTOR * first->noise;
    return level - first->level >= -fmax(LOWER_SHARE * fall, noise) &&
           level - first->level <= fmax(HIGHER_SHARE * fall, noise);
}

static bool has_loaded(const struct beginning *own)
{
    return own->start != NULL && strcmp(own->start, "checkpoint") == 0;
}

/* At rates that are high from the beginning the first loss alone is that of the weights. */
static bool begins_as(const struct beginning *own, const struct beginning *first)
{
    return (is_near(own->level, first) || is_near(own->loss, first)) &&
           (has_loaded(first) || !has_loaded(own));
}

static enum lrp_status tell(struct lrp_session *session, size_t number, size_t first_number,
                            const struct beginning *own, const struct beginning *first,
                            struct lrp_error *err)
{
    char levels[2][LRP_NUMBER_SIZE];
    return lrp_session_event(
        session, err,
        "run %03zu (seed %llu) begins at a loss of %s, where run %03zu began at %s: %s; it is no "
        "repeat [left out of the analysis]",
        number, (unsigned long long)session->runs[number].run.seed,
        lrp_format_short(own->level, 3, levels[0]), first_number,
        lrp_format_short(first->level, 3, levels[1]),
        has_loaded(own) && !has_loaded(first)
            ? "the script loaded a checkpoint, which the run before it had saved"
            : "the script probably resumed what the run before it had saved");
}

/* The first run of the session that can be read and used; *record is NULL where there is none. */
static void find_first(const struct lrp_session *session, size_t *number,
                       struct lrp_record **record)
{
    struct lrp_error why;
    *record = NULL;
    for (size_t i = 0; i < session->n_runs && *record == NULL; i++) {
        if (lrp_run_is_usable(&session->runs[i], false) &&
            lrp_run_record_read(session->runs[i].report_path, record, &why) == LRP_OK) {
            *number = i;
        }
    }
}

/* Reads how the evidence begins; *lowest: the lowest level that any run came to. */
static enum lrp_status read_all(const struct lrp_evidence *evidence, struct beginning *own,
                                double *lowest, struct lrp_error *err)
{
    for (size_t i = 0; i < evidence->n; i++) {
        LRP_TRY(read_beginning(evidence->records[i], &own[i], err));
        *lowest = fmin(*lowest, own[i].lowest);
    }
    return LRP_OK;
}

static enum lrp_status drop(struct lrp_session *session, struct lrp_evidence *evidence,
                            const struct beginning *own, size_t first_number,
                            const struct beginning *first, struct lrp_error *err)
{
    size_t kept = 0;
    enum lrp_status status = LRP_OK;
    for (size_t i = 0; i < evidence->n; i++) {
        if (status != LRP_OK || begins_as(&own[i], first)) {
            evidence->runs[kept] = evidence->runs[i];
            evidence->records[kept++] = evidence->records[i];
            continue;
        }
        status = tell(session, evidence->runs[i], first_number, &own[i], first, err);
        lrp_record_free(evidence->records[i]);
        evidence->unlike++;
    }
    evidence->n = kept;
    return status;
}

static enum lrp_status compare_with(struct lrp_session *session, struct lrp_evidence *evidence,
                                    size_t number, struct lrp_record *record, struct lrp_error *err)
{
    struct beginning first;
    struct beginning *own = lrp_calloc_array(evidence->n, sizeof *own);
    LRP_TRY_MEMORY(own, err);
    enum lrp_status status = read_beginning(record, &first, err);
    if (status == LRP_OK) {
        status = read_all(evidence, own, &first.lowest, err);
    }
    /* without a fall there is nothing to have resumed, and no measure of what is alike */
    if (status == LRP_OK && first.level - first.lowest > NOISE_FACTOR * first.noise) {
        status = drop(session, evidence, own, number, &first, err);
    }
    free(own);
    return status;
}

enum lrp_status lrp_drop_other_beginnings(struct lrp_session *session,
                                          struct lrp_evidence *evidence, struct lrp_error *err)
{
    struct lrp_record *record = NULL;
    size_t number = 0;
    find_first(session, &number, &record);
    if (record == NULL || evidence->n == 0) {
        lrp_record_free(record);
        return LRP_OK;
    }
    enum lrp_status status = compare_with(session, evidence, number, record, err);
    if (status == LRP_OK && evidence->n == 0) {
        evidence->runs[0] = number;
        evidence->records[evidence->n++] = record;
        return LRP_OK;
    }
    lrp_record_free(record);
    return status;
}
