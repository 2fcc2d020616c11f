/* SPDX-License-Identifier: MIT */
#include "scalar_points.h"

#include "alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct scalar_point {
    int64_t step;
    double time_s;
    double value;
    uint32_t pass;
    uint32_t order; /* in the file: sorting keeps it among equals */
    uint32_t name;
};

/* What is known of a name. */
struct name_track {
    int64_t last_step;
    uint64_t row;  /* the row that has a value of it, 0 = none */
    uint32_t pass; /* the one its last value belongs to */
    bool seen;
};

struct lrp_scalar_points {
    struct lrp_rows *rows;
    struct scalar_point *held;
    size_t n_held, held_capacity;
    struct name_track *tracks; /* by the index of the name */
    size_t n_tracks;
    uint32_t pass;
    uint64_t row;
    double origin;  /* NaN = not known yet */
    bool sorted;    /* the held points are in order as they came */
    bool repeated;  /* some name came twice */
    bool has_steps; /* some step is not 0 */
};

enum lrp_status lrp_scalar_points_new(struct lrp_rows *rows, struct lrp_scalar_points **out,
                                      struct lrp_error *err)
{
    struct lrp_scalar_points *points = lrp_calloc_array(1, sizeof *points);
    LRP_TRY_MEMORY(points, err);
    points->rows = rows;
    points->sorted = true;
    points->origin = (double)NAN;
    *out = points;
    return LRP_OK;
}

void lrp_scalar_points_free(struct lrp_scalar_points *points)
{
    if (points != NULL) {
        free(points->held);
        free(points->tracks);
        free(points);
    }
}

void lrp_scalar_points_set_origin(struct lrp_scalar_points *points, double time_s)
{
    points->origin = time_s;
}

void lrp_scalar_points_restart(struct lrp_scalar_points *points)
{
    points->pass++;
}

static int compare_points(const void *left, const void *right)
{
    const struct scalar_point *a = left;
    const struct scalar_point *b = right;
    if (a->pass != b->pass) {
        return a->pass < b->pass ? -1 : 1;
    }
    if (a->step != b->step) {
        return a->step < b->step ? -1 : 1;
    }
    return a->order < b->order ? -1 : 1;
}

static enum lrp_status begin_row(struct lrp_scalar_points *points, const struct scalar_point *point,
                                 struct lrp_error *err)
{
    LRP_TRY(lrp_rows_end(points->rows, err));
    points->row++;
    if (points->has_steps || !points->repeated) {
        LRP_TRY(lrp_rows_put(points->rows, "step", (double)point->step, err));
    }
    double time_s = point->time_s - points->origin;
    return isfinite(time_s) ? lrp_rows_put(points->rows, "time_s", time_s, err) : LRP_OK;
}

/* The held points as rows. */
static enum lrp_status flush(struct lrp_scalar_points *points, struct lrp_error *err)
{
    if (isnan(points->origin)) {
        for (size_t i = 0; i < points->n_held; i++) {
            points->origin = fmin(points->origin, points->held[i].time_s);
        }
    }
    if (!points->sorted) {
        qsort(points->held, points->n_held, sizeof *points->held, compare_points);
    }
    for (size_t i = 0; i < points->n_held; i++) {
        const struct scalar_point *point = &points->held[i];
        struct name_track *track = &points->tracks[point->name];
        bool same = i > 0 && point[-1].pass == point->pass && point[-1].step == point->step;
        if (!same || track->row == points->row) {
            LRP_TRY(begin_row(points, point, err));
        }
        track->row = points->row;
        lrp_rows_set_found(points->rows, point->name, point->value);
    }
    points->n_held = 0;
    points->sorted = true;
    return lrp_rows_end(points->rows, err);
}

static enum lrp_status make_track(struct lrp_scalar_points *points, size_t name,
                                  struct lrp_error *err)
{
    while (points->n_tracks <= name) {
        size_t before = points->n_tracks;
        LRP_TRY(lrp_grow_array((void **)&points->tracks, before, &points->n_tracks,
                               sizeof *points->tracks, SIZE_MAX / 64, err));
        memset(points->tracks + before, 0, (points->n_tracks - before) * sizeof *points->tracks);
    }
    return LRP_OK;
}

enum lrp_status lrp_scalar_points_add(struct lrp_scalar_points *points, const char *name,
                                      int64_t step, double time_s, double value,
                                      struct lrp_error *err)
{
    size_t index = 0;
    LRP_TRY(lrp_rows_find(points->rows, name, strlen(name), &index, err));
    if (index == LRP_NO_COLUMN) {
        return LRP_OK;
    }
    LRP_TRY(make_track(points, index, err));
    if (points->n_held == LRP_SCALAR_POINTS_WINDOW) {
        LRP_TRY(flush(points, err));
    }
    LRP_TRY(lrp_grow_array((void **)&points->held, points->n_held, &points->held_capacity,
                           sizeof *points->held, LRP_SCALAR_POINTS_WINDOW, err));
    struct name_track *track = &points->tracks[index];
    if (track->seen && step < track->last_step && track->pass == points->pass) {
        points->pass++; /* the other names of the restarted run follow it into this pass */
    }
    points->repeated = points->repeated || track->seen;
    points->has_steps = points->has_steps || step != 0;
    track->seen = true;
    track->pass = points->pass;
    track->last_step = step;
    struct scalar_point *point = &points->held[points->n_held];
    *point = (struct scalar_point){
        step, time_s, value, points->pass, (uint32_t)points->n_held, (uint32_t)index};
    if (points->n_held > 0 && compare_points(&point[-1], point) > 0) {
        points->sorted = false;
    }
    points->n_held++;
    return LRP_OK;
}

enum lrp_status lrp_scalar_points_finish(struct lrp_scalar_points *points, struct lrp_error *err)
{
    return flush(points, err);
}
