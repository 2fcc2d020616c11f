/* SPDX-License-Identifier: MIT */
/* What a run at one rate is told, where its losses are looked for, and which rates there are. */
#include "loss_pattern.h"
#include "rate_grid.h"
#include "template.h"
#include "test_main.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- templates ----------------------------------------------------------------------------- */

static const struct lrp_template_values values = {
    .lr = 0.1, .seed = 7, .steps = 30, .folder = "/tmp/a b/c"};

static void fills(const char *word, const char *want)
{
    char *text = NULL;
    ck_assert_int_eq(lrp_template_fill(word, &values, false, &text, NULL), LRP_OK);
    ck_assert_str_eq(text, want);
    free(text);
}

START_TEST(places_are_filled_and_all_else_stays)
{
    fills("{lr}", "0.1");
    fills("--lr={lr},seed={seed}", "--lr=0.1,seed=7");
    fills("{steps}{dir}/x", "30/tmp/a b/c/x");
    fills("{\"lr\": {lr}}", "{\"lr\": 0.1}"); /* JSON */
    fills("{\"a\":{\"lr\":{lr}}}", "{\"a\":{\"lr\":0.1}}");
    fills("{ print $1; lr = {lr} }", "{ print $1; lr = 0.1 }");      /* awk */
    fills("echo ${lr} ${dir} {x} {lr", "echo ${lr} ${dir} {x} {lr"); /* shell */
    fills("f'{{lr}}' {{ }}", "f'{{lr}}' {{ }}");                     /* Python */
    fills("", "");
    fills("{LR} {lrs} { lr }", "{LR} {lrs} { lr }");
    ck_assert(lrp_template_has("a{lr}b", "lr") && !lrp_template_has("${lr}", "lr"));
    ck_assert(!lrp_template_has("{lr}", "seed") && !lrp_template_has("{steps}", "step"));
}
END_TEST

START_TEST(a_rate_reads_back_exactly_in_any_locale)
{
    static const double rates[] = {0.1, 1e-7, 3.16e-5, 1.0 / 3, 1e22, 5e-324, 123456789.125};
    (void)setlocale(LC_ALL,
                    "de_DE.UTF-8"); /* where it is installed, its decimal point is a comma */
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        struct lrp_template_values own = values;
        char *text = NULL;
        own.lr = rates[i];
        ck_assert_int_eq(lrp_template_fill("{lr}", &own, false, &text, NULL), LRP_OK);
        ck_assert_ptr_null(strchr(text, ','));
        (void)setlocale(LC_ALL, "C");
        ck_assert(strtod(text, NULL) == rates[i]);
        free(text);
    }
}
END_TEST

START_TEST(values_are_no_patterns)
{
    struct lrp_template_values own = values;
    char *text = NULL;
    own.folder = "/tmp/[a]*?\\b";
    ck_assert_int_eq(lrp_template_fill("{dir}/*.csv", &own, true, &text, NULL), LRP_OK);
    ck_assert_str_eq(text, "/tmp/\\[a\\]\\*\\?\\\\b/*.csv");
    free(text);
}
END_TEST

/* ---- patterns ------------------------------------------------------------------------------ */

static void finds(const char *pattern, const char *line, enum lrp_pattern_match want,
                  double want_step, double want_loss)
{
    struct lrp_line_pattern *made = NULL;
    struct lrp_error err = {0};
    double step = -1;
    double loss = -1;
    ck_assert_msg(lrp_loss_pattern_new(pattern, &made, &err) == LRP_OK, "%s: %s", pattern,
                  err.message);
    enum lrp_comma comma = LRP_COMMA_NONE;
    enum lrp_pattern_match got = lrp_loss_pattern_find(made, line, &step, &loss, &comma);
    ck_assert_msg(got == want, "%s on '%s': %d", pattern, line, (int)got);
    if (want == LRP_PATTERN_FOUND) {
        ck_assert_close(step, want_step, 0, 0);
        ck_assert_close(loss, want_loss, 0, 0);
    }
    lrp_line_pattern_free(made);
}

START_TEST(patterns_find_losses)
{
    const double nan = (double)NAN;
    const double inf = (double)INFINITY;
    finds("loss {loss}", "step 3 loss 0.25", LRP_PATTERN_FOUND, nan, 0.25);
    finds("loss {loss}", "loss -1.5e-3,", LRP_PATTERN_FOUND, nan, -1.5e-3);
    finds("loss {loss}", "loss .5 loss 7", LRP_PATTERN_FOUND, nan, 0.5);
    finds("loss {loss}", "loss 3.", LRP_PATTERN_FOUND, nan, 3);
    finds("loss {loss}", "loss NaN", LRP_PATTERN_FOUND, nan, nan);
    finds("loss {loss}", "loss -inf", LRP_PATTERN_FOUND, nan, -inf);
    finds("loss {loss}", "loss Infinity ", LRP_PATTERN_FOUND, nan, inf);
    finds("loss {loss}", "loss information", LRP_PATTERN_NONE, 0, 0);
    finds("loss {loss}", "loss none", LRP_PATTERN_NONE, 0, 0);
    finds("step {step}.*loss {loss}", "step 12 (3 s) loss 2", LRP_PATTERN_FOUND, 12, 2);
    finds("(loss|cost)[[:space:]]*[=:] *{loss}", "cost := 1", LRP_PATTERN_NONE, 0, 0);
    finds("(loss|cost)[[:space:]]*[=:] *{loss}", "cost = 1", LRP_PATTERN_FOUND, nan, 1);
    finds("[](]loss {loss}", "(loss 4", LRP_PATTERN_FOUND, nan, 4);
    finds("\\(loss {loss}\\)", "(loss 4)", LRP_PATTERN_FOUND, nan, 4);
    finds("loss=([^ ]+)", "loss=0.5, acc=1", LRP_PATTERN_FOUND, nan, 0.5);
    finds("loss=([^ ]+)", "loss='0.5'", LRP_PATTERN_FOUND, nan, 0.5);
    finds("loss=([^ ]+)", "loss=tensor(0.5)", LRP_PATTERN_NO_NUMBER, 0, 0);
    finds("([0-9]+): ([0-9.]+|nan|inf)", "7: nan", LRP_PATTERN_FOUND, 7, nan);
    finds("(x)?loss ([0-9]+)", "loss 3", LRP_PATTERN_NO_NUMBER, 0, 0); /* no step there */
    finds("loss {loss}", "", LRP_PATTERN_NONE, 0, 0);
}
END_TEST

/* A number is never cut at its comma, and a comma behind it is none of it. */
START_TEST(patterns_take_commas)
{
    const double nan = (double)NAN;
    finds("loss {loss}", "loss 0,69314", LRP_PATTERN_FOUND, nan, 0.69314);
    finds("loss {loss}", "loss -0,69, acc 1", LRP_PATTERN_FOUND, nan, -0.69);
    finds("loss {loss}", "loss 6,9e-1", LRP_PATTERN_FOUND, nan, 0.69);
    finds("loss {loss}", "loss 2,816.11", LRP_PATTERN_FOUND, nan, 2816.11);
    finds("loss {loss}", "loss 1,234,567", LRP_PATTERN_FOUND, nan, 1234567);
    finds("loss {loss}", "loss 1,234", LRP_PATTERN_FOUND, nan, 1.234); /* the caller is told */
    finds("loss {loss}", "step 12, loss 3", LRP_PATTERN_FOUND, nan, 3);
    finds("step {step}, loss {loss}", "step 12, loss 3", LRP_PATTERN_FOUND, 12, 3);
    finds("step {step}.*loss {loss}", "step 12, loss 3, x", LRP_PATTERN_FOUND, 12, 3);
    finds("step {step}.*loss {loss}", "step 1,200: loss 0,5", LRP_PATTERN_FOUND, 1200, 0.5);
    finds("{step},{loss},", "12,3,7", LRP_PATTERN_FOUND, 12, 3);
    finds("^{loss},{step}$", "0.5,12", LRP_PATTERN_FOUND, 12, 0.5);
    finds("loss {loss}", "loss 0.5,0.7", LRP_PATTERN_FOUND, nan, 0.5);
    finds("loss {loss}", "loss 1,23,456", LRP_PATTERN_NO_NUMBER, 0, 0);
    finds("loss=([^ ]+)", "loss=0,5, acc=1", LRP_PATTERN_FOUND, nan, 0.5);
    finds("loss=([^ ]+)", "loss=2,816.11; acc=1", LRP_PATTERN_FOUND, nan, 2816.11);
    finds("(loss) {loss} *(.*)", "loss 0,5 x", LRP_PATTERN_FOUND, nan, 0.5);
}
END_TEST

START_TEST(bad_patterns_are_refused_in_one_line)
{
    static const struct {
        const char *pattern, *says;
    } bad[] = {
        {"loss ([", "regular expression"},
        {"loss (", "regular expression"},
        {"loss *", "no group"},
        {"", "no group"},
        {"(a)(b)(c)", "more than two"},
        {"{step}", "no {loss}"},
        {"{loss} {loss}", "twice"},
        {"(a{2,1})", "regular expression"},
        {"(loss\\", "regular expression"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct lrp_line_pattern *pattern = NULL;
        struct lrp_error err = {0};
        ck_assert_int_eq(lrp_loss_pattern_new(bad[i].pattern, &pattern, &err), LRP_E_ARG);
        ck_assert_msg(strstr(err.message, bad[i].says) != NULL, "%s: %s", bad[i].pattern,
                      err.message);
        ck_assert_ptr_null(strchr(err.message, '\n'));
        ck_assert_ptr_null(pattern);
    }
}
END_TEST

/* ---- the grid ------------------------------------------------------------------------------ */

START_TEST(rates_are_short_and_given_ends_exact)
{
    struct lrp_rate_grid grid;
    const double nan = (double)NAN;
    lrp_rate_grid_set(&grid, nan, nan, 0, 1e-7, 10);
    ck_assert_int_eq(grid.high - grid.low, 24);
    ck_assert(lrp_rate_grid_rate(&grid, 0) == 1);
    ck_assert(lrp_rate_grid_rate(&grid, grid.low) == 1e-7);
    ck_assert(lrp_rate_grid_rate(&grid, -1) == 0.464);
    ck_assert(lrp_rate_grid_rate(&grid, -4) == 0.0464);
    lrp_rate_grid_set(&grid, 0.0012345, 1.0 / 3, 5, 0.0012345, 1.0 / 3);
    ck_assert_int_eq(grid.high - grid.low, 4);
    ck_assert(lrp_rate_grid_rate(&grid, grid.low) == 0.0012345);
    ck_assert(lrp_rate_grid_rate(&grid, grid.high) == 1.0 / 3);
    for (long k = grid.low; k < grid.high; k++) {
        double ratio = lrp_rate_grid_rate(&grid, k + 1) / lrp_rate_grid_rate(&grid, k);
        ck_assert_close(log10(ratio), grid.spacing, 0.01, 0);
    }
    lrp_rate_grid_set(&grid, nan, 0.5, 0, 1e-7, 0.5);
    ck_assert(lrp_rate_grid_rate(&grid, grid.high) == 0.5);
    ck_assert(lrp_rate_grid_rate(&grid, grid.low) <= 1e-7);
    lrp_rate_grid_divide(&grid, 7);
    ck_assert_int_eq(grid.high - grid.low, 6);
    ck_assert(lrp_rate_grid_rate(&grid, grid.high) == 0.5);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("fresh_words");
    TCase *tests = tcase_create("fresh_words");
    tcase_add_test(tests, places_are_filled_and_all_else_stays);
    tcase_add_test(tests, a_rate_reads_back_exactly_in_any_locale);
    tcase_add_test(tests, values_are_no_patterns);
    tcase_add_test(tests, patterns_find_losses);
    tcase_add_test(tests, patterns_take_commas);
    tcase_add_test(tests, bad_patterns_are_refused_in_one_line);
    tcase_add_test(tests, rates_are_short_and_given_ends_exact);
    suite_add_tcase(suite, tests);
    return suite;
}
