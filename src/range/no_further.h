/* SPDX-License-Identifier: MIT */
/* Whether higher rates were worth trying. */
#ifndef LRP_RANGE_NO_FURTHER_H
#define LRP_RANGE_NO_FURTHER_H

#include "curve.h"

#include <stdbool.h>

/* Sweeps that did not diverge, and others from fresh weights over higher rates (curves of a metric
 * that is low where training goes well). True where higher rates get no further: the first curve
 * has stopped falling for its last decade, and the second one does not come down as far by a
 * twentieth of the whole fall. So it is where the scale of the weights has no effect (normalised
 * layers or outputs): they grow until the rate is harmless, and no rate diverges. *stops is then
 * the log10 rate at which the first curve has come within a tenth of its fall of its lowest place:
 * where the loss stops falling (Smith 2015). */
bool lrp_get_no_further(const struct lrp_curve *first, const struct lrp_curve *higher,
                        double *stops);
#endif
