/* SPDX-License-Identifier: MIT */
#include "escaped.h"
#include "lrprobe/lrprobe.h"
#include "plan.h"
#include "random.h"
#include "range_drawings.h"
#include "range_report.h"
#include "range_sample.h"
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
                                               .curve = sample->curve};
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

START_TEST(each_number_has_its_field)
{
    static const char wanted[] =
        "{\"schema\":\"lrprobe.bounds/1\",\"outcome\":\"ok\",\"reason\":\"memorised\","
        "\"next_step\":\"Takefewersteps(--steps17)ormoredata,oronerunperrate"
        "(--modefresh).\",\"metric\":\"val_loss\","
        "\"interval_level\":0.9,\"lr_range\":[1,2],\"steps_planned\":3,"
        "\"base_lr\":{\"value\":4,\"low\":5,\"high\":6},\"max_lr\":{\"value\":7,\"low\":8,"
        "\"high\":9},\"suggested_lr\":{\"value\":10,\"low\":11,\"high\":12},"
        "\"one_cycle\":{\"max_lr\":13,\"initial_lr\":14,\"final_lr\":15,\"momentum_low\":16,"
        "\"momentum_high\":17},\"clr\":{\"base_lr\":18,\"max_lr\":19,\"step_size\":20,"
        "\"cycles\":21},\"evidence\":{\"diverged_lr\":22,\"steepest_lr\":23,"
        "\"lowest_loss_lr\":24},\"repeats\":25,\"conditions\":{\"optimizer\":\"AdamW\","
        "\"options\":\"betas=0.8/0.999\",\"start\":\"fresh\",\"framework\":\"torch2.6.0\","
        "\"momentum\":{\"name\":\"beta1\",\"value\":0.8},\"own_lr\":32,\"batch_size\":33,"
        "\"steps\":34,\"groups\":{\"count\":2,\"ratios\":[0.01,1]},\"optimizers\":3,"
        "\"metric_direction\":\"higher\",\"repeats\":25},\"peers\":{\"fastai_valley\":26,"
        "\"fastai_slide\":27,\"fastai_steep\":28,\"fastai_minimum\":29,\"lightning\":30,"
        "\"torch_lr_finder\":31},\"warnings\":[\"w\"]}";
    const struct lrp_bounds bounds = numbered();
    struct lrp_bounds back;
    char *json = NULL;
    ck_assert_int_eq(lrp_bounds_json(&bounds, &json, NULL), LRP_OK);
    ck_assert_int_eq(lrp_bounds_from_json(json, strlen(json), &back, NULL), LRP_OK);
    char *again = NULL;
    ck_assert_int_eq(lrp_bounds_json(&back, &again, NULL), LRP_OK);
    ck_assert_str_eq(json, again);
    free(again);
    size_t n = 0; /* without blanks and line feeds */
    for (const char *at = json; *at != '\0'; at++) {
        if (*at != ' ' && *at != '\n') {
            json[n] = *at;
            n++;
        }
    }
    json[n] = '\0';
    ck_assert_str_eq(json, wanted);
    ck_assert_double_eq(back.clr.cycles, 21);
    ck_assert_double_eq(back.evidence.steepest_lr, 23);
    ck_assert_double_eq(back.lr_high, 2);
    ck_assert_str_eq(back.metric, "val_loss");
    ck_assert_uint_eq(back.repeats, 25);
    ck_assert_int_eq((int)back.reason, (int)LRP_REASON_MEMORISED);
    free(json);
}
END_TEST

/* A file of the first version has no conditions, a broken one has strange ones. */
START_TEST(conditions_that_are_missing_are_not_known)
{
    static const char *const tails[] = {
        "}", ",\"reason\":null,\"conditions\":null}", ",\"conditions\":[1,2]}",
        ",\"reason\":\"of the future\",\"conditions\":{\"optimizer\":3,\"momentum\":\"x\","
        "\"own_lr\":null,\"groups\":{\"count\":-1,\"ratios\":3},\"optimizers\":null,"
        "\"metric_direction\":null}}"};
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        struct lrp_bounds back;
        char json[600];
        (void)snprintf(json, sizeof json, "{\"schema\":\"lrprobe.bounds/1\",\"outcome\":\"ok\"%s",
                       tails[i]);
        ck_assert_int_eq(lrp_bounds_from_json(json, strlen(json), &back, NULL), LRP_OK);
        ck_assert_int_eq((int)back.reason, (int)LRP_REASON_NONE);
        ck_assert_str_eq(back.conditions.optimizer, "");
        ck_assert_str_eq(back.conditions.momentum, "");
        ck_assert(isnan(back.conditions.own_lr) && isnan(back.conditions.momentum_value));
        ck_assert(isnan(back.conditions.batch_size) && isnan(back.conditions.steps));
        ck_assert_uint_eq(back.conditions.n_groups + back.conditions.n_optimizers, 0);
        ck_assert_int_eq(back.conditions.higher_is_better, 0);
    }
    /* more groups than are kept */
    struct lrp_bounds many = numbered();
    struct lrp_bounds back;
    char *json = NULL;
    char *again = NULL;
    many.conditions.n_groups = LRP_GROUPS + 8;
    ck_assert_int_eq(lrp_bounds_json(&many, &json, NULL), LRP_OK);
    ck_assert_int_eq(lrp_bounds_from_json(json, strlen(json), &back, NULL), LRP_OK);
    ck_assert_uint_eq(back.conditions.n_groups, LRP_GROUPS + 8);
    ck_assert_int_eq(lrp_bounds_json(&back, &again, NULL), LRP_OK);
    ck_assert_str_eq(json, again);
    free(json);
    free(again);
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

/* What a stranger's trainer, log or command line may hold. */
static const char *const hostile[] = {"<script>alert(1)</script>",
                                      "\"><img src=x onerror=alert(1)>",
                                      "&lt;b&gt;&amp;",
                                      "\x1b[31mred\x1b]0;t\x07",
                                      "](javascript:alert(1)) **x** `y` | z",
                                      "\xff\xfe\xc3",
                                      "```\n<script>alert(1)</script>\n# h"};

/* Every text of a report that is not our own, one after the other, is escaped in every form. */
START_TEST(hostile_text_is_escaped_wherever_it_comes_from)
{
    enum { TITLE, COMMAND, DATE, FACT_NAME, FACT, EVENT, OUTPUT_NAME, OUTPUT, WARNING, PLACES };
    static const enum lrp_audience audiences[] = {LRP_FOR_TERMINAL, LRP_FOR_MARKDOWN, LRP_FOR_HTML};
    struct sample sample;
    make_sample(&sample, 1, "");
    for (int place = 0; place < PLACES; place++) {
        const char *texts[PLACES];
        for (int i = 0; i < PLACES; i++) {
            texts[i] = i == place ? hostile[_i] : "harmless";
        }
        sample.report.title = texts[TITLE];
        sample.report.command = texts[COMMAND];
        sample.report.date = texts[DATE];
        sample.report.facts = (const char *const[]){texts[FACT_NAME], texts[FACT]};
        sample.report.events = (const char *const[]){texts[EVENT]};
        sample.report.outputs = (const char *const[]){texts[OUTPUT_NAME], texts[OUTPUT]};
        sample.report.n_facts = sample.report.n_events = sample.report.n_outputs = 1;
        (void)snprintf(sample.bounds.warnings[0], sizeof sample.bounds.warnings[0], "%s",
                       texts[WARNING]);
        sample.bounds.n_warnings = 1;
        for (size_t a = 0; a < 3; a++) {
            char *text = form_of(&sample.report, audiences[a]);
            check_escaped(text, audiences[a]);
            if (audiences[a] != LRP_FOR_TERMINAL || place == WARNING) {
                check_shown(text, hostile[_i], audiences[a], place == OUTPUT || place == COMMAND);
            }
            free(text);
        }
    }
    free_sample(&sample);
}
END_TEST

START_TEST(lines_that_a_trainer_printed_stay_lines)
{
    struct sample sample;
    make_sample(&sample, 1, "t");
    sample.report.outputs = (const char *const[]){"run 002", "epoch 1\n  loss <nan>\nended\n"};
    sample.report.n_outputs = 1;
    char *html = form_of(&sample.report, LRP_FOR_HTML);
    char *markdown = form_of(&sample.report, LRP_FOR_MARKDOWN);
    ck_assert_ptr_nonnull(strstr(html, "<h2>Last lines of run 002</h2>\n<pre>epoch 1\n  loss "
                                       "&lt;nan&gt;\nended\n</pre>"));
    ck_assert_ptr_nonnull(strstr(markdown, "\nepoch 1\n  loss <nan>\nended\n"));
    free(html);
    free(markdown);
    free_sample(&sample);
}
END_TEST

START_TEST(what_the_conditions_say_is_said_once)
{
    struct sample sample;
    make_sample(&sample, 1, "t");
    sample.report.facts = (const char *const[]){"own_lr", "0.5", "seed", "7"};
    sample.report.n_facts = 2;
    char *markdown = form_of(&sample.report, LRP_FOR_MARKDOWN);
    ck_assert_ptr_nonnull(strstr(markdown, "seed"));
    ck_assert_ptr_null(strstr(markdown, "own\\_lr"));
    ck_assert_ptr_null(strstr(markdown, "own_lr"));
    free(markdown);
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

/* The complete sentence of each outcome, in the terminal and on both pages. */
START_TEST(every_outcome_has_its_sentence)
{
    static const char *const sentences[] = {
        "The loss falls and then rises again within the swept range: both bounds are seen.",
        "The loss never rises again: max_lr lies above the swept range. Sweep higher rates.",
        "The loss rises before it has fallen: even the lowest rate is too high. Sweep lower rates, "
        "and check the data and the loss.",
        "The loss does not move by more than its noise. Sweep higher rates, take more steps, and "
        "check that the model learns at all.",
        "The noise hides where the loss stops falling. Take more repeats, more steps, or a larger "
        "batch.",
        "There are too few points to say anything. Take more steps.",
    };
    static const char *const names[] = {"ok",   "did-not-diverge", "diverged-at-start",
                                        "flat", "too-noisy",       "too-short"};
    struct sample sample;
    char wanted[400];
    make_sample(&sample, _i == LRP_OUTCOME_OK, "x");
    sample.bounds.outcome = (enum lrp_outcome)_i;
    sample.bounds.reason = LRP_REASON_NONE;
    ck_assert_str_eq(lrp_outcome_name(sample.bounds.outcome), names[_i]);
    char *terminal = form_of(&sample.report, LRP_FOR_TERMINAL);
    (void)snprintf(wanted, sizeof wanted, "  outcome   %s\n  %s\n", names[_i], sentences[_i]);
    if (_i == LRP_OUTCOME_OK) { /* the rates say it */
        ck_assert_int_eq(strncmp(terminal, "  base_lr   ", 12), 0);
        ck_assert_ptr_null(strstr(terminal, "outcome"));
    } else {
        ck_assert_int_eq(strncmp(terminal, wanted, strlen(wanted)), 0);
    }
    char *markdown = form_of(&sample.report, LRP_FOR_MARKDOWN);
    (void)snprintf(wanted, sizeof wanted, "\nOutcome: **%s**. %s\n", names[_i], sentences[_i]);
    ck_assert_ptr_nonnull(strstr(markdown, wanted));
    char *html = form_of(&sample.report, LRP_FOR_HTML);
    (void)snprintf(wanted, sizeof wanted, "<p>Outcome: <b class=\"%s\">%s</b>. %s</p>",
                   _i == LRP_OUTCOME_OK ? "good" : "bad", names[_i], sentences[_i]);
    ck_assert_ptr_nonnull(strstr(html, wanted));
    const char *code = strstr(markdown, "```python\ntorch.optim.lr_scheduler.OneCycleLR(");
    ck_assert_int_eq(code != NULL, _i == LRP_OUTCOME_OK);
    ck_assert_ptr_null(strstr(terminal, "nan"));
    ck_assert_ptr_null(strstr(markdown, "nan"));
    ck_assert_ptr_null(strstr(html, "nan"));
    free(terminal);
    free(markdown);
    free(html);
    free_sample(&sample);
}
END_TEST

/* Every number under its own name, in every form. */
START_TEST(each_number_has_its_place)
{
    static const char *const rows[][2] = {
        {"one-cycle max_lr", "13"},
        {"one-cycle initial_lr", "14"},
        {"one-cycle final_lr", "15"},
        {"momentum high", "17"},
        {"momentum low", "16"},
        {"CLR base_lr", "18"},
        {"CLR max_lr", "19"},
        {"CLR step_size", "20"},
        {"steepest fall", "23"},
        {"lowest point", "24"},
        {"divergence", "22"},
        {"swept from", "1"},
        {"to", "2"},
        {"fastai_valley", "26"},
        {"torch_lr_finder", "31"},
    };
    const struct lrp_bounds bounds = numbered();
    const struct lrp_range_report report = {
        .title = "t", .command = "", .date = "", .bounds = &bounds};
    char *terminal = form_of(&report, LRP_FOR_TERMINAL);
    ck_assert_str_eq(
        terminal,
        "  your 32 is 4.6 times above max_lr\n"
        "  outcome   ok, memorised\n"
        "  The training data are memorised before any rate is too high: the loss is close "
        "to zero, and no rate does harm any more.\n"
        "  next      Take fewer steps (--steps 17) or more data, or one run per rate "
        "(--mode fresh).\n"
        "  base_lr   4                5 .. 6        the model starts to learn\n"
        "  max_lr    7                8 .. 9        above it the score stops rising\n"
        "  one rate  10              11 .. 12       for training at one constant rate\n"
        "  one-cycle max 13, start 14, end 15, beta1 17 .. 16\n"
        "  CLR       18 .. 19, step size 20 steps\n"
        "  ranges: 90 % intervals from 25 repeats\n"
        "  The rates are those of the fastest of 2 parameter groups; the other is "
        "at 1/100 of it. The rates are those of AdamW, the one of 3 optimizers with the most "
        "parameters.\n"
        "  for       AdamW (betas=0.8/0.999), batch size 33\n"
        "\n"
        "  other tools: fastai_valley 26, fastai_slide 27, fastai_steep 28,\n"
        "               fastai_minimum 29, lightning 30, torch_lr_finder 31\n"
        "\n"
        "  note: w\n");
    char *html = form_of(&report, LRP_FOR_HTML);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char row[120];
        (void)snprintf(row, sizeof row, "<tr><td>%s</td><td class=\"n\">%s</td>", rows[i][0],
                       rows[i][1]);
        ck_assert_msg(strstr(html, row) != NULL, "%s is missing", row);
    }
    char *markdown = form_of(&report, LRP_FOR_MARKDOWN);
    ck_assert_ptr_nonnull(
        strstr(markdown, "| base_lr | 4 | 5 to 6 | the model starts to learn |\n"
                         "| max_lr | 7 | 8 to 9 | above it the score stops rising |\n"
                         "| one constant rate | 10 | 11 to 12 | if you do not schedule |\n"
                         "| one-cycle max_lr | 13 |  | highest rate of a one-cycle schedule |\n"));
    ck_assert_ptr_nonnull(strstr(
        markdown,
        "torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=[0.13, 13], total_steps=..., "
        "base_momentum=16, max_momentum=17)\n"
        "torch.optim.lr_scheduler.CyclicLR(optimizer, base_lr=[0.18, 18], max_lr=[0.19, 19], "
        "step_size_up=20, cycle_momentum=False)\n"
        "# one constant rate: lr=10\n"));
    free(terminal);
    free(html);
    free(markdown);
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
    make_sample(&sample, 1, "tail");
    sample.curve->median[sample.curve->n - 1] = 1e6;
    sample.curve->slope[sample.curve->n - 1] = 1e8;
    struct lrp_drawing *loss = lrp_loss_of_range_drawing(&sample.report);
    ck_assert(loss->figure.y_high > 2.3 && loss->figure.y_high < 4);
    ck_assert_uint_eq(loss->figure.n_curves, REPEATS + 1);
    ck_assert_uint_ge(loss->figure.n_marks, 3 + LRP_PEERS - 2);
    lrp_drawing_free(loss);
    struct lrp_drawing *slope = lrp_slope_drawing(&sample.report);
    ck_assert(slope->figure.y_high > 0 && slope->figure.y_high < 20);
    ck_assert_uint_eq(slope->figure.n_marks, 3);
    lrp_drawing_free(slope);
    free_sample(&sample);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("report");
    TCase *tests = tcase_create("report");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, bounds_survive_json);
    tcase_add_test(tests, each_number_has_its_field);
    tcase_add_test(tests, conditions_that_are_missing_are_not_known);
    tcase_add_test(tests, broken_json_is_refused);
    tcase_add_loop_test(tests, hostile_text_is_escaped_wherever_it_comes_from, 0,
                        (int)(sizeof hostile / sizeof hostile[0]));
    tcase_add_test(tests, lines_that_a_trainer_printed_stay_lines);
    tcase_add_test(tests, what_the_conditions_say_is_said_once);
    tcase_add_test(tests, a_report_is_whole_with_and_without_gnuplot);
    tcase_add_loop_test(tests, every_outcome_has_its_sentence, LRP_OUTCOME_OK,
                        LRP_OUTCOME_TOO_SHORT + 1);
    tcase_add_test(tests, each_number_has_its_place);
    tcase_add_test(tests, a_report_without_a_curve_can_be_made);
    tcase_add_test(tests, a_diverged_tail_leaves_the_view);
    suite_add_tcase(suite, tests);
    return suite;
}
