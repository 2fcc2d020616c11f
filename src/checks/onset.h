/* SPDX-License-Identifier: MIT */
#ifndef LRP_CHECKS_ONSET_H
#define LRP_CHECKS_ONSET_H

#include "run.h"

/* The position at which a loss that ends above its lowest began to rise: of all blocks between the
 * low and the first one that has 60 % of the rise, the one at which a level followed by a straight
 * line fits best (least squares). The run's last position where it does not rise. */
double lrp_run_onset(const struct lrp_run *run);
#endif
