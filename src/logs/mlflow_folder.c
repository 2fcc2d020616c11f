/* SPDX-License-Identifier: MIT */
/* A folder of MLflow's metric files as one record. */
#include "mlflow.h"

#include "alloc.h"
#include "files.h"
#include "gz.h"
#include "lines.h"
#include "points.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH_MOST = 8, FILES_MOST = LRP_RECORD_MAX_COLUMNS, CHUNK = 1 << 16 };

struct metric {
    char *path;
    const char *name; /* within path: without the metrics folder */
};

struct reading {
    struct lrp_rows *rows;
    struct lrp_points *points;
    struct metric *metrics;
    size_t n_metrics, capacity;
    const char *name; /* of the metric that is being read */
    int64_t line;     /* values of it so far: the step of old files */
    uint64_t others, values;
    unsigned char *buffer;
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

static enum lrp_status find_metrics(struct reading *reading, const char *folder, size_t prefix,
                                    int depth, struct lrp_error *err);

static enum lrp_status take_entry(struct reading *reading, const char *folder, const char *name,
                                  size_t prefix, int depth, struct lrp_error *err)
{
    char *path = lrp_path_join(folder, name);
    if (path == NULL) {
        return lrp_fail_memory(err, strlen(folder) + strlen(name));
    }
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
        reading->metrics[reading->n_metrics] = (struct metric){path, path + prefix};
        reading->n_metrics++;
    } else {
        free(path);
    }
    return status;
}

/* The files below folder; prefix: bytes of a path that are not part of a metric's name. */
static enum lrp_status find_metrics(struct reading *reading, const char *folder, size_t prefix,
                                    int depth, struct lrp_error *err)
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
    const struct metric *a = left;
    const struct metric *b = right;
    return strcmp(a->name, b->name);
}

static enum lrp_status take_line(void *user, const struct lrp_line *line, struct lrp_error *err)
{
    struct reading *reading = user;
    struct lrp_mlflow_point point;
    if (!line->whole || strspn(line->text, " \t") == line->length) {
        return LRP_OK;
    }
    if (!lrp_mlflow_parse(line->text, line->length, &point)) {
        reading->others++;
        return LRP_OK;
    }
    int64_t step = point.has_step ? point.step : reading->line;
    reading->line++;
    reading->values++;
    return lrp_points_add(reading->points, reading->name, strlen(reading->name), step, point.time_s,
                          point.value, err);
}

static enum lrp_status read_metric(struct reading *reading, const struct metric *metric,
                                   struct lrp_error *err)
{
    struct lrp_stream *stream = NULL;
    struct lrp_lines *lines = NULL;
    size_t length = 1;
    reading->name = metric->name;
    reading->line = 0;
    enum lrp_status status = lrp_stream_open(metric->path, &stream, err);
    status = status == LRP_OK ? lrp_lines_new(0, take_line, reading, &lines, err) : status;
    while (status == LRP_OK && length > 0) {
        status = lrp_stream_read(stream, reading->buffer, CHUNK, &length, err);
        status = status == LRP_OK ? lrp_lines_feed(lines, reading->buffer, length, err) : status;
    }
    status = status == LRP_OK ? lrp_lines_finish(lines, reading->rows, err) : status;
    lrp_lines_free(lines);
    lrp_stream_close(stream);
    return status;
}

static enum lrp_status read_all(struct reading *reading, const char *path, struct lrp_record **out,
                                struct lrp_error *err)
{
    char note[120];
    enum lrp_status status = LRP_OK;
    if (reading->n_metrics > 0) {
        qsort(reading->metrics, reading->n_metrics, sizeof *reading->metrics, compare_metrics);
    }
    for (size_t i = 0; i < reading->n_metrics && status == LRP_OK; i++) {
        status = read_metric(reading, &reading->metrics[i], err);
    }
    if (status == LRP_OK && reading->values == 0) {
        return lrp_fail(err, LRP_E_NODATA, 0, "no metric of MLflow is in %.200s", path);
    }
    if (status == LRP_OK && reading->others > 0) {
        (void)snprintf(note, sizeof note, "%llu lines were left out: no values of metrics",
                       (unsigned long long)reading->others);
        status = lrp_record_add_note(lrp_rows_record(reading->rows), err, "%s", note);
    }
    status = status == LRP_OK ? lrp_points_finish(reading->points, err) : status;
    return status == LRP_OK ? lrp_rows_finish(reading->rows, out, err) : status;
}

enum lrp_status lrp_record_read_mlflow_folder(const char *path,
                                              const struct lrp_read_options *options,
                                              struct lrp_record **out, struct lrp_error *err)
{
    struct reading reading = {0};
    struct lrp_record *record = NULL;
    const struct lrp_log_hints hints = {NULL, options != NULL ? options->maps : NULL,
                                        options != NULL ? options->n_maps : 0};
    enum lrp_status status = lrp_check_maps(hints.maps, hints.n_maps, err);
    char *folder = status == LRP_OK ? metrics_folder(path) : NULL;
    reading.buffer = folder != NULL ? lrp_calloc_array(CHUNK, 1) : NULL;
    if (status == LRP_OK && reading.buffer == NULL) {
        status = lrp_fail_memory(err, CHUNK);
    }
    status = status == LRP_OK ? lrp_rows_new(&hints, &reading.rows, err) : status;
    status = status == LRP_OK ? lrp_points_new(reading.rows, &reading.points, err) : status;
    status = status == LRP_OK ? find_metrics(&reading, folder, strlen(folder) + 1, 1, err) : status;
    status = status == LRP_OK ? read_all(&reading, path, &record, err) : status;
    status = status == LRP_OK ? lrp_record_set_source(record, path, err) : status;
    for (size_t i = 0; i < reading.n_metrics; i++) {
        free(reading.metrics[i].path);
    }
    free(reading.metrics);
    free(reading.buffer);
    free(folder);
    lrp_points_free(reading.points);
    lrp_rows_free(reading.rows);
    if (status != LRP_OK) {
        lrp_record_free(record);
        return status;
    }
    lrp_record_set_format(record, lrp_log_format_mlflow.name);
    *out = record;
    return LRP_OK;
}
