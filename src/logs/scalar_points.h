/* SPDX-License-Identifier: MIT */
/* Puts single values that belong to steps into rows, for formats that log one value at a time: the
 * values of one step become one row, whatever the order in which the names were written. A name
 * whose step goes back (a run that was restarted) begins a new pass, whose rows follow. */
#ifndef LRP_LOGS_SCALAR_POINTS_H
#define LRP_LOGS_SCALAR_POINTS_H

#include "rows.h"

struct lrp_scalar_points;

/* rows: borrowed. At most LRP_SCALAR_POINTS_WINDOW values are held: when one more comes, the ones
 * before it become rows, and values of their steps that come later get rows of their own. */
enum { LRP_SCALAR_POINTS_WINDOW = 1 << 20 };
enum lrp_status lrp_scalar_points_new(struct lrp_rows *rows, struct lrp_scalar_points **out,
                                      struct lrp_error *err);
/* The moment that times are counted from; without it, the earliest of the first values. */
void lrp_scalar_points_set_origin(struct lrp_scalar_points *points, double time_s);
/* time_s: on any clock, NaN where it is not known; a row gets the time of its first value. */
enum lrp_status lrp_scalar_points_add(struct lrp_scalar_points *points, const char *name,
                                      int64_t step, double time_s, double value,
                                      struct lrp_error *err);
/* What comes now is a new pass. */
void lrp_scalar_points_restart(struct lrp_scalar_points *points);
/* All values that are held become rows. Where no step but 0 was ever given, the rows have none. */
enum lrp_status lrp_scalar_points_finish(struct lrp_scalar_points *points, struct lrp_error *err);
void lrp_scalar_points_free(struct lrp_scalar_points *points);
#endif
