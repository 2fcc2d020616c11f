/* SPDX-License-Identifier: MIT */
/* One metric file of MLflow: the file's name is the metric's. */
#include "mlflow.h"

#include "alloc.h"
#include "lines.h"
#include "number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_PROBED = 20, DIGITS_FEWEST = 10, DIGITS_MOST = 16 };

struct lrp_log_reader {
    const struct lrp_log_hints *hints;
    struct lrp_rows *rows;
    struct lrp_lines *lines;
    uint64_t points, others;
    double first_time;
    bool cut_off;
};

static const char *next_field(const char *from, const char *end, size_t *length)
{
    while (from < end && (*from == ' ' || *from == '\t')) {
        from++;
    }
    const char *stop = from;
    while (stop < end && *stop != ' ' && *stop != '\t') {
        stop++;
    }
    *length = (size_t)(stop - from);
    return from;
}

bool lrp_mlflow_parse(const char *line, size_t length, struct lrp_mlflow_point *out)
{
    const char *end = line + length;
    size_t time_length = 0;
    size_t value_length = 0;
    size_t step_length = 0;
    int64_t stamp = 0;
    const char *time = next_field(line, end, &time_length);
    const char *value = next_field(time + time_length, end, &value_length);
    const char *step = next_field(value + value_length, end, &step_length);
    if (time_length < DIGITS_FEWEST || time_length > DIGITS_MOST ||
        !lrp_parse_int64(time, time_length, 0, INT64_MAX, &stamp) ||
        !lrp_parse_double(value, value_length, &out->value)) {
        return false;
    }
    out->time_s = time_length == DIGITS_FEWEST ? (double)stamp : (double)stamp / 1000;
    out->step = 0;
    out->has_step = step_length > 0;
    return !out->has_step || lrp_parse_int64(step, step_length, INT64_MIN, INT64_MAX, &out->step);
}

static enum lrp_status take_line(void *user, const struct lrp_line *line, struct lrp_error *err)
{
    struct lrp_log_reader *reader = user;
    struct lrp_mlflow_point point;
    if (strspn(line->text, " \t") == line->length) {
        return LRP_OK;
    }
    if (!line->whole) { /* each line ends with a newline: the last number may lack digits */
        reader->cut_off = true;
        return LRP_OK;
    }
    if (!lrp_mlflow_parse(line->text, line->length, &point)) {
        reader->others++;
        return LRP_OK;
    }
    reader->first_time = reader->points == 0 ? point.time_s : reader->first_time;
    reader->points++;
    enum lrp_status status = LRP_OK;
    if (point.has_step) {
        status = lrp_rows_set(reader->rows, "step", 4, (double)point.step, err);
    }
    if (status == LRP_OK) {
        status = lrp_rows_set(reader->rows, "time_s", 6, point.time_s - reader->first_time, err);
    }
    const char *name = reader->hints != NULL ? reader->hints->file_name : NULL;
    name = name != NULL ? name : "loss";
    if (status == LRP_OK) {
        status = lrp_rows_set(reader->rows, name, strlen(name), point.value, err);
    }
    return status == LRP_OK ? lrp_rows_end(reader->rows, err) : status;
}

static void free_reader(struct lrp_log_reader *reader)
{
    if (reader != NULL) {
        lrp_lines_free(reader->lines);
        lrp_rows_free(reader->rows);
        free(reader);
    }
}

static enum lrp_status open_reader(const struct lrp_log_hints *hints, struct lrp_log_reader **out,
                                   struct lrp_error *err)
{
    struct lrp_log_reader *reader = lrp_calloc_array(1, sizeof *reader);
    if (reader == NULL) {
        return lrp_fail_memory(err, sizeof *reader);
    }
    reader->hints = hints;
    enum lrp_status status = lrp_rows_new(hints, &reader->rows, err);
    if (status == LRP_OK) {
        status = lrp_lines_new(0, take_line, reader, &reader->lines, err);
    }
    if (status == LRP_OK && (hints == NULL || hints->file_name == NULL)) {
        status = lrp_record_add_note(lrp_rows_record(reader->rows), err,
                                     "the metric has no name: it is taken as the loss");
    }
    if (status != LRP_OK) {
        free_reader(reader);
        return status;
    }
    *out = reader;
    return LRP_OK;
}

static enum lrp_status feed(struct lrp_log_reader *reader, const void *bytes, size_t length,
                            struct lrp_error *err)
{
    return lrp_lines_feed(reader->lines, bytes, length, err);
}

static enum lrp_status finish(struct lrp_log_reader *reader, struct lrp_record **out,
                              struct lrp_error *err)
{
    char note[120];
    enum lrp_status status = lrp_lines_finish(reader->lines, reader->rows, err);
    if (status == LRP_OK && reader->points < reader->others) {
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "only %llu of %llu lines are \"<timestamp> <value> <step>\" of MLflow",
                        (unsigned long long)reader->points,
                        (unsigned long long)(reader->points + reader->others));
    }
    if (status == LRP_OK && reader->others > 0) {
        (void)snprintf(note, sizeof note, "%llu %s left out: not \"<timestamp> <value> <step>\"",
                       (unsigned long long)reader->others,
                       reader->others == 1 ? "line was" : "lines were");
        status = lrp_record_add_note(lrp_rows_record(reader->rows), err, "%s", note);
    }
    if (status == LRP_OK && reader->cut_off) {
        status = lrp_record_add_note(lrp_rows_record(reader->rows), err,
                                     "the last line was cut off and left out");
    }
    return status == LRP_OK ? lrp_rows_finish(reader->rows, out, err) : status;
}

static int probe(const unsigned char *bytes, size_t length)
{
    const char *line = (const char *)bytes;
    const char *end = line + length;
    const char *newline = NULL;
    struct lrp_mlflow_point point;
    int lines = 0;
    while (lines < LINES_PROBED && line < end &&
           (newline = memchr(line, '\n', (size_t)(end - line))) != NULL) {
        size_t width = (size_t)(newline - line);
        width -= width > 0 && line[width - 1] == '\r' ? 1 : 0;
        if (!lrp_mlflow_parse(line, width, &point)) {
            return 0;
        }
        line = newline + 1;
        lines++;
    }
    return lines > 0 ? 88 : 0;
}

const struct lrp_log_format lrp_log_format_mlflow = {
    "mlflow",    "a metric file of MLflow's file store: timestamp, value and step",
    probe,       open_reader,
    feed,        finish,
    free_reader,
};
