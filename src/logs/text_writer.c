/* SPDX-License-Identifier: MIT */
/* Lines of known roles as rows. */
#include "text_roles.h"

#include <math.h>
#include <string.h>

void lrp_text_writer_init(struct lrp_text_writer *writer, struct lrp_rows *rows)
{
    *writer = (struct lrp_text_writer){.rows = rows};
    writer->epoch = writer->step = writer->lr = writer->validation_before = (double)NAN;
    writer->last_step = writer->stride = writer->before_first = (double)NAN;
}

/* ---- cells ---------------------------------------------------------------------------------- */

static enum lrp_status put(const struct lrp_text_writer *writer,
                           const struct lrp_shape_field *field,
                           const struct lrp_text_number *number, size_t line, struct lrp_error *err)
{
    return lrp_rows_set_comma(writer->rows, field->column, strlen(field->column), number->value,
                              number->comma, line, err);
}

static bool is_in_row(const struct lrp_text_writer *writer, const struct lrp_text_shape *shape,
                      int index, const struct lrp_text_number *numbers)
{
    double before = 0;
    return index == LRP_NO_FIELD ||
           (lrp_rows_get(writer->rows, shape->fields[index].column, &before) &&
            before == numbers[index].value);
}

/* Whether the open row is of the positions that the line has. */
static bool is_same_place(const struct lrp_text_writer *writer, const struct lrp_text_shape *shape,
                          const struct lrp_text_number *numbers)
{
    return lrp_rows_open(writer->rows) && is_in_row(writer, shape, shape->step, numbers) &&
           is_in_row(writer, shape, shape->epoch, numbers);
}

/* What headings said, where the line does not say it itself. */
static enum lrp_status put_heading(const struct lrp_text_writer *writer,
                                   const struct lrp_text_shape *shape, struct lrp_error *err)
{
    if (shape->epoch == LRP_NO_FIELD && !isnan(writer->epoch)) {
        LRP_TRY(lrp_rows_put(writer->rows, "epoch", writer->epoch, err));
    }
    if (writer->step_by_heading && shape->step == LRP_NO_FIELD && !isnan(writer->step)) {
        LRP_TRY(lrp_rows_put(writer->rows, "step", writer->step, err));
    }
    return !shape->rate && !isnan(writer->lr) ? lrp_rows_put(writer->rows, "lr", writer->lr, err)
                                              : LRP_OK;
}

/* ---- roles ---------------------------------------------------------------------------------- */

/* A step that was rounded to three digits, from the one before it: 10000, "1e+04" (10010), ... */
static double exact_step(struct lrp_text_writer *writer, double step)
{
    enum { EXACT = 1000 }; /* below it, three digits are all */
    const double rounding = 0.006;
    double expected = writer->last_step + writer->stride;
    if (step >= EXACT && fabs(expected - step) <= rounding * step) {
        step = expected;
    } else if (isnan(writer->stride)) {
        writer->stride = step - writer->last_step;
    }
    writer->last_step = step;
    return step;
}

/* The step of a training's line, counted over the epochs where it counts within one. */
static double step_of_run(struct lrp_text_writer *writer, const struct lrp_text_shape *shape,
                          const struct lrp_text_number *numbers)
{
    double step = numbers[shape->step].value;
    if (shape->box) {
        return exact_step(writer, step);
    }
    double epoch = shape->epoch != LRP_NO_FIELD ? numbers[shape->epoch].value : (double)NAN;
    if (!writer->within_epoch || !(epoch >= 0) || epoch != floor(epoch)) {
        return step;
    }
    if (isnan(writer->before_first)) {
        writer->before_first = epoch >= 1 ? 1 : 0;
    }
    return step + fmax(epoch - writer->before_first, 0) * writer->training->of;
}

static enum lrp_status write_training(struct lrp_text_writer *writer,
                                      const struct lrp_text_shape *shape,
                                      struct lrp_text_number *numbers, size_t line, bool same_place,
                                      struct lrp_error *err)
{
    if (same_place && shape->step != LRP_NO_FIELD && numbers[shape->step].value == 0 &&
        !isnan(shape->of)) {
        return LRP_OK; /* a bar that begins shows what the one before ended with */
    }
    if (shape->step != LRP_NO_FIELD) {
        numbers[shape->step].value = step_of_run(writer, shape, numbers);
    }
    bool over = (same_place || writer->same_place) &&
                (shape->step != LRP_NO_FIELD || shape->epoch != LRP_NO_FIELD) &&
                is_same_place(writer, shape, numbers);
    LRP_TRY(over ? LRP_OK : lrp_rows_end(writer->rows, err));
    writer->same_place = same_place;
    writer->fresh = false;
    for (size_t i = 0; i < shape->n; i++) {
        if (same_place && (int)i == shape->validation) { /* a bar goes on showing it */
            if (numbers[i].value == writer->validation_before) {
                continue;
            }
            writer->validation_before = numbers[i].value;
        }
        LRP_TRY(put(writer, &shape->fields[i], &numbers[i], line, err));
    }
    return put_heading(writer, shape, err);
}

static enum lrp_status write_validation(struct lrp_text_writer *writer,
                                        const struct lrp_text_shape *shape,
                                        const struct lrp_text_number *numbers, size_t line,
                                        struct lrp_error *err)
{
    const struct lrp_text_shape *training = writer->training;
    double before = 0;
    bool progress = lrp_text_is_progress(writer, shape);
    int step = progress ? LRP_NO_FIELD : shape->step;
    int epoch = training == NULL || step == LRP_NO_FIELD ? shape->epoch : LRP_NO_FIELD;
    bool there = lrp_rows_get(writer->rows, shape->fields[shape->validation].column, &before);
    bool other = (step != LRP_NO_FIELD && !is_in_row(writer, shape, step, numbers)) ||
                 (epoch != LRP_NO_FIELD && !is_in_row(writer, shape, epoch, numbers)) ||
                 (there && !progress);
    bool by_heading = writer->fresh && training != NULL && training->step != LRP_NO_FIELD &&
                      step == LRP_NO_FIELD && !progress &&
                      !(lrp_rows_get(writer->rows, "step", &before) && before == writer->step);
    bool begins = other || by_heading || !lrp_rows_open(writer->rows);
    LRP_TRY(begins ? lrp_rows_end(writer->rows, err) : LRP_OK);
    LRP_TRY(by_heading ? lrp_rows_put(writer->rows, "step", writer->step, err) : LRP_OK);
    for (size_t i = 0; i < shape->n; i++) {
        const struct lrp_shape_field *field = &shape->fields[i];
        bool position = (int)i == step || (int)i == shape->epoch;
        bool measured = field->kind >= LRP_TEXT_SCORE && (field->side == LRP_TEXT_SIDE_VALIDATION ||
                                                          field->side == LRP_TEXT_SIDE_TEST);
        bool other_known = begins && training == NULL && field->kind <= LRP_TEXT_KNOWN;
        if (measured || field->name->mapped || (position && begins) || other_known) {
            LRP_TRY(put(writer, field, &numbers[i], line, err));
        }
    }
    return begins ? put_heading(writer, shape, err) : LRP_OK;
}

static void take_heading(struct lrp_text_writer *writer, const struct lrp_text_shape *shape,
                         const struct lrp_text_number *numbers)
{
    bool settings = shape->n > LRP_HEADING_MOST;
    for (size_t i = 0; i < shape->n; i++) {
        const char *column = shape->fields[i].column;
        double *place = (int)i == shape->epoch      ? &writer->epoch
                        : (int)i == shape->step     ? &writer->step
                        : strcmp(column, "lr") == 0 ? &writer->lr
                                                    : NULL;
        if (place != NULL && (!settings || place == &writer->lr)) {
            *place = numbers[i].value;
            writer->fresh = writer->fresh || place == &writer->step;
        }
    }
}

static enum lrp_status write_beside(const struct lrp_text_writer *writer,
                                    const struct lrp_text_shape *shape,
                                    const struct lrp_text_number *numbers, size_t line,
                                    struct lrp_error *err)
{
    bool placed = shape->step != LRP_NO_FIELD || shape->epoch != LRP_NO_FIELD;
    bool here = lrp_rows_open(writer->rows) && (!placed || is_same_place(writer, shape, numbers));
    bool same_steps = placed && writer->training != NULL && shape->step != LRP_NO_FIELD &&
                      writer->training->step != LRP_NO_FIELD && !writer->within_epoch;
    if (!here && !same_steps) {
        return LRP_OK;
    }
    if (!here) { /* printed before its step's loss: rows of one step are joined */
        LRP_TRY(lrp_rows_end(writer->rows, err));
        LRP_TRY(put(writer, &shape->fields[shape->step], &numbers[shape->step], line, err));
    }
    for (size_t i = 0; i < shape->n; i++) {
        const struct lrp_shape_field *field = &shape->fields[i];
        double before = 0;
        bool wanted =
            field->name->mapped || field->kind == LRP_TEXT_KNOWN || field->kind == LRP_TEXT_SCORE;
        if (wanted && !field->name->best && !lrp_rows_get(writer->rows, field->column, &before)) {
            LRP_TRY(put(writer, field, &numbers[i], line, err));
        }
    }
    return LRP_OK;
}

enum lrp_status lrp_text_write(struct lrp_text_writer *writer, const struct lrp_text_shape *shape,
                               struct lrp_text_number *numbers, size_t line, bool same_place,
                               struct lrp_error *err)
{
    switch (shape->role) {
    case LRP_ROLE_TRAINING:
        return write_training(writer, shape, numbers, line, same_place, err);
    case LRP_ROLE_VALIDATION:
        return write_validation(writer, shape, numbers, line, err);
    case LRP_ROLE_HEADING:
        take_heading(writer, shape, numbers);
        return LRP_OK;
    case LRP_ROLE_BESIDE:
        return write_beside(writer, shape, numbers, line, err);
    case LRP_ROLE_NONE:
        break;
    }
    return LRP_OK;
}
