/* SPDX-License-Identifier: MIT */
#include "show_diagnosis.h"

#include "alloc.h"
#include "show_output.h"
#include "terminal.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 1 << 28 };

enum lrp_status lrp_show_diagnosis_init(struct lrp_show_diagnosis *show,
                                        const struct lrp_common_options *common, bool csv,
                                        bool many, struct lrp_error *err)
{
    bool picture = lrp_picture_wanted(common);
    memset(show, 0, sizeof *show);
    if (csv && common->json) {
        return lrp_fail(err, LRP_E_ARG, 0, "--csv and --json cannot both be printed");
    }
    if (picture && (csv || common->json)) {
        return lrp_fail(err, LRP_E_ARG, 0, "--plot %s and --%s cannot both be printed",
                        common->plot, csv ? "csv" : "json");
    }
    if (picture && many) {
        return lrp_fail(err, LRP_E_ARG, 0, "--plot %s takes a single run; -o DIR draws many",
                        common->plot);
    }
    show->common = common;
    show->csv = csv;
    show->many = many;
    show->picture = picture;
    show->talk = csv || common->json || picture ? stderr : stdout;
    return LRP_OK;
}

static enum lrp_status put(FILE *file, struct lrp_text *text, struct lrp_error *err)
{
    enum lrp_status status = lrp_text_check(text, err);
    if (status == LRP_OK && fwrite(text->bytes, 1, text->length, file) != text->length) {
        status = lrp_fail_errno(err, errno, "write", "standard output");
    }
    lrp_text_fini(text);
    return status;
}

/* A piece of JSON to where it is wanted: standard output, the folder. */
static enum lrp_status put_json(struct lrp_show_diagnosis *show, struct lrp_text *text,
                                struct lrp_error *err)
{
    enum lrp_status status = lrp_text_check(text, err);
    if (status == LRP_OK && show->json_open) {
        lrp_whole_append(&show->json, text->bytes, text->length);
    }
    if (status == LRP_OK && show->common->json) {
        return put(stdout, text, err);
    }
    lrp_text_fini(text);
    return status;
}

static bool json_wanted(const struct lrp_show_diagnosis *show)
{
    return show->common->json || show->json_open;
}

static enum lrp_status open_json(struct lrp_show_diagnosis *show, struct lrp_error *err)
{
    const char *folder = show->common->output;
    LRP_TRY(lrp_make_folder(folder, err));
    char *path = lrp_path_join(folder, "diagnosis.json");
    LRP_TRY_MEMORY(path, err);
    enum lrp_status status = lrp_whole_begin(&show->json, path, err);
    show->json_open = status == LRP_OK;
    free(path);
    return status;
}

enum lrp_status lrp_show_diagnosis_begin(struct lrp_show_diagnosis *show, struct lrp_error *err)
{
    struct lrp_text text;
    if (show->common->output != NULL) {
        LRP_TRY(open_json(show, err));
    }
    if (!json_wanted(show)) {
        return LRP_OK;
    }
    lrp_text_init(&text, TEXT_MOST);
    lrp_diagnosis_json_begin(&text);
    return put_json(show, &text, err);
}

/* Keeps the exit code of what went wrong with a part; the others are shown all the same. */
static void keep_code(struct lrp_show_diagnosis *show, int code)
{
    show->code = lrp_exit_worse(show->code, code);
}

static void print_words(struct lrp_show_diagnosis *show, const struct lrp_diagnosis_report *report)
{
    struct lrp_error err = {0};
    struct lrp_text text;
    bool plot = show->talk == stdout && lrp_plot_wanted(show->common) == LRP_PLOT_DUMB;
    enum lrp_diagnosis_detail detail = show->common->quiet ? LRP_DIAGNOSIS_VERDICT
                                       : plot              ? LRP_DIAGNOSIS_WITH_PLOT
                                                           : LRP_DIAGNOSIS_WORDS;
    lrp_text_init(&text, TEXT_MOST);
    enum lrp_status status =
        lrp_diagnosis_terminal(report, detail, lrp_terminal_columns(show->talk),
                               lrp_terminal_color(show->talk), &text, &err);
    (void)fputs(lrp_text_string(&text), show->talk);
    lrp_text_fini(&text);
    keep_code(show, lrp_show_status(status, &err));
}

static void print_picture(struct lrp_show_diagnosis *show,
                          const struct lrp_diagnosis_report *report)
{
    struct lrp_error err = {0};
    enum lrp_plot_format format = lrp_plot_wanted(show->common);
    char *bytes = NULL;
    size_t length = 0;
    enum lrp_status status = lrp_check_picture(format, &err);
    if (status == LRP_OK) {
        status = lrp_diagnosis_plot(report, format, &bytes, &length, &err);
    }
    if (status == LRP_OK) {
        (void)fwrite(bytes, 1, length, stdout);
    }
    free(bytes);
    keep_code(show, lrp_show_status(status, &err));
}

static void show_folder(struct lrp_show_diagnosis *show, enum lrp_status status,
                        const struct lrp_error *err)
{
    keep_code(show,
              lrp_show_folder(show->talk, show->common, show->common->output, status, err, false));
}

static void write_report(struct lrp_show_diagnosis *show, const struct lrp_diagnosis_report *report)
{
    struct lrp_error err = {0};
    show_folder(show, lrp_diagnosis_write(report, show->common->output, &err), &err);
}

static struct lrp_diagnosis_report report_of(const struct lrp_show_diagnosis *show,
                                             const struct lrp_triaged_run *run)
{
    return (struct lrp_diagnosis_report){.title = run->alone ? show->title : NULL,
                                         .command = show->command,
                                         .source = run->source,
                                         .record = run->record,
                                         .diagnosis = run->diagnosis,
                                         .all = show->all,
                                         .alone = run->alone};
}

static char *clean_copy(const char *text)
{
    struct lrp_text clean;
    lrp_text_init(&clean, TEXT_MOST);
    lrp_text_append_clean(&clean, text, strlen(text));
    char *copy = strdup(lrp_text_string(&clean));
    lrp_text_fini(&clean);
    return copy;
}

/* One more run of many that has the note. */
static enum lrp_status count_note(struct lrp_show_diagnosis *show, const char *source,
                                  const char *note, struct lrp_error *err)
{
    char *text = clean_copy(note);
    LRP_TRY_MEMORY(text, err);
    for (size_t i = 0; i < show->n_notes; i++) {
        if (strcmp(show->notes[i].text, text) == 0) {
            show->notes[i].count++;
            free(text);
            return LRP_OK;
        }
    }
    char *first = clean_copy(source);
    struct lrp_seen_note *notes =
        first != NULL ? realloc(show->notes, (show->n_notes + 1) * sizeof *notes) : NULL;
    if (notes == NULL) {
        free(text);
        free(first);
        return lrp_fail_memory(err, sizeof *notes);
    }
    notes[show->n_notes] = (struct lrp_seen_note){.text = text, .source = first, .count = 1};
    show->notes = notes;
    show->n_notes++;
    return LRP_OK;
}

static enum lrp_status take_notes(struct lrp_show_diagnosis *show,
                                  const struct lrp_triaged_run *run, struct lrp_error *err)
{
    const char *note = NULL;
    for (size_t i = 0; (note = lrp_record_note(run->record, i)) != NULL; i++) {
        LRP_TRY(count_note(show, run->source, note, err));
    }
    return LRP_OK;
}

/* Each note once: of which run, or of how many. */
static void print_notes(struct lrp_show_diagnosis *show)
{
    for (size_t i = 0; i < show->n_notes; i++) {
        const struct lrp_seen_note *note = &show->notes[i];
        if (!show->many) {
            (void)fprintf(stderr, "note: %s\n", note->text);
        } else if (note->count == 1) {
            (void)fprintf(stderr, "note: %s: %s\n", note->source, note->text);
        } else {
            (void)fprintf(stderr, "note: %s (%zu runs, the first is %s)\n", note->text, note->count,
                          note->source);
        }
        free(note->text);
        free(note->source);
    }
    free(show->notes);
    show->notes = NULL;
    show->n_notes = 0;
}

static enum lrp_status show_run(void *user, const struct lrp_triaged_run *run,
                                struct lrp_error *err)
{
    struct lrp_show_diagnosis *show = user;
    const struct lrp_diagnosis_report given = report_of(show, run);
    const struct lrp_diagnosis_report *report = &given;
    enum lrp_status status = LRP_OK;
    struct lrp_text text;
    if (!show->common->quiet) {
        LRP_TRY(take_notes(show, run, err));
        if (run->alone && !show->many) {
            print_notes(show);
        }
    }
    LRP_TRY(lrp_run_table_add(&show->table, report, err));
    show->table.rows[show->table.n - 1].file = run->file;
    show->table.rows[show->table.n - 1].part = run->part;
    if (json_wanted(show)) {
        lrp_text_init(&text, TEXT_MOST);
        status = lrp_diagnosis_json_run(report, show->n_told == 0, &text, err);
        status = status == LRP_OK ? put_json(show, &text, err) : status;
    }
    show->n_told++;
    show->many = show->many || !report->alone;
    if (status == LRP_OK && !show->many && (show->talk == stdout || !show->common->quiet)) {
        print_words(show, report);
    }
    if (status == LRP_OK && !show->many && show->picture) {
        print_picture(show, report);
    }
    if (status == LRP_OK && report->alone && show->common->output != NULL) {
        write_report(show, report);
    }
    return status;
}

static void show_bad_file(void *user, const struct lrp_error *err, const char *source)
{
    struct lrp_show_diagnosis *show = user;
    show->table.n_unread++;
    show->file_code = lrp_exit_worse(show->file_code, lrp_report_error(err, source));
}

struct lrp_triage_handlers lrp_show_diagnosis_handlers(struct lrp_show_diagnosis *show)
{
    return (struct lrp_triage_handlers){
        .on_run = show_run, .on_bad_file = show_bad_file, .user = show};
}

/* ---- when all are through ------------------------------------------------------------------ */

struct run_page {
    const struct lrp_show_diagnosis *show;
    size_t number;
};

static enum lrp_status write_page(void *user, const struct lrp_triaged_run *run,
                                  struct lrp_error *err)
{
    const struct run_page *page = user;
    const struct lrp_diagnosis_report report = report_of(page->show, run);
    return lrp_diagnosis_write_page(&report, page->show->common->output, page->number, err);
}

/* The pages of the worst runs, then the overview that links to them. */
static void write_runs(struct lrp_show_diagnosis *show, struct lrp_triage *triage,
                       const volatile int *stop)
{
    struct lrp_error err = {0};
    const struct lrp_run_table *table = &show->table;
    enum lrp_status worst = LRP_OK;
    size_t n_pages = 0;
    struct run_page page = {show, 0};
    while (n_pages < table->n && n_pages < LRP_RUN_PAGES_MOST && *stop == 0) {
        struct lrp_error *first = worst == LRP_OK ? &err : NULL;
        page.number = n_pages + 1;
        const struct lrp_run_row *row = &table->rows[n_pages];
        enum lrp_status status =
            lrp_triage_again(triage, row->file, row->part, write_page, &page, first);
        worst = worst == LRP_OK ? status : worst;
        if (status != LRP_OK && status != LRP_E_TOOL) {
            break;
        }
        n_pages++;
    }
    struct lrp_text title;
    lrp_text_init(&title, TEXT_MOST);
    lrp_text_printf(&title, "Diagnosis of %zu run%s", table->n, table->n == 1 ? "" : "s");
    enum lrp_status status = lrp_runs_write(
        table, show->common->output, show->title != NULL ? show->title : lrp_text_string(&title),
        show->command, n_pages, worst == LRP_OK ? &err : NULL);
    lrp_text_fini(&title);
    show_folder(show, worst == LRP_OK ? status : worst, &err);
}

/* Ends the JSON, in both places. */
static enum lrp_status end_json(struct lrp_show_diagnosis *show, struct lrp_error *err)
{
    struct lrp_text text;
    lrp_text_init(&text, TEXT_MOST);
    lrp_diagnosis_json_end(&text);
    enum lrp_status status = put_json(show, &text, err);
    if (show->json_open) {
        enum lrp_status kept =
            lrp_whole_end(&show->json, show->n_told > 0, status == LRP_OK ? err : NULL);
        show->json_open = false;
        status = status == LRP_OK ? kept : status;
    }
    return status;
}

static enum lrp_status put_table(struct lrp_show_diagnosis *show, const struct lrp_run_table *table,
                                 struct lrp_error *err)
{
    struct lrp_text text;
    lrp_text_init(&text, TEXT_MOST);
    enum lrp_status status =
        lrp_run_table_terminal(table, lrp_terminal_columns(show->talk),
                               lrp_terminal_color(show->talk), show->common->quiet, &text, err);
    if (status != LRP_OK) {
        lrp_text_fini(&text);
        return status;
    }
    return put(show->talk, &text, err);
}

int lrp_show_diagnosis_end(struct lrp_show_diagnosis *show, struct lrp_triage *triage,
                           const volatile int *stop)
{
    struct lrp_error err = {0};
    struct lrp_run_table *table = &show->table;
    struct lrp_text text;
    enum lrp_status status = json_wanted(show) ? end_json(show, &err) : LRP_OK;
    print_notes(show);
    lrp_run_table_sort(table);
    if (status == LRP_OK && show->csv) {
        lrp_text_init(&text, TEXT_MOST);
        lrp_run_table_csv(table, &text);
        status = put(stdout, &text, &err);
    }
    bool words = show->talk == stdout || !show->common->quiet;
    if (status == LRP_OK && show->many && table->n > 0 && words) {
        status = put_table(show, table, &err);
    }
    if (status == LRP_OK && show->many && show->picture) {
        status = lrp_fail(&err, LRP_E_ARG, 0, "--plot %s takes a single run; -o DIR draws many",
                          show->common->plot);
    }
    if (status != LRP_OK) {
        keep_code(show, lrp_report_error(&err, NULL));
    }
    if (show->many && table->n > 0 && show->common->output != NULL) {
        write_runs(show, triage, stop);
    }
    return show->code;
}

void lrp_show_diagnosis_fini(struct lrp_show_diagnosis *show)
{
    print_notes(show); /* where the end was not reached */
    lrp_run_table_fini(&show->table);
}
