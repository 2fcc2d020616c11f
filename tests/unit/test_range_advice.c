/* SPDX-License-Identifier: MIT */
#include "range_sample.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first line where the own rate is known. */
START_TEST(the_own_rate_is_compared_with_what_is_known)
{
    const double nan = (double)NAN;
    const struct {
        double base, max, own;
        const char *words; /* NULL: no such line */
    } table[] = {
        {3e-4, 0.01, 5e-5, "your 5e-05 is 6 times below base_lr\n"},
        {0.01, 0.3, 0.1, "your 0.1 lies between base_lr and max_lr, 3 times below max_lr\n"},
        {0.01, 0.25, 1, "your 1 is 4 times above max_lr\n"},
        {0.01, 0.25, 0.3, "your 0.3 is 1.2 times above max_lr, within its range\n"},
        {0.01, 0.25, 0.0105, "your 0.0105 is about base_lr\n"},
        {0.01, 0.25, 0.24, "your 0.24 is about max_lr\n"},
        {0.01, nan, 0.5, "your 0.5 is 50 times above base_lr; max_lr was not seen\n"},
        {0.01, nan, 0.001, "your 0.001 is 10 times below base_lr\n"},
        {nan, 0.25, 0.05, "your 0.05 is 5 times below max_lr; base_lr was not seen\n"},
        {nan, 0.25, 0.5, "your 0.5 is 2 times above max_lr\n"},
        {nan, nan, 0.01, "your 0.01 lies in the swept range, 1e-06 .. 10\n"},
        {nan, nan, 30, "your 30 lies outside the swept range, 1e-06 .. 10\n"},
        {0.01, 0.25, nan, NULL},
        {0.01, 0.25, 0, NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct lrp_bounds bounds = numbered();
        const struct lrp_range_report report = {
            .title = "t", .command = "", .date = "", .bounds = &bounds};
        bounds.base_lr =
            (struct lrp_rate){table[i].base, table[i].base / 1.05, table[i].base * 1.05};
        bounds.max_lr = (struct lrp_rate){table[i].max, table[i].max / 1.25, table[i].max * 1.25};
        bounds.lr_low = 1e-6;
        bounds.lr_high = 10;
        bounds.conditions.own_lr = table[i].own;
        char *terminal = form_of(&report, LRP_FOR_TERMINAL);
        char *html = form_of(&report, LRP_FOR_HTML);
        const char *words = table[i].words;
        if (words != NULL) {
            ck_assert_msg(strncmp(terminal + 2, words, strlen(words)) == 0, "%s: %s", words,
                          terminal);
            char page[200];
            (void)snprintf(page, sizeof page, "<p>Y%.*s.</p>", (int)strlen(words) - 2, words + 1);
            const char *at = strstr(html, page);
            ck_assert_msg(at != NULL && at < strstr(html, "Outcome:"), "%s", page);
        } else {
            ck_assert_int_eq(strncmp(terminal, "  outcome", 9), 0);
            ck_assert_ptr_null(strstr(html, "<p>Your "));
        }
        free(terminal);
        free(html);
    }
}
END_TEST

/* Each reason says what it is and what to do, with options that can be copied. */
START_TEST(each_reason_has_a_next_step)
{
    static const char *const steps[] = {
        [LRP_REASON_RANGE_TOO_LOW] = "--lr-max 200.",
        [LRP_REASON_RANGE_TOO_HIGH] = "--lr-min 0.001.",
        [LRP_REASON_NO_LEARNING] = "on one batch, or take more steps: --steps 102.",
        [LRP_REASON_MEMORISED] = "(--steps 17) or more data",
        [LRP_REASON_NO_EFFECT] = "whether the script keeps a rate of its own",
        [LRP_REASON_TRAINER_ENDED] = "fewer steps than it makes (--steps)",
        [LRP_REASON_DIRECTION_UNKNOWN] = "--direction higher or --direction lower.",
        [LRP_REASON_NOISE] = "(--repeats 50), more steps (--steps 102)",
        [LRP_REASON_FEW_STEPS] = "--steps 102.",
        [LRP_REASON_REPEATS_DIFFER] = "(--repeats 50)",
    };
    for (int i = LRP_REASON_NONE + 1; lrp_reason_name((enum lrp_reason)i) != NULL; i++) {
        struct lrp_bounds bounds = numbered();
        const struct lrp_range_report report = {
            .title = "t", .command = "", .date = "", .bounds = &bounds};
        char *json = NULL;
        char wanted[80];
        ck_assert_uint_lt((size_t)i, sizeof steps / sizeof steps[0]);
        bounds.outcome = LRP_OUTCOME_FLAT;
        bounds.reason = (enum lrp_reason)i;
        char *terminal = form_of(&report, LRP_FOR_TERMINAL);
        char *markdown = form_of(&report, LRP_FOR_MARKDOWN);
        const char *next = strstr(terminal, "  next      ");
        ck_assert_int_eq(strstr(terminal, "your 32 ") == NULL,
                         i == LRP_REASON_NO_EFFECT || i == LRP_REASON_DIRECTION_UNKNOWN);
        (void)snprintf(wanted, sizeof wanted, "  outcome   flat, %s\n",
                       lrp_reason_name(bounds.reason));
        ck_assert_msg(strstr(terminal, wanted) != NULL, "%s: %s", wanted, terminal);
        ck_assert_msg(next != NULL && strstr(next, steps[i]) != NULL, "%s: %s", steps[i], terminal);
        ck_assert_ptr_null(strchr(next, '$'));
        (void)snprintf(wanted, sizeof wanted, "Outcome: **flat**, %s. ",
                       lrp_reason_name(bounds.reason));
        ck_assert_msg(strstr(markdown, wanted) != NULL, "%s: %s", wanted, markdown);
        ck_assert_int_eq(lrp_bounds_json(&bounds, &json, NULL), LRP_OK);
        ck_assert_msg(strstr(json, steps[i]) != NULL, "%s", json);
        free(terminal);
        free(markdown);
        free(json);
    }
    /* what is not known is left to be filled in */
    struct lrp_bounds bounds = numbered();
    char *json = NULL;
    bounds.reason = LRP_REASON_FEW_STEPS;
    bounds.conditions.steps = (double)NAN;
    ck_assert_int_eq(lrp_bounds_json(&bounds, &json, NULL), LRP_OK);
    ck_assert_ptr_nonnull(strstr(json, "more steps: --steps N."));
    free(json);
}
END_TEST

/* A score rises where a loss falls. */
START_TEST(a_score_is_no_loss)
{
    static const char *const sentences[] = {
        "val_dice rises and then falls again within the swept range: both bounds are seen.",
        "val_dice never falls again: max_lr lies above the swept range. Sweep higher rates.",
        "val_dice falls before it has risen: even the lowest rate is too high.",
        "val_dice does not move by more than its noise.",
        "The noise hides where val_dice stops rising.",
        "There are too few points to say anything. Take more steps.",
    };
    struct lrp_bounds bounds = numbered();
    const struct lrp_range_report report = {
        .title = "t", .command = "", .date = "", .bounds = &bounds};
    bounds.reason = LRP_REASON_NONE;
    bounds.metric = "val_dice";
    bounds.conditions.higher_is_better = 1;
    bounds.outcome = (enum lrp_outcome)_i;
    char *markdown = form_of(&report, LRP_FOR_MARKDOWN);
    char *terminal = form_of(&report, LRP_FOR_TERMINAL);
    ck_assert_msg(strstr(markdown, sentences[_i]) != NULL, "%s", markdown);
    ck_assert_ptr_null(strstr(terminal, "The loss"));
    ck_assert_ptr_nonnull(strstr(terminal, "above it the score stops rising"));
    free(markdown);
    free(terminal);
}
END_TEST

/* Whose rates they are, and what the lines of Python say for each group. */
START_TEST(groups_and_optimizers_are_named)
{
    const struct {
        size_t n_groups, n_optimizers;
        double ratios[6];
        const char *words, *rates;
    } table[] = {
        {2,
         1,
         {0.01, 1},
         "fastest of 2 parameter groups; the other is at 1/100 of it.\n",
         "max_lr=[0.13, 13]"},
        {3,
         1,
         {1, 0.65, 0.65},
         "fastest of 3 parameter groups; the slower ones are at 0.65 of it.",
         "max_lr=[13, 8.45, 8.45]"},
        {4, 1, {0.1, 0.5, 1, 0.2}, "at 1/10, 1/5 and 1/2 of it.", "max_lr=[1.3, 6.5, 13, 2.6]"},
        {6,
         1,
         {0.5, 0.2, 0.3, 0.4, 0.1, 1},
         "the slower ones are at 1/10 to 1/2 of it.",
         "max_lr=[6.5, "},
        {2, 1, {1, 1}, NULL, "max_lr=13,"},
        {2, 1, {(double)NAN, 1}, "fastest of 2 parameter groups.\n", "max_lr=13,"},
        {1, 1, {1}, NULL, "max_lr=13,"},
        {0, 0, {0}, NULL, "max_lr=13,"},
        {1,
         2,
         {1},
         "  The rates are those of AdamW, the one of 2 optimizers with the most "
         "parameters.\n",
         "max_lr=13,"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct lrp_bounds bounds = numbered();
        const struct lrp_range_report report = {
            .title = "t", .command = "", .date = "", .bounds = &bounds};
        bounds.conditions.n_groups = table[i].n_groups;
        bounds.conditions.n_optimizers = table[i].n_optimizers;
        memcpy(bounds.conditions.group_ratios, table[i].ratios, sizeof table[i].ratios);
        char *terminal = form_of(&report, LRP_FOR_TERMINAL);
        char *markdown = form_of(&report, LRP_FOR_MARKDOWN);
        if (table[i].words != NULL) {
            ck_assert_msg(strstr(terminal, table[i].words) != NULL, "%zu: %s", i, terminal);
        } else {
            ck_assert_ptr_null(strstr(terminal, "The rates are those"));
        }
        ck_assert_msg(strstr(markdown, table[i].rates) != NULL, "%zu: %s", i, markdown);
        free(terminal);
        free(markdown);
    }
}
END_TEST

/* The lines of Python bring in no momentum that was not swept, and none that CyclicLR refuses. */
START_TEST(printed_lines_keep_to_the_swept_momentum)
{
    const struct {
        const char *name;
        double low;
        int one_cycle, clr; /* whether it cycles there */
    } table[] = {{"momentum", 0.85, 1, 1},
                 {"beta1", 0.85, 1, 0},
                 {"none", (double)NAN, 0, 0},
                 {"", (double)NAN, 0, 0}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct lrp_bounds bounds = numbered();
        const struct lrp_range_report report = {
            .title = "t", .command = "", .date = "", .bounds = &bounds};
        (void)snprintf(bounds.conditions.momentum, sizeof bounds.conditions.momentum, "%s",
                       table[i].name);
        bounds.one_cycle.momentum_low = table[i].low;
        bounds.one_cycle.momentum_high = table[i].low + 0.1;
        char *markdown = form_of(&report, LRP_FOR_MARKDOWN);
        char *terminal = form_of(&report, LRP_FOR_TERMINAL);
        const char *one_cycle = strstr(markdown, "OneCycleLR(");
        const char *clr = strstr(markdown, "CyclicLR(");
        ck_assert(one_cycle != NULL && clr != NULL);
        const char *first = strstr(one_cycle, "base_momentum=0.85, max_momentum=0.95)");
        ck_assert_int_eq(first != NULL && first < clr, table[i].one_cycle);
        ck_assert_int_eq(strstr(clr, "base_momentum=0.85") != NULL, table[i].clr);
        ck_assert_int_eq(strstr(clr, "cycle_momentum=False") == NULL, table[i].clr);
        ck_assert_int_eq(strstr(terminal, "0.95 .. 0.85") != NULL, table[i].one_cycle);
        free(markdown);
        free(terminal);
    }
}
END_TEST

/* The table names what is known, and below it what is not. */
START_TEST(conditions_are_a_table)
{
    struct lrp_bounds bounds = numbered();
    const struct lrp_range_report report = {
        .title = "t", .command = "", .date = "", .bounds = &bounds};
    char *markdown = form_of(&report, LRP_FOR_MARKDOWN);
    static const char *const rows[] = {
        "| optimizer | AdamW |\n",      "| its options | betas=0.8/0.999 |\n",
        "| momentum | 0.8 (beta1) |\n", "| the script's own rate | 32 |\n",
        "| parameter groups | 2 |\n",   "| batch size | 33 |\n",
        "| steps of a run | 34 |\n",    "| start | fresh |\n",
        "| repeats | 25 |\n",           "| metric | val_loss, higher is better |\n",
        "| framework | torch 2.6.0 |\n"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_msg(strstr(markdown, rows[i]) != NULL, "%s: %s", rows[i], markdown);
    }
    ck_assert_ptr_null(strstr(markdown, "Not known from the records"));
    free(markdown);
    bounds.conditions = (struct lrp_conditions){.momentum_value = (double)NAN,
                                                .own_lr = (double)NAN,
                                                .batch_size = (double)NAN,
                                                .steps = (double)NAN,
                                                .start = "checkpoint"};
    markdown = form_of(&report, LRP_FOR_MARKDOWN);
    ck_assert_ptr_nonnull(strstr(markdown, "| start | from a checkpoint |\n"));
    ck_assert_ptr_nonnull(strstr(markdown, "Not known from the records: optimizer, momentum, batch "
                                           "size, the script's own rate."));
    ck_assert_ptr_null(strstr(markdown, "| optimizer |"));
    free(markdown);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("range_advice");
    TCase *tests = tcase_create("range_advice");
    tcase_add_test(tests, the_own_rate_is_compared_with_what_is_known);
    tcase_add_test(tests, each_reason_has_a_next_step);
    tcase_add_loop_test(tests, a_score_is_no_loss, 0, LRP_OUTCOME_TOO_SHORT + 1);
    tcase_add_test(tests, groups_and_optimizers_are_named);
    tcase_add_test(tests, conditions_are_a_table);
    tcase_add_test(tests, printed_lines_keep_to_the_swept_momentum);
    suite_add_tcase(suite, tests);
    return suite;
}
