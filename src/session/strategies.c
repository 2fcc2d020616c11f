/* SPDX-License-Identifier: MIT */
/* The table of strategies. */
#include "rounds.h"

#include <string.h>

static const struct lrp_strategy *const strategies[] = {&lrp_strategy_sweep, &lrp_strategy_fresh};

const struct lrp_strategy *lrp_strategy_find(const char *name)
{
    for (size_t i = 0; i < sizeof strategies / sizeof strategies[0]; i++) {
        if (strcmp(strategies[i]->name, name) == 0) {
            return strategies[i];
        }
    }
    return NULL;
}

void lrp_session_fill_defaults(struct lrp_session_options *options)
{
    options->strategy = options->strategy != NULL ? options->strategy : strategies[0];
    options->steps = options->steps > 0 ? options->steps : options->strategy->steps;
    if (options->repeats_most == 0) {
        options->repeats_most =
            options->repeats > 0 ? options->repeats : options->strategy->repeats_most;
    }
    options->repeats = options->repeats > 0 ? options->repeats : options->strategy->repeats;
    if (options->scout_steps == 0) {
        options->scout_steps = options->steps_most > 0 && options->steps_most < LRP_SCOUT_STEPS
                                   ? options->steps_most
                                   : LRP_SCOUT_STEPS;
    }
}
