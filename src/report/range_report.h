/* SPDX-License-Identifier: MIT */
/* The report of a range test: terminal, JSON, Markdown, one-file HTML, plots. */
#ifndef LRP_REPORT_RANGE_REPORT_H
#define LRP_REPORT_RANGE_REPORT_H

#include "curve.h"
#include "document.h"
#include "plot.h"
#include "status.h"
#include "text.h"

#include <stdbool.h>

struct lrp_range_report {
    const char *title;   /* from the user; may be hostile */
    const char *command; /* the command line that made it, quoted for a shell; "" if not known */
    const char *date;    /* "2026-11-23 15:02 UTC"; "" = leave out */
    const struct lrp_bounds *bounds;
    const struct lrp_curve *curve; /* may be NULL (too-short) */
    const char *const *facts; /* 2 * n_facts strings, name and value: model, data, optimizer, ... */
    size_t n_facts;
    const char *const *events; /* what happened on the way: "the range was extended to 100", ... */
    size_t n_events;
    const char *const *outputs; /* 2 * n_outputs strings: which run, and what it printed last */
    size_t n_outputs;
};

/* bounds.json (schema lrprobe.bounds/1), heap text the caller frees. */
enum lrp_status lrp_bounds_json(const struct lrp_bounds *bounds, char **out, struct lrp_error *err);
/* bounds.json read back, for other commands. warnings and peers included. */
enum lrp_status lrp_bounds_from_json(const char *text, size_t length, struct lrp_bounds *out,
                                     struct lrp_error *err);
/* A bounds.json file. LRP_E_IO, LRP_E_FORMAT, LRP_E_LIMIT. */
enum lrp_status lrp_read_bounds_file(const char *path, struct lrp_bounds *out,
                                     struct lrp_error *err);

/* The range test as a document, which is initialised here: for LRP_FOR_TERMINAL alone (with_plot:
 * with the loss figure), or for LRP_FOR_PAGES. */
void lrp_range_document(const struct lrp_range_report *report, unsigned audiences, bool with_plot,
                        struct lrp_document *document);
/* Bounds in words for a terminal, with the dumb plot when with_plot; columns: width of the terminal
 * (0 = 80). color: ANSI colours allowed. LRP_E_TOOL when the plot could not be drawn: the words are
 * there all the same. */
enum lrp_status lrp_range_report_terminal(const struct lrp_range_report *report, unsigned columns,
                                          bool color, bool with_plot, struct lrp_text *out,
                                          struct lrp_error *err);
/* The loss figure alone, in heap memory that the caller frees. LRP_E_NODATA, LRP_E_TOOL. */
enum lrp_status lrp_range_report_plot(const struct lrp_range_report *report,
                                      enum lrp_plot_format format, char **bytes, size_t *length,
                                      struct lrp_error *err);
/* bounds.json, report.md, report.html, plots/ into folder (made if missing). Everything that can be
 * written is, then the first error is returned: LRP_E_TOOL where gnuplot is missing, LRP_E_IO. */
enum lrp_status lrp_range_report_write(const struct lrp_range_report *report, const char *folder,
                                       struct lrp_error *err);
#endif
