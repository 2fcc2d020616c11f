/* SPDX-License-Identifier: MIT */
/* A run that was interrupted and resumed, or logged in pieces, as one run with ascending positions.
 *
 * The position is the step, else the epoch; a row without one goes with the row before it.
 * - Rows of one position become one row (a training row and an evaluation row of one step). A cell
 *   that is there twice has the later value; it is a duplicate if the values differ.
 * - A row in which there is nothing but what an earlier row of its position holds, up to rounding,
 *   was written a second time and is left out, where two to four rows share a position and most of
 *   the later ones are like that.
 * - A row that goes back begins a resumed run: what was logged before it from its position on is
 *   dropped. A row whose own columns were not logged beyond its position (an evaluation that was
 *   written late) is no resumption: it is put where it belongs.
 * - Where the epoch rises as the step goes back, the step counts within the epoch, and a step of
 *   the whole run takes its place; the same where there is no epoch and the step starts again from
 *   the first one three times or more, always after the same last step.
 * - Epochs that most rows share and steps that hardly move are no positions: nothing is joined,
 *   unless the losses of one position settle as running means do.
 */
#ifndef LRP_SERIES_STITCH_H
#define LRP_SERIES_STITCH_H

#include "record.h"

/* first_*: the position at which it happens for the first time, NaN where it does not. */
struct lrp_stitch_facts {
    const char *position; /* "step", "epoch"; NULL = there is neither, and nothing was looked at */
    uint64_t duplicates;  /* cells that were there twice, with other values */
    uint64_t backward;    /* times that a resumed run began */
    double first_backward;
    uint64_t dropped; /* rows that a resumed run replaced */
    uint64_t late;    /* rows that were put where they belong */
    uint64_t gaps;    /* jumps of more than 10 times the median jump */
    double first_gap;
    bool within_epoch; /* the step counted within the epoch: it was replaced */
    double steps_per_epoch;
};

/* *out: the stitched record, with a note where steps were replaced; NULL where the record is as it
 * should be already, which costs one pass over its positions. A record of merged rows is only
 * looked at: *out is NULL. facts is filled in any case but an error (LRP_E_NOMEM). */
enum lrp_status lrp_record_stitch(const struct lrp_record *record, struct lrp_record **out,
                                  struct lrp_stitch_facts *facts, struct lrp_error *err);
/* The same in place: *record is replaced by the stitched one where there is one, and carries the
 * facts as meta data: numbers under "stitch.backward", "stitch.first_backward",
 * "stitch.duplicates", "stitch.dropped", "stitch.gaps", "stitch.first_gap"; what is NaN, and all
 * where there is no position, is left out. It stays a valid record on failure: LRP_E_NOMEM,
 * LRP_E_LIMIT. keep_order: a record whose steps go back, or in which rows of one step have
 * different rates, is left as it is, since its rows are told apart by their order (a sweep behind
 * another one in one file, a table of finished runs), not by a resumed run. */
enum lrp_status lrp_record_stitch_in_place(struct lrp_record **record, bool keep_order,
                                           struct lrp_error *err);
#endif
