/* SPDX-License-Identifier: MIT */
/* Which rows are kept, and in which order. */
#include "stitch_internal.h"

#include "alloc.h"
#include "rate_names.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    JUMPS_LOOKED_AT = 4096,
    COLLISIONS_MOST = 8,
    RETURNS_LEAST = 3,
    WRITERS_MOST = 4,
    QUARTER_LEAST = 3
};
/* Losses are printed with four digits or more. */
static const double SAME_PRINTED = 5e-4;
/* A mean over n values moves in its last quarter by about 1/4 of what it moves in its first, or
 * less the more values there are; plain losses move alike. Not fitted. */
static const double SETTLED = 0.4;

bool lrp_stitch_cell(const struct lrp_record *record, size_t column, size_t row, double *value)
{
    *value = column != LRP_NO_COLUMN ? record->columns[column].value[row] : (double)NAN;
    return isfinite(*value);
}

size_t lrp_stitch_column(const struct lrp_record *record, const char *name)
{
    size_t column = lrp_record_find_column(record, name);
    double value = 0;
    for (size_t row = 0; column != LRP_NO_COLUMN && row < record->rows; row++) {
        if (lrp_stitch_cell(record, column, row, &value)) {
            return column;
        }
    }
    return LRP_NO_COLUMN;
}

static int compare_numbers(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

double lrp_median_jump(const double *at, size_t n)
{
    double jumps[JUMPS_LOOKED_AT];
    size_t count = 0;
    size_t stride = n / JUMPS_LOOKED_AT + 1;
    for (size_t i = 1; i < n && count < JUMPS_LOOKED_AT; i += stride) {
        if (at[i] > at[i - 1] && isfinite(at[i] - at[i - 1])) {
            jumps[count] = at[i] - at[i - 1];
            count++;
        }
    }
    if (count == 0) {
        return (double)NAN;
    }
    qsort(jumps, count, sizeof jumps[0], compare_numbers);
    return jumps[count / 2];
}

void lrp_count_event(uint64_t *count, double *first, double at)
{
    *first = *count == 0 ? at : *first;
    (*count)++;
}

static void fill_positions(struct lrp_stitching *work)
{
    double before = (double)-INFINITY;
    for (size_t i = 0; i < work->rows; i++) {
        double value = 0;
        work->placed[i] = lrp_stitch_cell(work->record, work->column, i, &value);
        before = work->placed[i] ? value : before;
        work->at[i] = before;
    }
}

/* How the step goes back: with the epoch rising, or always to the first step after stretches of one
 * length. */
struct returns {
    size_t all, epoch_rises, to_first;
    double first, shortest, longest; /* first step; last steps of the stretches */
};

static struct returns look_at_returns(const struct lrp_stitching *work, size_t epoch)
{
    struct returns returns = {0, 0, 0, (double)NAN, (double)INFINITY, (double)-INFINITY};
    double epoch_before = (double)NAN;
    double before = (double)NAN;
    for (size_t i = 0; i < work->rows; i++) {
        double epoch_now = 0;
        if (!work->placed[i]) {
            continue;
        }
        epoch_now = lrp_stitch_cell(work->record, epoch, i, &epoch_now) ? epoch_now : epoch_before;
        returns.first = isnan(returns.first) ? work->at[i] : returns.first;
        if (work->at[i] < before) {
            returns.all++;
            returns.epoch_rises += epoch_now > epoch_before ? 1 : 0;
            returns.to_first += work->at[i] == returns.first ? 1 : 0;
            returns.shortest = fmin(returns.shortest, before);
            returns.longest = fmax(returns.longest, before);
        }
        before = work->at[i];
        epoch_before = epoch_now;
    }
    return returns;
}

/* Positions that count within the epoch become steps of the run: epochs before this one times steps
 * an epoch, plus the step. */
static void number_throughout(struct lrp_stitching *work, size_t epoch, double first_step)
{
    double largest = first_step;
    double smallest = first_step;
    for (size_t i = 0; i < work->rows; i++) {
        if (isfinite(work->at[i])) {
            largest = fmax(largest, work->at[i]);
            smallest = fmin(smallest, work->at[i]);
        }
    }
    double jump = lrp_median_jump(work->at, work->rows);
    double steps = largest - smallest + (isnan(jump) ? 1 : jump);
    double epoch_now = 0;
    double base = (double)NAN;
    double before = (double)-INFINITY;
    for (size_t i = 0; i < work->rows && isfinite(steps); i++) {
        double value = 0;
        if (epoch == LRP_NO_COLUMN) {
            epoch_now += work->placed[i] && work->at[i] < before ? 1 : 0;
        } else if (lrp_stitch_cell(work->record, epoch, i, &value)) {
            epoch_now = floor(value);
        }
        base = isnan(base) ? fmin(epoch_now, 1) : base; /* epochs count from 0 or from 1 */
        before = work->at[i];
        work->at[i] += isfinite(before) ? (epoch_now - base) * steps : 0;
    }
    work->facts->within_epoch = true;
    work->facts->steps_per_epoch = steps;
}

static void find_within_epoch(struct lrp_stitching *work)
{
    size_t epoch = lrp_stitch_column(work->record, "epoch");
    struct returns returns = look_at_returns(work, epoch);
    if (returns.all == 0 || strcmp(work->facts->position, "step") != 0) {
        return;
    }
    if (2 * returns.epoch_rises > returns.all) {
        number_throughout(work, epoch, returns.first);
    } else if (epoch == LRP_NO_COLUMN && returns.all >= RETURNS_LEAST &&
               returns.to_first == returns.all && returns.longest == returns.shortest &&
               returns.longest > returns.first) {
        number_throughout(work, LRP_NO_COLUMN, returns.first);
    }
}

/* Rates and the like come with evaluations too: they do not tell a resumed run. */
static void choose_evidence(struct lrp_stitching *work)
{
    static const char *const others[] = {"step",     "epoch",      "time_s",
                                         "momentum", "batch_size", "repeat"};
    for (size_t c = 0; c < work->record->n_columns; c++) {
        work->is_evidence[c] =
            c != work->column &&
            lrp_rate_name_of(work->record->columns[c].name) == LRP_RATE_NAME_NONE;
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
            if (strcmp(work->record->columns[c].name, others[i]) == 0) {
                work->is_evidence[c] = false;
            }
        }
        work->last[c] = (double)-INFINITY;
    }
}

static bool resumes(const struct lrp_stitching *work, size_t row)
{
    for (size_t c = 0; c < work->record->n_columns; c++) {
        if (work->is_evidence[c] && work->record->columns[c].present[row] != 0 &&
            work->last[c] > work->at[row]) {
            return true;
        }
    }
    return false;
}

/* Behind the last row, in the order, that has the position of row `begin`. */
static size_t group_end(const struct lrp_stitching *work, size_t begin)
{
    double at = work->at[work->order[begin]];
    size_t end = begin + 1;
    while (end < work->n_order && work->at[work->order[end]] == at) {
        end++;
    }
    return end;
}

struct placed_row {
    double at;
    size_t row;
};

static int compare_rows(const void *left, const void *right)
{
    const struct placed_row *a = left;
    const struct placed_row *b = right;
    if (a->at != b->at) {
        return a->at < b->at ? -1 : 1;
    }
    return a->row < b->row ? -1 : 1;
}

static enum lrp_status sort_rows(struct lrp_stitching *work, struct lrp_error *err)
{
    struct placed_row *rows = lrp_calloc_array(work->n_order, sizeof *rows);
    LRP_TRY_MEMORY(rows, err);
    for (size_t i = 0; i < work->n_order; i++) {
        rows[i] = (struct placed_row){work->at[work->order[i]], work->order[i]};
    }
    qsort(rows, work->n_order, sizeof *rows, compare_rows);
    for (size_t i = 0; i < work->n_order; i++) {
        work->order[i] = rows[i].row;
    }
    free(rows);
    return LRP_OK;
}

/* Whether all that a row holds was in an earlier row, up to how many digits were printed. */
static bool repeats(const struct lrp_stitching *work, size_t row, size_t before)
{
    bool any = false;
    for (size_t c = 0; c < work->record->n_columns; c++) {
        const struct lrp_column *column = &work->record->columns[c];
        if (!work->is_evidence[c] || column->present[row] == 0) {
            continue;
        }
        double a = column->value[row];
        double b = column->value[before];
        bool same = column->present[before] != 0 &&
                    (fabs(a - b) <= SAME_PRINTED * fabs(b) || a == b || (isnan(a) && isnan(b)));
        if (!same) {
            return false;
        }
        any = true;
    }
    return any;
}

/* Rows that a second writer wrote again: two to four rows of one position, of which most of the
 * later ones have nothing new. */
static enum lrp_status find_repeated(struct lrp_stitching *work, struct lrp_error *err)
{
    size_t later = 0;
    size_t repeated = 0;
    work->n_order = 0;
    for (size_t i = 0; i < work->rows; i++) {
        if (work->placed[i]) {
            work->order[work->n_order] = i;
            work->n_order++;
        }
    }
    LRP_TRY(sort_rows(work, err));
    for (size_t begin = 0, end = 0; begin < work->n_order; begin = end) {
        end = group_end(work, begin);
        for (size_t i = begin + 1; i < end && end - begin <= WRITERS_MOST; i++) {
            for (size_t k = begin; k < i && !work->is_repeated[work->order[i]]; k++) {
                work->is_repeated[work->order[i]] = repeats(work, work->order[i], work->order[k]);
            }
            repeated += work->is_repeated[work->order[i]] ? 1 : 0;
        }
        later += end - begin - 1;
    }
    if (2 * repeated < later) {
        memset(work->is_repeated, 0, work->rows * sizeof *work->is_repeated);
    }
    return LRP_OK;
}

/* Finds where runs are resumed; keeps the rows that no later run replaces. Rows that come late make
 * the order need sorting: true. */
static bool keep_rows(struct lrp_stitching *work)
{
    double top = (double)-INFINITY;
    bool late = false;
    for (size_t i = 0; i < work->rows; i++) {
        double at = work->at[i];
        if (work->is_repeated[i]) {
            continue;
        }
        work->is_resumed[i] = work->placed[i] && at < top && resumes(work, i);
        if (work->is_resumed[i]) {
            lrp_count_event(&work->facts->backward, &work->facts->first_backward, at);
            top = at;
            for (size_t c = 0; c < work->record->n_columns; c++) {
                work->last[c] = fmin(work->last[c], nextafter(at, (double)-INFINITY));
            }
        } else if (at < top) {
            work->facts->late += work->placed[i] ? 1 : 0;
            late = true;
        }
        top = fmax(top, at);
        for (size_t c = 0; c < work->record->n_columns; c++) {
            if (work->record->columns[c].present[i] != 0) {
                work->last[c] = fmax(work->last[c], at);
            }
        }
    }
    double resumed_at = (double)INFINITY; /* the earliest position of a run that begins later */
    size_t kept = work->rows;
    for (size_t i = work->rows; i > 0; i--) {
        if (work->is_repeated[i - 1]) {
            continue;
        }
        if (work->at[i - 1] < resumed_at) {
            kept--;
            work->order[kept] = i - 1;
        } else {
            work->facts->dropped++;
        }
        resumed_at = work->is_resumed[i - 1] ? fmin(resumed_at, work->at[i - 1]) : resumed_at;
    }
    work->n_order = work->rows - kept;
    memmove(work->order, work->order + kept, work->n_order * sizeof *work->order);
    return late;
}

/* Whether a row has a cell that the row before it in the order has, too. */
static bool collides(const struct lrp_stitching *work, size_t row, size_t before)
{
    for (size_t c = 0; c < work->record->n_columns; c++) {
        if (work->is_evidence[c] && work->record->columns[c].present[row] != 0 &&
            work->record->columns[c].present[before] != 0) {
            return true;
        }
    }
    return false;
}

/* Whether the values of one position settle as a mean that is taken anew over ever more values
 * does: the k-th one moves it by its share of 1/k. The last is then what was measured. */
static bool has_running_means(const struct lrp_stitching *work)
{
    size_t groups = 0;
    size_t settled = 0;
    size_t loss = lrp_stitch_column(work->record, "loss");
    for (size_t begin = 0, end = 0; begin < work->n_order && loss != LRP_NO_COLUMN; begin = end) {
        const double *values = work->record->columns[loss].value;
        double moves[2] = {0, 0}; /* in the first quarter, and in the last */
        end = group_end(work, begin);
        size_t quarter = (end - begin) / 4;
        for (size_t i = 0; i < quarter; i++) {
            size_t early = begin + 1 + i;
            size_t late = end - 1 - i;
            moves[0] += fabs(values[work->order[early]] - values[work->order[early - 1]]);
            moves[1] += fabs(values[work->order[late]] - values[work->order[late - 1]]);
        }
        groups += quarter >= QUARTER_LEAST ? 1 : 0;
        settled += quarter >= QUARTER_LEAST && moves[1] < SETTLED * moves[0] ? 1 : 0;
    }
    return groups > 1 && 10 * settled >= 9 * groups;
}

/* Whether the positions are those of single rows. */
static bool should_join(const struct lrp_stitching *work)
{
    size_t groups = 0;
    size_t collisions = 0;
    for (size_t i = 0; i < work->n_order; i++) {
        size_t row = work->order[i];
        bool same = i > 0 && work->at[row] == work->at[work->order[i - 1]];
        groups += same ? 0 : 1;
        collisions += same && work->placed[row] && collides(work, row, work->order[i - 1]) ? 1 : 0;
    }
    bool is_step = strcmp(work->facts->position, "step") == 0;
    return (is_step ? collisions <= COLLISIONS_MOST * groups : 10 * collisions <= groups) ||
           (collisions > groups && has_running_means(work));
}

enum lrp_status lrp_stitch_order(struct lrp_stitching *work, struct lrp_error *err)
{
    fill_positions(work);
    find_within_epoch(work);
    choose_evidence(work);
    LRP_TRY(find_repeated(work, err));
    LRP_TRY(keep_rows(work) ? sort_rows(work, err) : LRP_OK);
    work->join = should_join(work);
    return LRP_OK;
}
