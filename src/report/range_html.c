/* SPDX-License-Identifier: MIT */
#include "range_pages.h"

#include "number.h"
#include "page.h"
#include "range_figures.h"

#include <math.h>
#include <string.h>

static void card(struct lrp_text *out, const char *name, const struct lrp_rate *rate,
                 const char *meaning)
{
    char number[3][LRP_NUMBER_SIZE];
    lrp_text_printf(out, "<div class=\"card\"><span>%s</span><b>%s</b>", name,
                    lrp_page_number(rate->value, number[0]));
    if (isfinite(rate->low) && isfinite(rate->high)) {
        lrp_text_printf(out, "<span>%s to %s</span>", lrp_page_number(rate->low, number[1]),
                        lrp_page_number(rate->high, number[2]));
    }
    lrp_text_printf(out, "<span>%s</span></div>\n", meaning);
}

static void cards(struct lrp_text *out, const struct lrp_range_report *report)
{
    const struct lrp_bounds *bounds = report->bounds;
    const struct lrp_rate one_cycle = {bounds->one_cycle.max_lr, (double)NAN, (double)NAN};
    lrp_text_append(out, "<div class=\"cards\">\n");
    card(out, "base_lr", &bounds->base_lr, "the model starts to learn");
    card(out, "max_lr", &bounds->max_lr, "above it the loss stops falling");
    card(out, "one constant rate", &bounds->suggested_lr, "if you do not schedule");
    card(out, "one-cycle max_lr", &one_cycle, "highest rate of a one-cycle schedule");
    lrp_text_append(out, "</div>\n");
    if (!isfinite(bounds->max_lr.low)) {
        return;
    }
    if (isfinite(bounds->interval_level)) {
        lrp_text_printf(out, "<p class=\"soft\">Ranges: %.0f %% intervals from %zu repeats.</p>\n",
                        100 * bounds->interval_level, bounds->repeats);
    } else {
        lrp_text_printf(out, "<p class=\"soft\">Ranges: %s.</p>\n", lrp_range_origin(report));
    }
}

static void row(struct lrp_text *out, const char *name, double value, const char *note)
{
    char number[LRP_NUMBER_SIZE];
    lrp_text_printf(out, "<tr><td>%s</td><td class=\"n\">%s</td><td class=\"soft\">%s</td></tr>\n",
                    name, lrp_page_number(value, number), note);
}

static void tables(struct lrp_text *out, const struct lrp_bounds *bounds, bool of_ends)
{
    lrp_text_append(out, "<h2>Settings</h2><div class=\"wide\"><table>\n");
    row(out, "one-cycle max_lr", bounds->one_cycle.max_lr, "");
    row(out, "one-cycle initial_lr", bounds->one_cycle.initial_lr, "max_lr / 25");
    row(out, "one-cycle final_lr", bounds->one_cycle.final_lr, "initial_lr / 10,000");
    row(out, "momentum high", bounds->one_cycle.momentum_high, "at the low rates");
    row(out, "momentum low", bounds->one_cycle.momentum_low, "at the high rates");
    row(out, "CLR base_lr", bounds->clr.base_lr, "");
    row(out, "CLR max_lr", bounds->clr.max_lr, "");
    row(out, "CLR step_size", bounds->clr.step_size, "steps of half a cycle");
    lrp_text_append(out, "</table></div>\n<h2>Evidence</h2><div class=\"wide\"><table>\n");
    row(out, "steepest fall", bounds->evidence.steepest_lr, "where the median falls fastest");
    row(out, "lowest point", bounds->evidence.lowest_loss_lr, "of the median");
    row(out, "divergence", bounds->evidence.diverged_lr,
        "first rate at which a quarter of the fall is lost again");
    row(out, "swept from", bounds->lr_low, "");
    row(out, "to", bounds->lr_high, "");
    lrp_text_append(out, "</table></div>\n");
    if (of_ends) { /* the rules of other tools are for sweeps */
        return;
    }
    lrp_text_append(out, "<h2>What other tools would suggest</h2>"
                         "<div class=\"wide\"><table>\n");
    for (size_t i = 0; i < LRP_PEERS; i++) {
        row(out, lrp_peer_name(i), bounds->peers[i], i == 0 ? "median over the repeats" : "");
    }
    lrp_text_append(out, "</table></div>\n");
}

static void notes(struct lrp_text *out, const struct lrp_range_report *report)
{
    const struct lrp_bounds *bounds = report->bounds;
    if (bounds->n_warnings + report->n_events > 0) {
        lrp_text_append(out, "<h2>Notes</h2><ul>\n");
    }
    for (size_t i = 0; i < bounds->n_warnings; i++) {
        lrp_text_append(out, "<li>");
        lrp_text_append_html(out, bounds->warnings[i]);
        lrp_text_append(out, "</li>\n");
    }
    for (size_t i = 0; i < report->n_events; i++) {
        lrp_text_append(out, "<li>");
        lrp_text_append_html(out, report->events[i]);
        lrp_text_append(out, "</li>\n");
    }
    if (bounds->n_warnings + report->n_events > 0) {
        lrp_text_append(out, "</ul>\n");
    }
    for (size_t i = 0; i < report->n_outputs; i++) {
        lrp_text_append(out, "<h2>Last lines of ");
        lrp_text_append_html(out, report->outputs[2 * i]);
        lrp_text_append(out, "</h2><pre>");
        lrp_text_append_html(out, report->outputs[2 * i + 1]);
        lrp_text_append(out, "</pre>\n");
    }
    if (report->n_facts > 0 || report->command[0] != '\0') {
        lrp_text_append(out, "<h2>How it was made</h2><div class=\"wide\"><table>\n");
        for (size_t i = 0; i < report->n_facts; i++) {
            lrp_text_append(out, "<tr><td>");
            lrp_text_append_html(out, report->facts[2 * i]);
            lrp_text_append(out, "</td><td>");
            lrp_text_append_html(out, report->facts[2 * i + 1]);
            lrp_text_append(out, "</td></tr>\n");
        }
        lrp_text_append(out, "</table></div>\n");
    }
    if (report->command[0] != '\0') {
        lrp_text_append(out, "<pre>");
        lrp_text_append_html(out, report->command);
        lrp_text_append(out, "</pre>\n");
    }
}

static void snippet(struct lrp_text *out, const struct lrp_bounds *bounds)
{
    if (bounds->outcome == LRP_OUTCOME_OK) {
        lrp_text_append(out, "<h2>In PyTorch</h2><pre>");
        lrp_append_pytorch(out, bounds);
        lrp_text_append(out, "</pre>\n");
    }
}

void lrp_range_html(const struct lrp_range_report *report, const struct lrp_page_picture *loss,
                    const struct lrp_page_picture *slope, struct lrp_text *out)
{
    const struct lrp_bounds *bounds = report->bounds;
    bool ok = bounds->outcome == LRP_OUTCOME_OK;
    bool of_ends = report->curve != NULL && report->curve->of_ends;
    lrp_page_begin(out, report->title);
    lrp_text_append(out, "<p class=\"soft\">Learning-rate range test");
    if (report->date[0] != '\0') {
        lrp_text_append(out, ", ");
        lrp_text_append_html(out, report->date);
    }
    lrp_text_printf(out, "</p>\n<p>Outcome: <strong class=\"%s\">%s</strong>. %s</p>\n",
                    ok ? "ok" : "not", lrp_outcome_name(bounds->outcome),
                    lrp_outcome_sentence(bounds->outcome));
    cards(out, report);
    if (report->curve != NULL) {
        lrp_page_figure(
            out, loss, "a",
            of_ends
                ? "What the runs at each rate end with: a line joins the runs of one repeat. Runs "
                  "that diverged are drawn at the height at which the view ends."
                : "The loss of each repeat over the learning rate, smoothed without lag, their "
                  "median and band. Short marks at the foot: what other tools would suggest.");
        lrp_page_figure(
            out, slope, "b",
            "The slope of the median. It is steepest where learning is fastest, and crosses "
            "zero where the loss stops falling.");
    }
    tables(out, bounds, of_ends);
    snippet(out, bounds);
    notes(out, report);
    lrp_text_append(out, "<h2>How to read this</h2><p>");
    lrp_text_append(
        out, of_ends ? "Each run has one learning rate and starts from new weights. Below "
                       "<b>base_lr</b> a run of this length learns nothing; <b>max_lr</b> is "
                       "halfway between the rates whose runs end lowest and the one from which on "
                       "they end higher, or blow up on their way. A "
                     : "In a range test the learning rate rises from step to step. Below "
                       "<b>base_lr</b> nothing is learnt; between the bounds the loss falls; at "
                       "<b>max_lr</b> it stops falling, and above it rises. A ");
    lrp_text_append(out, "cyclical schedule runs between the bounds, a one-cycle schedule up to "
                         "its max_lr. For one constant rate take the rate given for that: long "
                         "trainings bear less than a short sweep shows.</p>\n");
    lrp_page_end(out);
}
