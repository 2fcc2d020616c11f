/* SPDX-License-Identifier: MIT */
/* A diagnosed run as a document, and its report. */
#include "diagnosis_report.h"
#include "document.h"
#include "families.h"
#include "files.h"
#include "number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INDENT = 10, TRY_INDENT = 15, TEXT_MOST = 1 << 24 };

enum lrp_tone lrp_verdict_tone(enum lrp_verdict verdict)
{
    switch (verdict) {
    case LRP_VERDICT_NON_FINITE:
    case LRP_VERDICT_DIVERGED:
    case LRP_VERDICT_NOT_LEARNING:
        return LRP_TONE_BAD;
    case LRP_VERDICT_HEALTHY:
        return LRP_TONE_GOOD;
    case LRP_VERDICT_UNDECIDED:
        return LRP_TONE_PLAIN;
    default:
        return LRP_TONE_WARN;
    }
}

/* How the status of a check is shown: on pages, in a terminal. */
static const struct {
    const char *name, *word;
    enum lrp_tone tone;
} shown[] = {
    [LRP_CHECK_PASS] = {"pass", "pass", LRP_TONE_GOOD},
    [LRP_CHECK_INFO] = {"info", "info", LRP_TONE_PLAIN},
    [LRP_CHECK_WARN] = {"warn", "WARN", LRP_TONE_WARN},
    [LRP_CHECK_FAIL] = {"fail", "FAIL", LRP_TONE_BAD},
    [LRP_CHECK_NOT_ASSESSED] = {"not assessed", "not assessed", LRP_TONE_SOFT},
};

/* What training and validation compare. */
static const char *compared(const struct lrp_diagnosis *diagnosis)
{
    return diagnosis->bias_variance.from_accuracy ? "error" : "loss";
}

/* ---- terminal ------------------------------------------------------------------------------ */

static void add_verdict_line(struct lrp_document *document, const struct lrp_diagnosis *diagnosis)
{
    const struct lrp_finding *primary = diagnosis->primary;
    lrp_document_stress(document, LRP_NODE_LINE, "", lrp_verdict_tone(diagnosis->verdict),
                        lrp_verdict_name(diagnosis->verdict), "%s%s%s%s",
                        primary != NULL ? "  " : "", primary != NULL ? primary->id : "",
                        primary != NULL ? " " : "", primary != NULL ? primary->title : "");
}

/* Each finding with that status, of that family (NULL: of any). */
static void add_each(struct lrp_document *document, const struct lrp_diagnosis *diagnosis,
                     enum lrp_check_status status, const struct lrp_family *family,
                     void (*add)(struct lrp_document *, const struct lrp_finding *))
{
    for (size_t i = 0; i < diagnosis->n_findings; i++) {
        const struct lrp_finding *finding = &diagnosis->findings[i];
        if (finding->status == status && (family == NULL || lrp_family_holds(family, finding))) {
            add(document, finding);
        }
    }
}

static void add_title_line(struct lrp_document *document, const struct lrp_finding *finding)
{
    enum lrp_tone tone =
        lrp_finding_is_alarm(finding) ? shown[finding->status].tone : LRP_TONE_SOFT;
    lrp_document_stress(document, LRP_NODE_LINE, "", tone, shown[finding->status].word, "  %-3s %s",
                        finding->id, finding->title);
}

static void add_advice_line(struct lrp_document *document, const struct lrp_finding *finding)
{
    if (finding->advice[0] != '\0') {
        lrp_document_add(document, LRP_NODE_PARAGRAPH, "try: %s", finding->advice);
        lrp_document_indent(document, INDENT, TRY_INDENT);
    }
}

static void add_finding_lines(struct lrp_document *document, const struct lrp_finding *finding)
{
    add_title_line(document, finding);
    lrp_document_add(document, LRP_NODE_PARAGRAPH, "%s", finding->evidence);
    lrp_document_indent(document, INDENT, INDENT);
    add_advice_line(document, finding);
}

/* The finding that decided: its evidence stands above, as the reason. */
static void add_primary_lines(struct lrp_document *document, const struct lrp_finding *finding)
{
    add_title_line(document, finding);
    add_advice_line(document, finding);
}

static bool is_not_assessed_for(const struct lrp_finding *finding, const char *evidence)
{
    return finding->status == LRP_CHECK_NOT_ASSESSED && strcmp(finding->evidence, evidence) == 0;
}

/* "31 pass, 9 not assessed (--all says why)" */
static void add_counts(struct lrp_document *document, const struct lrp_diagnosis *diagnosis,
                       bool is_short)
{
    size_t skipped = diagnosis->counts[LRP_CHECK_NOT_ASSESSED];
    lrp_document_add(document, LRP_NODE_PARAGRAPH, "%zu pass, %zu not assessed%s",
                     diagnosis->counts[LRP_CHECK_PASS], skipped,
                     is_short      ? "; --all says why, and all of each finding"
                     : skipped > 0 ? "; --all says why"
                                   : "");
    lrp_document_indent(document, 0, INDENT);
}

/* "31 pass, 9 not assessed: there is no val_loss in the log (G1, G2); ..." */
static void add_rest(struct lrp_document *document, const struct lrp_diagnosis *diagnosis)
{
    const struct lrp_finding *findings = diagnosis->findings;
    struct lrp_text line;
    const char *separator = ": ";
    lrp_text_init(&line, TEXT_MOST);
    lrp_text_printf(&line, "%zu pass, %zu not assessed", diagnosis->counts[LRP_CHECK_PASS],
                    diagnosis->counts[LRP_CHECK_NOT_ASSESSED]);
    for (size_t i = 0; i < diagnosis->n_findings; i++) {
        size_t first = 0; /* with the same reason */
        while (first < i && !is_not_assessed_for(&findings[first], findings[i].evidence)) {
            first++;
        }
        if (findings[i].status != LRP_CHECK_NOT_ASSESSED || first < i) {
            continue;
        }
        lrp_text_printf(&line, "%s%s (%s", separator, findings[i].evidence, findings[i].id);
        for (size_t k = i + 1; k < diagnosis->n_findings; k++) {
            if (is_not_assessed_for(&findings[k], findings[i].evidence)) {
                lrp_text_printf(&line, ", %s", findings[k].id);
            }
        }
        lrp_text_append(&line, ")");
        separator = "; ";
    }
    lrp_document_add(document, LRP_NODE_PARAGRAPH, "%s", lrp_text_string(&line));
    lrp_document_indent(document, 0, INDENT);
    lrp_text_fini(&line);
}

static void add_bias_variance_line(struct lrp_document *document,
                                   const struct lrp_diagnosis *diagnosis)
{
    char number[2][LRP_NUMBER_SIZE];
    const char *what = compared(diagnosis);
    if (diagnosis->bias_variance.reading != NULL) {
        lrp_document_add(document, LRP_NODE_PARAGRAPH, "training %s %s, validation %s %s: %s. %s",
                         what, lrp_format_short(diagnosis->bias_variance.train_error, 3, number[0]),
                         what, lrp_format_short(diagnosis->bias_variance.val_error, 3, number[1]),
                         diagnosis->bias_variance.reading, diagnosis->bias_variance.actions);
        lrp_document_indent(document, 0, INDENT);
    }
}

/* The findings with a status; where it is to be short, by their titles, and not the one that
 * decided again. */
static void add_findings(struct lrp_document *document, const struct lrp_diagnosis *diagnosis,
                         enum lrp_check_status status, bool is_short)
{
    for (size_t i = 0; i < diagnosis->n_findings; i++) {
        const struct lrp_finding *finding = &diagnosis->findings[i];
        if (finding->status != status || (is_short && finding == diagnosis->primary)) {
            continue;
        }
        if (is_short) {
            add_title_line(document, finding);
        } else {
            add_finding_lines(document, finding);
        }
    }
}

static void add_lines(struct lrp_document *document, const struct lrp_diagnosis_report *report,
                      enum lrp_diagnosis_detail detail)
{
    static const enum lrp_check_status order[] = {LRP_CHECK_FAIL, LRP_CHECK_WARN, LRP_CHECK_INFO};
    const struct lrp_diagnosis *diagnosis = report->diagnosis;
    add_verdict_line(document, diagnosis);
    if (detail == LRP_DIAGNOSIS_VERDICT) {
        return;
    }
    lrp_document_add(document, LRP_NODE_PARAGRAPH, "%s", diagnosis->reason);
    lrp_document_add(document, LRP_NODE_LINE, "%s", "");
    if (detail == LRP_DIAGNOSIS_WITH_PLOT) {
        lrp_document_figure(document, lrp_run_drawing(report, "loss", lrp_draw_loss_of_run), "",
                            "");
    }
    /* beside a plot one screen has room for what decided, and the titles of the rest */
    bool is_short = detail == LRP_DIAGNOSIS_WITH_PLOT && !report->all;
    if (is_short && diagnosis->primary != NULL) {
        add_primary_lines(document, diagnosis->primary);
    }
    for (size_t s = 0; s < sizeof order / sizeof order[0]; s++) {
        add_findings(document, diagnosis, order[s], is_short);
    }
    if (report->all) {
        add_rest(document, diagnosis);
    } else {
        add_counts(document, diagnosis, is_short);
    }
    add_bias_variance_line(document, diagnosis);
}

/* ---- pages --------------------------------------------------------------------------------- */

static void add_tag(struct lrp_document *document, enum lrp_check_status status)
{
    lrp_document_add(document, LRP_NODE_TAG, "%s", shown[status].name);
    lrp_document_tone(document, shown[status].tone);
}

static void add_verdict(struct lrp_document *document, const struct lrp_diagnosis_report *report,
                        const char *up)
{
    const struct lrp_diagnosis *diagnosis = report->diagnosis;
    const char *verdict = lrp_verdict_name(diagnosis->verdict);
    document->audience = LRP_FOR_HTML;
    lrp_document_begin(document, LRP_NODE_PARAGRAPH);
    lrp_document_tone(document, LRP_TONE_SOFT);
    if (up != NULL) {
        lrp_document_add(document, LRP_NODE_LINK, "All runs");
        lrp_document_target(document, "%s", up);
        lrp_document_add(document, LRP_NODE_TEXT, " \xC2\xB7 ");
    }
    lrp_document_add(document, LRP_NODE_TEXT, "Diagnosis of %s", report->source);
    lrp_document_end(document);
    lrp_document_add(document, LRP_NODE_VERDICT, "%s", verdict);
    lrp_document_tone(document, lrp_verdict_tone(diagnosis->verdict));
    lrp_document_add(document, LRP_NODE_PARAGRAPH, "%s.", diagnosis->reason);
    document->audience = LRP_FOR_MARKDOWN;
    lrp_document_stress(document, LRP_NODE_PARAGRAPH, "Verdict: ", LRP_TONE_PLAIN, verdict,
                        "%s%s. %s.", diagnosis->primary != NULL ? ", by " : "",
                        diagnosis->primary != NULL ? diagnosis->primary->id : "",
                        diagnosis->reason);
    document->audience = LRP_FOR_PAGES;
}

/* What was found, in one line with a link to where there is more. */
static void add_found(struct lrp_document *document, const struct lrp_finding *finding)
{
    lrp_document_begin(document, LRP_NODE_ITEM);
    add_tag(document, finding->status);
    lrp_document_add(document, LRP_NODE_TEXT, " ");
    lrp_document_add(document, LRP_NODE_LINK, "%s", finding->id);
    lrp_document_target(document, "#%s", finding->id);
    lrp_document_add(document, LRP_NODE_TEXT, " %s", finding->title);
    lrp_document_end(document);
}

static void add_cards(struct lrp_document *document, const struct lrp_diagnosis *diagnosis)
{
    const struct lrp_run *run = diagnosis->run;
    const struct lrp_run_facts facts = lrp_run_facts_of(diagnosis);
    char number[5][LRP_NUMBER_SIZE];
    char where[128];
    (void)snprintf(where, sizeof where, "at %.80s %s", run->position,
                   lrp_format_short(run->lowest_at, 9, number[0]));
    lrp_document_begin(document, LRP_NODE_CARDS);
    lrp_document_row(document, LRP_NODE_ROW, "first loss",
                     lrp_shown_number(facts.first_loss, number[1]), run->loss_name, NULL);
    lrp_document_row(document, LRP_NODE_ROW, "lowest loss",
                     lrp_shown_number(run->lowest, number[2]), where, NULL);
    lrp_document_row(document, LRP_NODE_ROW, "final loss",
                     facts.broken ? "nan" : lrp_shown_number(facts.final_loss, number[3]),
                     "median of the last tenth", NULL);
    if (isfinite(facts.lr)) {
        lrp_document_row(document, LRP_NODE_ROW, "learning rate",
                         lrp_shown_number(facts.lr, number[4]),
                         run->constant_lr ? "constant" : "at its highest", NULL);
    }
    lrp_document_end(document);
}

static void add_advice(struct lrp_document *document, const char *advice)
{
    const char *sentence = NULL;
    size_t length = 0;
    if (advice[0] == '\0') {
        return;
    }
    lrp_document_add(document, LRP_NODE_PARAGRAPH, "What to try, in this order:");
    lrp_document_begin(document, LRP_NODE_NUMBERED);
    while (lrp_next_sentence(&advice, &sentence, &length)) {
        lrp_document_add(document, LRP_NODE_ITEM, "%.*s", (int)length, sentence);
    }
    lrp_document_end(document);
}

static void add_alarm(struct lrp_document *document, const struct lrp_finding *finding)
{
    lrp_document_begin(document, LRP_NODE_PANEL);
    lrp_document_target(document, "%s", finding->id);
    lrp_document_begin(document, LRP_NODE_SUBHEADING);
    add_tag(document, finding->status);
    lrp_document_add(document, LRP_NODE_TEXT, " %s %s", finding->id, finding->title);
    lrp_document_end(document);
    lrp_document_add(document, LRP_NODE_PARAGRAPH, "%s.", finding->evidence);
    add_advice(document, finding->advice);
    lrp_document_end(document);
}

/* The checks of a family that raised no alarm, in a line each. */
static void add_quiet_ones(struct lrp_document *document, const struct lrp_family *family,
                           const struct lrp_diagnosis *diagnosis, bool alarms)
{
    size_t count = 0;
    document->audience = alarms ? LRP_FOR_HTML : LRP_FOR_PAGES;
    for (size_t i = 0; i < diagnosis->n_findings; i++) {
        const struct lrp_finding *finding = &diagnosis->findings[i];
        if (lrp_finding_is_alarm(finding) || !lrp_family_holds(family, finding)) {
            continue;
        }
        if (count == 0) {
            lrp_document_add(document, LRP_NODE_PARAGRAPH, "%s",
                             alarms ? "Also looked at:" : "Looked at, nothing found:");
            lrp_document_tone(document, LRP_TONE_SOFT);
            lrp_document_begin(document, LRP_NODE_PLAIN);
            lrp_document_tone(document, LRP_TONE_SOFT);
        }
        lrp_document_begin(document, LRP_NODE_ITEM);
        add_tag(document, finding->status);
        lrp_document_add(document, LRP_NODE_TEXT, " %s", finding->id);
        document->audience = LRP_FOR_HTML;
        lrp_document_add(document, LRP_NODE_TEXT, " %s", finding->title);
        document->audience = alarms ? LRP_FOR_HTML : LRP_FOR_PAGES;
        lrp_document_add(document, LRP_NODE_TEXT, ": %s", finding->evidence);
        lrp_document_end(document);
        count++;
    }
    if (count > 0) {
        lrp_document_end(document);
    }
    document->audience = LRP_FOR_PAGES;
}

static void add_bias_variance(struct lrp_document *document, const struct lrp_diagnosis *diagnosis)
{
    const char *what = compared(diagnosis);
    lrp_document_add(document, LRP_NODE_SUBHEADING, "Bias and variance");
    lrp_document_begin(document, LRP_NODE_TABLE);
    lrp_document_begin(document, LRP_NODE_HEADER);
    lrp_document_add(document, LRP_NODE_CELL, "training %s", what);
    lrp_document_add(document, LRP_NODE_CELL, "validation %s", what);
    lrp_document_add(document, LRP_NODE_CELL, "reading");
    lrp_document_add(document, LRP_NODE_CELL, "first actions");
    lrp_document_end(document);
    lrp_document_begin(document, LRP_NODE_ROW);
    lrp_document_number(document, "", diagnosis->bias_variance.train_error);
    lrp_document_number(document, "", diagnosis->bias_variance.val_error);
    lrp_document_add(document, LRP_NODE_CELL, "%s", diagnosis->bias_variance.reading);
    lrp_document_add(document, LRP_NODE_CELL, "%s", diagnosis->bias_variance.actions);
    lrp_document_end(document);
    lrp_document_end(document);
}

static void add_family_figure(struct lrp_document *document, const struct lrp_family *family,
                              const struct lrp_diagnosis_report *report)
{
    struct lrp_text caption;
    lrp_text_init(&caption, 1 << 16);
    family->caption(report->diagnosis, &caption);
    lrp_document_figure(document, lrp_run_drawing(report, family->plot, family->draw),
                        family->heading, lrp_text_string(&caption));
    lrp_text_fini(&caption);
}

static void add_family(struct lrp_document *document, const struct lrp_family *family,
                       const struct lrp_diagnosis_report *report)
{
    const struct lrp_diagnosis *diagnosis = report->diagnosis;
    size_t alarms = lrp_family_alarms(family, diagnosis);
    bool reading =
        family->holds == LRP_FAMILY_GENERALISATION && diagnosis->bias_variance.reading != NULL;
    if (alarms == 0 && !family->always && !reading) {
        return; /* the checklist has them */
    }
    lrp_document_add(document, LRP_NODE_HEADING, "%s", family->heading);
    lrp_document_target(document, "%s", family->id);
    if (alarms > 0 && family->meaning[0] != '\0') {
        lrp_document_add(document, LRP_NODE_PARAGRAPH, "%s", family->meaning);
    }
    if (alarms > 0 && family->draw != NULL) {
        add_family_figure(document, family, report);
    }
    add_each(document, diagnosis, LRP_CHECK_FAIL, family, add_alarm);
    add_each(document, diagnosis, LRP_CHECK_WARN, family, add_alarm);
    add_quiet_ones(document, family, diagnosis, alarms > 0);
    if (reading) {
        add_bias_variance(document, diagnosis);
    }
}

static void add_rate(struct lrp_document *document, const struct lrp_diagnosis_report *report)
{
    struct lrp_drawing *drawing = lrp_run_drawing(report, "lr", lrp_draw_rate);
    if (drawing != NULL && drawing->figure.n_curves > 0) {
        lrp_document_add(document, LRP_NODE_HEADING, "Learning rate");
    }
    lrp_document_figure(document, drawing, "the learning rate", "The learning rate as logged.");
}

static void add_checklist(struct lrp_document *document, const struct lrp_diagnosis *diagnosis)
{
    lrp_document_add(document, LRP_NODE_HEADING, "The whole checklist");
    lrp_document_begin(document, LRP_NODE_LONG_TABLE);
    lrp_document_row(document, LRP_NODE_HEADER, "status", "check", "evidence", "value", "threshold",
                     NULL);
    for (size_t i = 0; i < diagnosis->n_findings; i++) {
        const struct lrp_finding *finding = &diagnosis->findings[i];
        lrp_document_begin(document, LRP_NODE_ROW);
        lrp_document_begin(document, LRP_NODE_CELL);
        add_tag(document, finding->status);
        lrp_document_end(document);
        lrp_document_stress(document, LRP_NODE_CELL, "", LRP_TONE_PLAIN, finding->id, " %s",
                            finding->title);
        lrp_document_add(document, LRP_NODE_CELL, "%s", finding->evidence);
        lrp_document_number(document, "value", finding->value);
        lrp_document_number(document, "threshold", finding->threshold);
        lrp_document_end(document);
    }
    lrp_document_end(document);
}

static void add_reading(struct lrp_document *document, const struct lrp_diagnosis_report *report)
{
    const struct lrp_record *record = report->record;
    const char *note = NULL;
    struct lrp_text columns;
    lrp_text_init(&columns, TEXT_MOST);
    for (size_t c = 0; c < lrp_record_columns(record); c++) {
        lrp_text_printf(&columns, "%s%s", c > 0 ? ", " : "", lrp_record_column_name(record, c));
    }
    lrp_document_add(document, LRP_NODE_HEADING, "How it was read");
    lrp_document_begin(document, LRP_NODE_TABLE);
    lrp_document_fact(document, "log", "%s", report->source);
    lrp_document_fact(document, "format", "%s", lrp_record_format(record));
    lrp_document_fact(document, "rows", "%llu, counted by %s",
                      (unsigned long long)lrp_record_rows_read(record),
                      report->diagnosis->run->position);
    lrp_document_fact(document, "columns", "%s", lrp_text_string(&columns));
    for (size_t i = 0; (note = lrp_record_note(record, i)) != NULL; i++) {
        lrp_document_fact(document, "note", "%s", note);
    }
    lrp_text_fini(&columns);
    lrp_document_end(document);
    if (report->command[0] != '\0') {
        lrp_document_add(document, LRP_NODE_CODE, "%s", report->command);
    }
}

void lrp_diagnosis_pages(const struct lrp_diagnosis_report *report, const char *up,
                         struct lrp_document *document)
{
    const struct lrp_diagnosis *diagnosis = report->diagnosis;
    lrp_document_init(document, LRP_FOR_PAGES);
    lrp_document_add(document, LRP_NODE_TITLE, "%s", lrp_diagnosis_title(report));
    add_verdict(document, report, up);
    document->audience = LRP_FOR_HTML;
    if (diagnosis->counts[LRP_CHECK_FAIL] + diagnosis->counts[LRP_CHECK_WARN] > 0) {
        lrp_document_begin(document, LRP_NODE_PLAIN);
        add_each(document, diagnosis, LRP_CHECK_FAIL, NULL, add_found);
        add_each(document, diagnosis, LRP_CHECK_WARN, NULL, add_found);
        lrp_document_end(document);
    }
    if (diagnosis->run->n > 0) {
        add_cards(document, diagnosis);
    }
    document->audience = LRP_FOR_PAGES;
    lrp_document_figure(document, lrp_run_drawing(report, "loss", lrp_draw_loss_of_run),
                        "the loss over the whole run",
                        "The loss over the whole run, with what was found marked in it.");
    for (size_t f = 0; lrp_families[f].id != NULL; f++) {
        add_family(document, &lrp_families[f], report);
    }
    add_rate(document, report);
    add_checklist(document, diagnosis);
    add_reading(document, report);
}

/* ---- the report ---------------------------------------------------------------------------- */

enum lrp_status lrp_diagnosis_terminal(const struct lrp_diagnosis_report *report,
                                       enum lrp_diagnosis_detail detail, unsigned columns,
                                       bool color, struct lrp_text *out, struct lrp_error *err)
{
    struct lrp_document document;
    lrp_document_init(&document, LRP_FOR_TERMINAL);
    add_lines(&document, report, detail);
    enum lrp_status status = lrp_document_terminal(&document, columns, color, out, err);
    lrp_document_fini(&document);
    return status;
}

enum lrp_status lrp_diagnosis_write(const struct lrp_diagnosis_report *report, const char *folder,
                                    struct lrp_error *err)
{
    struct lrp_document document;
    lrp_diagnosis_pages(report, NULL, &document);
    enum lrp_status status = lrp_document_save(&document, folder, NULL, err);
    lrp_document_fini(&document);
    return status;
}

enum lrp_status lrp_diagnosis_write_page(const struct lrp_diagnosis_report *report,
                                         const char *folder, size_t number, struct lrp_error *err)
{
    struct lrp_document document;
    char name[40];
    char *runs = lrp_path_join(folder, "runs");
    LRP_TRY_MEMORY(runs, err);
    (void)snprintf(name, sizeof name, "%03zu.html", number);
    lrp_diagnosis_pages(report, "../report.html", &document);
    enum lrp_status status = lrp_document_save(&document, runs, name, err);
    lrp_document_fini(&document);
    free(runs);
    return status;
}

enum lrp_status lrp_diagnosis_plot(const struct lrp_diagnosis_report *report,
                                   enum lrp_plot_format format, char **bytes, size_t *length,
                                   struct lrp_error *err)
{
    return lrp_drawing_picture(lrp_run_drawing(report, "loss", lrp_draw_loss_of_run), format, bytes,
                               length, err);
}
