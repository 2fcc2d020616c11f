/* SPDX-License-Identifier: MIT */
#include "triage.h"

#include "alloc.h"
#include "gz.h"
#include "mlflow.h"
#include "number.h"
#include "options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Runs of a family are made ready anew for each of them: more would take hours. */
enum { FAMILY_MOST = 400, HELD_MOST = 1 << 20, TEXT_MOST = 1 << 20 };

/* A run that stays in memory: of a family, or from standard input. */
struct held {
    struct lrp_record *record;
    size_t file, part;
};

struct lrp_triage {
    struct lrp_triage_options options;
    const struct lrp_log_paths *paths;
    struct lrp_run_table table;
    struct held *held;
    size_t n_held, held_capacity;
    bool several;                       /* more than one run is asked for */
    const struct lrp_record **siblings; /* the records of held, for a family */
    size_t n_skipped;                   /* files in folders that are no logs */
    size_t n_bad;
    int worst;   /* exit code that the worst file calls for */
    bool broken; /* what was to be told could not be: no fault of the file */
};

enum lrp_status lrp_triage_new(const struct lrp_triage_options *options,
                               const struct lrp_log_paths *paths, struct lrp_triage **out,
                               struct lrp_error *err)
{
    struct lrp_triage *triage = lrp_calloc_array(1, sizeof *triage);
    if (triage == NULL) {
        return lrp_fail_memory(err, sizeof *triage);
    }
    triage->options = *options;
    triage->paths = paths;
    triage->several = paths->n != 1 || !paths->list[0].by_name;
    *out = triage;
    return LRP_OK;
}

void lrp_triage_free(struct lrp_triage *triage)
{
    if (triage == NULL) {
        return;
    }
    for (size_t i = 0; i < triage->n_held; i++) {
        lrp_record_free(triage->held[i].record);
    }
    free(triage->held);
    free(triage->siblings);
    lrp_run_table_fini(&triage->table);
    free(triage);
}

struct lrp_run_table *lrp_triage_table(struct lrp_triage *triage)
{
    return &triage->table;
}

/* ---- reading ------------------------------------------------------------------------------- */

/* "pooled.csv (repeat 2)" */
static void name_run(const struct lrp_triage *triage, const struct lrp_record *record, size_t file,
                     struct lrp_text *out)
{
    size_t column = lrp_record_find_column(record, "repeat");
    const char *path = triage->paths->list[file].path;
    lrp_text_append(out, strcmp(path, "-") == 0 ? "standard input" : path);
    if (column != LRP_NO_COLUMN && lrp_record_rows(record) > 0) {
        char number[LRP_NUMBER_SIZE];
        lrp_text_printf(out, " (repeat %s)",
                        lrp_format_short(lrp_record_values(record, column)[0], 6, number));
    }
}

/* Whether a file that could not be read is no log at all, rather than a broken one. */
static bool is_no_log(const struct lrp_triage *triage, const char *path, enum lrp_status status)
{
    struct lrp_stream *stream = NULL;
    size_t length = 0;
    size_t got = 0;
    if (status != LRP_E_FORMAT || triage->options.read.format != NULL) {
        return status == LRP_E_NODATA;
    }
    unsigned char *bytes = lrp_calloc_array(LRP_PROBE_BYTES, 1);
    bool known = bytes != NULL && lrp_stream_open(path, &stream, NULL) == LRP_OK;
    while (known && length < LRP_PROBE_BYTES &&
           lrp_stream_read(stream, bytes + length, LRP_PROBE_BYTES - length, &got, NULL) ==
               LRP_OK &&
           got > 0) {
        length += got;
    }
    const struct lrp_log_format *format = NULL;
    known = known && lrp_guess_format(bytes, length, &format, NULL) == LRP_OK;
    lrp_stream_close(stream);
    free(bytes);
    return !known;
}

static void tell_bad(struct lrp_triage *triage, size_t file, struct lrp_error *err)
{
    const struct lrp_log_path *path = &triage->paths->list[file];
    if (!path->by_name && is_no_log(triage, path->path, err->status)) {
        triage->n_skipped++;
        return;
    }
    const char *source = err->status == LRP_E_IO ? NULL : path->path; /* it names the file */
    if (err->status == LRP_E_IO) {
        err->status = LRP_E_NODATA; /* bad input, not a broken system */
    }
    triage->n_bad++;
    triage->worst = lrp_exit_worse(triage->worst, lrp_report_error(err, source));
}

/* ---- judging ------------------------------------------------------------------------------- */

static void tell_notes(const struct lrp_triage *triage, const struct lrp_record *record,
                       const char *source)
{
    const char *note = NULL;
    for (size_t i = 0; !triage->options.quiet && (note = lrp_record_note(record, i)) != NULL; i++) {
        struct lrp_text line;
        lrp_text_init(&line, TEXT_MOST);
        lrp_text_append(&line, "note: ");
        if (triage->several) {
            lrp_text_append_clean(&line, source, strlen(source));
            lrp_text_append(&line, ": ");
        }
        lrp_text_append_clean(&line, note, strlen(note));
        (void)fprintf(stderr, "%s\n", lrp_text_string(&line));
        lrp_text_fini(&line);
    }
}

/* row: whether a row is added to the table, and its notes are told. */
static enum lrp_status judge(struct lrp_triage *triage, const struct lrp_record *record,
                             size_t file, size_t part, bool row, lrp_triage_tell *tell, void *user,
                             struct lrp_error *err)
{
    struct lrp_diagnosis *diagnosis = NULL;
    struct lrp_diagnose_options options = triage->options.judge;
    options.siblings = triage->siblings;
    options.n_siblings = triage->siblings != NULL ? triage->n_held : 0;
    enum lrp_status status = lrp_diagnose(record, &options, &diagnosis, err);
    if (status != LRP_OK) {
        return status;
    }
    struct lrp_text source;
    lrp_text_init(&source, TEXT_MOST);
    name_run(triage, record, file, &source);
    const struct lrp_diagnosis_report report = {
        .title = triage->several ? NULL : triage->options.title,
        .command = triage->options.command,
        .source = lrp_text_string(&source),
        .record = record,
        .diagnosis = diagnosis,
        .alone = !triage->several,
    };
    if (row) {
        tell_notes(triage, record, report.source);
        status = lrp_run_table_add(&triage->table, &report, err);
        if (status == LRP_OK) {
            triage->table.rows[triage->table.n - 1].file = file;
            triage->table.rows[triage->table.n - 1].part = part;
        }
    }
    if (status == LRP_OK && tell != NULL) {
        status = tell(user, &report, err);
        triage->broken = status != LRP_OK;
    }
    lrp_text_fini(&source);
    lrp_diagnosis_free(diagnosis);
    return status;
}

/* Whether what went wrong with a file is the file's fault, so that the next one is taken. */
static bool is_of_file(const struct lrp_triage *triage, enum lrp_status status)
{
    if (triage->broken) {
        return false;
    }
    return status == LRP_E_IO || status == LRP_E_FORMAT || status == LRP_E_LIMIT ||
           status == LRP_E_NODATA;
}

static enum lrp_status hold(struct lrp_triage *triage, struct lrp_record *record, size_t file,
                            size_t part, struct lrp_error *err)
{
    if (triage->options.family && triage->n_held == FAMILY_MOST) {
        return lrp_fail(err, LRP_E_ARG, 0, "--family takes at most %d runs", FAMILY_MOST);
    }
    enum lrp_status status =
        lrp_grow_array((void **)&triage->held, triage->n_held, &triage->held_capacity,
                       sizeof *triage->held, HELD_MOST, err);
    if (status == LRP_OK) {
        triage->held[triage->n_held] = (struct held){record, file, part};
        triage->n_held++;
    }
    return status;
}

/* Reads a log; of a family, and from standard input, its runs are held. */
static enum lrp_status take_log(struct lrp_triage *triage, size_t file, lrp_triage_tell *tell,
                                void *user, struct lrp_error *err)
{
    struct lrp_log_runs runs = {NULL, 0};
    bool keep = triage->options.family || strcmp(triage->paths->list[file].path, "-") == 0;
    enum lrp_status status =
        lrp_log_read(triage->paths->list[file].path, &triage->options.read, &runs, err);
    if (status != LRP_OK) {
        return status;
    }
    triage->several = triage->several || runs.n > 1;
    size_t first_held = triage->n_held;
    for (size_t p = 0; p < runs.n && status == LRP_OK; p++) {
        status = keep ? hold(triage, runs.list[p], file, p, err) : LRP_OK;
        if (status == LRP_OK && !triage->options.family) {
            status = judge(triage, runs.list[p], file, p, true, tell, user, err);
        }
    }
    for (size_t p = 0; keep && p < triage->n_held - first_held; p++) {
        runs.list[p] = NULL; /* held */
    }
    lrp_log_runs_fini(&runs);
    return status;
}

static enum lrp_status make_siblings(struct lrp_triage *triage, struct lrp_error *err)
{
    triage->siblings = lrp_calloc_array(triage->n_held, sizeof(struct lrp_record *));
    if (triage->siblings == NULL) {
        return lrp_fail_memory(err, triage->n_held);
    }
    for (size_t i = 0; i < triage->n_held; i++) {
        triage->siblings[i] = triage->held[i].record;
    }
    return LRP_OK;
}

static void tell_skipped(const struct lrp_triage *triage)
{
    if (triage->n_skipped > 0 && !triage->options.quiet) {
        (void)fprintf(stderr, "note: %zu file%s in folders left out: no training log%s\n",
                      triage->n_skipped, triage->n_skipped == 1 ? "" : "s",
                      triage->n_skipped == 1 ? "" : "s");
    }
}

/* The code of a triage that went to its end. */
static int verdict_on_files(struct lrp_triage *triage)
{
    struct lrp_error err = {0};
    tell_skipped(triage);
    triage->table.n_unread = triage->n_bad;
    if (triage->table.n > 0) {
        return LRP_EXIT_OK; /* files that could not be read count only if none could */
    }
    if (triage->n_bad == 0) {
        (void)lrp_fail(&err, LRP_E_NODATA, 0, "there is no training log among what was given");
        return lrp_report_error(&err, NULL);
    }
    return triage->worst;
}

int lrp_triage_run(struct lrp_triage *triage, const volatile int *stop, lrp_triage_tell *tell,
                   void *user)
{
    struct lrp_error err = {0};
    enum lrp_status status = LRP_OK;
    for (size_t f = 0; f < triage->paths->n && *stop == 0 && status == LRP_OK; f++) {
        status = take_log(triage, f, tell, user, &err);
        if (is_of_file(triage, status)) {
            tell_bad(triage, f, &err);
            status = LRP_OK;
        }
    }
    if (status == LRP_OK && triage->options.family) {
        status = make_siblings(triage, &err);
    }
    for (size_t i = 0; triage->options.family && i < triage->n_held && *stop == 0; i++) {
        const struct held *held = &triage->held[i];
        if (status == LRP_OK) {
            status = judge(triage, held->record, held->file, held->part, true, tell, user, &err);
        }
        if (is_of_file(triage, status)) {
            tell_bad(triage, held->file, &err);
            status = LRP_OK;
        }
    }
    if (status != LRP_OK) {
        return lrp_report_error(&err, NULL);
    }
    int code = *stop != 0 ? LRP_EXIT_INTERRUPTED : LRP_EXIT_OK;
    return lrp_exit_worse(code, verdict_on_files(triage));
}

enum lrp_status lrp_triage_again(struct lrp_triage *triage, const struct lrp_run_row *row,
                                 lrp_triage_tell *tell, void *user, struct lrp_error *err)
{
    struct lrp_log_runs runs = {NULL, 0};
    for (size_t i = 0; i < triage->n_held; i++) {
        const struct held *held = &triage->held[i];
        if (held->file == row->file && held->part == row->part) {
            return judge(triage, held->record, row->file, row->part, false, tell, user, err);
        }
    }
    enum lrp_status status =
        lrp_log_read(triage->paths->list[row->file].path, &triage->options.read, &runs, err);
    if (status == LRP_OK && row->part >= runs.n) {
        status = lrp_fail(err, LRP_E_NODATA, 0, "the log has changed since it was read");
    }
    if (status == LRP_OK) {
        status = judge(triage, runs.list[row->part], row->file, row->part, false, tell, user, err);
    }
    lrp_log_runs_fini(&runs);
    return status;
}
