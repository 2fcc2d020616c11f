/* SPDX-License-Identifier: MIT */
/* From the command line of sweep to the options of a session, and what is told about it. */
#ifndef LRP_CLI_SWEEP_SETUP_H
#define LRP_CLI_SWEEP_SETUP_H

#include "sweep_options.h"

enum { LRP_SWEEP_FACTS = 32, LRP_SWEEP_FACT_SIZE = 240 };

struct lrp_sweep { /* what is known before the first step */
    const struct lrp_sweep_options *options;
    struct lrp_session_options session;
    struct lrp_trainer_facts trainer; /* of the built-in one */
    char **argv;                      /* its command, NULL for another's */
    struct lrp_saved_session saved;   /* with --resume */
    char folder[4096];
    char date[40];
    struct lrp_text command;
    char title[320];
    char values[LRP_SWEEP_FACTS][LRP_SWEEP_FACT_SIZE];
    const char *facts[2 * LRP_SWEEP_FACTS];
    size_t n_facts;
};

/* LRP_E_ARG, LRP_E_NODATA, LRP_E_IO, ... with one sentence. words: the command behind --. fini in
 * every case. */
enum lrp_status lrp_sweep_set_up(struct lrp_sweep *sweep, char **words, size_t n_words,
                                 struct lrp_error *err);
void lrp_sweep_fini(struct lrp_sweep *sweep);
LRP_PRINTF(3, 4)
void lrp_sweep_fact(struct lrp_sweep *sweep, const char *name, const char *format, ...);
/* What another's trainer tells of itself in the comment lines of its report. */
void lrp_sweep_reported_facts(struct lrp_sweep *sweep, const struct lrp_record *record);
#endif
