/* SPDX-License-Identifier: MIT */
#include "show_trend.h"

void lrp_show_trend(const struct lrp_theil_sen *line, const struct lrp_blocks *blocks, size_t begin,
                    struct lrp_diagnosis_evidence *evidence)
{
    double from = blocks->at[begin];
    double to = blocks->at[blocks->n - 1];
    double middle = 0.5 * (from + to);
    double loss = line->intercept + line->slope * middle; /* the line turns about its middle */
    evidence->trend.from = from;
    evidence->trend.to = to;
    evidence->trend.loss_from = line->intercept + line->slope * from;
    evidence->trend.loss_to = line->intercept + line->slope * to;
    evidence->trend.low_to = loss + line->low * (to - middle);
    evidence->trend.high_to = loss + line->high * (to - middle);
}
