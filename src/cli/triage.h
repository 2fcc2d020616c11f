/* SPDX-License-Identifier: MIT */
/* Diagnoses logs one after the other: reads, judges, tells, forgets. */
#ifndef LRP_CLI_TRIAGE_H
#define LRP_CLI_TRIAGE_H

#include "log_paths.h"
#include "log_read.h"
#include "run_table.h"

struct lrp_triage;

/* What to do with each run; report lives for the call only. A status other than LRP_OK ends the
 * triage. */
typedef enum lrp_status lrp_triage_tell(void *user, const struct lrp_diagnosis_report *report,
                                        struct lrp_error *err);

struct lrp_triage_options {
    struct lrp_read_options read;
    struct lrp_diagnose_options judge; /* without siblings */
    bool family;                       /* all runs are of one task: siblings of each other */
    bool quiet;                        /* no notes */
    const char *command;
    const char *title; /* NULL = the source */
};

/* paths is borrowed. */
enum lrp_status lrp_triage_new(const struct lrp_triage_options *options,
                               const struct lrp_log_paths *paths, struct lrp_triage **out,
                               struct lrp_error *err);
void lrp_triage_free(struct lrp_triage *triage);
/* Goes through all logs, or until *stop is not 0. Files that cannot be read are named on standard
 * error; in folders those that are no logs are only counted. Returns an exit code: 0, that of the
 * worst file where not a single one could be read, that of a call that made no sense, that of a
 * broken system, 130. */
int lrp_triage_run(struct lrp_triage *triage, const volatile int *stop, lrp_triage_tell *tell,
                   void *user);
/* The rows of all runs that were diagnosed, in the order in which they were read until sorted. */
struct lrp_run_table *lrp_triage_table(struct lrp_triage *triage);
/* Diagnoses the run of a row again (its log is read again unless it was held) and tells it. */
enum lrp_status lrp_triage_again(struct lrp_triage *triage, const struct lrp_run_row *row,
                                 lrp_triage_tell *tell, void *user, struct lrp_error *err);
#endif
