/* SPDX-License-Identifier: MIT */
/* Metrics as MLflow's file store keeps them: a file a metric, a line a value. One file by itself,
 * or all of a run's folder as one record. */
#include "mlflow.h"

#include "alloc.h"
#include "files.h"
#include "gz.h"
#include "log_reader.h"
#include "number.h"
#include "scalar_points.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LINES_PROBED = 20, DIGITS_FEWEST = 10, DIGITS_MOST = 16 };
enum { DEPTH_MOST = 8, FILES_MOST = LRP_RECORD_MAX_COLUMNS };

/* "<timestamp> <value> <step>", blanks between them, more fields allowed; old files have no step.
 * The timestamp is in milliseconds since 1970, in old files in seconds. */
struct mlflow_point {
    double time_s;
    double value;
    int64_t step;
    bool has_step;
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

static bool parse_point(const char *line, size_t length, struct mlflow_point *out)
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

static bool is_blank_line(const struct lrp_line *line)
{
    return strspn(line->text, " \t") == line->length;
}

/* ---- one metric file: the file's name is the metric's ------------------------------------------
 */

struct mlflow_state {
    uint64_t points, others;
    double first_time;
    bool cut_off;
};

static enum lrp_status begin(struct lrp_log_reader *reader, struct lrp_error *err)
{
    return reader->hints->file_name != NULL
               ? LRP_OK
               : lrp_record_add_note(lrp_rows_record(reader->rows), err,
                                     "the metric has no name: it is taken as the loss");
}

static enum lrp_status take_line(struct lrp_log_reader *reader, const struct lrp_line *line,
                                 struct lrp_error *err)
{
    struct mlflow_state *self = reader->state;
    struct mlflow_point point;
    if (is_blank_line(line)) {
        return LRP_OK;
    }
    if (!line->whole) { /* each line ends with a newline: the last number may lack digits */
        self->cut_off = true;
        return LRP_OK;
    }
    if (!parse_point(line->text, line->length, &point)) {
        self->others++;
        return LRP_OK;
    }
    self->first_time = self->points == 0 ? point.time_s : self->first_time;
    self->points++;
    if (point.has_step) {
        LRP_TRY(lrp_rows_put(reader->rows, "step", (double)point.step, err));
    }
    LRP_TRY(lrp_rows_put(reader->rows, "time_s", point.time_s - self->first_time, err));
    const char *name = reader->hints->file_name;
    LRP_TRY(lrp_rows_put(reader->rows, name != NULL ? name : "loss", point.value, err));
    return lrp_rows_end(reader->rows, err);
}

static enum lrp_status end(struct lrp_log_reader *reader, struct lrp_error *err)
{
    const struct mlflow_state *self = reader->state;
    if (self->points < self->others) {
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "only %llu of %llu lines are \"<timestamp> <value> <step>\" of MLflow",
                        (unsigned long long)self->points,
                        (unsigned long long)(self->points + self->others));
    }
    LRP_TRY(lrp_rows_note_left_out(reader->rows, self->others, "line",
                                   "not \"<timestamp> <value> <step>\"", err));
    return self->cut_off ? lrp_record_add_note(lrp_rows_record(reader->rows), err,
                                               "the last line was cut off and left out")
                         : LRP_OK;
}

static int probe(const unsigned char *bytes, size_t length)
{
    const char *line = (const char *)bytes;
    const char *end = line + length;
    const char *newline = NULL;
    struct mlflow_point point;
    int lines = 0;
    while (lines < LINES_PROBED && line < end &&
           (newline = memchr(line, '\n', (size_t)(end - line))) != NULL) {
        size_t width = (size_t)(newline - line);
        width -= width > 0 && line[width - 1] == '\r' ? 1 : 0;
        if (!parse_point(line, width, &point)) {
            return 0;
        }
        line = newline + 1;
        lines++;
    }
    return lines > 0 ? 88 : 0;
}

const struct lrp_log_format lrp_log_format_mlflow = {
    .name = "mlflow",
    .description = "a metric file of MLflow's file store: timestamp, value and step",
    .probe = probe,
    .take_line = take_line,
    .state_size = sizeof(struct mlflow_state),
    .begin = begin,
    .end = end,
};

/* ---- the metrics of a run's folder -------------------------------------------------------------
 */

struct metric_file {
    char *path;
    const char *name; /* within path: without the metrics folder */
};

struct folder_reading {
    struct lrp_rows *rows;
    struct lrp_scalar_points *points;
    struct metric_file *metrics;
    size_t n_metrics, capacity;
    const char *name; /* of the metric that is being read */
    int64_t line;     /* values of it so far: the step of old files */
    uint64_t others, values;
};

static bool is_folder(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

static char *metrics_folder(const char *path)
{
    char *inner = lrp_path_join(path, "metrics");
    if (inner != NULL && !is_folder(inner)) {
        free(inner);
        inner = lrp_strdup(path);
    }
    return inner;
}

bool lrp_is_mlflow_folder(const char *path)
{
    char *folder = metrics_folder(path);
    size_t length = folder != NULL ? strlen(folder) : 0;
    while (length > 1 && folder[length - 1] == '/') {
        length--;
    }
    bool is = folder != NULL && is_folder(folder) && length >= 7 &&
              memcmp(folder + length - 7, "metrics", 7) == 0 &&
              (length == 7 || folder[length - 8] == '/');
    if (is && strcmp(folder, path) != 0) { /* any folder may hold one that is called metrics */
        char *about = lrp_path_join(path, "meta.yaml");
        struct stat facts;
        is = about != NULL && stat(about, &facts) == 0;
        free(about);
    }
    free(folder);
    return is;
}

static enum lrp_status find_metrics(struct folder_reading *reading, const char *folder,
                                    size_t prefix, int depth, struct lrp_error *err);

static enum lrp_status take_entry(struct folder_reading *reading, const char *folder,
                                  const char *name, size_t prefix, int depth, struct lrp_error *err)
{
    char *path = lrp_path_join(folder, name);
    LRP_TRY_MEMORY(path, err);
    struct stat facts;
    enum lrp_status status = LRP_OK;
    bool keep = false;
    bool known = stat(path, &facts) == 0;
    if (known && S_ISDIR(facts.st_mode) && depth < DEPTH_MOST) {
        status = find_metrics(reading, path, prefix, depth + 1, err);
    } else if (known && S_ISREG(facts.st_mode)) {
        status = lrp_grow_array((void **)&reading->metrics, reading->n_metrics, &reading->capacity,
                                sizeof *reading->metrics, FILES_MOST, err);
        keep = status == LRP_OK;
    }
    if (keep) {
        reading->metrics[reading->n_metrics] = (struct metric_file){path, path + prefix};
        reading->n_metrics++;
    } else {
        free(path);
    }
    return status;
}

/* The files below folder; prefix: bytes of a path that are not part of a metric's name. */
static enum lrp_status find_metrics(struct folder_reading *reading, const char *folder,
                                    size_t prefix, int depth, struct lrp_error *err)
{
    DIR *entries = opendir(folder);
    if (entries == NULL) {
        return lrp_fail_errno(err, errno, "read", folder);
    }
    enum lrp_status status = LRP_OK;
    const struct dirent *entry = NULL;
    while (status == LRP_OK && (entry = readdir(entries)) != NULL) {
        if (entry->d_name[0] != '.') {
            status = take_entry(reading, folder, entry->d_name, prefix, depth, err);
        }
    }
    (void)closedir(entries);
    return status;
}

static int compare_metrics(const void *left, const void *right)
{
    const struct metric_file *a = left;
    const struct metric_file *b = right;
    return strcmp(a->name, b->name);
}

static enum lrp_status take_metric_line(void *user, const struct lrp_line *line,
                                        struct lrp_error *err)
{
    struct folder_reading *reading = user;
    struct mlflow_point point;
    if (!line->whole || is_blank_line(line)) {
        return LRP_OK;
    }
    if (!parse_point(line->text, line->length, &point)) {
        reading->others++;
        return LRP_OK;
    }
    int64_t step = point.has_step ? point.step : reading->line;
    reading->line++;
    reading->values++;
    return lrp_scalar_points_add(reading->points, reading->name, step, point.time_s, point.value,
                                 err);
}

static enum lrp_status feed_lines(void *user, const void *bytes, size_t length,
                                  struct lrp_error *err)
{
    return lrp_lines_feed(user, bytes, length, err);
}

static enum lrp_status read_metric(struct folder_reading *reading, const struct metric_file *metric,
                                   struct lrp_error *err)
{
    struct lrp_lines *lines = NULL;
    reading->name = metric->name;
    reading->line = 0;
    LRP_TRY(lrp_lines_new(0, take_metric_line, reading, &lines, err));
    enum lrp_status status = lrp_stream_each(metric->path, feed_lines, lines, err);
    status = status == LRP_OK ? lrp_lines_finish(lines, reading->rows, err) : status;
    lrp_lines_free(lines);
    return status;
}

/* folder: the one below path that holds the metrics. */
static enum lrp_status read_folder(struct folder_reading *reading, const char *path,
                                   const char *folder, const struct lrp_log_hints *hints,
                                   struct lrp_record **out, struct lrp_error *err)
{
    LRP_TRY(lrp_rows_new(hints, &reading->rows, err));
    LRP_TRY(lrp_scalar_points_new(reading->rows, &reading->points, err));
    LRP_TRY(find_metrics(reading, folder, strlen(folder) + 1, 1, err));
    if (reading->n_metrics > 0) {
        qsort(reading->metrics, reading->n_metrics, sizeof *reading->metrics, compare_metrics);
    }
    for (size_t i = 0; i < reading->n_metrics; i++) {
        LRP_TRY(read_metric(reading, &reading->metrics[i], err));
    }
    if (reading->values == 0) {
        return lrp_fail(err, LRP_E_NODATA, 0, "no metric of MLflow is in %.200s", path);
    }
    LRP_TRY(lrp_rows_note_left_out(reading->rows, reading->others, "line", "no values of metrics",
                                   err));
    LRP_TRY(lrp_scalar_points_finish(reading->points, err));
    return lrp_rows_finish(reading->rows, out, err);
}

enum lrp_status lrp_read_mlflow_folder(const char *path, const struct lrp_log_hints *hints,
                                       struct lrp_record **out, struct lrp_error *err)
{
    struct folder_reading reading = {0};
    char *folder = metrics_folder(path);
    LRP_TRY_MEMORY(folder, err);
    enum lrp_status status = read_folder(&reading, path, folder, hints, out, err);
    if (status == LRP_OK) {
        lrp_record_set_format(*out, lrp_log_format_mlflow.name);
    }
    for (size_t i = 0; i < reading.n_metrics; i++) {
        free(reading.metrics[i].path);
    }
    free(reading.metrics);
    free(folder);
    lrp_scalar_points_free(reading.points);
    lrp_rows_free(reading.rows);
    return status;
}
