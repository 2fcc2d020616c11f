/* SPDX-License-Identifier: MIT */
/* What each shape of line is for, and its numbers as rows. */
#ifndef LRP_LOGS_TEXT_ROLES_H
#define LRP_LOGS_TEXT_ROLES_H

#include "text_line.h"

enum lrp_text_role {
    LRP_ROLE_NONE,
    LRP_ROLE_TRAINING,
    LRP_ROLE_VALIDATION,
    LRP_ROLE_HEADING, /* positions and rates that hold for what follows */
    LRP_ROLE_BESIDE   /* scores, rates and mapped columns of the training's row */
};
enum { LRP_NO_FIELD = -1, LRP_HEADING_MOST = 3 /* fields; more are settings */ };

struct lrp_shape_field {
    const struct lrp_text_name *name;
    enum lrp_text_side side;
    enum lrp_text_kind kind;
    char column[LRP_COLUMN_NAME_MOST + 1]; /* where it goes */
};
struct lrp_text_shape {
    struct lrp_shape_field fields[LRP_TEXT_FIELDS_MOST];
    size_t n;
    bool best; /* it tells of the best so far */
    bool bar;  /* a progress bar */
    bool box;  /* its steps have three digits: "1.31e+04" */
    enum lrp_text_role role;
    enum lrp_text_kind kind; /* the most that it has of a training */
    int loss, validation;    /* fields, or LRP_NO_FIELD */
    int step, epoch;
    bool rate, mapped;
    bool changes; /* it says to what the rate is changed */
    /* What its lines had. */
    size_t count;
    size_t repeats; /* its place was that of a loss of another shape just before */
    size_t returns; /* its step was not behind that of the line before */
    double of;      /* "3/10": 10, of the last line */
    bool beyond;    /* "12/10": its step is not one of an epoch */
    double last_step;
};
struct lrp_text_number {
    double value;
    enum lrp_comma comma;
};
struct lrp_text_writer {
    struct lrp_rows *rows;
    const struct lrp_text_shape *training, *validation;
    double epoch, step, lr;   /* of headings */
    double last_step, stride; /* of boxes */
    double validation_before; /* what a bar showed last */
    bool fresh;               /* a heading has said a step since the last row of the training */
    bool same_place;          /* the line before may be written over */
    bool step_by_heading;
    bool within_epoch;   /* the training's step counts within the epoch, up to its `of` */
    double before_first; /* epochs before the first one, counted from 0 */
};

void lrp_text_shape_init(struct lrp_text_shape *shape, const struct lrp_text_fields *fields);
/* One more line of it. previous: the last line with a loss of any shape, which it becomes. */
struct lrp_text_place {
    const struct lrp_text_shape *shape;
    double step, epoch;
};
void lrp_text_shape_count(struct lrp_text_shape *shape, const struct lrp_text_fields *fields,
                          struct lrp_text_place *previous);
/* The shape that is the training, NULL where there is none. */
const struct lrp_text_shape *lrp_text_best_shape(struct lrp_text_shape *const *shapes, size_t n);

void lrp_text_writer_init(struct lrp_text_writer *writer, struct lrp_rows *rows);
/* Gives each shape its role. LRP_E_NOMEM. */
enum lrp_status lrp_text_choose(struct lrp_text_writer *writer,
                                struct lrp_text_shape *const *shapes, size_t n,
                                struct lrp_error *err);
/* The same for a shape that is met later. */
void lrp_text_choose_late(const struct lrp_text_writer *writer, struct lrp_text_shape *shape);
/* Whether a shape's step is a count within a validation, "[10/50]", and not one of the training. */
bool lrp_text_is_progress(const struct lrp_text_writer *writer, const struct lrp_text_shape *shape);
/* A line into the rows, as its shape's role wants it; numbers: one for each field, which
 * are changed. */
enum lrp_status lrp_text_write(struct lrp_text_writer *writer, const struct lrp_text_shape *shape,
                               struct lrp_text_number *numbers, size_t line, bool same_place,
                               struct lrp_error *err);
#endif
