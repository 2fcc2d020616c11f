/* SPDX-License-Identifier: MIT */
#include "show_diagnosis.h"

#include "diagnosis_figures.h"
#include "diagnosis_write.h"
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
    enum lrp_plot_format format = LRP_PLOT_DUMB;
    (void)lrp_plot_format_parse(common->plot, &format); /* the option table knows the names */
    bool picture = format != LRP_PLOT_DUMB && format != LRP_PLOT_NONE;
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

enum lrp_status lrp_show_diagnosis_begin(struct lrp_show_diagnosis *show, struct lrp_error *err)
{
    struct lrp_text text;
    const char *folder = show->common->output;
    enum lrp_status status = LRP_OK;
    if (folder != NULL) {
        char *path = lrp_path_join(folder, "diagnosis.json");
        status = path == NULL ? lrp_fail_memory(err, strlen(folder)) : lrp_make_folder(folder, err);
        status = status == LRP_OK ? lrp_whole_begin(&show->json, path, err) : status;
        show->json_open = status == LRP_OK;
        free(path);
    }
    if (status == LRP_OK && json_wanted(show)) {
        lrp_text_init(&text, TEXT_MOST);
        lrp_diagnosis_json_begin(&text);
        status = put_json(show, &text, err);
    }
    return status;
}

static void print_words(struct lrp_show_diagnosis *show, const struct lrp_diagnosis_report *report)
{
    struct lrp_error err = {0};
    struct lrp_text text;
    unsigned columns = lrp_terminal_columns(show->talk);
    bool color = lrp_terminal_color(show->talk);
    enum lrp_status status = LRP_OK;
    lrp_text_init(&text, TEXT_MOST);
    if (show->common->quiet) {
        lrp_diagnosis_verdict_line(report->diagnosis, color, &text);
    } else {
        bool with_plot = show->talk == stdout && strcmp(show->common->plot, "dumb") == 0;
        status = lrp_diagnosis_terminal(report, columns, color, with_plot, &text, &err);
    }
    (void)fputs(lrp_text_string(&text), show->talk);
    lrp_text_fini(&text);
    if (status != LRP_OK) {
        show->code = lrp_exit_worse(show->code, lrp_report_error(&err, NULL));
    }
}

static void print_picture(struct lrp_show_diagnosis *show,
                          const struct lrp_diagnosis_report *report)
{
    struct lrp_error err = {0};
    struct lrp_run_figure figure;
    enum lrp_plot_format format = LRP_PLOT_DUMB;
    char *bytes = NULL;
    size_t length = 0;
    (void)lrp_plot_format_parse(show->common->plot, &format);
    enum lrp_status status = LRP_OK;
    if (format != LRP_PLOT_SVG && format != LRP_PLOT_SIXEL && lrp_terminal_columns(stdout) > 0) {
        status = lrp_fail(&err, LRP_E_ARG, 0,
                          "--plot png and pdf go to a file or a pipe, not to a terminal");
    }
    status = status == LRP_OK ? lrp_loss_of_run_figure(report, &figure, &err) : status;
    if (status == LRP_OK) {
        status = lrp_plot_draw(&figure.figure, format, 0, 0, &bytes, &length, &err);
        lrp_run_figure_fini(&figure);
    }
    if (status == LRP_OK) {
        (void)fwrite(bytes, 1, length, stdout);
    } else {
        show->code = lrp_exit_worse(show->code, lrp_report_error(&err, NULL));
    }
    free(bytes);
}

/* Where the report lies, and what went wrong with it. That gnuplot is missing is no trouble where
 * no plot is wanted. */
static void tell_report(struct lrp_show_diagnosis *show, enum lrp_status status,
                        const struct lrp_error *err)
{
    if (status == LRP_E_TOOL && strcmp(show->common->plot, "none") == 0) {
        status = LRP_OK;
    }
    if (!show->common->quiet && (status == LRP_OK || status == LRP_E_TOOL)) {
        struct lrp_text shown;
        lrp_text_init(&shown, TEXT_MOST);
        lrp_text_append_clean(&shown, show->common->output, strlen(show->common->output));
        (void)fprintf(show->talk, "report    %s/report.html\n", lrp_text_string(&shown));
        lrp_text_fini(&shown);
    }
    if (status != LRP_OK) {
        show->code = lrp_exit_worse(show->code, lrp_report_error(err, NULL));
    }
}

static void write_report(struct lrp_show_diagnosis *show, const struct lrp_diagnosis_report *report)
{
    struct lrp_error err = {0};
    tell_report(show, lrp_diagnosis_write(report, show->common->output, &err), &err);
}

static struct lrp_diagnosis_report report_of(const struct lrp_show_diagnosis *show,
                                             const struct lrp_triaged_run *run)
{
    return (struct lrp_diagnosis_report){.title = run->alone ? show->title : NULL,
                                         .command = show->command,
                                         .source = run->source,
                                         .record = run->record,
                                         .diagnosis = run->diagnosis,
                                         .alone = run->alone};
}

static void print_notes(const struct lrp_triaged_run *run)
{
    const char *note = NULL;
    for (size_t i = 0; (note = lrp_record_note(run->record, i)) != NULL; i++) {
        struct lrp_text line;
        lrp_text_init(&line, TEXT_MOST);
        lrp_text_append(&line, "note: ");
        if (!run->alone) {
            lrp_text_append_clean(&line, run->source, strlen(run->source));
            lrp_text_append(&line, ": ");
        }
        lrp_text_append_clean(&line, note, strlen(note));
        (void)fprintf(stderr, "%s\n", lrp_text_string(&line));
        lrp_text_fini(&line);
    }
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
        print_notes(run);
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
    tell_report(show, worst == LRP_OK ? status : worst, &err);
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
    lrp_run_table_terminal(table, lrp_terminal_columns(show->talk), lrp_terminal_color(show->talk),
                           show->common->quiet, &text);
    return put(show->talk, &text, err);
}

int lrp_show_diagnosis_end(struct lrp_show_diagnosis *show, struct lrp_triage *triage,
                           const volatile int *stop)
{
    struct lrp_error err = {0};
    struct lrp_run_table *table = &show->table;
    struct lrp_text text;
    enum lrp_status status = json_wanted(show) ? end_json(show, &err) : LRP_OK;
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
        show->code = lrp_exit_worse(show->code, lrp_report_error(&err, NULL));
    }
    if (show->many && table->n > 0 && show->common->output != NULL) {
        write_runs(show, triage, stop);
    }
    return show->code;
}

void lrp_show_diagnosis_fini(struct lrp_show_diagnosis *show)
{
    lrp_run_table_fini(&show->table);
}
