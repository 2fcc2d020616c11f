/* SPDX-License-Identifier: MIT */
#include "diagnosis_pages.h"

#include "number.h"
#include "page.h"

#include <math.h>
#include <string.h>

static void append_alarm(struct lrp_text *out, const struct lrp_finding *finding)
{
    const char *at = finding->advice;
    const char *sentence = NULL;
    size_t length = 0;
    char one[sizeof finding->advice];
    lrp_text_printf(out, "### %s: %s ", lrp_check_status_name(finding->status), finding->id);
    lrp_markdown_append_plain(out, finding->title);
    lrp_text_append(out, "\n\n");
    lrp_markdown_append_plain(out, finding->evidence);
    lrp_text_append(out, ".\n\n");
    for (size_t i = 1; lrp_next_sentence(&at, &sentence, &length); i++) {
        length = length < sizeof one ? length : sizeof one - 1;
        memcpy(one, sentence, length);
        one[length] = '\0';
        lrp_text_printf(out, "%s%zu. ", i == 1 ? "What to try, in this order:\n\n" : "", i);
        lrp_markdown_append_plain(out, one);
        lrp_text_append(out, "\n");
    }
    lrp_text_append(out, finding->advice[0] != '\0' ? "\n" : "");
}

static void append_quiet_ones(struct lrp_text *out, const struct lrp_family *family,
                              const struct lrp_diagnosis *diagnosis)
{
    size_t count = 0;
    for (size_t i = 0; i < diagnosis->n_findings; i++) {
        const struct lrp_finding *finding = &diagnosis->findings[i];
        if (!lrp_family_holds(family, finding)) {
            continue;
        }
        lrp_text_printf(out, "%s- %s %s: ", count == 0 ? "Looked at, nothing found:\n\n" : "",
                        lrp_check_status_name(finding->status), finding->id);
        lrp_markdown_append_plain(out, finding->evidence);
        lrp_text_append(out, "\n");
        count++;
    }
    lrp_text_append(out, count > 0 ? "\n" : "");
}

static void append_family(struct lrp_text *out, const struct lrp_family *family,
                          const struct lrp_diagnosis *diagnosis, bool picture)
{
    size_t alarms = lrp_family_alarms(family, diagnosis);
    if (alarms == 0 && !family->always) {
        return;
    }
    lrp_text_printf(out, "## %s\n\n", family->heading);
    if (alarms == 0) {
        append_quiet_ones(out, family, diagnosis);
        return;
    }
    if (family->meaning[0] != '\0') {
        lrp_text_printf(out, "%s\n\n", family->meaning);
    }
    if (picture) {
        lrp_text_printf(out, "![%s](plots/%s.svg)\n\n", family->heading, family->plot);
        family->caption(diagnosis, out);
        lrp_text_append(out, "\n\n");
    }
    for (int status = LRP_CHECK_FAIL; status >= LRP_CHECK_WARN; status--) {
        for (size_t i = 0; i < diagnosis->n_findings; i++) {
            const struct lrp_finding *finding = &diagnosis->findings[i];
            if ((int)finding->status == status && lrp_family_holds(family, finding)) {
                append_alarm(out, finding);
            }
        }
    }
}

static void append_bias_variance(struct lrp_text *out, const struct lrp_diagnosis *diagnosis)
{
    char number[2][LRP_NUMBER_SIZE];
    const char *what = diagnosis->bias_variance.from_accuracy ? "error" : "loss";
    if (diagnosis->bias_variance.reading != NULL) {
        lrp_text_printf(out,
                        "## Bias and variance\n\n| training %s | validation %s | reading | first "
                        "actions |\n|---|---|---|---|\n| %s | %s | %s | %s |\n\n",
                        what, what,
                        lrp_page_number(diagnosis->bias_variance.train_error, number[0]),
                        lrp_page_number(diagnosis->bias_variance.val_error, number[1]),
                        diagnosis->bias_variance.reading, diagnosis->bias_variance.actions);
    }
}

static void append_checklist(struct lrp_text *out, const struct lrp_diagnosis *diagnosis)
{
    lrp_text_append(out, "## The whole checklist\n\n| status | check | evidence | value | "
                         "threshold |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < diagnosis->n_findings; i++) {
        const struct lrp_finding *finding = &diagnosis->findings[i];
        char number[2][LRP_NUMBER_SIZE];
        lrp_text_printf(out, "| %s | %s ", lrp_check_status_name(finding->status), finding->id);
        lrp_markdown_append_plain(out, finding->title);
        lrp_text_append(out, " | ");
        lrp_markdown_append_plain(out, finding->evidence);
        lrp_text_printf(out, " | %s | %s |\n", lrp_page_number(finding->value, number[0]),
                        lrp_page_number(finding->threshold, number[1]));
    }
    lrp_text_append(out, "\n");
}

static void append_row(struct lrp_text *out, const char *name, const char *untrusted)
{
    lrp_text_printf(out, "| %s | ", name);
    lrp_markdown_append_plain(out, untrusted);
    lrp_text_append(out, " |\n");
}

static void append_reading(struct lrp_text *out, const struct lrp_diagnosis_report *report)
{
    const struct lrp_record *record = report->record;
    const char *note = NULL;
    lrp_text_append(out, "## How it was read\n\n| | |\n|---|---|\n");
    append_row(out, "log", report->source);
    append_row(out, "format", lrp_record_format(record));
    lrp_text_printf(out, "| rows | %llu, counted by %s |\n| columns | ",
                    (unsigned long long)lrp_record_rows_read(record),
                    report->diagnosis->run->position);
    for (size_t c = 0; c < lrp_record_columns(record); c++) {
        lrp_text_append(out, c > 0 ? ", " : "");
        lrp_markdown_append_plain(out, lrp_record_column_name(record, c));
    }
    lrp_text_append(out, " |\n");
    for (size_t i = 0; (note = lrp_record_note(record, i)) != NULL; i++) {
        append_row(out, "note", note);
    }
    if (report->command[0] != '\0') {
        append_row(out, "command", report->command);
    }
}

void lrp_diagnosis_markdown(const struct lrp_diagnosis_report *report,
                            const struct lrp_run_pictures *pictures, struct lrp_text *out)
{
    const struct lrp_diagnosis *diagnosis = report->diagnosis;
    lrp_text_append(out, "# ");
    lrp_markdown_append_plain(out, lrp_diagnosis_title(report));
    lrp_text_printf(out, "\n\nVerdict: **%s**%s%s. ", lrp_verdict_name(diagnosis->verdict),
                    diagnosis->primary != NULL ? ", by " : "",
                    diagnosis->primary != NULL ? diagnosis->primary->id : "");
    lrp_markdown_append_plain(out, diagnosis->reason);
    lrp_text_append(out, ".\n\n");
    if (pictures->loss.wide != NULL) {
        lrp_text_append(out, "![the loss over the whole run](plots/loss.svg)\n\n");
    }
    for (size_t f = 0; lrp_families[f].id != NULL; f++) {
        append_family(out, &lrp_families[f], diagnosis, pictures->family[f].wide != NULL);
    }
    append_bias_variance(out, diagnosis);
    if (pictures->rate.wide != NULL) {
        lrp_text_append(out, "## Learning rate\n\n![the learning rate](plots/lr.svg)\n\n");
    }
    append_checklist(out, diagnosis);
    append_reading(out, report);
}

void lrp_runs_markdown(const struct lrp_run_table *table, const char *title, const char *command,
                       struct lrp_text *out)
{
    char number[2][LRP_NUMBER_SIZE];
    size_t folder = lrp_run_table_common_folder(table);
    lrp_text_append(out, "# ");
    lrp_markdown_append_plain(out, title);
    lrp_text_append(out, "\n\n");
    lrp_run_table_totals(table, out);
    lrp_text_append(out, ".\n\n| verdict | by | run | fail | warn | first loss | final loss | why "
                         "|\n|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < table->n; i++) {
        const struct lrp_run_row *row = &table->rows[i];
        lrp_text_printf(out, "| %s | %s | ", lrp_verdict_name(row->verdict),
                        row->primary != NULL ? row->primary : "");
        lrp_markdown_append_plain(out, row->source + folder);
        lrp_text_printf(out, " | %zu | %zu | %s | %s | ", row->counts[LRP_CHECK_FAIL],
                        row->counts[LRP_CHECK_WARN],
                        lrp_page_number(row->facts.first_loss, number[0]),
                        lrp_page_loss(row->facts.final_loss, row->facts.broken, number[1]));
        lrp_markdown_append_plain(out, row->reason);
        lrp_text_append(out, " |\n");
    }
    if (command[0] != '\0') {
        lrp_text_append(out, "\nCommand: ");
        lrp_markdown_append_plain(out, command);
        lrp_text_append(out, "\n");
    }
}
