/* SPDX-License-Identifier: MIT */
#include "text_roles.h"

#include "record_change.h"

#include <math.h>
#include <string.h>

static bool is_validation(enum lrp_text_side side)
{
    return side == LRP_TEXT_SIDE_VALIDATION || side == LRP_TEXT_SIDE_TEST;
}

/* ---- a shape -------------------------------------------------------------------------------- */

/* Whether the field's column is that of another one with a better right to it: the plainer name, of
 * equals the first. "Generator loss" and "Discriminator loss" have none, both keep their names. */
static bool has_rival(const struct lrp_text_fields *fields, size_t index)
{
    const struct lrp_named_number *field = &fields->list[index];
    for (size_t i = 0; i < fields->n; i++) {
        const struct lrp_named_number *other = &fields->list[i];
        bool test =
            is_validation(field->side) && is_validation(other->side) && field->side != other->side;
        if (i == index || strcmp(field->name->column, other->name->column) != 0 ||
            (is_validation(field->side) != is_validation(other->side))) {
            continue;
        }
        bool loses = other->name->detour < field->name->detour ||
                     (other->name->detour == field->name->detour &&
                      (i < index || (field->name->detour == 2 && other->name != field->name &&
                                     field->name->kind == LRP_TEXT_LOSS)));
        if (test ? field->side == LRP_TEXT_SIDE_TEST : loses) {
            return true;
        }
    }
    return false;
}

/* XGBoost's first set is the training's where there is another one: "validation_0-logloss". */
static bool is_first_set(const struct lrp_text_fields *fields, size_t index)
{
    static const char first[] = "validation_0-";
    const size_t length = sizeof first - 1;
    bool found = false;
    for (size_t i = 0; i < fields->n; i++) {
        found = found || strncmp(fields->list[i].name->text, "validation_1-", length) == 0;
    }
    return found && strncmp(fields->list[index].name->text, first, length) == 0;
}

static void set_column(struct lrp_shape_field *out, const struct lrp_text_fields *fields,
                       size_t index)
{
    const struct lrp_text_name *name = out->name;
    const char *column = name->column;
    if (out->kind >= LRP_TEXT_POSITION && !name->mapped && has_rival(fields, index)) {
        column = name->text;
        out->kind = out->kind == LRP_TEXT_LOSS       ? LRP_TEXT_MEASURE
                    : out->kind == LRP_TEXT_POSITION ? LRP_TEXT_OTHER
                                                     : out->kind;
    }
    /* where the log's own name is kept, it may say so itself */
    bool says = strcmp(column, name->text) == 0 && name->side != LRP_TEXT_SIDE_NONE;
    if (out->kind == LRP_TEXT_OTHER && name->only_side) {
        column = name->text;
    }
    bool prefix = out->kind >= LRP_TEXT_SCORE && is_validation(out->side) && !name->mapped && !says;
    if (is_first_set(fields, index)) {
        memcpy(out->column, "train_", 6);
        column += strlen("validation_0-");
    }
    size_t at = prefix ? 4 : is_first_set(fields, index) ? 6 : 0;
    size_t length = strlen(column);
    length = length < LRP_COLUMN_NAME_MOST - at ? length : LRP_COLUMN_NAME_MOST - at;
    if (prefix) {
        memcpy(out->column, "val_", at);
    }
    memcpy(out->column + at, column, length);
    out->column[at + length] = '\0';
}

static bool is_better(const struct lrp_text_shape *shape, const struct lrp_shape_field *field,
                      int than)
{
    return than == LRP_NO_FIELD || field->kind > shape->fields[than].kind;
}

static void take_field(struct lrp_text_shape *shape, int index)
{
    const struct lrp_shape_field *field = &shape->fields[index];
    if (field->kind == LRP_TEXT_POSITION) {
        bool epoch = strcmp(field->column, "epoch") == 0;
        bool step = strcmp(field->column, "step") == 0;
        shape->epoch = epoch && shape->epoch == LRP_NO_FIELD ? index : shape->epoch;
        shape->step = step ? index : shape->step;
    }
    shape->rate = shape->rate || strcmp(field->column, "lr") == 0;
    shape->changes = shape->changes || field->name->changes;
    shape->mapped = shape->mapped || field->name->mapped;
    if (field->kind < LRP_TEXT_SCORE || field->name->best) {
        return;
    }
    int *place = is_validation(field->side) ? &shape->validation : &shape->loss;
    if (is_better(shape, field, *place)) {
        *place = index;
    }
}

void lrp_text_shape_init(struct lrp_text_shape *shape, const struct lrp_text_fields *fields)
{
    *shape = (struct lrp_text_shape){.n = fields->n,
                                     .best = fields->best,
                                     .box = fields->box,
                                     .bar = fields->bar,
                                     .loss = LRP_NO_FIELD,
                                     .validation = LRP_NO_FIELD,
                                     .step = LRP_NO_FIELD,
                                     .epoch = LRP_NO_FIELD,
                                     .of = (double)NAN,
                                     .last_step = (double)NAN};
    bool step = false;
    bool placed = false;
    bool loss = false;
    for (size_t i = 0; i < fields->n; i++) {
        loss = loss || fields->list[i].name->kind == LRP_TEXT_LOSS;
        step = step || strcmp(fields->list[i].name->column, "step") == 0;
        placed = placed || fields->list[i].name->kind == LRP_TEXT_POSITION;
    }
    for (size_t i = 0; i < fields->n; i++) {
        struct lrp_shape_field *field = &shape->fields[i];
        field->name = fields->list[i].name;
        field->side = fields->list[i].side;
        /* "train: 50000, test: 10000" counts examples, "Loss: 2, Train: 0.5" is an accuracy */
        bool nothing = field->name->only_side && (!placed || loss);
        field->kind = nothing ? LRP_TEXT_OTHER : field->name->kind;
        if (is_first_set(fields, i)) {
            field->side = LRP_TEXT_SIDE_TRAINING;
        }
        set_column(field, fields, i);
        if (!step && strcmp(field->column, "batch") == 0) {
            memcpy(field->column, "step", 5); /* within the epoch */
        }
        take_field(shape, (int)i);
    }
    shape->kind = shape->loss != LRP_NO_FIELD                   ? shape->fields[shape->loss].kind
                  : placed && shape->validation == LRP_NO_FIELD ? LRP_TEXT_OTHER
                                                                : LRP_TEXT_NOTHING;
}

static double value_at(const struct lrp_text_fields *fields, int index)
{
    return index == LRP_NO_FIELD ? (double)NAN : fields->list[index].value;
}

static bool is_equal(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

void lrp_text_shape_count(struct lrp_text_shape *shape, const struct lrp_text_fields *fields,
                          struct lrp_text_place *previous)
{
    double step = value_at(fields, shape->step);
    double epoch = value_at(fields, shape->epoch);
    shape->count++;
    shape->returns += step <= shape->last_step ? 1 : 0;
    shape->last_step = step;
    shape->of = shape->step != LRP_NO_FIELD ? fields->list[shape->step].of : shape->of;
    shape->beyond = shape->beyond || step > shape->of;
    if (shape->kind < LRP_TEXT_MEASURE || fields->bar) {
        return;
    }
    bool placed = !isnan(step) || !isnan(epoch);
    if (placed && previous->shape != shape && previous->shape != NULL &&
        is_equal(step, previous->step) && is_equal(epoch, previous->epoch)) {
        shape->repeats++;
    }
    *previous = (struct lrp_text_place){shape, step, epoch};
}

/* ---- which is which ------------------------------------------------------------------------- */

/* What a line of the shape counts for as one of the training. A rate beside the loss outweighs a
 * dozen lines without one: means since an epoch began are often printed ten times an epoch, and the
 * epoch's own loss and rate once (flair). */
static double training_weight(const struct lrp_text_shape *shape)
{
    static const double of_kind[] = {
        [LRP_TEXT_NOTHING] = 0,  [LRP_TEXT_OTHER] = 1e-6, [LRP_TEXT_KNOWN] = 0,
        [LRP_TEXT_POSITION] = 0, [LRP_TEXT_SCORE] = 1e-4, [LRP_TEXT_MEASURE] = 0.2,
        [LRP_TEXT_LOSS] = 1};
    double weight = of_kind[shape->kind] * (double)shape->count;
    bool placed = shape->step != LRP_NO_FIELD || shape->epoch != LRP_NO_FIELD;
    if (shape->kind == LRP_TEXT_OTHER && shape->n < 2) {
        return 0;
    }
    weight *= placed ? 1 : 0.5;
    weight *= shape->rate && shape->kind >= LRP_TEXT_MEASURE ? 15 : 1;
    weight *= shape->best ? 1e-3 : 1;
    if (shape->loss != LRP_NO_FIELD) {
        weight *= shape->fields[shape->loss].side == LRP_TEXT_SIDE_TRAINING ? 1.2 : 1;
        weight *= shape->fields[shape->loss].name->mapped ? 1e3 : 1;
    }
    return weight;
}

const struct lrp_text_shape *lrp_text_best_shape(struct lrp_text_shape *const *shapes, size_t n)
{
    const struct lrp_text_shape *found = NULL;
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        double weight = training_weight(shapes[i]);
        if (weight > most) {
            most = weight;
            found = shapes[i];
        }
    }
    return found;
}

bool lrp_text_is_progress(const struct lrp_text_writer *writer, const struct lrp_text_shape *shape)
{
    const struct lrp_text_shape *training = writer->training;
    if (shape->step == LRP_NO_FIELD) {
        return false;
    }
    return training == NULL ? !isnan(shape->of) && shape->returns > 0
                            : training->step == LRP_NO_FIELD ||
                                  (!isnan(shape->of) && !is_equal(shape->of, training->of));
}

static const struct lrp_text_shape *best_validation(const struct lrp_text_writer *writer,
                                                    struct lrp_text_shape *const *shapes, size_t n,
                                                    enum lrp_text_kind least,
                                                    enum lrp_text_kind most_kind)
{
    const struct lrp_text_shape *found = NULL;
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        const struct lrp_text_shape *shape = shapes[i];
        if (shape->validation == LRP_NO_FIELD || shape->best || shape == writer->training) {
            continue;
        }
        const struct lrp_shape_field *field = &shape->fields[shape->validation];
        if (field->kind < least || field->kind > most_kind) {
            continue;
        }
        double weight = (double)shape->count * (field->side == LRP_TEXT_SIDE_TEST ? 0.1 : 1) *
                        (lrp_text_is_progress(writer, shape) ? 0.02 : 1) *
                        (field->kind == LRP_TEXT_LOSS ? 3 : 1) *
                        (strcmp(field->column, "val_accuracy") == 0 ? 3 : 1);
        if (weight > most) {
            most = weight;
            found = shape;
        }
    }
    return found;
}

static bool has_column(const struct lrp_text_shape *shape, const char *column)
{
    for (size_t i = 0; shape != NULL && i < shape->n; i++) {
        if (strcmp(shape->fields[i].column, column) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_validation(const struct lrp_text_shape *shape, enum lrp_text_kind least)
{
    return shape != NULL && shape->validation != LRP_NO_FIELD &&
           shape->fields[shape->validation].kind >= least;
}

/* Whether one has all the names of the other. */
static bool is_part_of(const struct lrp_text_shape *part, const struct lrp_text_shape *shape)
{
    for (size_t i = 0; i < part->n; i++) {
        if (!has_column(shape, part->fields[i].column)) {
            return false;
        }
    }
    return true;
}

/* The same series: one loss by one name, and the same positions. */
static bool goes_with(const struct lrp_text_shape *shape, const struct lrp_text_shape *chosen,
                      bool validation)
{
    if (chosen == NULL || shape->best != chosen->best) {
        return false;
    }
    int mine = validation ? shape->validation : shape->loss;
    int its = validation ? chosen->validation : chosen->loss;
    bool positions = (shape->step == LRP_NO_FIELD) == (chosen->step == LRP_NO_FIELD) &&
                     (shape->epoch == LRP_NO_FIELD) == (chosen->epoch == LRP_NO_FIELD);
    if (mine == LRP_NO_FIELD || its == LRP_NO_FIELD || !positions) {
        return false;
    }
    bool placed = shape->step != LRP_NO_FIELD || shape->epoch != LRP_NO_FIELD;
    if (!placed && !is_part_of(shape, chosen) && !is_part_of(chosen, shape)) {
        return false;
    }
    const struct lrp_shape_field *a = &shape->fields[mine];
    const struct lrp_shape_field *b = &chosen->fields[its];
    return a->side == b->side && a->kind == b->kind && strcmp(a->column, b->column) == 0 &&
           strcmp(a->name->text + a->name->skip, b->name->text + b->name->skip) == 0 &&
           2 * shape->repeats <= shape->count;
}

/* Positions alone, or a rate alone, twice at least; "epochs: 100" is a setting. */
static bool is_heading(const struct lrp_text_shape *shape)
{
    bool position = false;
    if (shape->loss != LRP_NO_FIELD || shape->validation != LRP_NO_FIELD ||
        shape->n > LRP_HEADING_MOST) {
        return false;
    }
    for (size_t i = 0; i < shape->n; i++) {
        const struct lrp_text_name *name = shape->fields[i].name;
        bool plural = name->length > 0 && name->text[name->length - 1] == 's';
        position = position ||
                   (shape->fields[i].kind == LRP_TEXT_POSITION && (!plural || !isnan(shape->of)));
    }
    return position || (shape->rate && shape->n == 1);
}

static bool is_beside(const struct lrp_text_writer *writer, const struct lrp_text_shape *shape)
{
    if (shape->mapped) {
        return true;
    }
    bool often =
        2 * shape->count >= writer->training->count && shape->count <= 2 * writer->training->count;
    return often && !shape->best && shape->kind < LRP_TEXT_MEASURE &&
           shape->validation == LRP_NO_FIELD;
}

static enum lrp_text_role role_of(const struct lrp_text_writer *writer,
                                  const struct lrp_text_shape *shape,
                                  const struct lrp_text_shape *scores)
{
    if (shape == writer->training || goes_with(shape, writer->training, false)) {
        return LRP_ROLE_TRAINING;
    }
    if (shape == writer->validation || shape == scores ||
        goes_with(shape, writer->validation, true) || goes_with(shape, scores, true)) {
        return LRP_ROLE_VALIDATION;
    }
    bool beside = writer->training != NULL && is_beside(writer, shape);
    bool cells = false;
    for (size_t i = 0; i < shape->n; i++) {
        cells = cells || shape->fields[i].kind == LRP_TEXT_KNOWN ||
                shape->fields[i].kind == LRP_TEXT_SCORE;
    }
    bool placed = shape->step != LRP_NO_FIELD || shape->epoch != LRP_NO_FIELD;
    if (shape->changes || (shape->rate && shape->n == 1 && shape->count > 1)) {
        return LRP_ROLE_HEADING;
    }
    if (beside && cells && placed) {
        return LRP_ROLE_BESIDE;
    }
    if (is_heading(shape) && (shape->count > 1 || (shape->rate && shape->n < 3))) {
        return LRP_ROLE_HEADING;
    }
    return beside ? LRP_ROLE_BESIDE : LRP_ROLE_NONE;
}

/* Settings with a rate among them hold where the log says only where it changes. */
static bool is_settings(const struct lrp_text_shape *shape)
{
    return shape->rate && shape->n > LRP_HEADING_MOST && shape->loss == LRP_NO_FIELD &&
           shape->validation == LRP_NO_FIELD;
}

/* What the log calls the columns that go by our names. */
static enum lrp_status keep_names(const struct lrp_text_writer *writer,
                                  const struct lrp_text_shape *shape, struct lrp_error *err)
{
    struct lrp_record *record = lrp_rows_record(writer->rows);
    for (size_t i = 0; shape != NULL && i < shape->n; i++) {
        const struct lrp_shape_field *field = &shape->fields[i];
        if (!field->name->mapped) {
            LRP_TRY(lrp_record_set_former_name(record, field->column,
                                               field->name->text + field->name->skip,
                                               field->name->length - field->name->skip, err));
        }
    }
    return LRP_OK;
}

enum lrp_status lrp_text_choose(struct lrp_text_writer *writer,
                                struct lrp_text_shape *const *shapes, size_t n,
                                struct lrp_error *err)
{
    const struct lrp_text_shape *training = lrp_text_best_shape(shapes, n);
    writer->training = training;
    const struct lrp_text_shape *losses =
        best_validation(writer, shapes, n, LRP_TEXT_MEASURE, LRP_TEXT_LOSS);
    const struct lrp_text_shape *scores =
        best_validation(writer, shapes, n, LRP_TEXT_SCORE, LRP_TEXT_SCORE);
    if (training != NULL && training->kind < LRP_TEXT_SCORE && losses != NULL) {
        writer->training = training = NULL; /* losses of a validation alone */
    }
    writer->validation = has_validation(training, LRP_TEXT_MEASURE) ? NULL : losses;
    if (has_column(training, "val_accuracy") || has_column(writer->validation, "val_accuracy")) {
        scores = NULL;
    }
    size_t steps = 0;
    bool changes = false;
    for (size_t i = 0; i < n; i++) {
        shapes[i]->role = role_of(writer, shapes[i], scores);
        changes = changes || shapes[i]->changes;
        bool step = shapes[i]->role == LRP_ROLE_HEADING && shapes[i]->step != LRP_NO_FIELD;
        steps += step ? shapes[i]->count : 0;
    }
    for (size_t i = 0; i < n && changes; i++) {
        shapes[i]->role = is_settings(shapes[i]) ? LRP_ROLE_HEADING : shapes[i]->role;
    }
    writer->within_epoch = training != NULL && training->epoch != LRP_NO_FIELD &&
                           !isnan(training->of) && !training->beyond &&
                           (training->bar || training->returns > 0);
    writer->step_by_heading = training != NULL && training->step == LRP_NO_FIELD &&
                              training->epoch == LRP_NO_FIELD && 2 * steps >= training->count;
    LRP_TRY(keep_names(writer, training, err));
    LRP_TRY(keep_names(writer, writer->validation, err));
    return keep_names(writer, scores, err);
}

void lrp_text_choose_late(const struct lrp_text_writer *writer, struct lrp_text_shape *shape)
{
    shape->role = role_of(writer, shape, NULL);
}
