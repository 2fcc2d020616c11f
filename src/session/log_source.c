/* SPDX-License-Identifier: MIT */
#include "log_source.h"

#include "alloc.h"
#include "clock.h"
#include "row_sink.h"
#include "text.h"

#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A log is read anew when it has grown by a quarter, and that takes at most so much of the time:
 * reading it whole each time then costs a few times what reading it once does. */
static const double GROWTH = 1.25;
static const double LEAST_SECONDS = 0.5;
static const double TIME_SHARE = 0.05;
static const double STEP_MOST = 9007199254740992.0; /* 2^53 */

struct log_source {
    struct lrp_loss_source source; /* first: what the probe sees */
    char *pattern;                 /* NULL = the captured output */
    const struct lrp_read_options *read;
    struct lrp_row_sink sink;
    off_t seen_size, read_size;
    double next_time;
    size_t taken; /* rows of the log that were looked at */
    bool chosen;  /* the following are set */
    bool own_steps;
};

static bool is_newer(const struct stat *a, const struct stat *b)
{
    return a->st_mtim.tv_sec != b->st_mtim.tv_sec ? a->st_mtim.tv_sec > b->st_mtim.tv_sec
                                                  : a->st_mtim.tv_nsec > b->st_mtim.tv_nsec;
}

/* The newest regular file that fits, in heap memory; NULL where there is none. */
static char *find_log(const char *pattern, struct stat *info)
{
    glob_t found;
    char *newest = NULL;
    memset(info, 0, sizeof *info);
    if (glob(pattern, GLOB_NOSORT, NULL, &found) != 0) {
        return NULL;
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct stat own;
        if (stat(found.gl_pathv[i], &own) == 0 && S_ISREG(own.st_mode) &&
            (newest == NULL || is_newer(&own, info))) {
            free(newest);
            newest = lrp_strdup(found.gl_pathv[i]);
            *info = own;
        }
    }
    globfree(&found);
    return newest;
}

bool lrp_log_is_there(const char *pattern)
{
    struct stat info;
    char *path = find_log(pattern, &info);
    bool there = path != NULL && info.st_size > 0;
    free(path);
    return there;
}

/* Column of the loss; of the validation loss where that is all there is. */
static size_t loss_column(const struct lrp_record *record)
{
    size_t column = lrp_record_find_column(record, "loss");
    return column != LRP_NO_COLUMN ? column : lrp_record_find_column(record, "val_loss");
}

/* Whether the column step counts steps: whole numbers that rise. */
static bool steps_rise(const struct lrp_record *record)
{
    size_t column = lrp_record_find_column(record, "step");
    if (column == LRP_NO_COLUMN) {
        return false;
    }
    const double *steps = lrp_record_values(record, column);
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        double step = steps[row];
        if (!(step >= 0 && step <= STEP_MOST && step == floor(step)) ||
            (row > 0 && step <= steps[row - 1])) {
            return false;
        }
    }
    return true;
}

/* The rows from the first new one up to end go to the report. */
static enum lrp_status take_rows(struct log_source *self, const struct lrp_trainer_run *run,
                                 const struct lrp_record *record, size_t end, struct lrp_error *err)
{
    size_t columns[LRP_SINK_VALUES];
    size_t steps = lrp_record_find_column(record, "step");
    enum lrp_status status = LRP_OK;
    if (!self->chosen && end > 0) {
        self->chosen = true;
        self->own_steps = steps_rise(record);
    }
    for (size_t k = 0; k < LRP_SINK_VALUES; k++) {
        columns[k] = lrp_record_find_column(record, lrp_sink_names[k]);
    }
    columns[LRP_SINK_LOSS] = loss_column(record);
    for (; self->taken < end && status == LRP_OK; self->taken++) {
        double values[LRP_SINK_VALUES] = {0};
        unsigned char present[LRP_SINK_VALUES] = {0};
        for (size_t k = 0; k < LRP_SINK_VALUES; k++) {
            if (columns[k] != LRP_NO_COLUMN) {
                values[k] = lrp_record_values(record, columns[k])[self->taken];
                present[k] = lrp_record_present(record, columns[k], self->taken) != 0;
            }
        }
        if (present[LRP_SINK_LOSS] == 0) {
            continue;
        }
        double step = self->own_steps && steps != LRP_NO_COLUMN
                          ? lrp_record_values(record, steps)[self->taken]
                          : (double)NAN;
        status = lrp_row_sink_put(&self->sink, run, step, values, present, err);
        self->source.wrote = true;
        self->source.enough |=
            self->sink.last_step > (double)run->steps || self->sink.rows > run->steps;
    }
    return status;
}

static enum lrp_status no_loss(const struct lrp_record *record, struct lrp_error *err)
{
    struct lrp_text names;
    lrp_text_init(&names, 1 << 10);
    lrp_record_list_columns(record, &names);
    enum lrp_status status = lrp_fail(err, LRP_E_NODATA, 0, "no loss, but %s (--map loss=NAME)",
                                      lrp_text_string(&names));
    lrp_text_fini(&names);
    return status;
}

/* Reads a log whole. all: the trainer has ended; else the last row may not be whole. LRP_E_NODATA,
 * LRP_E_FORMAT: it has no losses, with the reason. */
static enum lrp_status read_log(struct log_source *self, const struct lrp_trainer_run *run,
                                const char *path, bool all, struct lrp_error *err)
{
    struct lrp_record *record = NULL;
    enum lrp_status status = lrp_log_read_one(path, self->read, &record, err);
    if (status == LRP_OK && loss_column(record) == LRP_NO_COLUMN) {
        status = no_loss(record, err);
    }
    if (status == LRP_OK) {
        size_t rows = lrp_record_rows(record);
        status = take_rows(self, run, record, all || rows == 0 ? rows : rows - 1, err);
    }
    lrp_record_free(record);
    return status;
}

/* While the trainer runs: what cannot be read yet may be whole later. */
static enum lrp_status follow_log(struct log_source *self, const struct lrp_trainer_run *run,
                                  struct lrp_error *err)
{
    struct stat info;
    char *path = find_log(self->pattern, &info);
    enum lrp_status status = LRP_OK;
    self->source.alive = path != NULL && info.st_size != self->seen_size;
    self->seen_size = info.st_size;
    double begin = lrp_clock_seconds();
    if (path != NULL && begin >= self->next_time &&
        (double)info.st_size >= GROWTH * (double)self->read_size && info.st_size > 0) {
        self->read_size = info.st_size;
        status = read_log(self, run, path, false, err);
        status = status == LRP_E_IO || status == LRP_E_NOMEM ? status : LRP_OK;
        double end = lrp_clock_seconds();
        self->next_time = end + fmax(LEAST_SECONDS, (end - begin) / TIME_SHARE);
    }
    free(path);
    return status;
}

static enum lrp_status end_log(struct log_source *self, const struct lrp_trainer_run *run,
                               struct lrp_error *err)
{
    struct stat info;
    char *path = find_log(self->pattern, &info);
    struct lrp_error why;
    if (path == NULL) {
        return lrp_fail(err, LRP_E_NODATA, 0, "ended, and there is no log %.150s", self->pattern);
    }
    enum lrp_status status = read_log(self, run, path, true, &why);
    if (status != LRP_OK) {
        self->source.bad_log = status == LRP_E_NODATA || status == LRP_E_FORMAT;
        status = lrp_fail(err, status, 0, "ended, and its log %.100s has no losses: %.240s", path,
                          why.message);
    }
    free(path);
    return status == LRP_E_FORMAT ? LRP_E_NODATA : status;
}

static bool is_empty(const char *path)
{
    struct stat info;
    return stat(path, &info) != 0 || info.st_size == 0;
}

/* After the end: a trainer that has not reported may have printed its losses. */
static enum lrp_status end_output(struct log_source *self, const struct lrp_trainer_run *run,
                                  struct lrp_error *err)
{
    const char *const paths[] = {run->out_path, run->err_path};
    if (!is_empty(run->report_path)) {
        return LRP_OK;
    }
    for (size_t i = 0; i < 2; i++) {
        struct lrp_error why;
        enum lrp_status status =
            is_empty(paths[i]) ? LRP_E_NODATA : read_log(self, run, paths[i], true, &why);
        if (status == LRP_E_NOMEM || (status == LRP_OK && self->source.wrote)) {
            return status == LRP_OK ? LRP_OK : lrp_fail_memory(err, 0);
        }
    }
    return lrp_fail(err, LRP_E_NODATA, 0,
                    is_empty(paths[0]) && is_empty(paths[1])
                        ? "ended; it reported nothing and printed nothing"
                        : "ended; it reported nothing, and no losses were found in its output "
                          "(--loss-pattern or --log says where they are)");
}

/* Whether it prints; that is all that is known of it before its end. */
static void watch_output(struct log_source *self, const struct lrp_trainer_run *run)
{
    struct stat info;
    off_t size = 0;
    size += stat(run->out_path, &info) == 0 ? info.st_size : 0;
    size += stat(run->err_path, &info) == 0 ? info.st_size : 0;
    self->source.alive = size != self->seen_size && is_empty(run->report_path);
    self->seen_size = size;
}

static enum lrp_status follow(struct lrp_loss_source *source, const struct lrp_trainer_run *run,
                              bool ended, struct lrp_error *err)
{
    struct log_source *self = (struct log_source *)(void *)source;
    source->alive = false;
    if (!ended) {
        if (self->pattern != NULL) {
            return follow_log(self, run, err);
        }
        watch_output(self, run);
        return LRP_OK;
    }
    enum lrp_status status =
        self->pattern != NULL ? end_log(self, run, err) : end_output(self, run, err);
    enum lrp_status closed = lrp_row_sink_close(&self->sink, status == LRP_OK ? err : NULL);
    return status == LRP_OK ? closed : status;
}

static void free_source(struct lrp_loss_source *source)
{
    struct log_source *self = (struct log_source *)(void *)source;
    (void)lrp_row_sink_close(&self->sink, NULL);
    free(self->pattern);
    free(self);
}

enum lrp_status lrp_log_source_new(const char *pattern, const struct lrp_read_options *read,
                                   double lr, struct lrp_loss_source **out, struct lrp_error *err)
{
    struct log_source *self = lrp_calloc_array(1, sizeof *self);
    LRP_TRY_MEMORY(self, err);
    self->source.follow = follow;
    self->source.free = free_source;
    self->read = read;
    self->sink.lr = lr;
    self->sink.n_values = LRP_SINK_VALUES;
    if (pattern != NULL && (self->pattern = lrp_strdup(pattern)) == NULL) {
        free(self);
        return lrp_fail_memory(err, strlen(pattern));
    }
    *out = &self->source;
    return LRP_OK;
}
