/* SPDX-License-Identifier: MIT */
/* The lines of a printed log by their shape: the names in them, in their order, with the numbers
 * cut out. Each shape is a series of its own; which of them is the training and which belongs to it
 * is decided when enough of them have been seen, by these rules:
 * - The training is the shape with most lines among those with a loss that is not one of a
 *   validation; one with a position of its own, with a rate, or that says "train" counts for more,
 *   one that tells of the best so far for next to nothing. Without any loss: a measure that falls
 *   as one does, then a score, then numbers beside a position.
 * - Shapes with the same loss by the same name and with the same positions go with it (a line that
 *   has the validation too, a box with one more row), but not a second writer of the same steps.
 * - The validation is the shape with most lines among those with a loss of a validation, else of a
 *   test, where the training's lines have none; of a progress within a validation its last line.
 * - Shapes with positions alone are headings: what follows belongs to them.
 * - Rates and scores that are printed about as often as the training go into its rows. */
#ifndef LRP_LOGS_TEXT_SHAPES_H
#define LRP_LOGS_TEXT_SHAPES_H

#include "text_line.h"

struct lrp_text_shapes;
enum lrp_status lrp_text_shapes_new(struct lrp_rows *rows, const struct lrp_log_hints *hints,
                                    struct lrp_text_shapes **out, struct lrp_error *err);
void lrp_text_shapes_free(struct lrp_text_shapes *shapes);
/* What a line says; line: its number; rewritten: the next one stands in its place. */
enum lrp_status lrp_text_shapes_take(struct lrp_text_shapes *shapes, struct lrp_text_fields *fields,
                                     size_t line, bool rewritten, struct lrp_error *err);
/* End of the text. LRP_E_FORMAT where there is nothing to judge, with the names that were seen.
 * mapped: the user has named columns, which may be any of the names. */
enum lrp_status lrp_text_shapes_finish(struct lrp_text_shapes *shapes, bool mapped,
                                       struct lrp_error *err);
/* Whether a line with a loss was seen. */
bool lrp_text_shapes_begun(const struct lrp_text_shapes *shapes);
/* How much of a training was seen. */
struct lrp_text_impression {
    size_t metrics; /* lines with a loss, a measure or a score */
    size_t placed;  /* those among them that have a position */
    size_t others;  /* lines with a position and any other number */
};
struct lrp_text_impression lrp_text_shapes_look(const struct lrp_text_shapes *shapes);
#endif
