/* SPDX-License-Identifier: MIT */
#ifndef LRP_CHECKS_ONSET_H
#define LRP_CHECKS_ONSET_H

#include "run.h"

/* The position at which a loss that ends above its lowest left its low for good: after the last
 * block that lies no higher than the lowest one by more than 1.7 deviations of the noise (a
 * compromise between sudden and slow rises, by generated curves). The run's first position where no
 * block is below the first value, its last one where the loss does not rise. */
double lrp_run_onset(const struct lrp_run *run);
#endif
