/* SPDX-License-Identifier: MIT */
#ifndef LRP_CHECKS_BIAS_VARIANCE_H
#define LRP_CHECKS_BIAS_VARIANCE_H

#include "diagnosis.h"

/* Reads the final training error against the final validation error (Ng, "Machine Learning
 * Yearning", chapters 20 to 27): fills diagnosis->bias_variance. Errors are 1 - accuracy where both
 * accuracies are there, else the losses. */
void lrp_bias_variance(struct lrp_diagnosis *diagnosis);
#endif
