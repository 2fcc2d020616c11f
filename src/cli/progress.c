/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include "number.h"
#include "terminal.h"
#include "text.h"

#include <math.h>
#include <string.h>

enum { BAR = 20, LINE_MAX_BYTES = 400, PHASE_AND_BAR = 70 };

void lrp_progress_init(struct lrp_progress *progress, FILE *out, bool quiet)
{
    *progress = (struct lrp_progress){
        .out = out, .terminal = lrp_terminal_columns(out) > 0, .quiet = quiet};
}

/* All of a line is ASCII, so bytes are columns. The last column stays free: a terminal may wrap
 * when it is filled. */
static void redraw(struct lrp_progress *progress, const char *line)
{
    int width = (int)lrp_terminal_columns(progress->out) - 1;
    (void)fprintf(progress->out, "\r%.*s\033[K", width > 0 ? width : 0, line);
    (void)fflush(progress->out);
    progress->open = true;
}

void lrp_progress_close(struct lrp_progress *progress)
{
    if (progress->open) {
        (void)fputs("\n", progress->out);
        progress->open = false;
    }
}

/* "repeats   5 x 200     1e-04 .. 4     " */
static void append_phase(struct lrp_text *line, const struct lrp_session_progress *phase)
{
    char runs[48];
    char range[80];
    char low[LRP_NUMBER_SIZE];
    char high[LRP_NUMBER_SIZE];
    if (phase->n_runs == 1) {
        (void)snprintf(runs, sizeof runs, "%zu steps", phase->steps);
    } else {
        (void)snprintf(runs, sizeof runs, "%zu x %zu", phase->n_runs, phase->steps);
    }
    (void)snprintf(range, sizeof range, "%s .. %s", lrp_format_short(phase->lr_min, 2, low),
                   lrp_format_short(phase->lr_max, 2, high));
    lrp_text_printf(line, "%-9s %-11s %-15s ", phase->phase, runs, range);
}

static void append_time(struct lrp_text *line, double seconds)
{
    unsigned long whole = (unsigned long)(seconds + 0.5);
    if (whole >= 3600) {
        lrp_text_printf(line, "%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60, whole % 60);
    } else {
        lrp_text_printf(line, "%lu:%02lu", whole / 60, whole % 60);
    }
}

static void append_bar(struct lrp_text *line, double share)
{
    char bar[BAR + 1];
    size_t full = (size_t)(share * BAR);
    full = full > BAR ? BAR : full;
    memset(bar, '-', BAR);
    memset(bar, '#', full);
    bar[BAR] = '\0';
    lrp_text_printf(line, "[%s] %3.0f %%", bar, floor(100 * share));
}

static void on_files(void *user, const char *sentence)
{
    const struct lrp_progress *progress = user;
    if (!progress->quiet) {
        struct lrp_text line;
        lrp_text_init(&line, 3 * LINE_MAX_BYTES);
        lrp_text_append_clean(&line, sentence, strlen(sentence));
        (void)fprintf(progress->out, "%-9s %s\n", "files", lrp_text_string(&line));
        (void)fflush(progress->out);
        lrp_text_fini(&line);
    }
}

static void on_phase(void *user, const struct lrp_session_progress *phase)
{
    struct lrp_progress *progress = user;
    if (progress->quiet || progress->terminal) {
        return;
    }
    struct lrp_text line;
    lrp_text_init(&line, LINE_MAX_BYTES);
    append_phase(&line, phase);
    (void)fprintf(progress->out, "%s begun\n", lrp_text_string(&line));
    (void)fflush(progress->out);
    lrp_text_fini(&line);
}

static void on_tick(void *user, const struct lrp_session_progress *phase)
{
    struct lrp_progress *progress = user;
    char number[LRP_NUMBER_SIZE];
    if (progress->quiet || !progress->terminal) {
        return;
    }
    struct lrp_text line;
    lrp_text_init(&line, LINE_MAX_BYTES);
    if (lrp_terminal_columns(progress->out) >= PHASE_AND_BAR) {
        append_phase(&line, phase);
        append_bar(&line, (double)phase->rows_done / (double)phase->rows_planned);
    } else {
        lrp_text_printf(&line, "%s %3.0f %%", phase->phase,
                        floor(100.0 * (double)phase->rows_done / (double)phase->rows_planned));
    }
    if (phase->queued > 0) {
        lrp_text_printf(&line, "  %zu queued", phase->queued);
    }
    if (!isnan(phase->seconds_left)) {
        lrp_text_append(&line, "  ");
        append_time(&line, phase->seconds_left);
        lrp_text_append(&line, " left");
    }
    if (phase->rows_done > 0) {
        lrp_text_printf(&line, "  lr %s", lrp_format_short(phase->lr, 2, number));
        lrp_text_printf(&line, "  loss %s", lrp_format_short(phase->loss, 3, number));
    }
    redraw(progress, lrp_text_string(&line));
    lrp_text_fini(&line);
}

static void on_phase_end(void *user, const struct lrp_session_progress *phase, const char *sentence)
{
    struct lrp_progress *progress = user;
    if (progress->quiet) {
        return;
    }
    struct lrp_text line;
    lrp_text_init(&line, LINE_MAX_BYTES);
    append_phase(&line, phase);
    if (sentence[0] != '\0') {
        lrp_text_append(&line, sentence);
    } else {
        append_bar(&line, (double)phase->rows_done / (double)phase->rows_planned);
        lrp_text_append(&line, "  ");
        append_time(&line, phase->seconds);
    }
    /* whole, though a narrow terminal wraps it: this line stays */
    (void)fprintf(progress->out, "%s%s\n", progress->terminal ? "\r\033[K" : "",
                  lrp_text_string(&line));
    (void)fflush(progress->out);
    progress->open = false;
    lrp_text_fini(&line);
}

struct lrp_session_handlers lrp_progress_handlers(struct lrp_progress *progress)
{
    return (struct lrp_session_handlers){.on_files = on_files,
                                         .on_phase = on_phase,
                                         .on_tick = on_tick,
                                         .on_phase_end = on_phase_end,
                                         .user = progress};
}
