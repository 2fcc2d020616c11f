/* SPDX-License-Identifier: MIT */
/* Short trainings at one rate each, where the sweeps leave max_lr open (trials.h). */
#ifndef LRP_SESSION_TRIAL_RUNS_H
#define LRP_SESSION_TRIAL_RUNS_H

#include "rounds.h"

/* Runs them, if the result of the sweeps needs any, with twice the steps of a repeat as far as the
 * trainer and the planned training have so many, and puts max_lr where they show it. A trial that
 * fails or diverges is a bad one. LRP_E_INTERRUPTED, LRP_E_IO, LRP_E_NOMEM. */
enum lrp_status lrp_trial_runs(struct lrp_rounds *rounds, struct lrp_error *err);
#endif
