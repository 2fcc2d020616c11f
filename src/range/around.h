/* SPDX-License-Identifier: MIT */
/* A rate that somebody has, held against a range test around it. */
#ifndef LRP_RANGE_AROUND_H
#define LRP_RANGE_AROUND_H

#include "lrprobe/lrprobe.h"

#include <stddef.h>

/* One sentence: whether to go up or down from rate, by what the bounds say of the metric they rest
 * on; by: "convergence", "validation". The sentence goes to out, size bytes with its NUL. */
void lrp_around_advice(double rate, const struct lrp_bounds *bounds, const char *by, char *out,
                       size_t size);
/* The advice as warnings of out: by loss, the bounds of the training loss, and by validation, those
 * of a validation metric (NULL where there is none). Validation decides where the two part. Without
 * one there is no advice to go up for a run that starts from a checkpoint: what harms a trained
 * model is not seen in its training loss. */
void lrp_around_conclude(double rate, const struct lrp_bounds *loss,
                         const struct lrp_bounds *validation, struct lrp_bounds *out);
#endif
