/* SPDX-License-Identifier: MIT */
/* A range test, or a training that is still warming up? */
#ifndef LRP_CHECKS_RATE_RISE_H
#define LRP_CHECKS_RATE_RISE_H

#include <stdbool.h>
#include <stddef.h>

enum lrp_rate_rise {
    LRP_RISE_NONE,    /* the rate does not rise from end to end */
    LRP_RISE_SWEEP,   /* by equal factors, or until the loss rises: a range test */
    LRP_RISE_WARM_UP, /* by equal differences, the loss falling: a warm-up, or a linear range test
                         that ended too early */
};
/* rate and loss: n values each, in order. A rise that counts takes 20 points, never goes back, goes
 * to three times the first rate, and moves with nine of ten points, or in ten steps and to a
 * hundred times where it is a staircase (a rate an epoch), by equal factors. */
enum lrp_rate_rise lrp_rate_rise_of(const double *rate, const double *loss, size_t n);
#endif
