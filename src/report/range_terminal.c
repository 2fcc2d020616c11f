/* SPDX-License-Identifier: MIT */
#include "range_figures.h"

#include "number.h"
#include "page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = 2 };

static const char *short_rate(double value, char *buffer)
{
    return isfinite(value) ? lrp_format_short(value, DIGITS, buffer) : "-";
}

static void append_rate(struct lrp_text *out, const char *name, const struct lrp_rate *rate,
                        const char *meaning)
{
    char value[LRP_NUMBER_SIZE];
    char low[LRP_NUMBER_SIZE];
    char high[LRP_NUMBER_SIZE];
    if (!isfinite(rate->value)) {
        lrp_text_printf(out, "  %-9s not seen in this range\n", name);
        return;
    }
    lrp_text_printf(out, "  %-9s %-9s", name, short_rate(rate->value, value));
    if (isfinite(rate->low) && isfinite(rate->high)) {
        lrp_text_printf(out, " %8s .. %-8s", short_rate(rate->low, low),
                        short_rate(rate->high, high));
    } else {
        lrp_text_printf(out, " %-20s", "");
    }
    lrp_text_printf(out, " %s\n", meaning);
}

static void append_bounds(struct lrp_text *out, const struct lrp_range_report *report)
{
    const struct lrp_bounds *bounds = report->bounds;
    char number[5][LRP_NUMBER_SIZE];
    append_rate(out, "base_lr", &bounds->base_lr, "the model starts to learn");
    append_rate(out, "max_lr", &bounds->max_lr, "above it the loss stops falling");
    if (bounds->outcome == LRP_OUTCOME_OK) {
        append_rate(out, "one rate", &bounds->suggested_lr, "for training at one constant rate");
        lrp_text_printf(out, "  one-cycle max %s, start %s, end %s, momentum %s .. %s\n",
                        short_rate(bounds->one_cycle.max_lr, number[0]),
                        short_rate(bounds->one_cycle.initial_lr, number[1]),
                        short_rate(bounds->one_cycle.final_lr, number[2]),
                        short_rate(bounds->one_cycle.momentum_high, number[3]),
                        short_rate(bounds->one_cycle.momentum_low, number[4]));
        if (isfinite(bounds->clr.step_size) && isfinite(bounds->clr.base_lr)) {
            lrp_text_printf(out, "  CLR       %s .. %s, step size %.0f steps\n",
                            short_rate(bounds->clr.base_lr, number[0]),
                            short_rate(bounds->clr.max_lr, number[1]), bounds->clr.step_size);
        }
    }
    if (isfinite(bounds->max_lr.low)) {
        if (isfinite(bounds->interval_level)) {
            lrp_text_printf(out, "  ranges: %.0f %% intervals from %zu repeats\n",
                            100 * bounds->interval_level, bounds->repeats);
        } else {
            lrp_text_printf(out, "  ranges: %s\n", lrp_range_origin(report));
        }
    }
}

static void append_peers(struct lrp_text *out, const struct lrp_bounds *bounds)
{
    const char *separator = "\n  other tools: ";
    size_t column = 0;
    for (size_t i = 0; i < LRP_PEERS; i++) {
        char number[LRP_NUMBER_SIZE];
        if (!isfinite(bounds->peers[i])) {
            continue;
        }
        lrp_text_printf(out, "%s%s %s", separator, lrp_peer_name(i),
                        short_rate(bounds->peers[i], number));
        column++;
        separator = column % 3 == 0 ? ",\n               " : ", ";
    }
    lrp_text_append(out, column > 0 ? "\n" : "");
}

static enum lrp_status append_plot(const struct lrp_range_report *report, unsigned columns,
                                   struct lrp_text *out, struct lrp_error *err)
{
    struct lrp_range_figure figure;
    enum lrp_status status = lrp_loss_figure(report, &figure, err);
    if (status == LRP_OK) {
        status = lrp_report_append_plot(&figure.figure, columns, out, err);
        lrp_range_figure_fini(&figure);
    }
    return status;
}

enum lrp_status lrp_range_report_terminal(const struct lrp_range_report *report, unsigned columns,
                                          bool color, bool with_plot, struct lrp_text *out,
                                          struct lrp_error *err)
{
    const struct lrp_bounds *bounds = report->bounds;
    enum lrp_status status = LRP_OK;
    if (with_plot && report->curve != NULL) {
        status = append_plot(report, columns, out, err);
    }
    if (bounds->outcome == LRP_OUTCOME_OK) {
        append_bounds(out, report);
    } else {
        lrp_text_printf(out, "  outcome   %s%s%s\n  %s\n", color ? "\033[1m" : "",
                        lrp_outcome_name(bounds->outcome), color ? "\033[0m" : "",
                        lrp_outcome_sentence(bounds->outcome));
        if (isfinite(bounds->base_lr.value) || isfinite(bounds->max_lr.value)) {
            append_bounds(out, report);
        }
    }
    append_peers(out, bounds);
    for (size_t i = 0; i < bounds->n_warnings; i++) {
        lrp_text_append(out, i == 0 ? "\n  note: " : "  note: ");
        lrp_text_append_clean(out, bounds->warnings[i], strlen(bounds->warnings[i]));
        lrp_text_append(out, "\n");
    }
    enum lrp_status whole = lrp_text_check(out, status == LRP_OK ? err : NULL);
    return status == LRP_OK ? whole : status;
}
