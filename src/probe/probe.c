/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include "alloc.h"
#include "clock.h"
#include "launcher.h"
#include "loss_source.h"
#include "report_reader.h"
#include "text.h"
#include "words.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const double DEFAULT_END_SECONDS = 10;
static const double DEFAULT_GRACE_SECONDS = 2;
static const double DEFAULT_LEAVE_SECONDS = 2;
/* Reports are read at least this often (inotify is silent on network folders), and at most this
 * often: one wake-up for each row would take the processor away from a fast trainer. */
enum { TICK_MS = 100, REST_MS = 10, LEAVE_MS = 20 };

struct child {
    struct probe *probe;
    struct lrp_trainer_run *run; /* NULL = this place is free */
    size_t index;                /* of the run, as its launcher knows it */
    struct lrp_launch_news news;
    struct lrp_report_reader *reader;
    double since;         /* its start, or its last row */
    bool ending;          /* it was asked to end */
    bool killed;          /* by SIGKILL */
    double kill_at;       /* when its grace after SIGTERM is over */
    enum lrp_run_end end; /* why it was asked to end */
};
struct probe {
    struct lrp_trainer_run *runs;
    size_t n_runs, next;
    const struct lrp_launcher *launcher;
    void *launched; /* its state */
    struct child *children;
    size_t jobs, running;
    struct pollfd *polled; /* one a child, and inotify */
    int inotify;           /* -1 = none: polling only */
    struct lrp_probe_limits limits;
    const struct lrp_probe_handlers *handlers;
    const volatile int *stop;
};

static int stop_wish(const struct probe *probe)
{
    return probe->stop == NULL ? 0 : *probe->stop;
}

static void send_signal(struct child *child, int signal_number)
{
    child->probe->launcher->signal(child->probe->launched, child->index, signal_number);
}

static void ask_to_end(struct child *child, enum lrp_run_end end)
{
    if (child->ending) {
        return;
    }
    child->ending = true;
    child->end = end;
    child->kill_at = lrp_clock_seconds() + child->probe->limits.grace_seconds;
    send_signal(child, SIGTERM);
}

/* Counts a row and hands it on; whether enough is known after it. */
static bool is_enough(struct lrp_trainer_run *run, const struct lrp_probe_handlers *handlers,
                      const struct lrp_report_row *row)
{
    run->rows = row->number + 1;
    return row->measured &&
           !handlers->on_row(handlers->user, run, row->number, row->step, row->lr, row->loss);
}

static bool take_row(void *user, const struct lrp_report_row *row)
{
    struct child *child = user;
    child->since = lrp_clock_seconds();
    if (is_enough(child->run, child->probe->handlers, row)) {
        ask_to_end(child, LRP_RUN_ENOUGH);
        return false;
    }
    /* what a trainer writes beyond its plan is not wanted */
    return child->run->rows < child->run->steps;
}

LRP_PRINTF(2, 3)
static void explain(struct lrp_trainer_run *run, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char what[240];
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    struct lrp_text words;
    lrp_text_init(&words, 1000);
    lrp_last_words(run, 1, &words);
    const char *said = lrp_text_string(&words);
    const int length = (int)strcspn(said, "\n");
    (void)snprintf(run->reason, sizeof run->reason, "the trainer %s, after %zu of %zu steps%s%.*s",
                   what, run->rows, run->steps, length > 0 ? "; it said: " : "", length, said);
    lrp_text_fini(&words);
}

static void fail(struct lrp_trainer_run *run, const char *sentence)
{
    run->end = LRP_RUN_FAILED;
    (void)snprintf(run->reason, sizeof run->reason, "%s", sentence);
}

static void clear_result(struct lrp_trainer_run *run)
{
    run->end = LRP_RUN_NOT_STARTED;
    run->rows = 0;
    run->wait_status = -1;
    run->reason[0] = '\0';
}

/* Puts the next run into a free place. A program that cannot be found fails that run alone; what
 * the system refuses ends all of them. */
static enum lrp_status start(struct probe *probe, struct child *child, struct lrp_error *err)
{
    struct lrp_trainer_run *run = &probe->runs[probe->next];
    *child = (struct child){.probe = probe, .index = probe->next++};
    clear_result(run);
    LRP_TRY(lrp_report_reader_new(run->report_path, probe->launcher->whole_set, take_row, child,
                                  &child->reader, err));
    enum lrp_status status =
        probe->launcher->start(probe->launched, child->index, &child->news, err);
    if (status != LRP_OK || child->news.ended) {
        lrp_report_reader_free(child->reader);
        child->reader = NULL;
        if (status == LRP_OK) {
            fail(run, child->news.failure);
        }
        return status;
    }
    if (probe->inotify >= 0) {
        (void)inotify_add_watch(probe->inotify, run->report_path, IN_MODIFY);
    }
    child->run = run;
    child->since = lrp_clock_seconds();
    probe->running++;
    return LRP_OK;
}

/* A source finds what the trainer chose to print: not each step has a row. */
static bool is_short(const struct lrp_trainer_run *run)
{
    return run->rows == 0 ||
           (run->rows < run->steps && (run->source == NULL || !run->source->wrote));
}

/* no_loss: what its source says about a trainer without a loss; "" = nothing. */
static void describe_end(struct lrp_trainer_run *run, const struct lrp_launch_news *news,
                         const char *no_loss)
{
    if (news->failure[0] != '\0') {
        fail(run, news->failure);
        return;
    }
    const int status = news->wait_status;
    const char *and_left = news->left == NULL ? "" : " and ";
    const char *left = news->left == NULL ? "" : news->left;
    run->end = LRP_RUN_FAILED;
    if (news->lost[0] != '\0') {
        explain(run, "%s", news->lost);
    } else if (WIFSIGNALED(status)) {
        const int number = WTERMSIG(status);
        explain(run, "was ended by signal %d (%s%s)%s%s", number,
                sigabbrev_np(number) == NULL ? "?" : sigabbrev_np(number),
                number == SIGKILL ? ", perhaps for want of memory" : "", and_left, left);
    } else if (WEXITSTATUS(status) != 0) {
        explain(run, "ended with exit status %d%s%s", WEXITSTATUS(status), and_left, left);
    } else if (is_short(run)) {
        run->end = LRP_RUN_SHORT;
        explain(run, "%s%s%s",
                run->rows > 0        ? "ended early"
                : no_loss[0] != '\0' ? no_loss
                                     : "ended and reported nothing",
                and_left, left);
    } else {
        run->end = LRP_RUN_COMPLETE;
        if (news->left != NULL) {
            explain(run, "%s", news->left);
        }
    }
}

/* Lets the source of a run, if it has one, write what it has found into the report. */
static enum lrp_status follow_source(struct child *child, bool ended, struct lrp_error *err)
{
    struct lrp_loss_source *source = child->run->source;
    if (source == NULL) {
        return LRP_OK;
    }
    enum lrp_status status = source->follow(source, child->run, ended, err);
    child->since = source->alive ? lrp_clock_seconds() : child->since;
    return status;
}

/* Marks the report of a source as complete, for a later lrprobe. */
static void close_report(struct lrp_trainer_run *run)
{
    if (run->end != LRP_RUN_COMPLETE || run->rows >= run->steps) {
        return;
    }
    FILE *file = fopen(run->report_path, "ae");
    bool written = file != NULL && fputs("# " LRP_REPORT_END "\n", file) >= 0;
    if (file == NULL || fclose(file) != 0 || !written) {
        struct lrp_error err;
        (void)lrp_fail_errno(&err, errno, "write", run->report_path);
        fail(run, err.message);
    }
}

/* The trainer and all it started are gone. */
static void finish(struct child *child)
{
    struct lrp_trainer_run *run = child->run;
    const struct lrp_launch_news *news = &child->news;
    struct lrp_error source_error = {0};
    struct lrp_error err;
    enum lrp_status found = follow_source(child, true, &source_error);
    enum lrp_status readable = lrp_report_reader_read(child->reader, true, &err);
    run->wait_status = news->lost[0] == '\0' ? news->wait_status : -1;
    run->bad_log = found == LRP_E_NODATA && run->source->bad_log && run->wait_status == 0;
    const bool source_failed = found != LRP_OK && found != LRP_E_NODATA;
    if (child->ending) { /* BAD_REPORT and TIMEOUT have their reason already */
        run->end = child->end;
    } else if (source_failed || readable != LRP_OK) {
        run->end = LRP_RUN_BAD_REPORT;
        explain(run, "%s", source_failed ? source_error.message : err.message);
    } else {
        describe_end(run, news, found == LRP_E_NODATA ? source_error.message : "");
    }
    if (news->beyond_us && run->reason[0] == '\0') { /* whatever it was ended for */
        explain(run, "%s", news->left);
    }
    if (lrp_report_reader_cut(child->reader, &err) != LRP_OK) {
        fail(run, err.message);
    }
    close_report(run);
    child->probe->launcher->close(child->probe->launched, child->index);
    lrp_report_reader_free(child->reader);
    child->reader = NULL;
    child->run = NULL;
    child->probe->running--;
}

static void check_limits(struct child *child)
{
    const struct lrp_probe_limits *limits = &child->probe->limits;
    struct lrp_trainer_run *run = child->run;
    double t = lrp_clock_seconds();
    if (child->ending) {
        if (!child->killed && t >= child->kill_at) {
            child->killed = true;
            send_signal(child, SIGKILL);
        }
        return;
    }
    const bool complete = run->rows == run->steps;
    bool beyond = run->source != NULL && run->source->enough;
    if (beyond || (complete && lrp_report_reader_passed(child->reader) > 0)) {
        ask_to_end(child, LRP_RUN_COMPLETE); /* it continues beyond its plan */
        return;
    }
    double limit = complete         ? limits->end_seconds
                   : run->rows == 0 ? limits->start_seconds
                                    : limits->step_seconds;
    if (!child->news.begun || t - child->since < limit) { /* it may wait in a queue */
        return;
    }
    /* a complete run has all that was wanted; its trainer only does not end */
    ask_to_end(child, complete ? LRP_RUN_COMPLETE : LRP_RUN_TIMEOUT);
    if (!complete) {
        explain(run,
                run->rows == 0 ? "reported no row within %g seconds"
                               : "reported nothing more for %g seconds",
                limit);
    }
}

static void attend(struct child *child)
{
    struct lrp_error err;
    bool begun = child->news.begun;
    child->probe->launcher->receive(child->probe->launched, child->index, &child->news);
    child->since = child->news.begun && !begun ? lrp_clock_seconds() : child->since;
    child->run->queued = !child->news.begun;
    if (!child->news.ended && !child->ending &&
        (follow_source(child, false, &err) != LRP_OK ||
         lrp_report_reader_read(child->reader, false, &err) != LRP_OK)) {
        ask_to_end(child, LRP_RUN_BAD_REPORT);
        explain(child->run, "%s", err.message);
    }
    if (stop_wish(child->probe) != 0 && child->probe->launcher->leave == NULL) {
        ask_to_end(child, LRP_RUN_INTERRUPTED);
        child->kill_at = stop_wish(child->probe) > 1 ? 0 : child->kill_at;
    }
    if (child->news.ended) {
        finish(child);
    } else {
        check_limits(child);
    }
}

static void drain_inotify(int fd)
{
    char buffer[4096];
    while (read(fd, buffer, sizeof buffer) > 0) {
    }
}

/* Until a trainer ends, a report grows, a tick has passed, or a signal comes. */
static void wait_for_news(struct probe *probe)
{
    for (size_t i = 0; i < probe->jobs; i++) {
        const struct child *child = &probe->children[i];
        bool has_news = child->run != NULL && probe->launcher->descriptor != NULL;
        int fd = has_news ? probe->launcher->descriptor(probe->launched, child->index) : -1;
        probe->polled[i] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
    if (poll(probe->polled, probe->jobs, REST_MS) != 0) {
        return;
    }
    probe->polled[probe->jobs] = (struct pollfd){.fd = probe->inotify, .events = POLLIN};
    if (poll(probe->polled, probe->jobs + 1, TICK_MS - REST_MS) > 0 && probe->inotify >= 0) {
        drain_inotify(probe->inotify);
    }
}

static enum lrp_status fill_places(struct probe *probe, struct lrp_error *err)
{
    for (size_t i = 0; i < probe->jobs; i++) {
        struct child *child = &probe->children[i];
        while (child->run == NULL && probe->next < probe->n_runs && stop_wish(probe) == 0) {
            LRP_TRY(start(probe, child, err));
        }
    }
    return LRP_OK;
}

static bool is_to_leave(const struct probe *probe)
{
    return stop_wish(probe) != 0 && probe->launcher->leave != NULL;
}

/* The runs that have not ended continue without lrprobe, unless it is stopped again soon. */
static enum lrp_status leave(struct probe *probe, struct lrp_error *err)
{
    const struct timespec pause = {0, LEAVE_MS * 1000000L};
    enum lrp_status status = probe->launcher->leave(probe->launched, err);
    double until = lrp_clock_seconds() +
                   lrp_seconds_or(probe->limits.launch->pace.leave, DEFAULT_LEAVE_SECONDS);
    while (stop_wish(probe) < 2 && lrp_clock_seconds() < until) {
        (void)nanosleep(&pause, NULL);
    }
    bool cancel = stop_wish(probe) > 1;
    for (size_t i = 0; i < probe->n_runs; i++) {
        struct lrp_trainer_run *run = &probe->runs[i];
        if (run->end == LRP_RUN_NOT_STARTED) {
            run->end = cancel ? LRP_RUN_INTERRUPTED : LRP_RUN_LEFT;
            if (cancel) {
                probe->launcher->close(probe->launched, i);
            }
        }
    }
    for (size_t i = 0; i < probe->jobs; i++) {
        lrp_report_reader_free(probe->children[i].reader);
    }
    return cancel ? lrp_fail(err, LRP_E_INTERRUPTED, 0, "stopped on request") : status;
}

static enum lrp_status run_all(struct probe *probe, struct lrp_error *err)
{
    double told = 0;
    enum lrp_status status = fill_places(probe, err);
    while (status == LRP_OK && probe->running > 0 && !is_to_leave(probe)) {
        wait_for_news(probe);
        size_t before = probe->running;
        for (size_t i = 0; i < probe->jobs; i++) {
            if (probe->children[i].run != NULL) {
                attend(&probe->children[i]);
            }
        }
        bool tell = probe->running < before || lrp_clock_seconds() - told >= TICK_MS / 1000.0;
        if (tell && probe->handlers->on_tick != NULL) {
            told = lrp_clock_seconds();
            probe->handlers->on_tick(probe->handlers->user, probe->runs, probe->n_runs);
        }
        status = fill_places(probe, err);
    }
    if (status == LRP_OK && is_to_leave(probe)) {
        return leave(probe, err);
    }
    for (size_t i = 0; i < probe->jobs; i++) { /* the system refused: end the others */
        struct child *child = &probe->children[i];
        if (child->run != NULL) {
            send_signal(child, SIGKILL);
            ask_to_end(child, LRP_RUN_INTERRUPTED);
            finish(child);
        }
    }
    if (status == LRP_OK && stop_wish(probe) != 0) {
        return lrp_fail(err, LRP_E_INTERRUPTED, 0, "stopped on request");
    }
    return status;
}

static void fill_defaults(struct lrp_probe_limits *limits)
{
    limits->start_seconds = lrp_seconds_or(limits->start_seconds, LRP_PROBE_LIMIT_SECONDS);
    limits->step_seconds = lrp_seconds_or(limits->step_seconds, LRP_PROBE_LIMIT_SECONDS);
    limits->end_seconds = lrp_seconds_or(limits->end_seconds, DEFAULT_END_SECONDS);
    limits->grace_seconds = lrp_seconds_or(limits->grace_seconds, DEFAULT_GRACE_SECONDS);
}

static enum lrp_status launch_all(struct probe *probe, size_t jobs, struct lrp_error *err)
{
    const struct lrp_launch_set set = {.runs = probe->runs,
                                       .n_runs = probe->n_runs,
                                       .jobs = jobs,
                                       .options = probe->limits.launch,
                                       .grace_seconds = probe->limits.grace_seconds,
                                       .stop = probe->stop};
    LRP_TRY_MEMORY(probe->children, err);
    LRP_TRY_MEMORY(probe->polled, err);
    LRP_TRY(probe->launcher->begin(&set, &probe->launched, err));
    enum lrp_status status = run_all(probe, err);
    probe->launcher->end(probe->launched);
    return status;
}

enum lrp_status lrp_probe_run(struct lrp_trainer_run *runs, size_t n_runs, size_t jobs,
                              const struct lrp_probe_limits *limits,
                              const struct lrp_probe_handlers *handlers, const volatile int *stop,
                              struct lrp_error *err)
{
    struct probe probe = {.runs = runs, .n_runs = n_runs, .handlers = handlers, .stop = stop};
    if (limits != NULL) {
        probe.limits = *limits;
    }
    fill_defaults(&probe.limits);
    probe.launcher = lrp_launcher_of(probe.limits.launch);
    const bool whole_set = probe.launcher->whole_set;
    if (n_runs == 0 || (jobs == 0 && !whole_set)) {
        return lrp_fail(err, LRP_E_ARG, 0, "no runs, or no jobs to do them in");
    }
    for (size_t i = 0; i < n_runs; i++) {
        runs[i].end = LRP_RUN_NOT_STARTED;
    }
    probe.jobs = whole_set || jobs > n_runs ? n_runs : jobs;
    probe.children = lrp_calloc_array(probe.jobs, sizeof *probe.children);
    probe.polled = lrp_calloc_array(probe.jobs + 1, sizeof *probe.polled);
    probe.inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    enum lrp_status status = launch_all(&probe, jobs, err);
    if (probe.inotify >= 0) {
        close(probe.inotify);
    }
    free(probe.children);
    free(probe.polled);
    return status;
}

struct taken_run {
    struct lrp_trainer_run *run;
    const struct lrp_probe_handlers *handlers;
};

static bool take_old_row(void *user, const struct lrp_report_row *row)
{
    const struct taken_run *taken = user;
    struct lrp_trainer_run *run = taken->run;
    if (is_enough(run, taken->handlers, row)) {
        run->end = LRP_RUN_ENOUGH;
    } else if (run->rows == run->steps) {
        run->end = LRP_RUN_COMPLETE;
    }
    return run->end == LRP_RUN_NOT_STARTED;
}

static enum lrp_status take_report(struct lrp_trainer_run *run, struct lrp_report_reader *reader)
{
    struct lrp_error err;
    LRP_TRY(lrp_report_reader_read(reader, true, &err));
    if (run->end == LRP_RUN_NOT_STARTED && run->rows > 0 && lrp_report_reader_closed(reader)) {
        run->end = LRP_RUN_COMPLETE;
    }
    return run->end == LRP_RUN_NOT_STARTED ? LRP_E_NODATA : lrp_report_reader_cut(reader, &err);
}

bool lrp_probe_take_up(struct lrp_trainer_run *run, const struct lrp_probe_handlers *handlers)
{
    struct taken_run taken = {.run = run, .handlers = handlers};
    struct lrp_report_reader *reader = NULL;
    struct lrp_error err;
    clear_result(run);
    if (lrp_report_reader_new(run->report_path, true, take_old_row, &taken, &reader, &err) !=
        LRP_OK) {
        return false;
    }
    bool complete = take_report(run, reader) == LRP_OK;
    lrp_report_reader_free(reader);
    if (!complete) {
        clear_result(run);
    }
    return complete;
}
