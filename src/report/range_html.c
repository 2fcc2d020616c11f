/* SPDX-License-Identifier: MIT */
/* One self-contained page: no script, no request; readable on a phone, light and dark. */
#include "range_pages.h"

#include "number.h"

#include <math.h>
#include <string.h>

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1d2530;--soft:#5b6573;--line:#d9dee6;--card:#f5f7fa;"
    "--page:#fff;--good:#1f8a4c;--bad:#b3394a}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa5b4;--line:#313a47;"
    "--card:#1b222c;--page:#12171e;--good:#58c98a;--bad:#f08392}}"
    "*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);"
    "font:16px/1.5 system-ui,sans-serif}main{max-width:60rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.5rem;margin:.5rem 0;overflow-wrap:anywhere}h2{font-size:1.15rem;"
    "margin:2rem 0 .5rem}p{margin:.5rem 0;overflow-wrap:anywhere}.soft{color:var(--soft)}"
    ".cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem}"
    ".card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.75rem}"
    ".card b{display:block;font-size:1.5rem;font-variant-numeric:tabular-nums}"
    ".card span{display:block;color:var(--soft);font-size:.85rem}"
    ".ok{color:var(--good)}.not{color:var(--bad)}"
    "figure{margin:1rem 0;overflow-x:auto}figure svg{width:100%;height:auto;min-width:30rem;"
    "display:block}.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);"
    "vertical-align:top;overflow-wrap:break-word}td.n{font-variant-numeric:tabular-nums;"
    "white-space:nowrap}pre{background:var(--card);border:1px solid var(--line);"
    "border-radius:.6rem;padding:.75rem;overflow-x:auto;font-size:.85rem}";

static const char *shown(double value, char *buffer)
{
    return isfinite(value) ? lrp_format_short(value, 3, buffer) : "\xE2\x80\x93";
}

static void card(struct lrp_text *out, const char *name, const struct lrp_rate *rate,
                 const char *meaning)
{
    char number[3][LRP_NUMBER_SIZE];
    lrp_text_printf(out, "<div class=\"card\"><span>%s</span><b>%s</b>", name,
                    shown(rate->value, number[0]));
    if (isfinite(rate->low) && isfinite(rate->high)) {
        lrp_text_printf(out, "<span>%s to %s</span>", shown(rate->low, number[1]),
                        shown(rate->high, number[2]));
    }
    lrp_text_printf(out, "<span>%s</span></div>\n", meaning);
}

static void cards(struct lrp_text *out, const struct lrp_bounds *bounds)
{
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
        lrp_text_append(out, "<p class=\"soft\">Ranges: within one sweep, without a level.</p>\n");
    }
}

/* From gnuplot's file only the svg element: prolog and doctype do not belong into HTML. Ids get a
 * prefix, since two pictures in one page would share them. */
static void inline_svg(struct lrp_text *out, const char *svg, const char *prefix)
{
    const char *at = strstr(svg, "<svg");
    if (at == NULL) {
        return;
    }
    while (*at != '\0') {
        static const char *const marks[] = {"id=\"", "url(#", "xlink:href='#", "href=\"#", "id='"};
        size_t taken = 0;
        for (size_t i = 0; i < sizeof marks / sizeof marks[0] && taken == 0; i++) {
            size_t length = strlen(marks[i]);
            taken = strncmp(at, marks[i], length) == 0 ? length : 0;
        }
        if (taken > 0) {
            lrp_text_append_bytes(out, at, taken);
            lrp_text_append(out, prefix);
            at += taken;
        } else {
            lrp_text_append_bytes(out, at, 1);
            at++;
        }
    }
}

static void figure(struct lrp_text *out, const char *svg, const char *prefix, const char *caption)
{
    lrp_text_append(out, "<figure>");
    if (svg != NULL) {
        inline_svg(out, svg, prefix);
    } else {
        lrp_text_append(out, "<p class=\"soft\">No plot: gnuplot was not there to draw it.</p>");
    }
    lrp_text_printf(out, "<figcaption class=\"soft\">%s</figcaption></figure>\n", caption);
}

static void row(struct lrp_text *out, const char *name, double value, const char *note)
{
    char number[LRP_NUMBER_SIZE];
    lrp_text_printf(out, "<tr><td>%s</td><td class=\"n\">%s</td><td class=\"soft\">%s</td></tr>\n",
                    name, shown(value, number), note);
}

static void tables(struct lrp_text *out, const struct lrp_bounds *bounds)
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
    lrp_text_append(out, "</table></div>\n<h2>What other tools would suggest</h2>"
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

void lrp_range_html(const struct lrp_range_report *report, const char *loss_svg,
                    const char *slope_svg, struct lrp_text *out)
{
    const struct lrp_bounds *bounds = report->bounds;
    bool ok = bounds->outcome == LRP_OUTCOME_OK;
    lrp_text_append(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                         "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                         "'none'; style-src 'unsafe-inline'; img-src data:\">\n<title>");
    lrp_text_append_html(out, report->title);
    lrp_text_printf(out, "</title><style>%s</style></head><body><main>\n<h1>", style);
    lrp_text_append_html(out, report->title);
    lrp_text_append(out, "</h1>\n<p class=\"soft\">Learning-rate range test");
    if (report->date[0] != '\0') {
        lrp_text_append(out, ", ");
        lrp_text_append_html(out, report->date);
    }
    lrp_text_printf(out, "</p>\n<p>Outcome: <strong class=\"%s\">%s</strong>. %s</p>\n",
                    ok ? "ok" : "not", lrp_outcome_name(bounds->outcome),
                    lrp_outcome_sentence(bounds->outcome));
    cards(out, bounds);
    if (report->curve != NULL) {
        figure(out, loss_svg, "a",
               "The loss of each repeat over the learning rate, smoothed without lag, their "
               "median and band. Short marks at the foot: what other tools would suggest.");
        figure(out, slope_svg, "b",
               "The slope of the median. It is steepest where learning is fastest, and crosses "
               "zero where the loss stops falling.");
    }
    tables(out, bounds);
    snippet(out, bounds);
    notes(out, report);
    lrp_text_append(out, "<h2>How to read this</h2><p>In a range test the learning rate rises from "
                         "step to step. Below <b>base_lr</b> nothing is learnt; between the bounds "
                         "the loss falls; at <b>max_lr</b> it stops falling, and above it rises. A "
                         "cyclical schedule runs between the bounds, a one-cycle schedule up to "
                         "its max_lr. For one constant rate take the rate given for that: long "
                         "trainings bear less than a short sweep shows.</p>\n"
                         "</main></body></html>\n");
}
