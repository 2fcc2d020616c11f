/* SPDX-License-Identifier: MIT */
/* The report on a diagnosed run: terminal, JSON, Markdown, one-file HTML, plots. */
#ifndef LRP_REPORT_DIAGNOSIS_REPORT_H
#define LRP_REPORT_DIAGNOSIS_REPORT_H

#include "diagnosis.h"
#include "document.h"
#include "text.h"

struct lrp_diagnosis_report {
    const char *title;   /* from the user; NULL = the source */
    const char *command; /* the command line that made it; "" if not known */
    const char *source;  /* where the log was read from, and which run of it; may be hostile */
    const struct lrp_record *record;
    const struct lrp_diagnosis *diagnosis;
    bool all;   /* in a terminal: why each check was not assessed, and of every finding all that
                 * is said of it, where a plot leaves less room */
    bool alone; /* no other run is asked for, so that this one may be told at length */
};

/* Numbers of a run that tables show; NaN where not known or not finite. */
struct lrp_run_facts {
    double first_loss;
    double final_loss; /* NaN where the loss ends in NaN or infinity */
    double lr;         /* the highest rate */
    bool broken;       /* the loss ends in NaN or infinity */
};
/* The title, else the source without its folders. */
const char *lrp_diagnosis_title(const struct lrp_diagnosis_report *report);
/* Whether it warns or fails. */
bool lrp_finding_is_alarm(const struct lrp_finding *finding);
struct lrp_run_facts lrp_run_facts_of(const struct lrp_diagnosis *diagnosis);

/* diagnosis.json (schema lrprobe.diagnosis/1) is written run by run: begin, any number of runs,
 * end. Each call appends to out, which may be written away and emptied in between. */
void lrp_diagnosis_json_begin(struct lrp_text *out);
/* first: no run came before. */
enum lrp_status lrp_diagnosis_json_run(const struct lrp_diagnosis_report *report, bool first,
                                       struct lrp_text *out, struct lrp_error *err);
void lrp_diagnosis_json_end(struct lrp_text *out);

enum lrp_diagnosis_detail {
    LRP_DIAGNOSIS_VERDICT, /* one line: "diverged  D1 ended no better than it started" */
    LRP_DIAGNOSIS_WORDS,
    LRP_DIAGNOSIS_WITH_PLOT
};
/* One run in words; columns: width of the terminal, 0 = 80. LRP_E_TOOL when the plot could not be
 * drawn: the words are there all the same. */
enum lrp_status lrp_diagnosis_terminal(const struct lrp_diagnosis_report *report,
                                       enum lrp_diagnosis_detail detail, unsigned columns,
                                       bool color, struct lrp_text *out, struct lrp_error *err);
/* The loss figure alone, in heap memory that the caller frees. LRP_E_NODATA, LRP_E_TOOL. */
enum lrp_status lrp_diagnosis_plot(const struct lrp_diagnosis_report *report,
                                   enum lrp_plot_format format, char **bytes, size_t *length,
                                   struct lrp_error *err);
enum lrp_tone lrp_verdict_tone(enum lrp_verdict verdict);

enum { LRP_RUN_PAGES_MOST = 200 };

/* The run as a document for LRP_FOR_PAGES, which is initialised here. up: path to the overview of
 * many runs, NULL = there is none. */
void lrp_diagnosis_pages(const struct lrp_diagnosis_report *report, const char *up,
                         struct lrp_document *document);
/* report.md, report.html and plots/ into folder (made if missing). Everything that can be written
 * is, then the first error is returned: LRP_E_TOOL where gnuplot is missing, LRP_E_IO. */
enum lrp_status lrp_diagnosis_write(const struct lrp_diagnosis_report *report, const char *folder,
                                    struct lrp_error *err);
/* Of many runs: the page runs/NNN.html of one, which links to the overview. number counts from 1.
 * The same errors. */
enum lrp_status lrp_diagnosis_write_page(const struct lrp_diagnosis_report *report,
                                         const char *folder, size_t number, struct lrp_error *err);
#endif
