/* SPDX-License-Identifier: MIT */
/* Any log that can be read, as a clean run record. */
#include "commands.h"

#include "alloc.h"
#include "files.h"
#include "log_options.h"
#include "number.h"
#include "record_json.h"
#include "record_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FACTS_MOST = 1 << 24, RUNS_MOST = 100000 };

struct convert_options {
    struct lrp_common_options common;
    struct lrp_log_options logs;
};

/* The runs of all files; sources are borrowed, records are ours. */
struct conversion {
    struct lrp_converted_run *runs;
    size_t n, capacity;
    bool quiet; /* notes are not printed */
};

/* ---- reading ------------------------------------------------------------------------------- */

static void tell_notes(const struct lrp_record *record)
{
    const char *note = NULL;
    for (size_t i = 0; (note = lrp_record_note(record, i)) != NULL; i++) {
        (void)fprintf(stderr, "note: %s\n", note);
    }
}

/* What a comment line is to say beside the meta data that the log has. */
static enum lrp_status add_facts(struct lrp_record *record, const char *path, struct lrp_error *err)
{
    char number[LRP_NUMBER_SIZE];
    double block = (double)lrp_record_block_rows(record);
    LRP_TRY(lrp_record_set_meta(record, "source", path, err));
    LRP_TRY(lrp_record_set_meta(record, "format", lrp_record_format(record), err));
    return block == 1
               ? LRP_OK
               : lrp_record_set_meta(record, "rows_merged", lrp_format_double(block, number), err);
}

/* Takes over the records of a file. */
static enum lrp_status keep_runs(struct conversion *all, const char *path,
                                 struct lrp_log_runs *runs, struct lrp_error *err)
{
    for (size_t i = 0; i < runs->n; i++) {
        LRP_TRY(lrp_grow_array((void **)&all->runs, all->n, &all->capacity, sizeof *all->runs,
                               RUNS_MOST, err));
        all->runs[all->n] = (struct lrp_converted_run){path, runs->list[i]};
        all->n++;
        runs->list[i] = NULL;
    }
    return LRP_OK;
}

static enum lrp_status take_log(void *user, const char *path,
                                const struct lrp_read_options *options, struct lrp_error *err)
{
    struct conversion *all = user;
    struct lrp_log_runs runs = {NULL, 0};
    LRP_TRY(lrp_log_read(path, options, &runs, err));
    enum lrp_status status = options->run == NULL ? lrp_leave_one_run(&runs, err) : LRP_OK;
    for (size_t i = 0; i < runs.n && status == LRP_OK; i++) {
        status = add_facts(runs.list[i], path, err);
        if (!all->quiet) {
            tell_notes(runs.list[i]);
        }
    }
    status = status == LRP_OK ? keep_runs(all, path, &runs, err) : status;
    lrp_log_runs_fini(&runs);
    return status;
}

/* ---- writing ------------------------------------------------------------------------------- */

/* Not what was only worked out on the way: names of columns that are gone, counts of joined rows.
 */
static bool is_fact(const struct lrp_record *record, const char *key)
{
    static const char column[] = "column.";
    return strncmp(key, column, sizeof column - 1) == 0
               ? lrp_record_find_column(record, key + sizeof column - 1) != LRP_NO_COLUMN
               : strncmp(key, "stitch.", 7) != 0;
}

/* The comment lines of a run as keys and values in turn; text holds the keys. prefix: "" where it
 * is the only one. */
static void append_facts(struct lrp_text *text, const struct lrp_record *record, const char *prefix)
{
    const char *key = NULL;
    const char *value = NULL;
    for (size_t i = 0; lrp_record_meta_at(record, i, &key, &value); i++) {
        if (is_fact(record, key)) {
            lrp_text_append(text, prefix);
            lrp_text_append_bytes(text, key, strlen(key) + 1);
            lrp_text_append_bytes(text, value, strlen(value) + 1);
        }
    }
    for (size_t i = 0; (value = lrp_record_note(record, i)) != NULL; i++) {
        lrp_text_append(text, prefix);
        lrp_text_append_bytes(text, "note", sizeof "note");
        lrp_text_append_bytes(text, value, strlen(value) + 1);
    }
}

static enum lrp_status write_csv(FILE *file, const char *name, const struct conversion *all,
                                 const struct lrp_text *facts, struct lrp_error *err)
{
    size_t n_strings = 0;
    const struct lrp_record **records = lrp_calloc_array(all->n, sizeof(struct lrp_record *));
    LRP_TRY_MEMORY(records, err);
    for (size_t i = 0; i < facts->length; i++) {
        n_strings += facts->bytes[i] == '\0' ? 1 : 0;
    }
    const char **meta = lrp_calloc_array(n_strings, sizeof *meta);
    enum lrp_status status = meta == NULL ? lrp_fail_memory(err, n_strings * sizeof *meta) : LRP_OK;
    for (size_t i = 0, at = 0; i < n_strings && status == LRP_OK; i++) {
        meta[i] = facts->bytes + at;
        at += strlen(meta[i]) + 1;
    }
    for (size_t i = 0; i < all->n; i++) {
        records[i] = all->runs[i].record;
    }
    status = status == LRP_OK
                 ? lrp_records_write(file, name, records, all->n, meta, n_strings / 2, err)
                 : status;
    free(meta);
    free(records);
    return status;
}

static enum lrp_status write_table(FILE *file, const char *name, const struct conversion *all,
                                   struct lrp_error *err)
{
    struct lrp_text facts;
    lrp_text_init(&facts, FACTS_MOST);
    for (size_t i = 0; i < all->n; i++) {
        char prefix[LRP_NUMBER_SIZE + 4] = "";
        if (all->n > 1) {
            (void)snprintf(prefix, sizeof prefix, "%zu.", i + 1);
        }
        append_facts(&facts, all->runs[i].record, prefix);
    }
    enum lrp_status status = lrp_text_check(&facts, err);
    status = status == LRP_OK ? write_csv(file, name, all, &facts, err) : status;
    lrp_text_fini(&facts);
    return status;
}

static enum lrp_status write_json(FILE *file, const struct conversion *all, struct lrp_error *err)
{
    char *text = NULL;
    LRP_TRY(lrp_records_json(all->runs, all->n, &text, err));
    (void)fputs(text, file);
    free(text);
    return LRP_OK;
}

static enum lrp_status write_result(FILE *file, const char *name, bool json,
                                    const struct conversion *all, struct lrp_error *err)
{
    return json ? write_json(file, all, err) : write_table(file, name, all, err);
}

static int write_out(const struct lrp_common_options *common, const struct conversion *all)
{
    struct lrp_error err = {0};
    struct lrp_whole_file whole;
    if (common->output == NULL) {
        return write_result(stdout, "standard output", common->json, all, &err) == LRP_OK
                   ? LRP_EXIT_OK
                   : lrp_report_error(&err, NULL);
    }
    enum lrp_status status = lrp_whole_begin(&whole, common->output, &err);
    if (status == LRP_OK) {
        struct lrp_error late = {0};
        status = write_result(whole.file, common->output, common->json, all, &err);
        enum lrp_status ended = lrp_whole_end(&whole, status == LRP_OK, &late);
        err = status == LRP_OK ? late : err;
        status = status == LRP_OK ? ended : status;
    }
    return status == LRP_OK ? LRP_EXIT_OK : lrp_report_error(&err, NULL);
}

static int run(const void *given, char **operands, size_t n_operands)
{
    const struct convert_options *options = given;
    struct conversion all = {.quiet = options->common.quiet};
    if (n_operands == 0) {
        struct lrp_error err = {0};
        (void)lrp_fail(&err, LRP_E_ARG, 0,
                       "convert needs a log or more; see lrprobe convert --help");
        return lrp_report_error(&err, NULL);
    }
    int code = lrp_read_logs(&options->logs, false, operands, n_operands, take_log, &all);
    if (all.n > 0) { /* a file that could not be read counts only if none could */
        code = write_out(&options->common, &all);
    }
    for (size_t i = 0; i < all.n; i++) {
        lrp_record_free(all.runs[i].record);
    }
    free(all.runs);
    return code;
}

static const struct lrp_option_group groups[] = {
    {"Logs", lrp_log_option_table, LRP_LOG_OPTIONS, offsetof(struct convert_options, logs)},
};
const struct lrp_command lrp_command_convert = {
    .name = "convert",
    .arguments = "FILE...",
    .summary = "any readable log as a clean run record: CSV or JSON",
    .description =
        "Reads training logs in many formats and prints a table: step, epoch, time_s, lr, "
        "momentum, loss, val_loss, accuracy, val_accuracy and the other columns that lrprobe "
        "knows, as far as they were logged, then all further numbers under their own names. A cell "
        "is empty where nothing was measured; nan, inf and -inf are data. Comment lines above the "
        "header (# key: value) have the source, its format, what the log calls a column, the run "
        "if there are several in the file, and what was put right. Of several runs in "
        "a file the newest is printed unless --run says otherwise; several files, and --run all, "
        "give one table with a column repeat. With -o FILE the table goes there instead, with "
        "--json it is JSON. Files may be gzip-compressed; - is standard input.",
    .examples = "$ lrprobe convert run.csv\n$ lrprobe convert --json run.csv\n"
                "$ lrprobe convert --run last run.csv\n",
    .groups = groups,
    .n_groups = sizeof groups / sizeof groups[0],
    .options_size = sizeof(struct convert_options),
    .run = run,
};
