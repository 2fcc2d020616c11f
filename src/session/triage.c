/* SPDX-License-Identifier: MIT */
#include "triage.h"

#include "alloc.h"
#include "gz.h"
#include "number.h"

#include <stdlib.h>
#include <string.h>

/* Each run of a family is compared with all others: more would take hours. */
enum { FAMILY_MOST = 400, HELD_MOST = 1 << 20, TEXT_MOST = 1 << 20 };

/* A run that stays in memory: of a family, or from standard input. */
struct held {
    struct lrp_record *record;
    size_t file, part;
};

struct lrp_triage {
    struct lrp_triage_options options;
    const struct lrp_log_paths *paths;
    struct held *held;
    size_t n_held, held_capacity;
    bool several;                       /* more than one run is asked for */
    const struct lrp_record **siblings; /* the records of held, for a family */
    size_t n_skipped;                   /* files in folders that are no logs */
    bool broken; /* what was found could not be handed over: no fault of the file */
};

enum lrp_status lrp_triage_new(const struct lrp_triage_options *options,
                               const struct lrp_log_paths *paths, struct lrp_triage **out,
                               struct lrp_error *err)
{
    struct lrp_triage *triage = lrp_calloc_array(1, sizeof *triage);
    LRP_TRY_MEMORY(triage, err);
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
    free(triage);
}

/* "pooled.csv (repeat 2)", "export.csv (run calm-lake-3)" */
static void name_run(const struct lrp_triage *triage, const struct lrp_record *record, size_t file,
                     struct lrp_text *out)
{
    size_t column = lrp_record_find_column(record, "repeat");
    const char *path = triage->paths->list[file].path;
    const char *run = lrp_record_meta(record, "run");
    lrp_text_append(out, strcmp(path, "-") == 0 ? "standard input" : path);
    if (run != NULL) {
        lrp_text_printf(out, " (run %s)", run);
    }
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

static void hand_bad_file_over(struct lrp_triage *triage, size_t file,
                               const struct lrp_triage_handlers *handlers, struct lrp_error *err)
{
    const struct lrp_log_path *path = &triage->paths->list[file];
    if (!path->by_name && is_no_log(triage, path->path, err->status)) {
        triage->n_skipped++;
        return;
    }
    bool named = err->status == LRP_E_IO;
    err->status = named ? LRP_E_NODATA : err->status; /* bad input, not a broken system */
    handlers->on_bad_file(handlers->user, err, named ? NULL : path->path);
}

static enum lrp_status judge(struct lrp_triage *triage, const struct lrp_record *record,
                             size_t file, size_t part, lrp_triage_on_run *on_run, void *user,
                             struct lrp_error *err)
{
    struct lrp_diagnosis *diagnosis = NULL;
    struct lrp_diagnose_options options = triage->options.judge;
    options.siblings = triage->siblings;
    options.n_siblings = triage->siblings != NULL ? triage->n_held : 0;
    LRP_TRY(lrp_diagnose(record, &options, &diagnosis, err));
    struct lrp_text source;
    lrp_text_init(&source, TEXT_MOST);
    name_run(triage, record, file, &source);
    const struct lrp_triaged_run run = {.record = record,
                                        .diagnosis = diagnosis,
                                        .source = lrp_text_string(&source),
                                        .file = file,
                                        .part = part,
                                        .alone = !triage->several};
    enum lrp_status status = on_run(user, &run, err);
    triage->broken = status != LRP_OK;
    lrp_text_fini(&source);
    lrp_diagnosis_free(diagnosis);
    return status;
}

/* Whether what went wrong with a file is the file's fault, so that the next one is taken. */
static bool is_of_file(const struct lrp_triage *triage, enum lrp_status status)
{
    return !triage->broken && (status == LRP_E_IO || status == LRP_E_FORMAT ||
                               status == LRP_E_LIMIT || status == LRP_E_NODATA);
}

static enum lrp_status hold(struct lrp_triage *triage, struct lrp_record *record, size_t file,
                            size_t part, struct lrp_error *err)
{
    if (triage->options.family && triage->n_held == FAMILY_MOST) {
        return lrp_fail(err, LRP_E_ARG, 0, "--family takes at most %d runs", FAMILY_MOST);
    }
    LRP_TRY(lrp_grow_array((void **)&triage->held, triage->n_held, &triage->held_capacity,
                           sizeof *triage->held, HELD_MOST, err));
    triage->held[triage->n_held++] = (struct held){record, file, part};
    return LRP_OK;
}

/* Reads a log; of a family, and from standard input, its runs are held. */
static enum lrp_status take_log(struct lrp_triage *triage, size_t file,
                                const struct lrp_triage_handlers *handlers, struct lrp_error *err)
{
    struct lrp_log_runs runs = {NULL, 0};
    const char *path = triage->paths->list[file].path;
    bool keep = triage->options.family || strcmp(path, "-") == 0;
    LRP_TRY(lrp_log_read(path, &triage->options.read, &runs, err));
    enum lrp_status status = LRP_OK;
    triage->several = triage->several || runs.n > 1;
    for (size_t p = 0; p < runs.n && status == LRP_OK; p++) {
        struct lrp_record *record = runs.list[p];
        if (keep) {
            status = hold(triage, record, file, p, err);
            runs.list[p] = status == LRP_OK ? NULL : record;
        }
        if (status == LRP_OK && !triage->options.family) {
            status = judge(triage, record, file, p, handlers->on_run, handlers->user, err);
        }
    }
    lrp_log_runs_fini(&runs);
    return status;
}

static enum lrp_status judge_family(struct lrp_triage *triage, const volatile int *stop,
                                    const struct lrp_triage_handlers *handlers,
                                    struct lrp_error *err)
{
    triage->siblings = lrp_calloc_array(triage->n_held, sizeof(struct lrp_record *));
    LRP_TRY_MEMORY(triage->siblings, err);
    for (size_t i = 0; i < triage->n_held; i++) {
        triage->siblings[i] = triage->held[i].record;
    }
    for (size_t i = 0; i < triage->n_held && *stop == 0; i++) {
        const struct held *held = &triage->held[i];
        enum lrp_status status = judge(triage, held->record, held->file, held->part,
                                       handlers->on_run, handlers->user, err);
        if (is_of_file(triage, status)) {
            hand_bad_file_over(triage, held->file, handlers, err);
        } else if (status != LRP_OK) {
            return status;
        }
    }
    return LRP_OK;
}

enum lrp_status lrp_triage_run(struct lrp_triage *triage, const volatile int *stop,
                               const struct lrp_triage_handlers *handlers, size_t *n_skipped,
                               struct lrp_error *err)
{
    for (size_t f = 0; f < triage->paths->n && *stop == 0; f++) {
        enum lrp_status status = take_log(triage, f, handlers, err);
        if (is_of_file(triage, status)) {
            hand_bad_file_over(triage, f, handlers, err);
        } else if (status != LRP_OK) {
            return status;
        }
    }
    if (triage->options.family) {
        LRP_TRY(judge_family(triage, stop, handlers, err));
    }
    *n_skipped = triage->n_skipped;
    return LRP_OK;
}

enum lrp_status lrp_triage_again(struct lrp_triage *triage, size_t file, size_t part,
                                 lrp_triage_on_run *on_run, void *user, struct lrp_error *err)
{
    struct lrp_log_runs runs = {NULL, 0};
    for (size_t i = 0; i < triage->n_held; i++) {
        const struct held *held = &triage->held[i];
        if (held->file == file && held->part == part) {
            return judge(triage, held->record, file, part, on_run, user, err);
        }
    }
    LRP_TRY(lrp_log_read(triage->paths->list[file].path, &triage->options.read, &runs, err));
    enum lrp_status status =
        part < runs.n ? judge(triage, runs.list[part], file, part, on_run, user, err)
                      : lrp_fail(err, LRP_E_NODATA, 0, "the log has changed since it was read");
    lrp_log_runs_fini(&runs);
    return status;
}
