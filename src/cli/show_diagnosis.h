/* SPDX-License-Identifier: MIT */
/* What diagnose tells: words or JSON or CSV or a picture, and the report folder. */
#ifndef LRP_CLI_SHOW_DIAGNOSIS_H
#define LRP_CLI_SHOW_DIAGNOSIS_H

#include "files.h"
#include "options.h"
#include "run_table.h"
#include "triage.h"

#include <stdio.h>

struct lrp_show_diagnosis {
    const struct lrp_common_options *common;
    bool csv;
    bool picture;  /* --plot svg, ...: of a single run */
    bool many;     /* more than one run came: a table instead of one run's words */
    FILE *talk;    /* where words go */
    int code;      /* what went wrong on the way: an exit code */
    int file_code; /* what the worst file that cannot be read calls for */
    size_t n_told;
    struct lrp_run_table table; /* all runs, in the order in which they were read until sorted */
    struct lrp_whole_file json; /* diagnosis.json of -o */
    bool json_open;
    bool all; /* --all */
    struct lrp_seen_note {
        char *text, *source; /* escaped; source: of the first file that has it */
        size_t count;
    } * notes; /* of many runs, each printed once at the end */
    size_t n_notes;
    const char *title;   /* of an overview, NULL = none given */
    const char *command; /* as typed */
};
/* LRP_E_ARG: options that do not go together. */
enum lrp_status lrp_show_diagnosis_init(struct lrp_show_diagnosis *show,
                                        const struct lrp_common_options *common, bool csv,
                                        bool many, struct lrp_error *err);
/* To be called around all runs. */
enum lrp_status lrp_show_diagnosis_begin(struct lrp_show_diagnosis *show, struct lrp_error *err);
/* What a triage is to call. */
struct lrp_triage_handlers lrp_show_diagnosis_handlers(struct lrp_show_diagnosis *show);
/* What is told when all runs are through; pages of many runs are drawn until *stop is not 0.
 * Returns an exit code. */
int lrp_show_diagnosis_end(struct lrp_show_diagnosis *show, struct lrp_triage *triage,
                           const volatile int *stop);
void lrp_show_diagnosis_fini(struct lrp_show_diagnosis *show);
#endif
