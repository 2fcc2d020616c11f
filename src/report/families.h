/* SPDX-License-Identifier: MIT */
/* The sections of a diagnosis report: each holds the findings of one kind of trouble. */
#ifndef LRP_REPORT_FAMILIES_H
#define LRP_REPORT_FAMILIES_H

#include "run_drawings.h"

struct lrp_family {
    const char *id;   /* anchor */
    const char *plot; /* name of the figure's file */
    const char *heading;
    enum lrp_check_family
        holds;           /* the findings of these checks, alarms for another verdict aside */
    unsigned verdicts;   /* bit 1 << enum lrp_verdict: alarms that argue for these belong here */
    bool always;         /* told also where nothing was found */
    const char *meaning; /* what it means: sentences */
    lrp_draw_run *draw;  /* NULL = it has no figure */
    /* What the figure shows, with numbers: our own text. */
    void (*caption)(const struct lrp_diagnosis *diagnosis, struct lrp_text *out);
};
extern const struct lrp_family lrp_families[]; /* ends with a NULL id */

/* Whether a finding is told in that section; each one is told in exactly one. */
bool lrp_family_holds(const struct lrp_family *family, const struct lrp_finding *finding);
/* Alarms of the family. */
size_t lrp_family_alarms(const struct lrp_family *family, const struct lrp_diagnosis *diagnosis);
/* The next sentence of an advice: *at moves behind it. False at the end. */
bool lrp_next_sentence(const char **at, const char **sentence, size_t *length);
#endif
