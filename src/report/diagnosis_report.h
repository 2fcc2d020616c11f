/* SPDX-License-Identifier: MIT */
/* The report on a diagnosed run: terminal, JSON, Markdown, one-file HTML, plots. */
#ifndef LRP_REPORT_DIAGNOSIS_REPORT_H
#define LRP_REPORT_DIAGNOSIS_REPORT_H

#include "diagnosis.h"
#include "plot.h"
#include "text.h"

struct lrp_diagnosis_report {
    const char *title;   /* from the user; NULL = the source */
    const char *command; /* the command line that made it; "" if not known */
    const char *source;  /* where the log was read from, and which run of it; may be hostile */
    const struct lrp_record *record;
    const struct lrp_diagnosis *diagnosis;
    bool alone; /* no other run is asked for, so that this one may be told at length */
};

/* Numbers of a run that tables show; NaN where not known or not finite. */
struct lrp_run_facts {
    double first_loss;
    double final_loss; /* NaN where the loss ends in what is no number */
    double lr;         /* the highest rate */
    bool broken;       /* the loss ends in what is no number */
};
/* The title, else the source without its folders. */
const char *lrp_diagnosis_title(const struct lrp_diagnosis_report *report);
struct lrp_run_facts lrp_run_facts_of(const struct lrp_diagnosis *diagnosis);

/* diagnosis.json (schema lrprobe.diagnosis/1) is written run by run: begin, any number of runs,
 * end. Each call appends to out, which may be written away and emptied in between. */
void lrp_diagnosis_json_begin(struct lrp_text *out);
/* first: no run came before. */
enum lrp_status lrp_diagnosis_json_run(const struct lrp_diagnosis_report *report, bool first,
                                       struct lrp_text *out, struct lrp_error *err);
void lrp_diagnosis_json_end(struct lrp_text *out);

/* One run in words; columns: width of the terminal, 0 = 80. LRP_E_TOOL when the plot could not be
 * drawn: the words are there all the same. */
enum lrp_status lrp_diagnosis_terminal(const struct lrp_diagnosis_report *report, unsigned columns,
                                       bool color, bool with_plot, struct lrp_text *out,
                                       struct lrp_error *err);
/* The line of the verdict: "diverged  D1  ended no better than it started". */
void lrp_diagnosis_verdict_line(const struct lrp_diagnosis *diagnosis, bool color,
                                struct lrp_text *out);
/* ANSI colour of a verdict or of a check's status; "" for none. */
const char *lrp_verdict_color(enum lrp_verdict verdict);
#endif
