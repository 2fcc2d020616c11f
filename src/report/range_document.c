/* SPDX-License-Identifier: MIT */
/* A range test as a document, and its report. */
#include "conditions.h"
#include "document.h"
#include "files.h"
#include "number.h"
#include "pytorch_lines.h"
#include "range_advice.h"
#include "range_drawings.h"
#include "range_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TERMINAL_DIGITS = 2, JSON_MOST = 1 << 24 };

static bool is_of_ends(const struct lrp_range_report *report)
{
    return report->curve != NULL && report->curve->of_ends;
}

/* Where the ranges come from; nothing where there are none. */
static void add_origin(struct lrp_document *document, const struct lrp_range_report *report)
{
    const struct lrp_bounds *bounds = report->bounds;
    bool terminal = document->audience == LRP_FOR_TERMINAL;
    enum lrp_node_kind kind = terminal ? LRP_NODE_LINE : LRP_NODE_PARAGRAPH;
    const char *word = terminal ? "  ranges" : "Ranges";
    const char *end = terminal ? "" : ".";
    if (!isfinite(bounds->max_lr.low)) {
        return;
    }
    if (isfinite(bounds->interval_level)) {
        lrp_document_add(document, kind, "%s: %.0f %% intervals from %zu repeats%s", word,
                         100 * bounds->interval_level, bounds->repeats, end);
    } else {
        lrp_document_add(
            document, kind, "%s: %s, without a level%s", word,
            is_of_ends(report) ? "between the rates that were tried" : "within one sweep", end);
    }
    lrp_document_tone(document, LRP_TONE_SOFT);
}

/* ---- terminal ------------------------------------------------------------------------------ */

static const char *short_rate(double value, char *buffer)
{
    return isfinite(value) ? lrp_format_short(value, TERMINAL_DIGITS, buffer) : "-";
}

static void add_line(struct lrp_document *document, const char *name, const struct lrp_rate *rate,
                     const char *meaning)
{
    char number[3][LRP_NUMBER_SIZE];
    if (!isfinite(rate->value)) {
        lrp_document_add(document, LRP_NODE_LINE, "  %-9s not seen in this range", name);
    } else if (isfinite(rate->low) && isfinite(rate->high)) {
        lrp_document_add(document, LRP_NODE_LINE, "  %-9s %-9s %8s .. %-8s %s", name,
                         short_rate(rate->value, number[0]), short_rate(rate->low, number[1]),
                         short_rate(rate->high, number[2]), meaning);
    } else {
        lrp_document_add(document, LRP_NODE_LINE, "  %-9s %-9s %-20s %s", name,
                         short_rate(rate->value, number[0]), "", meaning);
    }
}

/* The momentum is there only where one was swept. */
static void add_one_cycle_line(struct lrp_document *document, const struct lrp_bounds *bounds)
{
    char number[3][LRP_NUMBER_SIZE];
    struct lrp_text momentum;
    lrp_text_init(&momentum, 200);
    if (isfinite(bounds->one_cycle.momentum_low)) {
        lrp_text_printf(&momentum, ", %s %s .. %s", bounds->conditions.momentum,
                        short_rate(bounds->one_cycle.momentum_high, number[0]),
                        short_rate(bounds->one_cycle.momentum_low, number[1]));
    }
    lrp_document_add(document, LRP_NODE_LINE, "  one-cycle max %s, start %s, end %s%s",
                     short_rate(bounds->one_cycle.max_lr, number[0]),
                     short_rate(bounds->one_cycle.initial_lr, number[1]),
                     short_rate(bounds->one_cycle.final_lr, number[2]), lrp_text_string(&momentum));
    lrp_text_fini(&momentum);
}

static void add_bounds_lines(struct lrp_document *document, const struct lrp_range_report *report)
{
    const struct lrp_bounds *bounds = report->bounds;
    char number[5][LRP_NUMBER_SIZE];
    add_line(document, "base_lr", &bounds->base_lr, "the model starts to learn");
    add_line(document, "max_lr", &bounds->max_lr, lrp_above_max(bounds));
    if (bounds->outcome == LRP_OUTCOME_OK) {
        add_line(document, "one rate", &bounds->suggested_lr, "for training at one constant rate");
        add_one_cycle_line(document, bounds);
        if (isfinite(bounds->clr.step_size) && isfinite(bounds->clr.base_lr)) {
            lrp_document_add(document, LRP_NODE_LINE, "  CLR       %s .. %s, step size %.0f steps",
                             short_rate(bounds->clr.base_lr, number[0]),
                             short_rate(bounds->clr.max_lr, number[1]), bounds->clr.step_size);
        }
    }
    add_origin(document, report);
    lrp_add_owner(document, bounds);
    lrp_add_conditions(document, bounds);
}

/* What other tools would suggest, three a line. */
static void add_peer_lines(struct lrp_document *document, const struct lrp_bounds *bounds)
{
    const char *separator = "\n  other tools: ";
    struct lrp_text lines;
    size_t column = 0;
    lrp_text_init(&lines, 1 << 12);
    for (size_t i = 0; i < LRP_PEERS; i++) {
        char number[LRP_NUMBER_SIZE];
        if (isfinite(bounds->peers[i])) {
            lrp_text_printf(&lines, "%s%s %s", separator, lrp_peer_name(i),
                            short_rate(bounds->peers[i], number));
            column++;
            separator = column % 3 == 0 ? ",\n               " : ", ";
        }
    }
    lrp_document_add(document, LRP_NODE_CODE, "%s", lrp_text_string(&lines));
    lrp_text_fini(&lines);
}

static void add_lines(struct lrp_document *document, const struct lrp_range_report *report)
{
    const struct lrp_bounds *bounds = report->bounds;
    bool ok = bounds->outcome == LRP_OUTCOME_OK;
    lrp_add_own_rate(document, bounds);
    lrp_add_outcome(document, bounds);
    if (ok || isfinite(bounds->base_lr.value) || isfinite(bounds->max_lr.value)) {
        add_bounds_lines(document, report);
    }
    add_peer_lines(document, bounds);
    for (size_t i = 0; i < bounds->n_warnings; i++) {
        if (i == 0) {
            lrp_document_add(document, LRP_NODE_LINE, "%s", "");
        }
        lrp_document_add(document, LRP_NODE_LINE, "  note: %s", bounds->warnings[i]);
    }
}

/* ---- pages --------------------------------------------------------------------------------- */

static void add_card(struct lrp_document *document, const char *name, const struct lrp_rate *rate,
                     const char *meaning)
{
    char number[2][LRP_NUMBER_SIZE];
    bool range = isfinite(rate->low) && isfinite(rate->high);
    lrp_document_begin(document, LRP_NODE_ROW);
    lrp_document_add(document, LRP_NODE_CELL, "%s", name);
    lrp_document_number(document, "", rate->value);
    lrp_document_add(document, LRP_NODE_CELL, "%s%s%s",
                     range ? lrp_shown_number(rate->low, number[0]) : "", range ? " to " : "",
                     range ? lrp_shown_number(rate->high, number[1]) : "");
    lrp_document_add(document, LRP_NODE_CELL, "%s", meaning);
    lrp_document_end(document);
}

static void add_cards(struct lrp_document *document, const struct lrp_range_report *report)
{
    const struct lrp_bounds *bounds = report->bounds;
    const struct lrp_rate one_cycle = {bounds->one_cycle.max_lr, (double)NAN, (double)NAN};
    lrp_document_begin(document, LRP_NODE_CARDS);
    lrp_document_row(document, LRP_NODE_HEADER, "rate", "value", "range", "", NULL);
    add_card(document, "base_lr", &bounds->base_lr, "the model starts to learn");
    add_card(document, "max_lr", &bounds->max_lr, lrp_above_max(bounds));
    add_card(document, "one constant rate", &bounds->suggested_lr, "if you do not schedule");
    add_card(document, "one-cycle max_lr", &one_cycle, "highest rate of a one-cycle schedule");
    lrp_document_end(document);
    add_origin(document, report);
}

static void add_figures(struct lrp_document *document, const struct lrp_range_report *report)
{
    if (report->curve == NULL) {
        return;
    }
    lrp_document_figure(
        document, lrp_loss_of_range_drawing(report), "loss over the learning rate",
        is_of_ends(report)
            ? "What the runs at each rate end with: a line joins the runs of one repeat. Runs "
              "that diverged are drawn at the height at which the view ends."
            : "The loss of each repeat over the learning rate, smoothed without lag, their "
              "median and band. Short marks at the foot: what other tools would suggest.");
    lrp_document_figure(document, lrp_slope_drawing(report), "slope of the median",
                        "The slope of the median. It is steepest where learning is fastest, and "
                        "crosses zero where the loss stops falling.");
}

static void add_number_row(struct lrp_document *document, const char *name, double value,
                           const char *note)
{
    lrp_document_begin(document, LRP_NODE_ROW);
    lrp_document_add(document, LRP_NODE_CELL, "%s", name);
    lrp_document_number(document, "", value);
    lrp_document_add(document, LRP_NODE_CELL, "%s", note);
    lrp_document_tone(document, LRP_TONE_SOFT);
    lrp_document_end(document);
}

static void add_tables(struct lrp_document *document, const struct lrp_bounds *bounds)
{
    lrp_document_add(document, LRP_NODE_HEADING, "Settings");
    lrp_document_begin(document, LRP_NODE_TABLE);
    add_number_row(document, "one-cycle max_lr", bounds->one_cycle.max_lr, "");
    add_number_row(document, "one-cycle initial_lr", bounds->one_cycle.initial_lr, "max_lr / 25");
    add_number_row(document, "one-cycle final_lr", bounds->one_cycle.final_lr,
                   "initial_lr / 10,000");
    if (isfinite(bounds->one_cycle.momentum_low)) {
        add_number_row(document, "momentum high", bounds->one_cycle.momentum_high,
                       "at the low rates");
        add_number_row(document, "momentum low", bounds->one_cycle.momentum_low,
                       "at the high rates");
    }
    add_number_row(document, "CLR base_lr", bounds->clr.base_lr, "");
    add_number_row(document, "CLR max_lr", bounds->clr.max_lr, "");
    add_number_row(document, "CLR step_size", bounds->clr.step_size, "steps of half a cycle");
    lrp_document_end(document);
    lrp_document_add(document, LRP_NODE_HEADING, "Evidence");
    lrp_document_begin(document, LRP_NODE_TABLE);
    add_number_row(document, "steepest fall", bounds->evidence.steepest_lr,
                   "where the median falls fastest");
    add_number_row(document, "lowest point", bounds->evidence.lowest_loss_lr, "of the median");
    add_number_row(document, "divergence", bounds->evidence.diverged_lr,
                   "first rate at which a quarter of the fall is lost again");
    add_number_row(document, "swept from", bounds->lr_low, "");
    add_number_row(document, "to", bounds->lr_high, "");
    lrp_document_end(document);
}

static void add_peers(struct lrp_document *document, const struct lrp_bounds *bounds)
{
    lrp_document_add(document, LRP_NODE_HEADING, "What other tools would suggest");
    lrp_document_begin(document, LRP_NODE_TABLE);
    for (size_t i = 0; i < LRP_PEERS; i++) {
        add_number_row(document, lrp_peer_name(i), bounds->peers[i],
                       i == 0 ? "median over the repeats" : "");
    }
    lrp_document_end(document);
}

static void add_code(struct lrp_document *document, const struct lrp_bounds *bounds)
{
    struct lrp_text code;
    lrp_text_init(&code, 1 << 12);
    lrp_append_pytorch(&code, bounds);
    lrp_document_add(document, LRP_NODE_HEADING, "In PyTorch");
    lrp_document_add(document, LRP_NODE_CODE, "%s", lrp_text_string(&code));
    lrp_document_target(document, "python");
    lrp_text_fini(&code);
}

static void add_notes(struct lrp_document *document, const struct lrp_range_report *report)
{
    const struct lrp_bounds *bounds = report->bounds;
    if (bounds->n_warnings + report->n_events > 0) {
        lrp_document_add(document, LRP_NODE_HEADING, "Notes");
        lrp_document_begin(document, LRP_NODE_LIST);
        for (size_t i = 0; i < bounds->n_warnings; i++) {
            lrp_document_add(document, LRP_NODE_ITEM, "%s", bounds->warnings[i]);
        }
        for (size_t i = 0; i < report->n_events; i++) {
            lrp_document_add(document, LRP_NODE_ITEM, "%s", report->events[i]);
        }
        lrp_document_end(document);
    }
    for (size_t i = 0; i < report->n_outputs; i++) {
        lrp_document_add(document, LRP_NODE_HEADING, "Last lines of %s", report->outputs[2 * i]);
        lrp_document_add(document, LRP_NODE_CODE, "%s", report->outputs[2 * i + 1]);
    }
}

static void add_making(struct lrp_document *document, const struct lrp_range_report *report)
{
    bool known = report->command[0] != '\0';
    if (report->n_facts == 0 && !known) {
        return;
    }
    lrp_document_add(document, LRP_NODE_HEADING, "How it was made");
    if (report->n_facts > 0) {
        lrp_document_begin(document, LRP_NODE_TABLE);
        for (size_t i = 0; i < report->n_facts; i++) {
            const char *const *fact = &report->facts[2 * i];
            if (!lrp_is_condition(fact[0])) { /* those have a section of their own */
                lrp_document_row(document, LRP_NODE_ROW, fact[0], fact[1], NULL);
            }
        }
        lrp_document_end(document);
    }
    if (known) {
        lrp_document_add(document, LRP_NODE_CODE, "%s", report->command);
    }
}

/* Texts and, between them, words that stand out. */
static void add_how_to_read(struct lrp_document *document, bool of_ends)
{
    lrp_document_add(document, LRP_NODE_HEADING, "How to read this");
    lrp_document_begin(document, LRP_NODE_PARAGRAPH);
    lrp_document_add(document, LRP_NODE_TEXT, "%s",
                     of_ends ? "Each run has one learning rate and starts from new weights. Below "
                             : "In a range test the learning rate rises from step to step. Below ");
    lrp_document_add(document, LRP_NODE_STRONG, "base_lr");
    lrp_document_add(document, LRP_NODE_TEXT, "%s",
                     of_ends ? " a run of this length learns nothing; "
                             : " nothing is learnt; between the bounds the loss falls; at ");
    lrp_document_add(document, LRP_NODE_STRONG, "max_lr");
    lrp_document_add(document, LRP_NODE_TEXT,
                     "%s A cyclical schedule runs between the bounds, a one-cycle schedule up to "
                     "its max_lr. For one constant rate take the rate given for that: long "
                     "trainings tolerate less than a short sweep shows.",
                     of_ends ? " is halfway between the rates whose runs end lowest and the one "
                               "from which on they end higher, or blow up on their way."
                             : " it stops falling, and above it rises.");
    lrp_document_end(document);
}

static void add_pages(struct lrp_document *document, const struct lrp_range_report *report)
{
    const struct lrp_bounds *bounds = report->bounds;
    bool ok = bounds->outcome == LRP_OUTCOME_OK;
    lrp_document_add(document, LRP_NODE_TITLE, "%s", report->title);
    lrp_document_add(document, LRP_NODE_PARAGRAPH, "Learning-rate range test%s%s",
                     report->date[0] != '\0' ? ", " : "", report->date);
    lrp_document_tone(document, LRP_TONE_SOFT);
    lrp_add_own_rate(document, bounds);
    lrp_add_outcome(document, bounds);
    add_cards(document, report);
    lrp_add_owner(document, bounds);
    add_figures(document, report);
    document->audience = LRP_FOR_HTML;
    add_tables(document, bounds);
    document->audience = LRP_FOR_PAGES;
    if (!is_of_ends(report)) { /* the rules of other tools are for sweeps */
        add_peers(document, bounds);
    }
    if (ok) {
        add_code(document, bounds);
    }
    lrp_add_conditions(document, bounds);
    add_notes(document, report);
    add_making(document, report);
    document->audience = LRP_FOR_HTML;
    add_how_to_read(document, is_of_ends(report));
}

/* ---- the report ---------------------------------------------------------------------------- */

void lrp_range_document(const struct lrp_range_report *report, unsigned audiences, bool with_plot,
                        struct lrp_document *document)
{
    lrp_document_init(document, audiences);
    if (audiences == LRP_FOR_TERMINAL) {
        if (with_plot && report->curve != NULL) {
            lrp_document_figure(document, lrp_loss_of_range_drawing(report), "", "");
        }
        add_lines(document, report);
    } else {
        add_pages(document, report);
    }
}

enum lrp_status lrp_range_report_terminal(const struct lrp_range_report *report, unsigned columns,
                                          bool color, bool with_plot, struct lrp_text *out,
                                          struct lrp_error *err)
{
    struct lrp_document document;
    lrp_range_document(report, LRP_FOR_TERMINAL, with_plot, &document);
    enum lrp_status status = lrp_document_terminal(&document, columns, color, out, err);
    lrp_document_fini(&document);
    return status;
}

static enum lrp_status write_bounds(const struct lrp_bounds *bounds, const char *folder,
                                    struct lrp_error *err)
{
    char *json = NULL;
    struct lrp_text text;
    LRP_TRY(lrp_bounds_json(bounds, &json, err));
    lrp_text_init(&text, JSON_MOST);
    lrp_text_append(&text, json);
    free(json);
    return lrp_report_write_text(folder, "bounds.json", &text, err);
}

enum lrp_status lrp_range_report_write(const struct lrp_range_report *report, const char *folder,
                                       struct lrp_error *err)
{
    struct lrp_document document;
    LRP_TRY(lrp_make_folder(folder, err));
    /* The numbers come first: whatever fails after this, they are there. */
    enum lrp_status first = write_bounds(report->bounds, folder, err);
    lrp_range_document(report, LRP_FOR_PAGES, true, &document);
    enum lrp_status status =
        lrp_document_save(&document, folder, NULL, first == LRP_OK ? err : NULL);
    lrp_document_fini(&document);
    return lrp_first_status(first, status);
}

enum lrp_status lrp_range_report_plot(const struct lrp_range_report *report,
                                      enum lrp_plot_format format, char **bytes, size_t *length,
                                      struct lrp_error *err)
{
    if (report->curve == NULL) {
        return lrp_fail(err, LRP_E_NODATA, 0, "there are too few points for a plot");
    }
    return lrp_drawing_picture(lrp_loss_of_range_drawing(report), format, bytes, length, err);
}
