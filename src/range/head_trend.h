/* SPDX-License-Identifier: MIT */
/* Whether sweeps fall from their first step on, so that learning began below the range. */
#ifndef LRP_RANGE_HEAD_TREND_H
#define LRP_RANGE_HEAD_TREND_H

#include "curve_points.h"

/* Mann and Kendall's test on the raw values of each sweep over the first `width` decades (10 values
 * at least, LRP_TREND_POINTS_MOST at most; corrected for serial correlation, since smoothed records
 * are common), the z of the sweeps added up over the root of their number (Stouffer 1949). Falling
 * where that is below -3.3 (-2.45 for one sweep alone), and, with two sweeps or more, where it
 * stays below -1.28 (once in ten by chance) without the sweep that falls most: one that was lucky
 * or noisy at its start is not enough. Ranks are looked at, so that spikes, the size of the noise
 * and the scale of the loss do not matter. points: 10 values or more each. LRP_E_NOMEM only. */
enum lrp_status lrp_falls_from_first_step(const struct lrp_curve_points *points, size_t n_points,
                                          double width, bool *falls, struct lrp_error *err);
#endif
