/* SPDX-License-Identifier: MIT */
/* The peers' rules in two halves: what a tool writes down, and what it reads out of that. */
#ifndef LRP_RANGE_PEERS_INTERNAL_H
#define LRP_RANGE_PEERS_INTERNAL_H

#include <stddef.h>

/* Each fills recorded[] (room for n) from the raw losses and returns how many steps the tool would
 * have made before its own stop rule. */
size_t lrp_fastai_record(const double *loss, size_t n, float *recorded);
size_t lrp_lightning_record(const double *loss, size_t n, double *recorded);
size_t lrp_torch_lr_finder_record(const double *loss, size_t n, double *recorded);
#endif
