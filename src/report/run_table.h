/* SPDX-License-Identifier: MIT */
/* Many diagnosed runs in a table, the worst first. A row is small: the runs themselves need not
 * stay in memory. */
#ifndef LRP_REPORT_RUN_TABLE_H
#define LRP_REPORT_RUN_TABLE_H

#include "diagnosis_report.h"

enum { LRP_VERDICTS = LRP_VERDICT_UNDECIDED + 1 };

struct lrp_run_row {
    char *source; /* owned, clean */
    const char *format;
    uint64_t rows;
    enum lrp_verdict verdict;
    const char *primary; /* id, NULL = none */
    char *reason;        /* owned, clean */
    size_t counts[5];    /* findings by status */
    struct lrp_run_facts facts;
    size_t order;      /* in which it was read */
    size_t file, part; /* for who reads: which file, which run of it */
};
struct lrp_run_table {
    struct lrp_run_row *rows;
    size_t n, capacity;
    size_t n_unread; /* files that could not be read */
};

enum lrp_status lrp_run_table_add(struct lrp_run_table *table,
                                  const struct lrp_diagnosis_report *report, struct lrp_error *err);
/* By verdict, then by how many checks fail and warn, then in the order in which they were read. */
void lrp_run_table_sort(struct lrp_run_table *table);
void lrp_run_table_fini(struct lrp_run_table *table);

/* Words for a terminal: a line a run, totals at the end. columns: width of the terminal, to which
 * the reasons are cut; 0 = no terminal, nothing is cut. bare: without heading and totals. */
enum lrp_status lrp_run_table_terminal(const struct lrp_run_table *table, unsigned columns,
                                       bool color, bool bare, struct lrp_text *out,
                                       struct lrp_error *err);
/* The overview as a document for LRP_FOR_PAGES, which is initialised here. The first n_pages rows
 * have a page runs/NNN.html, counted from 1. */
void lrp_runs_pages(const struct lrp_run_table *table, const char *title, const char *command,
                    size_t n_pages, struct lrp_document *document);
/* The same in folder: report.html, report.md, runs.csv. */
enum lrp_status lrp_runs_write(const struct lrp_run_table *table, const char *folder,
                               const char *title, const char *command, size_t n_pages,
                               struct lrp_error *err);
/* How many runs came to each verdict. */
void lrp_run_table_count(const struct lrp_run_table *table, size_t counts[LRP_VERDICTS]);
/* "240 runs: 3 non-finite, 12 diverged, 225 healthy" */
void lrp_run_table_totals(const struct lrp_run_table *table, struct lrp_text *out);
/* A row a run, with a header. */
void lrp_run_table_csv(const struct lrp_run_table *table, struct lrp_text *out);
/* Length of the longest "a/b/" that all sources begin with; 0 for a single row. */
size_t lrp_run_table_common_folder(const struct lrp_run_table *table);
#endif
