/* SPDX-License-Identifier: MIT */
/* Diagnoses many logs one after the other: reads, judges, hands over, forgets. */
#ifndef LRP_SESSION_TRIAGE_H
#define LRP_SESSION_TRIAGE_H

#include "diagnosis.h"
#include "log_paths.h"
#include "log_read.h"

struct lrp_triage;

struct lrp_triaged_run { /* lives for the call that it is given to */
    const struct lrp_record *record;
    const struct lrp_diagnosis *diagnosis;
    const char *source; /* "pooled.csv (repeat 2)" */
    size_t file, part;  /* of the paths; which run in the file, from 0 */
    bool alone;         /* no other run was asked for */
};
/* A status other than LRP_OK ends the triage. */
typedef enum lrp_status lrp_triage_on_run(void *user, const struct lrp_triaged_run *run,
                                          struct lrp_error *err);
struct lrp_triage_handlers {
    lrp_triage_on_run *on_run;
    /* A file that cannot be read; source: its name, NULL where the message has it. */
    void (*on_bad_file)(void *user, const struct lrp_error *err, const char *source);
    void *user;
};
struct lrp_triage_options {
    struct lrp_read_options read;
    struct lrp_diagnose_options judge; /* without siblings */
    bool family;                       /* all runs are of one task: siblings of each other */
};

/* paths, and what options point to, are borrowed. */
enum lrp_status lrp_triage_new(const struct lrp_triage_options *options,
                               const struct lrp_log_paths *paths, struct lrp_triage **out,
                               struct lrp_error *err);
void lrp_triage_free(struct lrp_triage *triage);
/* Goes through all logs, or until *stop is not 0. Files in folders that are no logs are only
 * counted, in *n_skipped. LRP_OK also where no file could be read. LRP_E_ARG: too many runs for a
 * family; LRP_E_NOMEM; what on_run returned. */
enum lrp_status lrp_triage_run(struct lrp_triage *triage, const volatile int *stop,
                               const struct lrp_triage_handlers *handlers, size_t *n_skipped,
                               struct lrp_error *err);
/* Diagnoses a run that was handed over again; its log is read again unless it was held. Besides the
 * errors of reading: LRP_E_NODATA, the log has no such run any more. */
enum lrp_status lrp_triage_again(struct lrp_triage *triage, size_t file, size_t part,
                                 lrp_triage_on_run *on_run, void *user, struct lrp_error *err);
#endif
