/* SPDX-License-Identifier: MIT */
#include "points.h"

#include "alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct point {
    int64_t step;
    double time_s;
    double value;
    uint32_t pass;
    uint32_t order; /* in the file: sorting keeps it among equals */
    uint32_t name;
};

/* What is known of a name. */
struct track {
    int64_t last_step;
    uint64_t row;  /* the row that has a value of it, 0 = none */
    uint32_t pass; /* the one its last value belongs to */
    bool seen;
};

struct lrp_points {
    struct lrp_rows *rows;
    struct point *held;
    size_t n_held, held_capacity;
    struct track *tracks; /* by the index of the name */
    size_t n_tracks;
    uint32_t pass;
    uint64_t row;
    double origin;  /* NaN = not known yet */
    bool sorted;    /* the held points are in order as they came */
    bool repeated;  /* some name came twice */
    bool has_steps; /* some step is not 0 */
};

enum lrp_status lrp_points_new(struct lrp_rows *rows, struct lrp_points **out,
                               struct lrp_error *err)
{
    struct lrp_points *points = lrp_calloc_array(1, sizeof *points);
    if (points == NULL) {
        return lrp_fail_memory(err, sizeof *points);
    }
    points->rows = rows;
    points->sorted = true;
    points->origin = (double)NAN;
    *out = points;
    return LRP_OK;
}

void lrp_points_free(struct lrp_points *points)
{
    if (points != NULL) {
        free(points->held);
        free(points->tracks);
        free(points);
    }
}

void lrp_points_set_origin(struct lrp_points *points, double time_s)
{
    points->origin = time_s;
}

void lrp_points_restart(struct lrp_points *points)
{
    points->pass++;
}

static int compare_points(const void *left, const void *right)
{
    const struct point *a = left;
    const struct point *b = right;
    if (a->pass != b->pass) {
        return a->pass < b->pass ? -1 : 1;
    }
    if (a->step != b->step) {
        return a->step < b->step ? -1 : 1;
    }
    return a->order < b->order ? -1 : 1;
}

static enum lrp_status begin_row(struct lrp_points *points, const struct point *point,
                                 struct lrp_error *err)
{
    enum lrp_status status = lrp_rows_end(points->rows, err);
    points->row++;
    if (status == LRP_OK && (points->has_steps || !points->repeated)) {
        status = lrp_rows_set(points->rows, "step", 4, (double)point->step, err);
    }
    double time_s = point->time_s - points->origin;
    if (status == LRP_OK && isfinite(time_s)) {
        status = lrp_rows_set(points->rows, "time_s", 6, time_s, err);
    }
    return status;
}

/* The held points as rows. */
static enum lrp_status flush(struct lrp_points *points, struct lrp_error *err)
{
    enum lrp_status status = LRP_OK;
    if (isnan(points->origin)) {
        for (size_t i = 0; i < points->n_held; i++) {
            points->origin = fmin(points->origin, points->held[i].time_s);
        }
    }
    if (!points->sorted) {
        qsort(points->held, points->n_held, sizeof *points->held, compare_points);
    }
    for (size_t i = 0; i < points->n_held && status == LRP_OK; i++) {
        const struct point *point = &points->held[i];
        struct track *track = &points->tracks[point->name];
        bool same = i > 0 && point[-1].pass == point->pass && point[-1].step == point->step;
        if (!same || track->row == points->row) {
            status = begin_row(points, point, err);
        }
        track->row = points->row;
        if (status == LRP_OK) {
            lrp_rows_set_found(points->rows, point->name, point->value);
        }
    }
    points->n_held = 0;
    points->sorted = true;
    return status == LRP_OK ? lrp_rows_end(points->rows, err) : status;
}

static enum lrp_status make_track(struct lrp_points *points, size_t name, struct lrp_error *err)
{
    while (points->n_tracks <= name) {
        size_t before = points->n_tracks;
        enum lrp_status status = lrp_grow_array((void **)&points->tracks, before, &points->n_tracks,
                                                sizeof *points->tracks, SIZE_MAX / 64, err);
        if (status != LRP_OK) {
            return status;
        }
        memset(points->tracks + before, 0, (points->n_tracks - before) * sizeof *points->tracks);
    }
    return LRP_OK;
}

enum lrp_status lrp_points_add(struct lrp_points *points, const char *name, size_t name_length,
                               int64_t step, double time_s, double value, struct lrp_error *err)
{
    size_t index = 0;
    enum lrp_status status = lrp_rows_find(points->rows, name, name_length, &index, err);
    if (status != LRP_OK || index == LRP_NO_COLUMN) {
        return status;
    }
    status = make_track(points, index, err);
    if (status == LRP_OK && points->n_held == LRP_POINTS_WINDOW) {
        status = flush(points, err);
    }
    if (status == LRP_OK) {
        status = lrp_grow_array((void **)&points->held, points->n_held, &points->held_capacity,
                                sizeof *points->held, LRP_POINTS_WINDOW, err);
    }
    if (status != LRP_OK) {
        return status;
    }
    struct track *track = &points->tracks[index];
    if (track->seen && step < track->last_step && track->pass == points->pass) {
        points->pass++; /* the other names of the restarted run follow it into this pass */
    }
    points->repeated = points->repeated || track->seen;
    points->has_steps = points->has_steps || step != 0;
    track->seen = true;
    track->pass = points->pass;
    track->last_step = step;
    struct point *point = &points->held[points->n_held];
    *point = (struct point){step,           time_s, value, points->pass, (uint32_t)points->n_held,
                            (uint32_t)index};
    if (points->n_held > 0 && compare_points(&point[-1], point) > 0) {
        points->sorted = false;
    }
    points->n_held++;
    return LRP_OK;
}

enum lrp_status lrp_points_finish(struct lrp_points *points, struct lrp_error *err)
{
    return flush(points, err);
}
