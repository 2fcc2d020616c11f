/* SPDX-License-Identifier: MIT */
/* The figures of a range test; its curve must be there. NULL when memory is short. */
#ifndef LRP_REPORT_RANGE_DRAWINGS_H
#define LRP_REPORT_RANGE_DRAWINGS_H

#include "drawing.h"
#include "range_report.h"

/* Loss over rate: every repeat, their median and band, the marks. */
struct lrp_drawing *lrp_loss_of_range_drawing(const struct lrp_range_report *report);
/* The slope of the median over log10 rate. */
struct lrp_drawing *lrp_slope_drawing(const struct lrp_range_report *report);
#endif
