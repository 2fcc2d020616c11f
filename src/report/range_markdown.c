/* SPDX-License-Identifier: MIT */
#include "range_pages.h"

#include "number.h"
#include "page.h"
#include "range_figures.h"

#include <math.h>
#include <string.h>

static void rate_row(struct lrp_text *out, const char *name, const struct lrp_rate *rate,
                     const char *meaning)
{
    char number[3][LRP_NUMBER_SIZE];
    lrp_text_printf(out, "| %s | %s | %s .. %s | %s |\n", name,
                    lrp_page_number(rate->value, number[0]), lrp_page_number(rate->low, number[1]),
                    lrp_page_number(rate->high, number[2]), meaning);
}

void lrp_append_pytorch(struct lrp_text *out, const struct lrp_bounds *bounds)
{
    char number[4][LRP_NUMBER_SIZE];
    lrp_text_printf(out,
                    "torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=%s, "
                    "total_steps=...)\n",
                    lrp_page_number(bounds->one_cycle.max_lr, number[0]));
    if (isfinite(bounds->clr.base_lr)) {
        lrp_text_printf(out,
                        "torch.optim.lr_scheduler.CyclicLR(optimizer, base_lr=%s, max_lr=%s, "
                        "step_size_up=%s)\n",
                        lrp_page_number(bounds->clr.base_lr, number[1]),
                        lrp_page_number(bounds->clr.max_lr, number[2]),
                        isfinite(bounds->clr.step_size)
                            ? lrp_format_double(bounds->clr.step_size, number[3])
                            : "...");
    }
    lrp_text_printf(out, "# one constant rate: lr=%s\n",
                    lrp_page_number(bounds->suggested_lr.value, number[0]));
}

static void append_tables(struct lrp_text *out, const struct lrp_range_report *report)
{
    const struct lrp_bounds *bounds = report->bounds;
    char number[LRP_NUMBER_SIZE];
    lrp_text_append(out, "| rate | value | range | |\n|---|---|---|---|\n");
    rate_row(out, "base_lr", &bounds->base_lr, "the model starts to learn");
    rate_row(out, "max_lr", &bounds->max_lr, "above it the loss stops falling");
    rate_row(out, "one constant rate", &bounds->suggested_lr, "");
    lrp_text_append(out, "\n");
    if (isfinite(bounds->max_lr.low)) {
        if (isfinite(bounds->interval_level)) {
            lrp_text_printf(out, "Ranges: %.0f %% intervals from %zu repeats.\n\n",
                            100 * bounds->interval_level, bounds->repeats);
        } else {
            lrp_text_printf(out, "Ranges: %s.\n\n", lrp_range_origin(report));
        }
    }
    if (bounds->outcome == LRP_OUTCOME_OK) {
        lrp_text_append(out, "```python\n");
        lrp_append_pytorch(out, bounds);
        lrp_text_append(out, "```\n\n");
    }
    if (report->curve != NULL && report->curve->of_ends) {
        return; /* the rules of other tools are for sweeps */
    }
    lrp_text_append(out, "| other tools would suggest | |\n|---|---|\n");
    for (size_t i = 0; i < LRP_PEERS; i++) {
        lrp_text_printf(out, "| %s | %s |\n", lrp_peer_name(i),
                        lrp_page_number(bounds->peers[i], number));
    }
}

/* As a code block: what a program printed stays what it is. */
static void append_indented(struct lrp_text *out, const char *lines)
{
    while (*lines != '\0') {
        size_t length = strcspn(lines, "\n");
        lrp_text_append(out, "    ");
        lrp_text_append_bytes(out, lines, length);
        lrp_text_append(out, "\n");
        lines += length + (lines[length] == '\n' ? 1 : 0);
    }
}

void lrp_range_markdown(const struct lrp_range_report *report, bool has_plots, struct lrp_text *out)
{
    const struct lrp_bounds *bounds = report->bounds;
    lrp_text_append(out, "# ");
    lrp_markdown_append_plain(out, report->title);
    lrp_text_printf(out, "\n\nOutcome: **%s**. %s\n\n", lrp_outcome_name(bounds->outcome),
                    lrp_outcome_sentence(bounds->outcome));
    if (has_plots) {
        lrp_text_append(out, "![loss over the learning rate](plots/loss.svg)\n\n"
                             "![slope of the median](plots/slope.svg)\n\n");
    }
    append_tables(out, report);
    if (bounds->n_warnings + report->n_events > 0) {
        lrp_text_append(out, "\n## Notes\n\n");
    }
    for (size_t i = 0; i < bounds->n_warnings; i++) {
        lrp_text_append(out, "- ");
        lrp_markdown_append_plain(out, bounds->warnings[i]);
        lrp_text_append(out, "\n");
    }
    for (size_t i = 0; i < report->n_events; i++) {
        lrp_text_append(out, "- ");
        lrp_markdown_append_plain(out, report->events[i]);
        lrp_text_append(out, "\n");
    }
    for (size_t i = 0; i < report->n_outputs; i++) {
        lrp_text_append(out, "\n## Last lines of ");
        lrp_markdown_append_plain(out, report->outputs[2 * i]);
        lrp_text_append(out, "\n\n");
        append_indented(out, report->outputs[2 * i + 1]);
    }
    lrp_text_append(out, "\n## How it was made\n\n| | |\n|---|---|\n");
    for (size_t i = 0; i < report->n_facts; i++) {
        lrp_text_append(out, "| ");
        lrp_markdown_append_plain(out, report->facts[2 * i]);
        lrp_text_append(out, " | ");
        lrp_markdown_append_plain(out, report->facts[2 * i + 1]);
        lrp_text_append(out, " |\n");
    }
    if (report->date[0] != '\0') {
        lrp_text_append(out, "| date | ");
        lrp_markdown_append_plain(out, report->date);
        lrp_text_append(out, " |\n");
    }
    if (report->command[0] != '\0') {
        lrp_text_append(out, "| command | ");
        lrp_markdown_append_plain(out, report->command);
        lrp_text_append(out, " |\n");
    }
}
