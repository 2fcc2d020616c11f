/* SPDX-License-Identifier: MIT */
#include "diagnosis_sample.h"
#include "escaped.h"
#include "families.h"
#include "json.h"
#include "random.h"
#include "record.h"
#include "run_table.h"
#include "test_main.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(json_holds_every_finding)
{
    struct sample sample;
    struct lrp_text out;
    struct lrp_json *root = NULL;
    make_sample(&sample, ROWS, "a \"quoted\"\nname \x1b[31m");
    sample.diagnosis->findings[0].value = HUGE_VAL;
    sample.diagnosis->findings[1].value = 0.25;
    lrp_text_init(&out, 1 << 24);
    lrp_diagnosis_json_begin(&out);
    ck_assert_int_eq(lrp_diagnosis_json_run(&sample.report, true, &out, NULL), LRP_OK);
    ck_assert_int_eq(lrp_diagnosis_json_run(&sample.report, false, &out, NULL), LRP_OK);
    lrp_diagnosis_json_end(&out);
    ck_assert_int_eq(lrp_json_parse(lrp_text_string(&out), out.length, &root, NULL), LRP_OK);
    ck_assert_str_eq(lrp_json_string(lrp_json_member(root, "schema")), "lrprobe.diagnosis/1");
    const struct lrp_json *runs = lrp_json_member(root, "runs");
    ck_assert_uint_eq(lrp_json_length(runs), 2);
    const struct lrp_json *run = lrp_json_element(runs, 1);
    const struct lrp_json *checks = lrp_json_member(run, "checks");
    ck_assert_double_eq(lrp_json_number(lrp_json_member(run, "rows")), ROWS);
    ck_assert_str_eq(lrp_json_string(lrp_json_member(run, "verdict")),
                     lrp_verdict_name(sample.diagnosis->verdict));
    ck_assert_uint_eq(lrp_json_length(checks), sample.diagnosis->n_findings);
    for (size_t i = 0; i < lrp_json_length(checks); i++) {
        const struct lrp_json *check = lrp_json_element(checks, i);
        const struct lrp_finding *finding = &sample.diagnosis->findings[i];
        ck_assert_str_eq(lrp_json_string(lrp_json_member(check, "id")), finding->id);
        ck_assert_str_eq(lrp_json_string(lrp_json_member(check, "evidence")), finding->evidence);
        double value = lrp_json_number(lrp_json_member(check, "value"));
        ck_assert_int_eq(isfinite(value) != 0, isfinite(finding->value) != 0);
    }
    ck_assert_int_eq(lrp_json_type_of(lrp_json_member(lrp_json_element(checks, 0), "value")),
                     LRP_JSON_NULL);
    ck_assert_double_eq(lrp_json_number(lrp_json_member(lrp_json_element(checks, 1), "value")),
                        0.25);
    lrp_json_free(root);
    lrp_text_fini(&out);
    free_sample(&sample);
}
END_TEST

START_TEST(json_without_a_run_is_valid)
{
    struct lrp_text out;
    struct lrp_json *root = NULL;
    lrp_text_init(&out, 1 << 16);
    lrp_diagnosis_json_begin(&out);
    lrp_diagnosis_json_end(&out);
    ck_assert_int_eq(lrp_json_parse(lrp_text_string(&out), out.length, &root, NULL), LRP_OK);
    ck_assert_uint_eq(lrp_json_length(lrp_json_member(root, "runs")), 0);
    lrp_json_free(root);
    lrp_text_fini(&out);
}
END_TEST

static const char *const hostile[] = {"<script>alert(1)</script>. <b>B</b>",
                                      "\"><img src=x onerror=alert(1)>",
                                      "&lt;b&gt;&amp;",
                                      "\x1b[31mred\x1b]0;t\x07",
                                      "](javascript:alert(1)) **x** `y` | z",
                                      "```\n<script>alert(1)</script>\n",
                                      "\xff\xfe\xc3"};

/* A document as Markdown or HTML, checked; ended here. */
static void check_pages(struct lrp_document *document, const char *untrusted)
{
    for (int html = 0; html < 2; html++) {
        enum lrp_audience audience = html ? LRP_FOR_HTML : LRP_FOR_MARKDOWN;
        struct lrp_text out;
        lrp_text_init(&out, 1 << 24);
        ck_assert_int_eq(html ? lrp_document_html(document, &out, NULL)
                              : lrp_document_markdown(document, &out, NULL),
                         LRP_OK);
        check_escaped(lrp_text_string(&out), audience);
        check_shown(lrp_text_string(&out), untrusted, audience, false);
        lrp_text_fini(&out);
    }
    lrp_document_fini(document);
}

START_TEST(hostile_text_is_escaped_everywhere)
{
    struct sample sample;
    struct lrp_text out;
    struct lrp_document document;
    make_sample(&sample, ROWS, hostile[_i]);
    (void)raise_alarm(&sample, "D1", LRP_VERDICT_DIVERGED, hostile[_i]);
    (void)snprintf(sample.diagnosis->reason, sizeof sample.diagnosis->reason, "%s", hostile[_i]);
    struct lrp_run_table table = {NULL, 0, 0, 0};
    ck_assert_int_eq(lrp_run_table_add(&table, &sample.report, NULL), LRP_OK);
    lrp_diagnosis_pages(&sample.report, "../report.html", &document);
    check_pages(&document, hostile[_i]);
    lrp_runs_pages(&table, hostile[_i], hostile[_i], 1, &document);
    check_pages(&document, hostile[_i]);
    lrp_text_init(&out, 1 << 24);
    ck_assert_int_eq(
        lrp_diagnosis_terminal(&sample.report, LRP_DIAGNOSIS_WORDS, 80, false, &out, NULL), LRP_OK);
    ck_assert_int_eq(lrp_run_table_terminal(&table, 80, false, false, &out, NULL), LRP_OK);
    lrp_run_table_csv(&table, &out);
    check_escaped(lrp_text_string(&out), LRP_FOR_TERMINAL);
    lrp_text_fini(&out);
    lrp_run_table_fini(&table);
    free_sample(&sample);
}
END_TEST

/* An alarm with its advice, complete, in each form; the colour of its verdict. */
START_TEST(an_alarm_is_shown_with_its_advice)
{
    struct sample sample;
    struct lrp_text out;
    struct lrp_document document;
    make_sample(&sample, ROWS, "run.csv");
    struct lrp_finding *finding = raise_alarm(&sample, "D1", LRP_VERDICT_DIVERGED, "it rose");
    (void)snprintf(finding->advice, sizeof finding->advice, "Lower it to 0.1. Then wait");
    sample.diagnosis->verdict = LRP_VERDICT_DIVERGED;
    sample.diagnosis->primary = finding;
    lrp_text_init(&out, 1 << 24);
    ck_assert_int_eq(
        lrp_diagnosis_terminal(&sample.report, LRP_DIAGNOSIS_VERDICT, 80, true, &out, NULL),
        LRP_OK);
    ck_assert_str_eq(lrp_text_string(&out),
                     "\033[1;31mdiverged\033[0m  D1 ended no better than it started\n");
    ck_assert_int_eq(
        lrp_diagnosis_terminal(&sample.report, LRP_DIAGNOSIS_WORDS, 80, false, &out, NULL), LRP_OK);
    ck_assert_ptr_nonnull(strstr(lrp_text_string(&out),
                                 "WARN  D1  ended no better than it started\n"
                                 "          it rose\n"
                                 "          try: Lower it to 0.1. Then wait\n"));
    ck_assert_uint_eq(count_of(lrp_text_string(&out), "try: "), 1);
    lrp_text_fini(&out);
    lrp_diagnosis_pages(&sample.report, NULL, &document);
    lrp_text_init(&out, 1 << 24);
    ck_assert_int_eq(lrp_document_markdown(&document, &out, NULL), LRP_OK);
    ck_assert_ptr_nonnull(strstr(
        lrp_text_string(&out), "### warn D1 ended no better than it started\n\nit rose.\n\nWhat to "
                               "try, in this order:\n\n1. Lower it to 0.1.\n2. Then wait\n"));
    lrp_text_fini(&out);
    lrp_text_init(&out, 1 << 24);
    ck_assert_int_eq(lrp_document_html(&document, &out, NULL), LRP_OK);
    ck_assert_ptr_nonnull(strstr(lrp_text_string(&out), "<p class=\"verdict bad\">diverged</p>"));
    ck_assert_ptr_nonnull(strstr(lrp_text_string(&out), "<a href=\"#D1\">D1</a>"));
    ck_assert_ptr_nonnull(
        strstr(lrp_text_string(&out), "<ol><li>Lower it to 0.1.</li>\n<li>Then wait</li>\n</ol>"));
    lrp_text_fini(&out);
    lrp_document_fini(&document);
    free_sample(&sample);
}
END_TEST

START_TEST(a_row_of_csv_is_complete)
{
    struct sample sample;
    struct lrp_text out;
    make_sample(&sample, ROWS, "a \"b\", c\n.csv");
    (void)snprintf(sample.diagnosis->reason, sizeof sample.diagnosis->reason, "it \"rose\"");
    struct lrp_run_table table = {NULL, 0, 0, 0};
    ck_assert_int_eq(lrp_run_table_add(&table, &sample.report, NULL), LRP_OK);
    lrp_text_init(&out, 1 << 16);
    lrp_run_table_csv(&table, &out);
    const char *row = strchr(lrp_text_string(&out), '\n') + 1;
    ck_assert_int_eq(strncmp(row, "\"a \"\"b\"\", c .csv\",", 18), 0);
    ck_assert_ptr_nonnull(strstr(row, ",\"it \"\"rose\"\"\"\n"));
    lrp_text_fini(&out);
    lrp_run_table_fini(&table);
    free_sample(&sample);
}
END_TEST

START_TEST(lines_keep_to_the_width)
{
    struct sample sample;
    struct lrp_text out;
    const unsigned width = (unsigned)_i;
    make_sample(&sample, ROWS, "runs/name.csv");
    (void)raise_alarm(
        &sample, "P1", LRP_VERDICT_SLOW,
        "a sentence of some words that is longer than a narrow terminal, so that it has to "
        "be wrapped. Another one that follows it");
    struct lrp_run_table table = {NULL, 0, 0, 0};
    ck_assert_int_eq(lrp_run_table_add(&table, &sample.report, NULL), LRP_OK);
    ck_assert_int_eq(lrp_run_table_add(&table, &sample.report, NULL), LRP_OK);
    lrp_text_init(&out, 1 << 24);
    ck_assert_int_eq(
        lrp_diagnosis_terminal(&sample.report, LRP_DIAGNOSIS_WORDS, width, false, &out, NULL),
        LRP_OK);
    ck_assert_int_eq(lrp_run_table_terminal(&table, width, false, true, &out, NULL), LRP_OK);
    for (const char *line = lrp_text_string(&out); *line != '\0';) {
        size_t length = strcspn(line, "\n");
        ck_assert_msg(lrp_utf8_count(line, length) < width, "\"%.*s\" is too long for %u",
                      (int)length, line, width);
        line += length + (line[length] == '\n' ? 1 : 0);
    }
    lrp_text_fini(&out);
    lrp_run_table_fini(&table);
    free_sample(&sample);
}
END_TEST

START_TEST(each_finding_is_told_in_one_section)
{
    struct sample sample;
    make_sample(&sample, ROWS, "x");
    for (int verdict = LRP_VERDICT_NON_FINITE; verdict <= LRP_VERDICT_UNDECIDED; verdict++) {
        for (size_t i = 0; i < sample.diagnosis->n_findings; i++) {
            struct lrp_finding finding = sample.diagnosis->findings[i];
            for (int status = LRP_CHECK_PASS; status <= LRP_CHECK_NOT_ASSESSED; status++) {
                finding.status = (enum lrp_check_status)status;
                finding.verdict = (enum lrp_verdict)verdict;
                size_t families = 0;
                for (size_t f = 0; lrp_families[f].id != NULL; f++) {
                    families += lrp_family_holds(&lrp_families[f], &finding) ? 1 : 0;
                }
                ck_assert_uint_eq(families, 1);
            }
        }
    }
    free_sample(&sample);
}
END_TEST

START_TEST(advice_is_taken_apart_at_sentences)
{
    const char *at = "Lower the rate from 0.3 to 0.1. Clip at 1.5, e.g. by norm. Then wait";
    static const char *const wanted[] = {"Lower the rate from 0.3 to 0.1.",
                                         "Clip at 1.5, e.g. by norm.", "Then wait"};
    const char *sentence = NULL;
    size_t length = 0;
    for (size_t i = 0; i < 3; i++) {
        ck_assert(lrp_next_sentence(&at, &sentence, &length));
        ck_assert_uint_eq(length, strlen(wanted[i]));
        ck_assert_int_eq(strncmp(sentence, wanted[i], length), 0);
    }
    ck_assert(!lrp_next_sentence(&at, &sentence, &length));
}
END_TEST

static void add_row(struct lrp_run_table *table, struct sample *sample, const char *source,
                    enum lrp_verdict verdict, size_t fails)
{
    sample->report.source = source;
    sample->diagnosis->verdict = verdict;
    sample->diagnosis->counts[LRP_CHECK_FAIL] = fails;
    ck_assert_int_eq(lrp_run_table_add(table, &sample->report, NULL), LRP_OK);
}

START_TEST(the_worst_run_comes_first)
{
    static const char *const wanted[] = {"a/diverged2", "a/diverged",  "a/slow",
                                         "a/slow2",     "a/undecided", "a/healthy"};
    struct sample sample;
    struct lrp_run_table table = {NULL, 0, 0, 0};
    make_sample(&sample, ROWS, "x");
    ck_assert_uint_eq(lrp_run_table_common_folder(&table), 0);
    lrp_run_table_sort(&table);
    add_row(&table, &sample, "a/healthy", LRP_VERDICT_HEALTHY, 0);
    ck_assert_uint_eq(lrp_run_table_common_folder(&table), 0);
    add_row(&table, &sample, "a/slow", LRP_VERDICT_SLOW, 1);
    add_row(&table, &sample, "a/diverged", LRP_VERDICT_DIVERGED, 1);
    add_row(&table, &sample, "a/undecided", LRP_VERDICT_UNDECIDED, 0);
    add_row(&table, &sample, "a/slow2", LRP_VERDICT_SLOW, 1);
    add_row(&table, &sample, "a/diverged2", LRP_VERDICT_DIVERGED, 3);
    lrp_run_table_sort(&table);
    for (size_t i = 0; i < table.n; i++) {
        ck_assert_str_eq(table.rows[i].source, wanted[i]);
    }
    ck_assert_uint_eq(lrp_run_table_common_folder(&table), 2);
    struct lrp_text out;
    lrp_text_init(&out, 4096);
    table.n_unread = 1;
    lrp_run_table_totals(&table, &out);
    ck_assert_str_eq(lrp_text_string(&out), "6 runs: 2 diverged, 2 slow, 1 healthy, 1 undecided; 1 "
                                            "file could not be read");
    lrp_text_fini(&out);
    lrp_run_table_fini(&table);
    free_sample(&sample);
}
END_TEST

/* Evidence as the checks would leave it. */
static void give_evidence(struct lrp_diagnosis_evidence *evidence)
{
    evidence->trend.from = 450;
    evidence->trend.to = 599;
    evidence->trend.loss_from = 0.5;
    evidence->trend.loss_to = 0.48;
    evidence->trend.low_to = 0.47;
    evidence->trend.high_to = 0.49;
    evidence->power.a = 2;
    evidence->power.b = 0.5;
    evidence->power.c = 0.4;
    evidence->power.t0 = -1;
    evidence->power.tau = (double)NAN;
    evidence->power.from = 1;
    evidence->power.to = 599;
    evidence->power.at_twice = 0.4 + 2 / sqrt(1200);
    evidence->power.low = 0.44;
    evidence->power.high = 0.47;
    evidence->onset = 300;
    evidence->oscillation.from = 300;
    evidence->oscillation.to = 599;
    evidence->oscillation.period = 7;
    evidence->oscillation.amplitude = 0.02;
    evidence->spike_at[0] = 200;
    evidence->spike_loss[0] = 0.9;
    evidence->n_spikes = 1;
    evidence->best_val_at = 500;
}

START_TEST(the_fit_reaches_twice_the_run)
{
    struct sample sample;
    make_sample(&sample, ROWS, "x");
    give_evidence(&sample.diagnosis->evidence);
    struct lrp_drawing *figure = lrp_run_drawing(&sample.report, "progress", lrp_draw_progress);
    ck_assert_ptr_nonnull(figure);
    const struct lrp_plot_curve *fit = NULL;
    for (size_t c = 0; c < figure->figure.n_curves; c++) {
        fit = figure->curves[c].role == LRP_CURVE_FIT ? &figure->curves[c] : fit;
    }
    ck_assert_ptr_nonnull(fit);
    ck_assert_close(fit->x[fit->n - 1], 2 * (ROWS - 1), 1e-12, 0);
    ck_assert_close(fit->y[fit->n - 1], 0.4 + 2 / sqrt(2 * ROWS - 1), 1e-12, 0);
    ck_assert_uint_eq(figure->figure.n_bands, 2);
    const struct lrp_plot_band *ahead = &figure->bands[0];
    ck_assert_close(ahead->x[0], ROWS - 1, 1e-12, 0);
    ck_assert_close(ahead->high[0] - ahead->low[0], 0, 0, 1e-12); /* nothing to predict yet */
    ck_assert_close(ahead->high[ahead->n - 1] - ahead->low[ahead->n - 1], 0.03, 0, 1e-4);
    lrp_drawing_free(figure);
    free_sample(&sample);
}
END_TEST

/* A validation loss on another scale does not press the loss flat, and is not compared with it. */
START_TEST(the_loss_has_the_view)
{
    static const double more[] = {0.1, 90, -90};
    static const char *const titles[] = {"val_loss", "val_loss (above)", "val_loss (below)"};
    for (size_t i = 0; i < 3; i++) {
        struct sample sample;
        make_sample_with(&sample, ROWS, "x", more[i]);
        struct lrp_drawing *figure = lrp_run_drawing(&sample.report, "loss", lrp_draw_loss_of_run);
        ck_assert_ptr_nonnull(figure);
        ck_assert_str_eq(figure->figure.curves[0].title, titles[i]);
        ck_assert(i == 0 || (figure->figure.y_low > 0 && figure->figure.y_high < 3));
        ck_assert_int_eq(isfinite(figure->figure.y_high) != 0, i > 0);
        ck_assert_int_eq(sample.diagnosis->bias_variance.reading == NULL, i == 1);
        lrp_drawing_free(figure);
        free_sample(&sample);
    }
}
END_TEST

START_TEST(the_swing_is_shown_over_a_few_periods)
{
    struct sample sample;
    make_sample(&sample, ROWS, "x");
    give_evidence(&sample.diagnosis->evidence);
    struct lrp_drawing *figure =
        lrp_run_drawing(&sample.report, "oscillation", lrp_draw_oscillation);
    ck_assert_ptr_nonnull(figure);
    const struct lrp_plot_curve *loss = &figure->curves[0];
    ck_assert_uint_ge(loss->n, 3 * 7);
    ck_assert_uint_le(loss->n, 30 * 7);
    ck_assert_double_eq(loss->x[loss->n - 1], ROWS - 1);
    ck_assert_close(figure->bands[0].high[0] - figure->bands[0].low[0], 0.04, 1e-9, 0);
    lrp_drawing_free(figure);
    free_sample(&sample);
}
END_TEST

static int is_file(const char *folder, const char *name)
{
    char path[200];
    struct stat facts;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return stat(path, &facts) == 0 && facts.st_size > 0;
}

static void remove_folder(const char *folder)
{
    static const char *const names[] = {"report.html",
                                        "report.md",
                                        "plots/loss.dat",
                                        "plots/loss.gp",
                                        "plots/loss.svg",
                                        "plots/progress.dat",
                                        "plots/progress.gp",
                                        "plots/progress.svg",
                                        "plots/divergence.dat",
                                        "plots/divergence.gp",
                                        "plots/divergence.svg",
                                        "plots/oscillation.dat",
                                        "plots/oscillation.gp",
                                        "plots/oscillation.svg",
                                        "plots/validation.dat",
                                        "plots/validation.gp",
                                        "plots/validation.svg",
                                        "plots",
                                        ""};
    char path[200];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)remove(path);
    }
    ck_assert_int_ne(access(folder, F_OK), 0); /* nothing else was written */
}

START_TEST(each_trouble_has_its_section_and_figure)
{
    static const char *const files[] = {"report.html",         "report.md",
                                        "plots/loss.svg",      "plots/divergence.svg",
                                        "plots/progress.svg",  "plots/oscillation.svg",
                                        "plots/validation.svg"};
    struct sample sample;
    struct lrp_error err = {0};
    char folder[] = "/tmp/lrprobe-diagnosis-XXXXXX";
    make_sample(&sample, ROWS, "A run");
    give_evidence(&sample.diagnosis->evidence);
    (void)raise_alarm(&sample, "D1", LRP_VERDICT_DIVERGED, "it rose. Do this. Then that");
    (void)raise_alarm(&sample, "O1", LRP_VERDICT_OSCILLATING, "it swings");
    (void)raise_alarm(&sample, "P1", LRP_VERDICT_SLOW, "it is slow");
    (void)raise_alarm(&sample, "G1", LRP_VERDICT_OVERFITTING, "it overfits");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_msg(lrp_diagnosis_write(&sample.report, folder, &err) == LRP_OK, "%s", err.message);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        ck_assert_msg(is_file(folder, files[i]), "%s is not there", files[i]);
    }
    struct lrp_text out;
    struct lrp_document document;
    lrp_diagnosis_pages(&sample.report, NULL, &document);
    ck_assert_uint_eq(document.n_figures, 5); /* the loss, and one each */
    for (size_t f = 0; f < document.n_figures; f++) {
        document.figures[f]->wide = strdup("<svg><title>Gnuplot</title>p</svg>");
        document.figures[f]->narrow = strdup("<svg id=\"x\">small</svg>");
    }
    lrp_text_init(&out, 1 << 24);
    ck_assert_int_eq(lrp_document_html(&document, &out, NULL), LRP_OK);
    lrp_document_fini(&document);
    const char *page = lrp_text_string(&out);
    ck_assert_uint_eq(count_of(page, "<figure class=\"pair\"><svg>p</svg>"), 5);
    ck_assert_uint_eq(count_of(page, "<svg id=\"f4-narrow-x\">small</svg>"), 1); /* for phones */
    ck_assert_ptr_nonnull(strstr(page, "<li>Do this.</li>"));
    ck_assert_ptr_nonnull(strstr(page, "twice as long"));
    ck_assert_ptr_nonnull(strstr(page, "period 7 steps"));
    ck_assert_ptr_nonnull(strstr(page, "best at step 500"));
    for (size_t i = 0; i < sample.diagnosis->n_findings; i++) { /* the whole checklist */
        char cell[40];
        (void)snprintf(cell, sizeof cell, "<td><b>%s</b>", sample.diagnosis->findings[i].id);
        ck_assert_uint_eq(count_of(page, cell), 1);
    }
    lrp_text_fini(&out);
    remove_folder(folder);
    free_sample(&sample);
}
END_TEST

/* Nothing to draw, single points, no loss: a report all the same. */
START_TEST(short_runs_have_a_report)
{
    struct sample sample;
    struct lrp_text out;
    struct lrp_error err = {0};
    char folder[] = "/tmp/lrprobe-diagnosis-XXXXXX";
    make_sample(&sample, (size_t)_i, "short");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_msg(lrp_diagnosis_write(&sample.report, folder, &err) == LRP_OK, "%s", err.message);
    ck_assert(is_file(folder, "report.html"));
    lrp_text_init(&out, 1 << 24);
    ck_assert_int_eq(
        lrp_diagnosis_terminal(&sample.report, LRP_DIAGNOSIS_WITH_PLOT, 80, true, &out, NULL),
        LRP_OK);
    ck_assert_ptr_nonnull(strstr(lrp_text_string(&out), "\033["));
    lrp_text_fini(&out);
    remove_folder(folder);
    free_sample(&sample);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("diagnosis_report");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, json_holds_every_finding);
    tcase_add_test(all, json_without_a_run_is_valid);
    tcase_add_loop_test(all, hostile_text_is_escaped_everywhere, 0,
                        (int)(sizeof hostile / sizeof hostile[0]));
    tcase_add_test(all, an_alarm_is_shown_with_its_advice);
    tcase_add_test(all, a_row_of_csv_is_complete);
    tcase_add_loop_test(all, lines_keep_to_the_width, 58, 120);
    tcase_add_test(all, each_finding_is_told_in_one_section);
    tcase_add_test(all, advice_is_taken_apart_at_sentences);
    tcase_add_test(all, the_worst_run_comes_first);
    tcase_add_test(all, the_fit_reaches_twice_the_run);
    tcase_add_test(all, the_loss_has_the_view);
    tcase_add_test(all, the_swing_is_shown_over_a_few_periods);
    tcase_add_test(all, each_trouble_has_its_section_and_figure);
    tcase_add_loop_test(all, short_runs_have_a_report, 2, 9);
    suite_add_tcase(suite, all);
    return suite;
}
