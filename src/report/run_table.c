/* SPDX-License-Identifier: MIT */
#include "run_table.h"

#include "alloc.h"
#include "number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MOST = 1 << 22, TEXT_MOST = 1 << 20 };

/* Heap copy of a text from anybody, without control bytes; NULL when memory is short. */
static char *clean_copy(const char *untrusted)
{
    struct lrp_text clean;
    lrp_text_init(&clean, TEXT_MOST);
    lrp_text_append_clean(&clean, untrusted, strlen(untrusted));
    char *copy = clean.status == LRP_OK ? lrp_strdup(lrp_text_string(&clean)) : NULL;
    lrp_text_fini(&clean);
    return copy;
}

enum lrp_status lrp_run_table_add(struct lrp_run_table *table,
                                  const struct lrp_diagnosis_report *report, struct lrp_error *err)
{
    const struct lrp_diagnosis *diagnosis = report->diagnosis;
    struct lrp_run_row row = {
        .format = lrp_record_format(report->record),
        .rows = lrp_record_rows_read(report->record),
        .verdict = diagnosis->verdict,
        .primary = lrp_diagnosis_primary(diagnosis),
        .facts = lrp_run_facts_of(diagnosis),
        .order = table->n,
    };
    memcpy(row.counts, diagnosis->counts, sizeof row.counts);
    enum lrp_status status = lrp_grow_array((void **)&table->rows, table->n, &table->capacity,
                                            sizeof *table->rows, ROWS_MOST, err);
    if (status != LRP_OK) {
        return status;
    }
    row.source = clean_copy(report->source);
    row.reason = clean_copy(diagnosis->reason);
    if (row.source == NULL || row.reason == NULL) {
        free(row.source);
        free(row.reason);
        return lrp_fail_memory(err, strlen(report->source));
    }
    table->rows[table->n] = row;
    table->n++;
    return LRP_OK;
}

static int compare_sizes(size_t a, size_t b)
{
    return a > b ? 1 : a < b ? -1 : 0;
}

/* Healthy runs come last: "undecided" asks for a look, "healthy" does not. */
static int severity(enum lrp_verdict verdict)
{
    return verdict == LRP_VERDICT_HEALTHY ? LRP_VERDICT_UNDECIDED + 1 : (int)verdict;
}

static int worse_first(const void *left, const void *right)
{
    const struct lrp_run_row *a = left;
    const struct lrp_run_row *b = right;
    int by_verdict = severity(a->verdict) - severity(b->verdict);
    int by_fail = compare_sizes(b->counts[LRP_CHECK_FAIL], a->counts[LRP_CHECK_FAIL]);
    int by_warn = compare_sizes(b->counts[LRP_CHECK_WARN], a->counts[LRP_CHECK_WARN]);
    return by_verdict != 0 ? by_verdict
           : by_fail != 0  ? by_fail
           : by_warn != 0  ? by_warn
                           : compare_sizes(a->order, b->order);
}

void lrp_run_table_sort(struct lrp_run_table *table)
{
    if (table->n > 0) {
        qsort(table->rows, table->n, sizeof *table->rows, worse_first);
    }
}

void lrp_run_table_fini(struct lrp_run_table *table)
{
    for (size_t i = 0; i < table->n; i++) {
        free(table->rows[i].source);
        free(table->rows[i].reason);
    }
    free(table->rows);
    memset(table, 0, sizeof *table);
}

size_t lrp_run_table_common_folder(const struct lrp_run_table *table)
{
    size_t common = table->n > 1 ? strlen(table->rows[0].source) : 0;
    for (size_t i = 1; i < table->n; i++) {
        size_t same = 0;
        while (same < common && table->rows[i].source[same] == table->rows[0].source[same]) {
            same++;
        }
        common = same;
    }
    while (common > 0 && table->rows[0].source[common - 1] != '/') {
        common--;
    }
    return common;
}

void lrp_run_table_count(const struct lrp_run_table *table, size_t counts[LRP_VERDICTS])
{
    memset(counts, 0, LRP_VERDICTS * sizeof *counts);
    for (size_t i = 0; i < table->n; i++) {
        counts[table->rows[i].verdict]++;
    }
}

void lrp_run_table_totals(const struct lrp_run_table *table, struct lrp_text *out)
{
    size_t counts[LRP_VERDICTS];
    lrp_run_table_count(table, counts);
    lrp_text_printf(out, "%zu run%s", table->n, table->n == 1 ? "" : "s");
    const char *separator = ": ";
    for (int v = 0; v < LRP_VERDICTS; v++) {
        if (counts[v] > 0) {
            lrp_text_printf(out, "%s%zu %s", separator, counts[v],
                            lrp_verdict_name((enum lrp_verdict)v));
            separator = ", ";
        }
    }
    if (table->n_unread > 0) {
        lrp_text_printf(out, "; %zu file%s could not be read", table->n_unread,
                        table->n_unread == 1 ? "" : "s");
    }
}

/* A field of a CSV line, in quotes. */
static void append_field(struct lrp_text *out, const char *clean)
{
    lrp_text_append(out, "\"");
    for (const char *at = clean; *at != '\0'; at++) {
        lrp_text_append_bytes(out, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1);
    }
    lrp_text_append(out, "\"");
}

static void append_value(struct lrp_text *out, double value)
{
    char number[LRP_NUMBER_SIZE];
    lrp_text_printf(out, ",%s", isfinite(value) ? lrp_format_double(value, number) : "");
}

void lrp_run_table_csv(const struct lrp_run_table *table, struct lrp_text *out)
{
    lrp_text_append(out, "source,format,rows,verdict,primary,fail,warn,info,pass,not_assessed,"
                         "first_loss,final_loss,lr,reason\n");
    for (size_t i = 0; i < table->n; i++) {
        const struct lrp_run_row *row = &table->rows[i];
        append_field(out, row->source);
        lrp_text_printf(out, ",%s,%llu,%s,%s,%zu,%zu,%zu,%zu,%zu", row->format,
                        (unsigned long long)row->rows, lrp_verdict_name(row->verdict),
                        row->primary != NULL ? row->primary : "", row->counts[LRP_CHECK_FAIL],
                        row->counts[LRP_CHECK_WARN], row->counts[LRP_CHECK_INFO],
                        row->counts[LRP_CHECK_PASS], row->counts[LRP_CHECK_NOT_ASSESSED]);
        append_value(out, row->facts.first_loss);
        if (row->facts.broken) {
            lrp_text_append(out, ",nan");
        } else {
            append_value(out, row->facts.final_loss);
        }
        append_value(out, row->facts.lr);
        lrp_text_append(out, ",");
        append_field(out, row->reason);
        lrp_text_append(out, "\n");
    }
}
