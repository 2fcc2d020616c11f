/* SPDX-License-Identifier: MIT */
#include "diagnosis_pages.h"

#include "number.h"
#include "page.h"

#include <math.h>
#include <string.h>

const char *lrp_verdict_class(enum lrp_verdict verdict)
{
    switch (verdict) {
    case LRP_VERDICT_NON_FINITE:
    case LRP_VERDICT_DIVERGED:
    case LRP_VERDICT_NOT_LEARNING:
        return "bad";
    case LRP_VERDICT_HEALTHY:
        return "good";
    case LRP_VERDICT_UNDECIDED:
        return "plain";
    default:
        return "warn";
    }
}

static const char *status_class(enum lrp_check_status status)
{
    static const char *const classes[] = {"good", "plain", "warn", "bad", "soft"};
    return classes[status];
}

static void tag(struct lrp_text *out, enum lrp_check_status status)
{
    lrp_text_printf(out, "<span class=\"tag %s\">%s</span>", status_class(status),
                    status == LRP_CHECK_NOT_ASSESSED ? "not assessed"
                                                     : lrp_check_status_name(status));
}

static void card(struct lrp_text *out, const char *name, const char *value, const char *meaning)
{
    lrp_text_printf(out, "<div class=\"card\"><span>%s</span><b>%s</b><span>%s</span></div>\n",
                    name, value, meaning);
}

static void cards(struct lrp_text *out, const struct lrp_diagnosis *diagnosis)
{
    const struct lrp_run *run = diagnosis->run;
    const struct lrp_run_facts facts = lrp_run_facts_of(diagnosis);
    char number[5][LRP_NUMBER_SIZE];
    struct lrp_text where;
    lrp_text_append(out, "<div class=\"cards\">\n");
    card(out, "first loss", lrp_page_number(facts.first_loss, number[0]), run->loss_name);
    lrp_text_init(&where, 256);
    lrp_text_printf(&where, "at %s %s", run->position,
                    lrp_format_short(run->lowest_at, 9, number[1]));
    card(out, "lowest loss", lrp_page_number(run->lowest, number[2]), lrp_text_string(&where));
    lrp_text_fini(&where);
    card(out, "final loss", lrp_page_loss(facts.final_loss, facts.broken, number[3]),
         "median of the last tenth");
    if (isfinite(facts.lr)) {
        card(out, "learning rate", lrp_page_number(facts.lr, number[4]),
             run->constant_lr ? "constant" : "at its highest");
    }
    lrp_text_append(out, "</div>\n");
}

/* What was found in one line each, with links to where it is told. */
static void summary(struct lrp_text *out, const struct lrp_diagnosis *diagnosis)
{
    static const enum lrp_check_status order[] = {LRP_CHECK_FAIL, LRP_CHECK_WARN};
    if (diagnosis->counts[LRP_CHECK_FAIL] + diagnosis->counts[LRP_CHECK_WARN] == 0) {
        return;
    }
    lrp_text_append(out, "<ul class=\"found\">\n");
    for (size_t o = 0; o < 2; o++) {
        for (size_t i = 0; i < diagnosis->n_findings; i++) {
            const struct lrp_finding *finding = &diagnosis->findings[i];
            if (finding->status != order[o]) {
                continue;
            }
            lrp_text_append(out, "<li>");
            tag(out, finding->status);
            lrp_text_printf(out, " <a href=\"#%s\">%s</a> ", finding->id, finding->id);
            lrp_text_append_html(out, finding->title);
            lrp_text_append(out, "</li>\n");
        }
    }
    lrp_text_append(out, "</ul>\n");
}

static void advice(struct lrp_text *out, const char *text)
{
    const char *sentence = NULL;
    size_t length = 0;
    char one[sizeof((struct lrp_finding *)NULL)->advice];
    if (text[0] == '\0') {
        return;
    }
    lrp_text_append(out, "<p>What to try, in this order:</p><ol>\n");
    while (lrp_next_sentence(&text, &sentence, &length)) {
        length = length < sizeof one ? length : sizeof one - 1;
        memcpy(one, sentence, length);
        one[length] = '\0';
        lrp_text_append(out, "<li>");
        lrp_text_append_html(out, one);
        lrp_text_append(out, "</li>\n");
    }
    lrp_text_append(out, "</ol>\n");
}

static void alarm(struct lrp_text *out, const struct lrp_finding *finding)
{
    lrp_text_printf(out, "<div class=\"card alarm\" id=\"%s\"><h3>", finding->id);
    tag(out, finding->status);
    lrp_text_printf(out, " %s ", finding->id);
    lrp_text_append_html(out, finding->title);
    lrp_text_append(out, "</h3><p>");
    lrp_text_append_html(out, finding->evidence);
    lrp_text_append(out, ".</p>\n");
    advice(out, finding->advice);
    lrp_text_append(out, "</div>\n");
}

/* The checks of a family that raised no alarm, in a line each. */
static void quiet_ones(struct lrp_text *out, const struct lrp_family *family,
                       const struct lrp_diagnosis *diagnosis, bool alarms)
{
    size_t count = 0;
    for (size_t i = 0; i < diagnosis->n_findings; i++) {
        const struct lrp_finding *finding = &diagnosis->findings[i];
        if (lrp_finding_is_alarm(finding) || !lrp_family_holds(family, finding)) {
            continue;
        }
        if (count == 0) {
            lrp_text_printf(out, "<p class=\"soft\">%s</p><ul class=\"soft\">\n",
                            alarms ? "Also looked at:" : "Looked at, nothing found:");
        }
        lrp_text_append(out, "<li>");
        tag(out, finding->status);
        lrp_text_printf(out, " %s ", finding->id);
        lrp_text_append_html(out, finding->title);
        lrp_text_append(out, ": ");
        lrp_text_append_html(out, finding->evidence);
        lrp_text_append(out, "</li>\n");
        count++;
    }
    lrp_text_append(out, count > 0 ? "</ul>\n" : "");
}

static void bias_variance(struct lrp_text *out, const struct lrp_diagnosis *diagnosis)
{
    char number[2][LRP_NUMBER_SIZE];
    const char *what = diagnosis->bias_variance.from_accuracy ? "error" : "loss";
    if (diagnosis->bias_variance.reading == NULL) {
        return;
    }
    lrp_text_printf(
        out,
        "<h3>Bias and variance</h3><div class=\"wide\"><table><tr><th>training %s</th>"
        "<th>validation %s</th><th>reading</th><th>first actions</th></tr>\n<tr><td "
        "class=\"n\">%s</td><td class=\"n\">%s</td><td>%s</td><td>%s</td></tr></table></div>\n",
        what, what, lrp_page_number(diagnosis->bias_variance.train_error, number[0]),
        lrp_page_number(diagnosis->bias_variance.val_error, number[1]),
        diagnosis->bias_variance.reading, diagnosis->bias_variance.actions);
}

static void family_section(struct lrp_text *out, const struct lrp_family *family,
                           const struct lrp_diagnosis *diagnosis,
                           const struct lrp_page_picture *picture, const char *prefix)
{
    size_t alarms = lrp_family_alarms(family, diagnosis);
    bool reading =
        strcmp(family->id, "generalisation") == 0 && diagnosis->bias_variance.reading != NULL;
    if (alarms == 0 && !family->always && !reading) {
        return; /* the checklist has them */
    }
    lrp_text_printf(out, "<h2 id=\"%s\">%s</h2>\n", family->id, family->heading);
    if (alarms > 0 && family->meaning[0] != '\0') {
        lrp_text_printf(out, "<p>%s</p>\n", family->meaning);
    }
    if (picture->wide != NULL) {
        struct lrp_text caption;
        lrp_text_init(&caption, 1 << 16);
        family->caption(diagnosis, &caption);
        lrp_page_figure(out, picture, prefix, lrp_text_string(&caption));
        lrp_text_fini(&caption);
    }
    for (int status = LRP_CHECK_FAIL; status >= LRP_CHECK_WARN; status--) {
        for (size_t i = 0; i < diagnosis->n_findings; i++) {
            const struct lrp_finding *finding = &diagnosis->findings[i];
            if ((int)finding->status == status && lrp_family_holds(family, finding)) {
                alarm(out, finding);
            }
        }
    }
    quiet_ones(out, family, diagnosis, alarms > 0);
    if (reading) {
        bias_variance(out, diagnosis);
    }
}

static void checklist(struct lrp_text *out, const struct lrp_diagnosis *diagnosis)
{
    lrp_text_append(out, "<h2>The whole checklist</h2>\n<div class=\"wide\"><table class=\"list\">"
                         "<tr><th>status</th><th>check</th><th>evidence</th><th>value</th>"
                         "<th>threshold</th></tr>\n");
    for (size_t i = 0; i < diagnosis->n_findings; i++) {
        const struct lrp_finding *finding = &diagnosis->findings[i];
        char number[2][LRP_NUMBER_SIZE];
        lrp_text_append(out, "<tr><td>");
        tag(out, finding->status);
        lrp_text_printf(out, "</td><td><b>%s</b> ", finding->id);
        lrp_text_append_html(out, finding->title);
        lrp_text_append(out, "</td><td>");
        lrp_text_append_html(out, finding->evidence);
        lrp_text_printf(out,
                        "</td><td class=\"n\" data-name=\"value\">%s</td><td class=\"n\" "
                        "data-name=\"threshold\">%s</td></tr>\n",
                        lrp_page_number(finding->value, number[0]),
                        lrp_page_number(finding->threshold, number[1]));
    }
    lrp_text_append(out, "</table></div>\n");
}

static void fact(struct lrp_text *out, const char *name, const char *untrusted)
{
    lrp_text_printf(out, "<tr><td>%s</td><td>", name);
    lrp_text_append_html(out, untrusted);
    lrp_text_append(out, "</td></tr>\n");
}

static void how_it_was_read(struct lrp_text *out, const struct lrp_diagnosis_report *report)
{
    const struct lrp_record *record = report->record;
    struct lrp_text columns;
    lrp_text_init(&columns, 1 << 24);
    for (size_t c = 0; c < lrp_record_columns(record); c++) {
        lrp_text_append(&columns, c > 0 ? ", " : "");
        lrp_text_append(&columns, lrp_record_column_name(record, c));
    }
    lrp_text_append(out, "<h2>How it was read</h2><div class=\"wide\"><table>\n");
    fact(out, "log", report->source);
    fact(out, "format", lrp_record_format(record));
    lrp_text_printf(out, "<tr><td>rows</td><td>%llu, counted by %s</td></tr>\n",
                    (unsigned long long)lrp_record_rows_read(record),
                    report->diagnosis->run->position);
    fact(out, "columns", lrp_text_string(&columns));
    const char *note = NULL;
    for (size_t i = 0; (note = lrp_record_note(record, i)) != NULL; i++) {
        fact(out, "note", note);
    }
    lrp_text_append(out, "</table></div>\n");
    lrp_text_fini(&columns);
    if (report->command[0] != '\0') {
        lrp_text_append(out, "<pre>");
        lrp_text_append_html(out, report->command);
        lrp_text_append(out, "</pre>\n");
    }
}

void lrp_diagnosis_html(const struct lrp_diagnosis_report *report,
                        const struct lrp_run_pictures *pictures, const char *up,
                        struct lrp_text *out)
{
    const struct lrp_diagnosis *diagnosis = report->diagnosis;
    lrp_page_begin(out, lrp_diagnosis_title(report));
    lrp_text_append(out, "<p class=\"soft\">");
    if (up != NULL) {
        lrp_text_printf(out, "<a href=\"%s\">All runs</a> \xC2\xB7 ", up);
    }
    lrp_text_append(out, "Diagnosis of ");
    lrp_text_append_html(out, report->source);
    lrp_text_printf(out, "</p>\n<p class=\"verdict %s\">%s</p>\n<p>",
                    lrp_verdict_class(diagnosis->verdict), lrp_verdict_name(diagnosis->verdict));
    lrp_text_append_html(out, diagnosis->reason);
    lrp_text_append(out, ".</p>\n");
    summary(out, diagnosis);
    if (diagnosis->run->n > 0) {
        cards(out, diagnosis);
        lrp_page_figure(out, &pictures->loss, "l",
                        "The loss over the whole run, with what was found marked in it.");
    }
    for (size_t f = 0; lrp_families[f].id != NULL; f++) {
        const char prefix[] = {(char)('a' + (int)f), '\0'};
        family_section(out, &lrp_families[f], diagnosis, &pictures->family[f], prefix);
    }
    if (pictures->rate.wide != NULL) {
        lrp_text_append(out, "<h2>Learning rate</h2>\n");
        lrp_page_figure(out, &pictures->rate, "r", "The learning rate as logged.");
    }
    checklist(out, diagnosis);
    how_it_was_read(out, report);
    lrp_page_end(out);
}
