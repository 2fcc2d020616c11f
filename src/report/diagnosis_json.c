/* SPDX-License-Identifier: MIT */
#include "diagnosis_report.h"

#include "json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *lrp_diagnosis_title(const struct lrp_diagnosis_report *report)
{
    const char *slash = strrchr(report->source, '/');
    if (report->title != NULL) {
        return report->title;
    }
    return slash != NULL && slash[1] != '\0' ? slash + 1 : report->source;
}

bool lrp_finding_is_alarm(const struct lrp_finding *finding)
{
    return finding->status == LRP_CHECK_WARN || finding->status == LRP_CHECK_FAIL;
}

struct lrp_run_facts lrp_run_facts_of(const struct lrp_diagnosis *diagnosis)
{
    const struct lrp_run *run = diagnosis->run;
    const struct lrp_metric_series *lr = &run->metric[LRP_METRIC_LR];
    struct lrp_run_facts facts = {run->initial, run->final, (double)NAN, false};
    if (run->n < run->metric[LRP_METRIC_LOSS].n) {
        facts.final_loss = (double)NAN;
        facts.broken = true;
    }
    for (size_t i = 0; i < lr->n; i++) {
        if (isfinite(lr->high[i]) && !(lr->high[i] <= facts.lr)) {
            facts.lr = lr->high[i];
        }
    }
    return facts;
}

static struct lrp_json *finding_json(const struct lrp_finding *finding)
{
    struct lrp_json *object = lrp_json_object();
    lrp_json_set_string(object, "id", finding->id);
    lrp_json_set_string(object, "title", finding->title);
    lrp_json_set_string(object, "status", lrp_check_status_name(finding->status));
    lrp_json_set_number(object, "value", finding->value);
    lrp_json_set_number(object, "threshold", finding->threshold);
    lrp_json_set_string(object, "evidence", finding->evidence);
    lrp_json_set_number(object, "first_step", finding->first_step);
    lrp_json_set_number(object, "last_step", finding->last_step);
    lrp_json_set_string(object, "advice", finding->advice);
    lrp_json_set_string(object, "needs", finding->needs);
    return object;
}

static struct lrp_json *counts_json(const struct lrp_diagnosis *diagnosis)
{
    struct lrp_json *counts = lrp_json_object();
    for (int status = LRP_CHECK_PASS; status <= LRP_CHECK_NOT_ASSESSED; status++) {
        lrp_json_set_integer(counts, lrp_check_status_name((enum lrp_check_status)status),
                             (long long)diagnosis->counts[status]);
    }
    return counts;
}

static struct lrp_json *bias_variance_json(const struct lrp_diagnosis *diagnosis)
{
    struct lrp_json *object = lrp_json_object();
    lrp_json_set_number(object, "train_error", diagnosis->bias_variance.train_error);
    lrp_json_set_number(object, "val_error", diagnosis->bias_variance.val_error);
    lrp_json_set_string(object, "reading", diagnosis->bias_variance.reading);
    return object;
}

static struct lrp_json *run_json(const struct lrp_diagnosis_report *report)
{
    const struct lrp_diagnosis *diagnosis = report->diagnosis;
    const struct lrp_run_facts facts = lrp_run_facts_of(diagnosis);
    struct lrp_json *run = lrp_json_object();
    lrp_json_set_string(run, "source", report->source);
    lrp_json_set_string(run, "format", lrp_record_format(report->record));
    lrp_json_set_integer(run, "rows", (long long)lrp_record_rows_read(report->record));
    lrp_json_set_string(run, "verdict", lrp_verdict_name(diagnosis->verdict));
    lrp_json_set_string(run, "primary", lrp_diagnosis_primary(diagnosis));
    lrp_json_set_string(run, "reason", diagnosis->reason);
    lrp_json_set(run, "counts", counts_json(diagnosis));
    lrp_json_set_number(run, "first_loss", facts.first_loss);
    lrp_json_set_number(run, "final_loss", facts.final_loss);
    lrp_json_set_number(run, "lr", facts.lr);
    lrp_json_set(run, "bias_variance", bias_variance_json(diagnosis));
    struct lrp_json *notes = lrp_json_array();
    const char *note = NULL;
    for (size_t i = 0; (note = lrp_record_note(report->record, i)) != NULL; i++) {
        lrp_json_add_string(notes, note);
    }
    lrp_json_set(run, "notes", notes);
    struct lrp_json *checks = lrp_json_array();
    for (size_t i = 0; i < diagnosis->n_findings; i++) {
        lrp_json_add(checks, finding_json(&diagnosis->findings[i]));
    }
    lrp_json_set(run, "checks", checks);
    return run;
}

void lrp_diagnosis_json_begin(struct lrp_text *out)
{
    lrp_text_append(out, "{\n  \"schema\":\"lrprobe.diagnosis/1\",\n  \"runs\":[");
}

enum lrp_status lrp_diagnosis_json_run(const struct lrp_diagnosis_report *report, bool first,
                                       struct lrp_text *out, struct lrp_error *err)
{
    struct lrp_json *run = run_json(report);
    char *text = NULL;
    enum lrp_status status = lrp_json_text(run, &text, err);
    lrp_json_free(run);
    if (status != LRP_OK) {
        return status;
    }
    lrp_text_append(out, first ? "\n" : ",\n");
    /* its lines two levels deeper; a line feed in a string is written \n */
    const char *line = text;
    while (*line != '\0') {
        size_t length = strcspn(line, "\n");
        bool last = line[length] == '\0' || line[length + 1] == '\0';
        lrp_text_append(out, "    ");
        lrp_text_append_bytes(out, line, length);
        lrp_text_append(out, last ? "" : "\n");
        line += length + (line[length] == '\n' ? 1 : 0);
    }
    free(text);
    return lrp_text_check(out, err);
}

void lrp_diagnosis_json_end(struct lrp_text *out)
{
    lrp_text_append(out, "\n  ]\n}\n");
}
