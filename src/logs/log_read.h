/* SPDX-License-Identifier: MIT */
/* The one way in which all commands read logs: --format and --map are obeyed, columns get their
 * names, repeats are split, rows of one step are joined. */
#ifndef LRP_LOGS_LOG_READ_H
#define LRP_LOGS_LOG_READ_H

#include "formats.h"
#include "several_runs.h"

/* How to read. NULL in place of it: as it is by default. */
struct lrp_read_options {
    const char *format; /* NULL = recognised by the first bytes */
    const struct lrp_column_map *maps;
    size_t n_maps;
    /* Rows of one step are joined, but steps that go back do not begin a resumed run, which would
     * replace what came before: for sweeps, whose rows stand in the order of their rates. */
    bool keep_order;
    const char *line_pattern; /* where printed lines have their numbers (line_pattern.h); NULL */
    const char *run;          /* the run to be read (lrp_choose_run); NULL = all, or the first */
};
/* LRP_E_ARG for an unknown format, one beside a line pattern, a pattern that is none, too many maps
 * or an empty name in one. */
enum lrp_status lrp_check_read_options(const struct lrp_read_options *options,
                                       struct lrp_error *err);

/* Reads a file, standard input ("-") or a folder of MLflow: a pooled file (column repeat) gives its
 * repeats in the order of their first rows, a table of several runs (lrp_split_runs) gives these,
 * any other log one run; each is stitched (lrp_record_stitch_in_place). LRP_E_ARG: see
 * lrp_check_read_options; LRP_E_NODATA: the log has no rows, no column that a map wants (the
 * message has the names that it has), or not the run that is wanted; LRP_E_FORMAT, LRP_E_LIMIT,
 * LRP_E_IO. */
enum lrp_status lrp_log_read(const char *path, const struct lrp_read_options *options,
                             struct lrp_log_runs *out, struct lrp_error *err);
/* Of several runs in a file the newest one, with a note that says how to get the others: the first
 * in what W&B exports, else the last; the repeats of a pooled file of ours all stay. For commands
 * that want one run where --run says nothing. */
enum lrp_status lrp_leave_one_run(struct lrp_log_runs *runs, struct lrp_error *err);
/* The same as a single run, whether it has repeats or not; the first one of several, with a note.
 */
enum lrp_status lrp_log_read_one(const char *path, const struct lrp_read_options *options,
                                 struct lrp_record **out, struct lrp_error *err);
/* lrp_record_read_memory with options; file_name (NULL allowed) is what the bytes are called. */
enum lrp_status lrp_log_read_memory(const void *bytes, size_t length, const char *file_name,
                                    const struct lrp_read_options *options, struct lrp_record **out,
                                    struct lrp_error *err);
#endif
