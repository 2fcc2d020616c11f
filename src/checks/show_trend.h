/* SPDX-License-Identifier: MIT */
#ifndef LRP_CHECKS_SHOW_TREND_H
#define LRP_CHECKS_SHOW_TREND_H

#include "diagnosis.h"
#include "trend.h"

/* The straight line through the blocks from `begin` on and the interval of its end, as evidence for
 * plots. */
void lrp_show_trend(const struct lrp_theil_sen *line, const struct lrp_blocks *blocks, size_t begin,
                    struct lrp_diagnosis_evidence *evidence);
#endif
