/* SPDX-License-Identifier: MIT */
#include "output_source.h"

#include "alloc.h"
#include "lines.h"
#include "row_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A regular expression may need the square of a line's length. */
enum {
    LINE_MOST = 1 << 13,
    CHUNK = 1 << 14,
    TURN_MOST = 1 << 20,
    OUTPUTS = 2,
    WAITING_MOST = 1 << 24
};

struct printed_loss {
    double step, loss;
    enum lrp_comma comma;
    size_t line;
};
struct output {
    int fd; /* -1 = not open yet */
    struct lrp_lines *lines;
};
struct output_source {
    struct lrp_loss_source source; /* first: what the probe sees */
    const struct lrp_line_pattern *pattern;
    const struct lrp_trainer_run *run; /* during a call */
    struct output outputs[OUTPUTS];
    struct lrp_row_sink sink;
    bool held; /* a row with a step waits: the next line may be of the same one */
    struct printed_loss held_loss;
    /* losses that may be 1.234 or 1234, and those behind them, wait for one that tells */
    struct printed_loss *waiting;
    size_t n_waiting, waiting_capacity;
    bool decimal, thousands; /* what the losses so far have told */
    size_t lines, matches;   /* lines with something in them; matches without a number */
};

static enum lrp_status put(struct output_source *self, double step, double loss,
                           struct lrp_error *err)
{
    double values[LRP_SINK_VALUES] = {[LRP_SINK_LOSS] = loss};
    const unsigned char present[LRP_SINK_VALUES] = {[LRP_SINK_LOSS] = 1};
    self->source.wrote = true;
    enum lrp_status status = lrp_row_sink_put(&self->sink, self->run, step, values, present, err);
    self->source.enough |=
        self->sink.last_step > (double)self->run->steps || self->sink.rows > self->run->steps;
    return status;
}

static enum lrp_status put_waiting(struct output_source *self, struct lrp_error *err)
{
    enum lrp_status status = LRP_OK;
    for (size_t i = 0; i < self->n_waiting && status == LRP_OK; i++) {
        const struct printed_loss *own = &self->waiting[i];
        bool larger = own->comma == LRP_COMMA_EITHER && self->thousands;
        status = put(self, own->step, own->loss * (larger ? LRP_COMMA_FACTOR : 1), err);
    }
    self->n_waiting = 0;
    return status;
}

/* A loss that came; it waits where nothing has told what its comma is. */
static enum lrp_status take_loss(struct output_source *self, const struct printed_loss *loss,
                                 struct lrp_error *err)
{
    bool point = loss->comma == LRP_COMMA_NONE && loss->loss != floor(loss->loss);
    self->decimal = self->decimal || loss->comma == LRP_COMMA_DECIMAL;
    self->thousands = self->thousands || loss->comma == LRP_COMMA_THOUSANDS || point;
    LRP_TRY(lrp_grow_array((void **)&self->waiting, self->n_waiting, &self->waiting_capacity,
                           sizeof *self->waiting, WAITING_MOST, err));
    self->waiting[self->n_waiting] = *loss;
    self->n_waiting++;
    bool either = self->waiting[0].comma == LRP_COMMA_EITHER;
    return either && self->decimal == self->thousands ? LRP_OK : put_waiting(self, err);
}

static enum lrp_status put_held(struct output_source *self, struct lrp_error *err)
{
    bool held = self->held;
    self->held = false;
    return held ? take_loss(self, &self->held_loss, err) : LRP_OK;
}

/* At the end of the output: what still waits cannot be read. */
static enum lrp_status end_waiting(const struct output_source *self, struct lrp_error *err)
{
    if (self->n_waiting == 0) {
        return LRP_OK;
    }
    const struct printed_loss *first = &self->waiting[0];
    return lrp_fail(err, LRP_E_FORMAT, 0,
                    "ended, and the loss in line %zu of its output may be %.6g or %.6g, as the "
                    "comma is a decimal one or not; a decimal point was expected",
                    first->line, first->loss, first->loss * LRP_COMMA_FACTOR);
}

static enum lrp_status take_line(void *user, const struct lrp_line *line, struct lrp_error *err)
{
    struct output_source *self = user;
    struct printed_loss found = {.step = (double)NAN, .loss = (double)NAN, .line = line->number};
    self->lines += line->length > 0 ? 1 : 0;
    if (self->source.enough) {
        return LRP_OK; /* what it goes on with is not wanted */
    }
    switch (
        lrp_loss_pattern_find(self->pattern, line->text, &found.step, &found.loss, &found.comma)) {
    case LRP_PATTERN_NO_NUMBER:
        self->matches++;
        return LRP_OK;
    case LRP_PATTERN_NONE:
        return LRP_OK;
    case LRP_PATTERN_FOUND:
    default:
        break;
    }
    if (isnan(found.step)) {
        return take_loss(self, &found, err);
    }
    bool next = self->held && found.step != self->held_loss.step;
    enum lrp_status status = next ? put_held(self, err) : LRP_OK;
    self->held = true;
    self->held_loss = found;
    return status;
}

/* Reads what has been added; a file that is not there yet has nothing. */
static enum lrp_status read_output(struct output_source *self, struct output *output,
                                   const char *path, bool ended, struct lrp_error *err)
{
    char buffer[CHUNK];
    if (output->fd < 0) {
        output->fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (output->fd < 0) {
        return errno == ENOENT ? LRP_OK : lrp_fail_errno(err, errno, "read", path);
    }
    if (output->lines == NULL) {
        enum lrp_status status = lrp_lines_new(LINE_MOST, take_line, self, &output->lines, err);
        if (status != LRP_OK) {
            return status;
        }
    }
    for (size_t taken = 0; ended || taken < TURN_MOST;) {
        ssize_t n = read(output->fd, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return lrp_fail_errno(err, errno, "read", path);
        }
        if (n == 0) {
            break;
        }
        self->source.alive = true;
        taken += (size_t)n;
        enum lrp_status status = lrp_lines_feed(output->lines, buffer, (size_t)n, err);
        if (status != LRP_OK) {
            return status;
        }
    }
    return ended ? lrp_lines_finish(output->lines, NULL, err) : LRP_OK;
}

static enum lrp_status say_nothing_found(const struct output_source *self, struct lrp_error *err)
{
    if (self->lines == 0) {
        return lrp_fail(err, LRP_E_NODATA, 0, "ended and printed nothing");
    }
    if (self->matches > 0) {
        return lrp_fail(err, LRP_E_NODATA, 0,
                        "ended, and --loss-pattern matches %zu of its lines, but what it takes "
                        "there is no number",
                        self->matches);
    }
    return lrp_fail(err, LRP_E_NODATA, 0, "ended, and --loss-pattern matches none of its %zu %s",
                    self->lines, self->lines == 1 ? "line" : "lines");
}

/* A session may have hundreds of runs: each holds its files for its own time only. */
static void close_outputs(struct output_source *self)
{
    for (size_t i = 0; i < OUTPUTS; i++) {
        lrp_lines_free(self->outputs[i].lines);
        self->outputs[i].lines = NULL;
        if (self->outputs[i].fd >= 0) {
            close(self->outputs[i].fd);
        }
        self->outputs[i].fd = -1;
    }
}

static enum lrp_status follow(struct lrp_loss_source *source, const struct lrp_trainer_run *run,
                              bool ended, struct lrp_error *err)
{
    struct output_source *self = (struct output_source *)(void *)source;
    const char *const paths[OUTPUTS] = {run->out_path, run->err_path};
    enum lrp_status status = LRP_OK;
    self->run = run;
    source->alive = false;
    for (size_t i = 0; i < OUTPUTS && status == LRP_OK; i++) {
        status = read_output(self, &self->outputs[i], paths[i], ended, err);
    }
    if (!ended) {
        return status;
    }
    close_outputs(self);
    status = status == LRP_OK ? put_held(self, err) : status;
    status = status == LRP_OK ? end_waiting(self, err) : status;
    enum lrp_status closed = lrp_row_sink_close(&self->sink, status == LRP_OK ? err : NULL);
    status = status == LRP_OK ? closed : status;
    return status == LRP_OK && !source->wrote ? say_nothing_found(self, err) : status;
}

static void free_source(struct lrp_loss_source *source)
{
    struct output_source *self = (struct output_source *)(void *)source;
    close_outputs(self);
    (void)lrp_row_sink_close(&self->sink, NULL);
    free(self->waiting);
    free(self);
}

enum lrp_status lrp_output_source_new(const struct lrp_line_pattern *pattern, double lr,
                                      struct lrp_loss_source **out, struct lrp_error *err)
{
    struct output_source *self = lrp_calloc_array(1, sizeof *self);
    if (self == NULL) {
        return lrp_fail_memory(err, sizeof *self);
    }
    self->source.follow = follow;
    self->source.free = free_source;
    self->pattern = pattern;
    self->sink.lr = lr;
    self->sink.n_values = 1;
    for (size_t i = 0; i < OUTPUTS; i++) {
        self->outputs[i].fd = -1;
    }
    *out = &self->source;
    return LRP_OK;
}
