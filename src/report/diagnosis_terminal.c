/* SPDX-License-Identifier: MIT */
#include "diagnosis_figures.h"

#include "number.h"
#include "page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NARROWEST = 40, WIDEST = 110, INDENT = 10, TEXT_MOST = 1 << 20 };

const char *lrp_verdict_color(enum lrp_verdict verdict)
{
    switch (verdict) {
    case LRP_VERDICT_NON_FINITE:
    case LRP_VERDICT_DIVERGED:
    case LRP_VERDICT_NOT_LEARNING:
        return "\033[1;31m";
    case LRP_VERDICT_HEALTHY:
        return "\033[1;32m";
    case LRP_VERDICT_UNDECIDED:
        return "\033[1m";
    default:
        return "\033[1;33m";
    }
}

static const char *status_color(enum lrp_check_status status)
{
    return status == LRP_CHECK_FAIL ? "\033[1;31m" : status == LRP_CHECK_WARN ? "\033[1;33m" : "";
}

static void append_painted(struct lrp_text *out, const char *word, const char *paint, bool color)
{
    bool painted = color && paint[0] != '\0';
    lrp_text_printf(out, "%s%s%s", painted ? paint : "", word, painted ? "\033[0m" : "");
}

/* Text from the log, cleaned, in lines of the width. */
static void append_clean_wrapped(struct lrp_text *out, const char *untrusted, size_t column,
                                 size_t indent, size_t width)
{
    struct lrp_text clean;
    lrp_text_init(&clean, TEXT_MOST);
    lrp_text_append_clean(&clean, untrusted, strlen(untrusted));
    lrp_text_append_wrapped(out, lrp_text_string(&clean), column, indent, width);
    lrp_text_fini(&clean);
}

void lrp_diagnosis_verdict_line(const struct lrp_diagnosis *diagnosis, bool color,
                                struct lrp_text *out)
{
    append_painted(out, lrp_verdict_name(diagnosis->verdict), lrp_verdict_color(diagnosis->verdict),
                   color);
    if (diagnosis->primary != NULL) {
        lrp_text_printf(out, "  %s %s", diagnosis->primary->id, diagnosis->primary->title);
    }
    lrp_text_append(out, "\n");
}

static enum lrp_status append_plot(const struct lrp_diagnosis_report *report, unsigned columns,
                                   struct lrp_text *out, struct lrp_error *err)
{
    struct lrp_run_figure figure;
    enum lrp_status status = lrp_loss_of_run_figure(report, &figure, err);
    if (status == LRP_OK) {
        status = lrp_report_append_plot(&figure.figure, columns, out, err);
        lrp_run_figure_fini(&figure);
    }
    return status == LRP_E_NODATA ? LRP_OK : status;
}

static void append_finding(struct lrp_text *out, const struct lrp_finding *finding, bool color,
                           size_t width)
{
    static const char *const words[] = {"pass", "info", "WARN", "FAIL", "not assessed"};
    append_painted(out, words[finding->status], status_color(finding->status), color);
    lrp_text_printf(out, "  %-3s %s\n%*s", finding->id, finding->title, INDENT, "");
    append_clean_wrapped(out, finding->evidence, INDENT, INDENT, width);
    if (finding->advice[0] != '\0') {
        lrp_text_printf(out, "%*stry: ", INDENT, "");
        append_clean_wrapped(out, finding->advice, INDENT + 5, INDENT + 5, width);
    }
}

static void append_findings(struct lrp_text *out, const struct lrp_diagnosis *diagnosis,
                            enum lrp_check_status status, bool color, size_t width)
{
    for (size_t i = 0; i < diagnosis->n_findings; i++) {
        if (diagnosis->findings[i].status == status) {
            append_finding(out, &diagnosis->findings[i], color, width);
        }
    }
}

/* "31 pass, 9 not assessed: there is no val_loss in the log (G1, G2); ..." */
static void append_rest(struct lrp_text *out, const struct lrp_diagnosis *diagnosis, size_t width)
{
    struct lrp_text line;
    lrp_text_init(&line, TEXT_MOST);
    lrp_text_printf(&line, "%zu pass, %zu not assessed", diagnosis->counts[LRP_CHECK_PASS],
                    diagnosis->counts[LRP_CHECK_NOT_ASSESSED]);
    const char *separator = ": ";
    for (size_t i = 0; i < diagnosis->n_findings; i++) {
        const struct lrp_finding *finding = &diagnosis->findings[i];
        bool told = finding->status != LRP_CHECK_NOT_ASSESSED;
        for (size_t k = 0; k < i && !told; k++) {
            const struct lrp_finding *earlier = &diagnosis->findings[k];
            told = earlier->status == LRP_CHECK_NOT_ASSESSED &&
                   strcmp(earlier->evidence, finding->evidence) == 0;
        }
        if (told) {
            continue;
        }
        lrp_text_printf(&line, "%s%s (%s", separator, finding->evidence, finding->id);
        for (size_t k = i + 1; k < diagnosis->n_findings; k++) {
            const struct lrp_finding *later = &diagnosis->findings[k];
            if (later->status == LRP_CHECK_NOT_ASSESSED &&
                strcmp(later->evidence, finding->evidence) == 0) {
                lrp_text_printf(&line, ", %s", later->id);
            }
        }
        lrp_text_append(&line, ")");
        separator = "; ";
    }
    append_clean_wrapped(out, lrp_text_string(&line), 0, INDENT, width);
    lrp_text_fini(&line);
}

static void append_bias_variance(struct lrp_text *out, const struct lrp_diagnosis *diagnosis,
                                 size_t width)
{
    char number[2][LRP_NUMBER_SIZE];
    struct lrp_text line;
    if (diagnosis->bias_variance.reading == NULL) {
        return;
    }
    const char *what = diagnosis->bias_variance.from_accuracy ? "error" : "loss";
    lrp_text_init(&line, TEXT_MOST);
    lrp_text_printf(&line, "training %s %s, validation %s %s: %s. %s", what,
                    lrp_format_short(diagnosis->bias_variance.train_error, 3, number[0]), what,
                    lrp_format_short(diagnosis->bias_variance.val_error, 3, number[1]),
                    diagnosis->bias_variance.reading, diagnosis->bias_variance.actions);
    lrp_text_append_wrapped(out, lrp_text_string(&line), 0, INDENT, width);
    lrp_text_fini(&line);
}

enum lrp_status lrp_diagnosis_terminal(const struct lrp_diagnosis_report *report, unsigned columns,
                                       bool color, bool with_plot, struct lrp_text *out,
                                       struct lrp_error *err)
{
    const struct lrp_diagnosis *diagnosis = report->diagnosis;
    size_t width = columns == 0 ? 80 : columns < NARROWEST ? NARROWEST : columns;
    width = (width > WIDEST ? WIDEST : width) - 1;
    lrp_diagnosis_verdict_line(diagnosis, color, out);
    append_clean_wrapped(out, diagnosis->reason, 0, 0, width);
    lrp_text_append(out, "\n");
    enum lrp_status status = LRP_OK;
    if (with_plot) {
        status = append_plot(report, columns, out, err);
    }
    append_findings(out, diagnosis, LRP_CHECK_FAIL, color, width);
    append_findings(out, diagnosis, LRP_CHECK_WARN, color, width);
    append_findings(out, diagnosis, LRP_CHECK_INFO, color, width);
    append_rest(out, diagnosis, width);
    append_bias_variance(out, diagnosis, width);
    enum lrp_status whole = lrp_text_check(out, status == LRP_OK ? err : NULL);
    return status == LRP_OK ? whole : status;
}
