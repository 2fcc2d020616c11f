/* SPDX-License-Identifier: MIT */
#include "several_runs.h"

#include "aliases.h"
#include "alloc.h"
#include "number.h"
#include "rate_names.h"
#include "record_change.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS_MOST = 100000, SHOWN = 40, LISTED = 8, NO_RUN = -1 };

void lrp_log_runs_fini(struct lrp_log_runs *runs)
{
    for (size_t i = 0; i < runs->n; i++) {
        lrp_record_free(runs->list[i]);
    }
    free(runs->list);
    *runs = (struct lrp_log_runs){NULL, 0};
}

enum lrp_status lrp_log_runs_add(struct lrp_log_runs *runs, struct lrp_record *record,
                                 struct lrp_error *err)
{
    struct lrp_record **list = NULL;
    if (runs->n < RUNS_MOST) {
        list = lrp_realloc_array(runs->list, runs->n + 1, sizeof(struct lrp_record *));
    }
    if (list == NULL) {
        lrp_record_free(record);
        return runs->n < RUNS_MOST
                   ? lrp_fail_memory(err, (runs->n + 1) * sizeof(struct lrp_record *))
                   : lrp_fail(err, LRP_E_LIMIT, 0, "more than %d runs in one log", RUNS_MOST);
    }
    list[runs->n] = record;
    runs->list = list;
    runs->n++;
    return LRP_OK;
}

size_t lrp_run_name_length(const char *name, size_t length)
{
    char before[LRP_COLUMN_NAME_MOST + 1];
    size_t end = length;
    while (end > 3 && (end == length || memcmp(name + end - 3, " - ", 3) != 0)) {
        end--;
    }
    if (end <= 3) {
        return 0;
    }
    lrp_canonical_column(name, end - 3, before);
    return lrp_is_known_column(before) ? 0 : end - 3; /* "Loss - train" has no run in front */
}

/* ---- one record a run ---------------------------------------------------------------------- */

/* Which columns are whose. */
struct wide_table {
    const struct lrp_record *record;
    size_t n_columns;
    int *run;      /* of each column; NO_RUN = of all */
    size_t *first; /* of each run: a column of its own */
    int n_runs;
};

static const char *name_of(const struct wide_table *table, size_t column, size_t *length)
{
    const char *name = lrp_record_column_name(table->record, column);
    *length = lrp_run_name_length(name, strlen(name));
    return name;
}

static void find_runs(struct wide_table *table)
{
    for (size_t c = 0; c < table->n_columns; c++) {
        size_t length = 0;
        const char *name = name_of(table, c, &length);
        table->run[c] = NO_RUN;
        for (int r = 0; r < table->n_runs && length > 0; r++) {
            size_t other = 0;
            const char *known = name_of(table, table->first[r], &other);
            table->run[c] = other == length && memcmp(known, name, length) == 0 ? r : table->run[c];
        }
        if (length > 0 && table->run[c] == NO_RUN) {
            table->run[c] = table->n_runs;
            table->first[table->n_runs] = c;
            table->n_runs++;
        }
    }
}

/* The columns of one run; from[i] is where the record's column i comes from. */
static enum lrp_status name_columns(const struct wide_table *table, int run, struct lrp_record *out,
                                    size_t *from, struct lrp_error *err)
{
    for (int own = 1; own >= 0; own--) { /* those of the run go before those of all */
        for (size_t c = 0; c < table->n_columns; c++) {
            size_t length = 0;
            size_t index = 0;
            const char *name = name_of(table, c, &length);
            name += length > 0 ? length + 3 : 0;
            if (table->run[c] == (own == 1 ? run : NO_RUN) &&
                lrp_record_find_column(out, name) == LRP_NO_COLUMN) {
                const char *former = lrp_record_former_name(table->record, c);
                former = former != NULL ? former : lrp_record_column_name(table->record, c);
                LRP_TRY(lrp_record_add_column(out, name, &index, err));
                LRP_TRY(lrp_record_set_former_name(out, name, former, strlen(former), err));
                from[index] = c;
            }
        }
    }
    return LRP_OK;
}

static enum lrp_status copy_rows(const struct wide_table *table, int run, const size_t *from,
                                 struct lrp_record *out, struct lrp_error *err)
{
    size_t n = lrp_record_columns(out);
    double *values = lrp_calloc_array(n, sizeof *values);
    unsigned char *present = lrp_calloc_array(n, 1);
    enum lrp_status status = LRP_OK;
    if (values == NULL || present == NULL) {
        status = lrp_fail_memory(err, n * sizeof *values);
    }
    for (size_t row = 0; row < lrp_record_rows(table->record) && status == LRP_OK; row++) {
        bool any = false;
        for (size_t c = 0; c < n; c++) {
            values[c] = lrp_record_values(table->record, from[c])[row];
            present[c] = lrp_record_present(table->record, from[c], row) != 0;
            any = any || (present[c] != 0 && table->run[from[c]] == run);
        }
        status = any ? lrp_record_append_row(out, values, present, err) : LRP_OK;
    }
    free(values);
    free(present);
    return status == LRP_OK ? lrp_record_finish(out, err) : status;
}

static enum lrp_status copy_texts(const struct wide_table *table, int run, struct lrp_record *out,
                                  struct lrp_error *err)
{
    const char *key = NULL;
    const char *value = NULL;
    const char *note = NULL;
    size_t length = 0;
    for (size_t i = 0; lrp_record_meta_at(table->record, i, &key, &value); i++) {
        LRP_TRY(lrp_record_set_meta(out, key, value, err));
    }
    for (size_t i = 0; run == 0 && (note = lrp_record_note(table->record, i)) != NULL; i++) {
        LRP_TRY(lrp_record_add_note(out, err, "%s", note));
    }
    char count[LRP_NUMBER_SIZE];
    lrp_record_set_format(out, lrp_record_format(table->record));
    LRP_TRY(lrp_record_set_meta(out, "runs", lrp_format_double(table->n_runs, count), err));
    const char *name = name_of(table, table->first[run], &length);
    struct lrp_text shown;
    lrp_text_init(&shown, SHOWN * 3);
    lrp_text_append_clean(&shown, name, length < SHOWN ? length : (size_t)SHOWN);
    enum lrp_status status = lrp_text_check(&shown, err);
    status =
        status == LRP_OK ? lrp_record_set_meta(out, "run", lrp_text_string(&shown), err) : status;
    lrp_text_fini(&shown);
    return status;
}

/* A run that is called by its rate has that rate. */
static enum lrp_status add_rate(struct lrp_record *record, const char *name, size_t length,
                                struct lrp_error *err)
{
    double rate = 0;
    size_t column = 0;
    if (!lrp_rate_in_name(name, length, &rate) ||
        lrp_record_find_column(record, "lr") != LRP_NO_COLUMN) {
        return LRP_OK;
    }
    LRP_TRY(lrp_record_add_column(record, "lr", &column, err));
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        lrp_record_fill_cell(record, column, row, rate);
    }
    return LRP_OK;
}

static enum lrp_status take_run(const struct wide_table *table, int run, size_t *from,
                                struct lrp_log_runs *out, struct lrp_error *err)
{
    struct lrp_record *record = NULL;
    LRP_TRY(lrp_record_new(0, &record, err));
    enum lrp_status status = name_columns(table, run, record, from, err);
    status = status == LRP_OK ? copy_rows(table, run, from, record, err) : status;
    status = status == LRP_OK ? copy_texts(table, run, record, err) : status;
    size_t length = 0;
    const char *name = name_of(table, table->first[run], &length);
    status = status == LRP_OK ? add_rate(record, name, length, err) : status;
    if (status != LRP_OK || lrp_record_rows(record) == 0) {
        lrp_record_free(record); /* a run without a number is none */
        return status;
    }
    return lrp_log_runs_add(out, record, err);
}

static enum lrp_status split_table(const struct wide_table *table, struct lrp_log_runs *out,
                                   struct lrp_error *err)
{
    if (lrp_record_block_rows(table->record) > 1) {
        return lrp_fail(err, LRP_E_LIMIT, 0,
                        "a table of several runs has too many rows; one file a run has no limit");
    }
    size_t *from = lrp_calloc_array(table->n_columns, sizeof *from);
    LRP_TRY_MEMORY(from, err);
    enum lrp_status status = LRP_OK;
    for (int run = 0; run < table->n_runs && status == LRP_OK; run++) {
        status = take_run(table, run, from, out, err);
    }
    free(from);
    return status;
}

enum lrp_status lrp_split_runs(struct lrp_record *record, struct lrp_log_runs *out,
                               struct lrp_error *err)
{
    struct wide_table table = {.record = record, .n_columns = lrp_record_columns(record)};
    struct lrp_log_runs runs = {NULL, 0};
    enum lrp_status status = LRP_OK;
    table.run = lrp_calloc_array(table.n_columns, sizeof *table.run);
    table.first = lrp_calloc_array(table.n_columns, sizeof *table.first);
    if (table.run == NULL || table.first == NULL) {
        status = lrp_fail_memory(err, table.n_columns * sizeof *table.first);
    } else {
        find_runs(&table);
        status = table.n_runs > 1 ? split_table(&table, &runs, err) : LRP_OK;
    }
    if (status == LRP_OK && runs.n == 0) {
        status = lrp_log_runs_add(&runs, record, err);
    } else {
        lrp_record_free(record);
    }
    free(table.run);
    free(table.first);
    if (status != LRP_OK) {
        lrp_log_runs_fini(&runs);
        return status;
    }
    *out = runs;
    return LRP_OK;
}

/* ---- one of them --------------------------------------------------------------------------- */

/* What a run is called: its name, or its value in the column repeat; "" where it has neither. */
static void call_run(const struct lrp_record *record, char *name, size_t size)
{
    const char *given = lrp_record_meta(record, "run");
    size_t column = lrp_record_find_column(record, "repeat");
    char number[LRP_NUMBER_SIZE];
    if (given == NULL && column != LRP_NO_COLUMN && lrp_record_rows(record) > 0) {
        given = lrp_format_double(lrp_record_values(record, column)[0], number);
    }
    (void)snprintf(name, size, "%s", given != NULL ? given : "");
}

static enum lrp_status no_such_run(const struct lrp_log_runs *runs, const char *wanted,
                                   struct lrp_error *err)
{
    struct lrp_text names;
    struct lrp_text shown;
    lrp_text_init(&names, (SHOWN * 3 + 2) * (LISTED + 1));
    lrp_text_init(&shown, SHOWN * 3);
    for (size_t i = 0; i < runs->n && i < LISTED; i++) {
        char name[3 * SHOWN + 1];
        call_run(runs->list[i], name, sizeof name);
        lrp_text_append(&names, i > 0 ? ", " : "");
        lrp_text_append_clean(&names, name, strlen(name));
    }
    lrp_text_append(&names, runs->n > LISTED ? ", ..." : "");
    lrp_text_append_clean(&shown, wanted, strnlen(wanted, SHOWN));
    enum lrp_status status =
        runs->n == 1 ? lrp_fail(err, LRP_E_NODATA, 0, "no run is called \"%s\": there is only one",
                                lrp_text_string(&shown))
                     : lrp_fail(err, LRP_E_NODATA, 0,
                                "no run is called \"%s\"; there are %s, or their numbers from 1 to "
                                "%zu",
                                lrp_text_string(&shown), lrp_text_string(&names), runs->n);
    lrp_text_fini(&names);
    lrp_text_fini(&shown);
    return status;
}

enum lrp_status lrp_choose_run(struct lrp_log_runs *runs, const char *wanted, struct lrp_error *err)
{
    size_t chosen = runs->n;
    int64_t number = 0;
    for (size_t i = 0; i < runs->n && chosen == runs->n; i++) {
        char name[3 * SHOWN + 1];
        call_run(runs->list[i], name, sizeof name);
        chosen = strncmp(name, wanted, SHOWN) == 0 ? i : chosen;
    }
    if (chosen == runs->n &&
        lrp_parse_int64(wanted, strlen(wanted), 1, (int64_t)runs->n, &number)) {
        chosen = (size_t)number - 1;
    }
    if (chosen == runs->n && strcmp(wanted, "all") == 0) {
        return LRP_OK;
    }
    if (chosen == runs->n && strcmp(wanted, "last") == 0) {
        chosen = runs->n - 1;
    }
    if (chosen == runs->n) {
        return no_such_run(runs, wanted, err);
    }
    for (size_t i = 0; i < runs->n; i++) {
        if (i != chosen) {
            lrp_record_free(runs->list[i]);
        }
    }
    runs->list[0] = runs->list[chosen];
    runs->n = 1;
    return LRP_OK;
}
