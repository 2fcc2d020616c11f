/* SPDX-License-Identifier: MIT */
#include "log_read.h"

#include "alloc.h"
#include "gz.h"
#include "line_pattern.h"
#include "mlflow.h"
#include "names.h"
#include "rate_names.h"
#include "stitch.h"
#include "utf16.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CHUNK = LRP_PROBE_BYTES, SHOWN = 40 };

static const struct lrp_read_options default_options = {.format = NULL};

/* Where the bytes come from: a stream, or memory (stream NULL). */
struct byte_source {
    struct lrp_stream *stream;
    unsigned char *buffer; /* of the stream: CHUNK bytes */
    const unsigned char *bytes;
    size_t left;
    bool begun;
    struct lrp_utf16 utf16;
    unsigned char *utf8; /* what a chunk of UTF-16 becomes; NULL where it is none */
};

static enum lrp_status next_bytes(struct byte_source *source, const unsigned char **chunk,
                                  size_t *length, struct lrp_error *err)
{
    if (source->stream != NULL) {
        *chunk = source->buffer;
        return lrp_stream_read(source->stream, source->buffer, CHUNK, length, err);
    }
    *chunk = source->bytes;
    *length = source->left < CHUNK ? source->left : (size_t)CHUNK;
    source->bytes += *length;
    source->left -= *length;
    return LRP_OK;
}

/* The next bytes, in UTF-8; *length 0: there are no more. */
static enum lrp_status next_chunk(struct byte_source *source, const unsigned char **chunk,
                                  size_t *length, struct lrp_error *err)
{
    LRP_TRY(next_bytes(source, chunk, length, err));
    if (!source->begun && lrp_utf16_begin(&source->utf16, *chunk, *length)) {
        source->utf8 = lrp_calloc_array(LRP_UTF16_ROOM(CHUNK), 1);
        LRP_TRY_MEMORY(source->utf8, err);
    }
    source->begun = true;
    while (source->utf8 != NULL && *length > 0) {
        *length = lrp_utf16_take(&source->utf16, *chunk, *length, source->utf8);
        *chunk = source->utf8;
        if (*length > 0) {
            break;
        }
        LRP_TRY(next_bytes(source, chunk, length, err)); /* no more than a mark */
    }
    return LRP_OK;
}

enum lrp_status lrp_check_read_options(const struct lrp_read_options *options,
                                       struct lrp_error *err)
{
    const struct lrp_log_format *format = NULL;
    struct lrp_line_pattern *pattern = NULL;
    LRP_TRY(lrp_find_format(options->format, &format, err));
    if (options->line_pattern != NULL) {
        if (format != NULL && format != &lrp_log_format_pattern) {
            return lrp_fail(err, LRP_E_ARG, 0,
                            "--line-pattern is for printed lines: --format %s does not go with it",
                            format->name);
        }
        LRP_TRY(lrp_line_pattern_new("--line-pattern", options->line_pattern, &pattern, err));
        size_t places = lrp_line_pattern_places(pattern);
        lrp_line_pattern_free(pattern);
        if (places == 0) {
            return lrp_fail(err, LRP_E_ARG, 0,
                            "--line-pattern has no name in braces; write {loss} where the loss "
                            "stands, as in 'epoch {epoch} .* loss {loss}'");
        }
    }
    return lrp_check_maps(options->maps, options->n_maps, err);
}

/* "runs/l2.train.gz" gives "l2.train"; standard input has no name: "". */
static char *base_name(const char *path)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    path = path == NULL || strcmp(path, "-") == 0 ? "" : path;
    char *name = lrp_strdup(slash != NULL ? slash + 1 : path);
    size_t length = name != NULL ? strlen(name) : 0;
    if (length > 3 && strcmp(name + length - 3, ".gz") == 0) {
        name[length - 3] = '\0';
    }
    return name;
}

static enum lrp_status feed_rest(struct lrp_log_reader *reader, struct byte_source *source,
                                 const unsigned char *chunk, size_t length, struct lrp_record **out,
                                 struct lrp_error *err)
{
    while (length > 0) {
        LRP_TRY(lrp_log_reader_feed(reader, chunk, length, err));
        LRP_TRY(next_chunk(source, &chunk, &length, err));
    }
    return lrp_log_reader_finish(reader, out, err);
}

static enum lrp_status read_source(struct byte_source *source, const char *format_name,
                                   const struct lrp_log_hints *hints, struct lrp_record **out,
                                   struct lrp_error *err)
{
    const unsigned char *chunk = NULL;
    size_t length = 0;
    const struct lrp_log_format *format = NULL;
    struct lrp_log_reader *reader = NULL;
    LRP_TRY(lrp_find_format(format_name, &format, err));
    LRP_TRY(next_chunk(source, &chunk, &length, err));
    if (hints->line_pattern != NULL) {
        format = &lrp_log_format_pattern;
    } else if (format == NULL) {
        enum lrp_status status = lrp_guess_format(chunk, length, &format, err);
        if (status == LRP_E_FORMAT && hints->n_maps > 0) {
            /* losses by another name are not seen by a look at the first bytes */
            format = &lrp_log_format_text;
        } else if (status != LRP_OK) {
            return status;
        }
    }
    LRP_TRY(lrp_log_reader_open(format, hints, &reader, err));
    enum lrp_status status = feed_rest(reader, source, chunk, length, out, err);
    lrp_log_reader_free(reader);
    return status;
}

static enum lrp_status read_named(struct byte_source *source, const char *path,
                                  const struct lrp_read_options *options, struct lrp_record **out,
                                  struct lrp_error *err)
{
    char *name = base_name(path);
    LRP_TRY_MEMORY(name, err);
    const struct lrp_log_hints hints = {name[0] != '\0' ? name : NULL, options->maps,
                                        options->n_maps, options->line_pattern};
    enum lrp_status status = read_source(source, options->format, &hints, out, err);
    free(source->utf8);
    source->utf8 = NULL;
    free(name);
    return status;
}

static enum lrp_status read_file(const char *path, const struct lrp_read_options *options,
                                 struct lrp_record **out, struct lrp_error *err)
{
    struct byte_source source = {.buffer = lrp_calloc_array(CHUNK, 1)};
    LRP_TRY_MEMORY(source.buffer, err);
    enum lrp_status status = lrp_stream_open(path, &source.stream, err);
    status = status == LRP_OK ? read_named(&source, path, options, out, err) : status;
    lrp_stream_close(source.stream);
    free(source.buffer);
    return status;
}

/* A column that a map wants and that is in the log may hold nothing. */
static enum lrp_status check_mapped(const struct lrp_log_runs *runs,
                                    const struct lrp_read_options *options, struct lrp_error *err)
{
    for (size_t i = 0; i < options->n_maps; i++) {
        bool found = false;
        for (size_t r = 0; r < runs->n; r++) {
            found = found ||
                    lrp_record_find_column(runs->list[r], options->maps[i].to) != LRP_NO_COLUMN;
        }
        if (!found) {
            return lrp_fail(err, LRP_E_NODATA, 0,
                            "the column %.*s, which --map takes as %.*s, is empty", SHOWN,
                            options->maps[i].from, SHOWN, options->maps[i].to);
        }
    }
    return LRP_OK;
}

/* The runs in a log, each with its columns named. Takes the record over. */
static enum lrp_status settle(struct lrp_record *record, const struct lrp_read_options *options,
                              struct lrp_log_runs *out, struct lrp_error *err)
{
    struct lrp_chosen_names chosen = {false, false, false};
    for (size_t i = 0; i < options->n_maps; i++) {
        chosen.rate = chosen.rate || strcmp(options->maps[i].to, "lr") == 0;
        chosen.loss = chosen.loss || strcmp(options->maps[i].to, "loss") == 0;
        chosen.val_loss = chosen.val_loss || strcmp(options->maps[i].to, "val_loss") == 0;
    }
    struct lrp_log_runs runs = {NULL, 0};
    LRP_TRY(lrp_split_runs(record, &runs, err));
    enum lrp_status status = check_mapped(&runs, options, err);
    for (size_t i = 0; i < runs.n && status == LRP_OK; i++) {
        status = lrp_settle_names(runs.list[i], &chosen, err);
    }
    if (status != LRP_OK) {
        lrp_log_runs_fini(&runs);
        return status;
    }
    *out = runs;
    return LRP_OK;
}

enum lrp_status lrp_leave_one_run(struct lrp_log_runs *runs, struct lrp_error *err)
{
    const char *count = runs->n > 1 ? lrp_record_meta(runs->list[0], "runs") : NULL;
    const char *name = runs->n > 1 ? lrp_record_meta(runs->list[0], "run") : NULL;
    double rate = 0;
    if (count == NULL) {
        return LRP_OK;
    }
    /* W&B puts the newest run first, everybody else last */
    bool first = name != NULL && !lrp_rate_in_name(name, strlen(name), &rate);
    size_t chosen = first ? 0 : runs->n - 1;
    name = lrp_record_meta(runs->list[chosen], "run");
    LRP_TRY(lrp_record_add_note(runs->list[chosen], err,
                                "there are %zu runs in it: the %s%s%.*s, is taken; --run N or "
                                "--run all takes others",
                                runs->n, first ? "first" : "last", name != NULL ? ", " : "", SHOWN,
                                name != NULL ? name : ""));
    return lrp_choose_run(runs, first ? "1" : "last", err);
}

/* The run that is wanted, else the first, with a note that names it; runs is emptied. */
static enum lrp_status take_one(struct lrp_log_runs *runs, const char *wanted,
                                struct lrp_record **out, struct lrp_error *err)
{
    enum lrp_status status =
        wanted != NULL ? lrp_choose_run(runs, wanted, err) : lrp_leave_one_run(runs, err);
    if (status == LRP_OK) {
        *out = runs->list[0];
        runs->list[0] = NULL;
    }
    lrp_log_runs_fini(runs);
    return status;
}

/* A log as it stands: not yet stitched. */
static enum lrp_status read_path(const char *path, const struct lrp_read_options *options,
                                 struct lrp_log_runs *out, struct lrp_error *err)
{
    struct stat facts;
    struct lrp_record *record = NULL;
    options = options != NULL ? options : &default_options;
    LRP_TRY(lrp_check_read_options(options, err));
    if (stat(path, &facts) == 0 && S_ISDIR(facts.st_mode) && lrp_is_mlflow_folder(path)) {
        const struct lrp_log_hints hints = {NULL, options->maps, options->n_maps,
                                            options->line_pattern};
        LRP_TRY(lrp_read_mlflow_folder(path, &hints, &record, err));
    } else {
        LRP_TRY(read_file(path, options, &record, err));
    }
    return settle(record, options, out, err);
}

enum lrp_status lrp_log_read_memory(const void *bytes, size_t length, const char *file_name,
                                    const struct lrp_read_options *options, struct lrp_record **out,
                                    struct lrp_error *err)
{
    struct byte_source source = {.bytes = bytes, .left = length};
    struct lrp_record *record = NULL;
    struct lrp_log_runs runs = {NULL, 0};
    options = options != NULL ? options : &default_options;
    LRP_TRY(lrp_check_read_options(options, err));
    LRP_TRY(read_named(&source, file_name, options, &record, err));
    LRP_TRY(settle(record, options, &runs, err));
    return take_one(&runs, options->run, out, err);
}

enum lrp_status lrp_record_read(const char *path, const char *format, struct lrp_record **out,
                                struct lrp_error *err)
{
    const struct lrp_read_options options = {.format = format};
    struct lrp_log_runs runs = {NULL, 0};
    LRP_TRY(read_path(path, &options, &runs, err));
    return take_one(&runs, NULL, out, err);
}

enum lrp_status lrp_record_read_memory(const void *bytes, size_t length, const char *format,
                                       struct lrp_record **out, struct lrp_error *err)
{
    const struct lrp_read_options options = {.format = format};
    return lrp_log_read_memory(bytes, length, NULL, &options, out, err);
}

enum lrp_status lrp_log_read_one(const char *path, const struct lrp_read_options *options,
                                 struct lrp_record **out, struct lrp_error *err)
{
    struct lrp_record *record = NULL;
    struct lrp_log_runs runs = {NULL, 0};
    LRP_TRY(read_path(path, options, &runs, err));
    LRP_TRY(take_one(&runs, options != NULL ? options->run : NULL, &record, err));
    enum lrp_status status =
        lrp_record_stitch_in_place(&record, options != NULL && options->keep_order, err);
    if (status != LRP_OK) {
        lrp_record_free(record);
        return status;
    }
    *out = record;
    return LRP_OK;
}

/* First row of a later repeat, or the end. */
static size_t repeat_end(const double *repeat, size_t begin, size_t rows)
{
    size_t end = begin + 1;
    while (end < rows && repeat[end] == repeat[begin]) {
        end++;
    }
    return end;
}

/* The repeats of a pooled record go to the runs. Takes the record over, also on failure. */
static enum lrp_status split_repeats(struct lrp_record *record, struct lrp_log_runs *runs,
                                     struct lrp_error *err)
{
    size_t column = lrp_record_find_column(record, "repeat");
    if (column == LRP_NO_COLUMN) {
        return lrp_log_runs_add(runs, record, err);
    }
    size_t rows = lrp_record_rows(record);
    enum lrp_status status = LRP_OK;
    for (size_t begin = 0; begin < rows && status == LRP_OK;) {
        struct lrp_record *slice = NULL;
        size_t end = repeat_end(lrp_record_values(record, column), begin, rows);
        status = lrp_record_slice(record, begin, end, &slice, err);
        status = status == LRP_OK ? lrp_log_runs_add(runs, slice, err) : status;
        begin = end;
    }
    lrp_record_free(record);
    return status;
}

enum lrp_status lrp_log_read(const char *path, const struct lrp_read_options *options,
                             struct lrp_log_runs *out, struct lrp_error *err)
{
    struct lrp_log_runs whole = {NULL, 0};
    struct lrp_log_runs runs = {NULL, 0};
    LRP_TRY(read_path(path, options, &whole, err));
    enum lrp_status status = LRP_OK;
    for (size_t i = 0; i < whole.n && status == LRP_OK; i++) {
        struct lrp_record *record = whole.list[i];
        whole.list[i] = NULL;
        status = split_repeats(record, &runs, err);
    }
    lrp_log_runs_fini(&whole);
    if (status == LRP_OK && options != NULL && options->run != NULL) {
        status = lrp_choose_run(&runs, options->run, err);
    }
    for (size_t i = 0; i < runs.n && status == LRP_OK; i++) {
        status =
            lrp_record_stitch_in_place(&runs.list[i], options != NULL && options->keep_order, err);
    }
    if (status != LRP_OK) {
        lrp_log_runs_fini(&runs);
        return status;
    }
    *out = runs;
    return LRP_OK;
}
