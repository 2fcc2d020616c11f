/* SPDX-License-Identifier: MIT */
#include "lrprobe/lrprobe.h"
#include "plan.h"
#include "random.h"
#include "range_figures.h"
#include "range_pages.h"
#include "range_report.h"
#include "record.h"
#include "test_main.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REPEATS = 3, STEPS = 200 };

struct sample {
    struct lrp_record *records[REPEATS];
    struct lrp_bounds bounds;
    struct lrp_curve *curve;
    struct lrp_range_report report;
};

/* falls: whether the loss falls at all; a flat one gives bounds without rates. */
static void make_sample(struct sample *sample, int falls, const char *text)
{
    struct lrp_random random;
    memset(sample, 0, sizeof *sample);
    lrp_random_seed(&random, 4, 0);
    for (size_t r = 0; r < REPEATS; r++) {
        size_t column = 0;
        ck_assert_int_eq(lrp_record_new(0, &sample->records[r], NULL), LRP_OK);
        ck_assert_int_eq(lrp_record_add_column(sample->records[r], "lr", &column, NULL), LRP_OK);
        ck_assert_int_eq(lrp_record_add_column(sample->records[r], "loss", &column, NULL), LRP_OK);
        for (size_t k = 0; k < STEPS; k++) {
            double lr = pow(10, -5 + 6 * (double)k / (STEPS - 1));
            double x = log10(lr);
            double fall = falls ? 2.0 / (1 + exp((x + 2.2) / 0.25)) : 2;
            double rise = falls ? 0.05 * exp((x + 0.5) / 0.1) : 0;
            double row[2] = {lr, 0.3 + fall + rise + 0.03 * lrp_random_normal(&random)};
            ck_assert_int_eq(lrp_record_append_row(sample->records[r], row, NULL, NULL), LRP_OK);
        }
    }
    const struct lrp_record *const *records = (const void *)sample->records;
    ck_assert_int_eq(
        lrp_bounds_find_curve(records, REPEATS, NULL, &sample->bounds, &sample->curve, NULL),
        LRP_OK);
    sample->report = (struct lrp_range_report){.title = text,
                                               .command = text,
                                               .date = "2026-11-24 09:00 UTC",
                                               .bounds = &sample->bounds,
                                               .curve = sample->curve,
                                               .records = records,
                                               .n_records = REPEATS};
}

static void free_sample(struct sample *sample)
{
    for (size_t r = 0; r < REPEATS; r++) {
        lrp_record_free(sample->records[r]);
    }
    lrp_curve_free(sample->curve);
}

static int same(double a, double b)
{
    return close_to(a, b, 0, 0);
}

START_TEST(bounds_survive_json)
{
    for (int falls = 0; falls < 2; falls++) {
        struct sample sample;
        char *json = NULL;
        char *again = NULL;
        struct lrp_bounds back;
        make_sample(&sample, falls, "");
        ck_assert_int_eq(lrp_bounds_json(&sample.bounds, &json, NULL), LRP_OK);
        ck_assert_int_eq(lrp_bounds_from_json(json, strlen(json), &back, NULL), LRP_OK);
        ck_assert_int_eq((int)back.outcome, (int)sample.bounds.outcome);
        ck_assert_int_eq(back.outcome == LRP_OUTCOME_OK, falls);
        ck_assert(same(back.base_lr.value, sample.bounds.base_lr.value));
        ck_assert(same(back.max_lr.low, sample.bounds.max_lr.low));
        ck_assert(same(back.max_lr.high, sample.bounds.max_lr.high));
        ck_assert(same(back.one_cycle.final_lr, sample.bounds.one_cycle.final_lr));
        for (size_t i = 0; i < LRP_PEERS; i++) {
            ck_assert(same(back.peers[i], sample.bounds.peers[i]));
        }
        ck_assert_uint_eq(back.n_warnings, sample.bounds.n_warnings);
        ck_assert_int_eq(lrp_bounds_json(&back, &again, NULL), LRP_OK);
        ck_assert_str_eq(json, again);
        ck_assert_ptr_nonnull(strstr(json, "\"lrprobe.bounds/1\""));
        ck_assert_ptr_null(strstr(json, "nan")); /* not JSON */
        free(json);
        free(again);
        free_sample(&sample);
    }
}
END_TEST

START_TEST(broken_json_is_refused)
{
    struct sample sample;
    struct lrp_bounds back;
    char *json = NULL;
    make_sample(&sample, 1, "");
    ck_assert_int_eq(lrp_bounds_json(&sample.bounds, &json, NULL), LRP_OK);
    size_t length = strlen(json);
    while (length > 0 && json[length - 1] != '}') {
        length--;
    }
    for (size_t cut = 0; cut < length; cut++) {
        struct lrp_error err = {0};
        ck_assert_int_ne(lrp_bounds_from_json(json, cut, &back, &err), LRP_OK);
        ck_assert_uint_gt(strlen(err.message), 5);
    }
    static const char *const other[] = {"{}", "[]", "3", "{\"schema\":\"lrprobe.bounds/9\"}",
                                        "{\"schema\":\"lrprobe.findings/1\"}"};
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        ck_assert_int_ne(lrp_bounds_from_json(other[i], strlen(other[i]), &back, NULL), LRP_OK);
    }
    free(json);
    free_sample(&sample);
}
END_TEST

static const char *const hostile[] = {
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>",      "&lt;b&gt;&amp;",
    "\x1b[31mred\x1b]0;t\x07",   "](javascript:alert(1)) **x** `y` | z", "\xff\xfe\xc3"};

START_TEST(hostile_text_is_escaped_everywhere)
{
    struct sample sample;
    struct lrp_text out;
    make_sample(&sample, 1, hostile[_i]);
    const char *facts[] = {hostile[_i], hostile[_i]};
    const char *events[] = {hostile[_i]};
    sample.report.facts = facts;
    sample.report.n_facts = 1;
    sample.report.events = events;
    sample.report.n_events = 1;
    (void)snprintf(sample.bounds.warnings[0], sizeof sample.bounds.warnings[0], "%s", hostile[_i]);
    sample.bounds.n_warnings = 1;
    lrp_text_init(&out, 1 << 22);
    char wide[] = "<svg><title>Gnuplot</title>loss</svg>";
    char narrow[] = "<svg id=\"x\">small</svg>";
    const struct lrp_page_picture loss = {wide, narrow};
    const struct lrp_page_picture none = {NULL, NULL};
    lrp_range_html(&sample.report, &loss, &none, &out);
    const char *page = lrp_text_string(&out);
    ck_assert_ptr_null(strstr(page, "<script"));
    ck_assert_ptr_null(strstr(page, "<img"));
    ck_assert_ptr_null(strchr(page, 0x1b));
    ck_assert_ptr_null(strchr(page, 0x07));
    ck_assert_ptr_null(strstr(page, "src=\"")); /* nothing is fetched from anywhere */
    ck_assert_ptr_null(strstr(page, "href="));
    ck_assert_ptr_null(strstr(page, "url("));
    ck_assert_ptr_null(strchr(page, 0xff));
    ck_assert_ptr_nonnull(strstr(page, "<figure class=\"pair\"><svg>loss</svg>"));
    ck_assert_ptr_nonnull(strstr(page, "<svg id=\"a-narrow-x\">small</svg>")); /* for phones */
    lrp_text_fini(&out);
    lrp_text_init(&out, 1 << 22);
    lrp_range_markdown(&sample.report, false, &out);
    const char *markdown = lrp_text_string(&out);
    for (const char *at = markdown; *at != '\0'; at++) { /* these only as text: after a backslash */
        if (*at == '<' || (*at == ']' && at[1] == '(' && at[2] == 'j')) {
            ck_assert_int_eq(at[-1], '\\');
        }
    }
    ck_assert_ptr_null(strchr(lrp_text_string(&out), 0x1b));
    lrp_text_fini(&out);
    lrp_text_init(&out, 1 << 22);
    ck_assert_int_eq(lrp_range_report_terminal(&sample.report, 80, false, false, &out, NULL),
                     LRP_OK);
    ck_assert_ptr_null(strchr(lrp_text_string(&out), 0x1b));
    lrp_text_fini(&out);
    free_sample(&sample);
}
END_TEST

START_TEST(a_report_is_whole_with_and_without_gnuplot)
{
    static const char *const files[] = {"bounds.json",    "report.html",    "report.md",
                                        "plots/loss.dat", "plots/loss.gp",  "plots/slope.dat",
                                        "plots/slope.gp", "plots/loss.svg", "plots/slope.svg"};
    for (int with = 0; with < 2; with++) {
        struct sample sample;
        char folder[] = "/tmp/lrprobe-report-XXXXXX";
        char path[120];
        char *kept = strdup(getenv("PATH"));
        ck_assert_ptr_nonnull(kept);
        ck_assert_ptr_nonnull(mkdtemp(folder));
        make_sample(&sample, 1, "a title");
        ck_assert_int_eq(setenv("PATH", with ? kept : "/nowhere", 1), 0);
        ck_assert_int_eq(lrp_range_report_write(&sample.report, folder, NULL),
                         with ? LRP_OK : LRP_E_TOOL);
        ck_assert_int_eq(setenv("PATH", kept, 1), 0);
        free(kept);
        for (size_t i = 0; i < (with ? 9 : 7); i++) {
            (void)snprintf(path, sizeof path, "%s/%s", folder, files[i]);
            ck_assert_msg(unlink(path) == 0, "%s is missing", path);
        }
        (void)snprintf(path, sizeof path, "%s/plots", folder);
        ck_assert_int_eq(rmdir(path), 0); /* and nothing more is there */
        ck_assert_int_eq(rmdir(folder), 0);
        free_sample(&sample);
    }
}
END_TEST

START_TEST(every_outcome_has_its_sentence)
{
    for (int k = 0; k < 20 && lrp_outcome_name((enum lrp_outcome)k) != NULL; k++) {
        ck_assert_uint_gt(strlen(lrp_outcome_sentence((enum lrp_outcome)k)), 20);
        struct sample sample;
        struct lrp_text out;
        make_sample(&sample, 0, "flat");
        sample.bounds.outcome = (enum lrp_outcome)k;
        lrp_text_init(&out, 1 << 22);
        const struct lrp_page_picture none = {NULL, NULL};
        lrp_range_html(&sample.report, &none, &none, &out);
        ck_assert_ptr_nonnull(strstr(lrp_text_string(&out), lrp_outcome_name((enum lrp_outcome)k)));
        ck_assert_ptr_null(strstr(lrp_text_string(&out), "nan"));
        lrp_text_fini(&out);
        lrp_text_init(&out, 1 << 22);
        lrp_range_markdown(&sample.report, false, &out);
        ck_assert_ptr_null(strstr(lrp_text_string(&out), "nan"));
        lrp_text_fini(&out);
        free_sample(&sample);
    }
}
END_TEST

START_TEST(a_report_without_a_curve_can_be_made)
{
    struct sample sample;
    struct lrp_text out;
    make_sample(&sample, 0, "short");
    sample.report.curve = NULL;
    lrp_text_init(&out, 1 << 22);
    (void)lrp_range_report_terminal(&sample.report, 0, true, true, &out, NULL);
    ck_assert_uint_gt(out.length, 50);
    lrp_text_fini(&out);
    free_sample(&sample);
}
END_TEST

/* A diverged tail must not press the figure flat: the view ends near the start of the fall. */
START_TEST(a_diverged_tail_leaves_the_view)
{
    struct sample sample;
    struct lrp_range_figure figure;
    make_sample(&sample, 1, "tail");
    sample.curve->median[sample.curve->n - 1] = 1e6;
    sample.curve->slope[sample.curve->n - 1] = 1e8;
    ck_assert_int_eq(lrp_loss_figure(&sample.report, &figure, NULL), LRP_OK);
    ck_assert(figure.figure.y_high > 2.3 && figure.figure.y_high < 4);
    lrp_range_figure_fini(&figure);
    ck_assert_int_eq(lrp_slope_figure(&sample.report, &figure, NULL), LRP_OK);
    ck_assert(figure.figure.y_high > 0 && figure.figure.y_high < 20);
    lrp_range_figure_fini(&figure);
    free_sample(&sample);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("report");
    TCase *tests = tcase_create("report");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, bounds_survive_json);
    tcase_add_test(tests, broken_json_is_refused);
    tcase_add_loop_test(tests, hostile_text_is_escaped_everywhere, 0,
                        (int)(sizeof hostile / sizeof hostile[0]));
    tcase_add_test(tests, a_report_is_whole_with_and_without_gnuplot);
    tcase_add_test(tests, every_outcome_has_its_sentence);
    tcase_add_test(tests, a_report_without_a_curve_can_be_made);
    tcase_add_test(tests, a_diverged_tail_leaves_the_view);
    suite_add_tcase(suite, tests);
    return suite;
}
