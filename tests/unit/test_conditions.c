/* SPDX-License-Identifier: MIT */
/* What bounds say of the conditions that they hold for, and their warnings. */
#include "answer.h"
#include "sweep_curves.h"
#include "test_main.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { HEADS_MOST = 10 };
static const struct sweep_curve plain = {healthy_curve, NULL, 1e-5, 10, 200, 0.05};

/* Two sweeps with these heads ("key: value", NULL at the end). */
static struct lrp_bounds bounds_with(const char *const *first, const char *const *second)
{
    const char *const *heads[2] = {first, second};
    struct lrp_record *records[2];
    struct lrp_bounds bounds;
    for (size_t r = 0; r < 2; r++) {
        records[r] = sweep_record(&plain, r + 1);
        for (const char *const *head = heads[r]; *head != NULL; head++) {
            char key[40];
            const char *colon = strchr(*head, ':');
            (void)snprintf(key, sizeof key, "%.*s", (int)(colon - *head), *head);
            ck_assert_int_eq(lrp_record_set_meta(records[r], key, colon + 2, NULL), LRP_OK);
        }
    }
    ck_assert_int_eq(
        lrp_bounds_find((const struct lrp_record *const *)records, 2, NULL, &bounds, NULL), LRP_OK);
    lrp_record_free(records[0]);
    lrp_record_free(records[1]);
    return bounds;
}
#define SAME(...)                                                                                  \
    bounds_with((const char *const[HEADS_MOST]){__VA_ARGS__},                                      \
                (const char *const[HEADS_MOST]){__VA_ARGS__})

START_TEST(heads_become_conditions)
{
    struct lrp_bounds bounds =
        SAME("framework: torch 2.6.0", "optimizer: AdamW",
             "optimizer_options: betas=0.8/0.999 weight_decay=0.01", "own_lr: 0.05",
             "group_rates: 0.0005,0.05,0", "optimizers: 2", "batch_size: 64", "start: checkpoint");
    const struct lrp_conditions *is = &bounds.conditions;
    ck_assert_str_eq(is->framework, "torch 2.6.0");
    ck_assert_str_eq(is->optimizer, "AdamW");
    ck_assert_str_eq(is->options, "betas=0.8/0.999 weight_decay=0.01");
    ck_assert_str_eq(is->momentum, "beta1");
    ck_assert_close(is->momentum_value, 0.8, 1e-12, 0);
    ck_assert_close(is->own_lr, 0.05, 1e-12, 0);
    ck_assert_uint_eq(is->n_groups, 3);
    ck_assert_close(is->group_ratios[0], 0.01, 1e-12, 0);
    ck_assert_close(is->group_ratios[1], 1, 1e-12, 0);
    ck_assert_close(is->group_ratios[2], 0, 0, 0);
    ck_assert_uint_eq(is->n_optimizers, 2);
    ck_assert_close(is->batch_size, 64, 0, 0);
    ck_assert_close(is->steps, 200, 0, 0);
    ck_assert_str_eq(is->start, "checkpoint");
    ck_assert_int_eq(is->higher_is_better, 0);
    ck_assert_uint_eq(bounds.n_warnings, SAME(NULL).n_warnings);
}
END_TEST

START_TEST(momentum_is_what_the_options_say)
{
    const struct {
        const char *options;
        const char *name;
        double value;
    } rows[] = {{"dampening=0 momentum=0.95 nesterov=True", "momentum", 0.95},
                {"dampening=0 momentum=0 nesterov=False", "none", (double)NAN},
                {"betas=0.9/0.999 eps=1e-08", "beta1", 0.9},
                {"beta1=0.7", "beta1", 0.7},
                {"alpha=0.99 eps=1e-08 momentum=0.5", "momentum", 0.5},
                {"initial_momentum=0.5 weight_decay=0", "none", (double)NAN}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char options[80];
        (void)snprintf(options, sizeof options, "optimizer_options: %s", rows[i].options);
        struct lrp_bounds bounds = SAME("optimizer: SGD", options);
        ck_assert_str_eq(bounds.conditions.momentum, rows[i].name);
        ck_assert_close(bounds.conditions.momentum_value, rows[i].value, 1e-12, 0);
        ck_assert_uint_eq(bounds.conditions.n_groups, 1);
        ck_assert_uint_eq(bounds.conditions.n_optimizers, 1);
    }
}
END_TEST

START_TEST(what_is_not_said_is_not_known)
{
    struct lrp_bounds bounds = SAME(NULL);
    const struct lrp_conditions *is = &bounds.conditions;
    ck_assert_str_eq(is->optimizer, "");
    ck_assert_str_eq(is->options, "");
    ck_assert_str_eq(is->momentum, "");
    ck_assert_str_eq(is->start, "");
    ck_assert(isnan(is->momentum_value) && isnan(is->own_lr) && isnan(is->batch_size));
    ck_assert_uint_eq(is->n_groups, 0);
    ck_assert_uint_eq(is->n_optimizers, 0);
    bounds = SAME("optimizer: SGD", "own_lr: -1", "batch_size: many", "group_rates: ,,",
                  "optimizers: nan");
    ck_assert_str_eq(is->momentum, "");
    ck_assert(isnan(is->own_lr) && isnan(is->batch_size));
    ck_assert_uint_eq(is->n_groups, 0);
    ck_assert_uint_eq(is->n_optimizers, 0);
}
END_TEST

START_TEST(records_that_differ_leave_it_open)
{
    const char *const first[] = {"optimizer: SGD", "batch_size: 32", "own_lr: 0.1", NULL};
    const char *const second[] = {"optimizer: AdamW", "batch_size: 64", "own_lr: 0.1", NULL};
    struct lrp_bounds bounds = bounds_with(first, second);
    ck_assert_str_eq(bounds.conditions.optimizer, "");
    ck_assert(isnan(bounds.conditions.batch_size));
    ck_assert_close(bounds.conditions.own_lr, 0.1, 1e-12, 0);
    ck_assert(has_warning(&bounds, "different optimizers (SGD and AdamW)"));
    ck_assert(has_warning(&bounds, "different batch sizes (32 and 64)"));
    /* one that says nothing contradicts nobody, but it is not known to be alike */
    const char *const silent[] = {NULL};
    bounds = bounds_with(silent, first);
    ck_assert_str_eq(bounds.conditions.optimizer, "");
    ck_assert(!has_warning(&bounds, "different"));
    const char *const options[][3] = {{"optimizer: SGD", "optimizer_options: momentum=0.9", NULL},
                                      {"optimizer: SGD", "optimizer_options: momentum=0", NULL}};
    bounds = bounds_with(options[0], options[1]);
    ck_assert_str_eq(bounds.conditions.optimizer, "SGD");
    ck_assert_str_eq(bounds.conditions.momentum, "");
    ck_assert(has_warning(&bounds, "different options of the optimizer"));
}
END_TEST

/* The built-in trainer's head has no defaults; its column momentum says what was used. */
START_TEST(the_own_trainers_column_says_its_momentum)
{
    const struct {
        const char *optimizer;
        double column;
        const char *name, *options;
    } rows[] = {{"momentum", 0.9, "momentum", ""},
                {"nesterov:momentum=0.8", 0.8, "momentum", "momentum=0.8"},
                {"sgd", (double)NAN, "none", ""},
                {"adamw:beta1=0.8,weight_decay=0.1", 0.8, "beta1", "beta1=0.8 weight_decay=0.1"},
                {"rmsprop", (double)NAN, "none", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static const char *const names[] = {"lr", "loss", "momentum"};
        struct lrp_record *record = empty_record(names, 3);
        struct lrp_bounds bounds;
        for (size_t k = 0; k < 100; k++) {
            double x = -5 + 6 * (double)k / 99;
            const double row[3] = {pow(10, x), healthy_curve(x), rows[i].column};
            const unsigned char present[3] = {1, 1, (unsigned char)!isnan(rows[i].column)};
            ck_assert_int_eq(lrp_record_append_row(record, row, present, NULL), LRP_OK);
        }
        ck_assert_int_eq(lrp_record_set_meta(record, "version", "0.1.0", NULL), LRP_OK);
        ck_assert_int_eq(lrp_record_set_meta(record, "optimizer", rows[i].optimizer, NULL), LRP_OK);
        ck_assert_int_eq(
            lrp_bounds_find((const struct lrp_record *const *)&record, 1, NULL, &bounds, NULL),
            LRP_OK);
        lrp_record_free(record);
        ck_assert_str_eq(bounds.conditions.momentum, rows[i].name);
        ck_assert_str_eq(bounds.conditions.options, rows[i].options);
        ck_assert_close(bounds.conditions.momentum_value, rows[i].column, 1e-12, 0);
        ck_assert(strchr(bounds.conditions.optimizer, ':') == NULL);
    }
}
END_TEST

START_TEST(lbfgs_has_one_rate_throughout)
{
    struct lrp_bounds bounds = SAME("optimizer: LBFGS", "optimizer_options: history_size=10");
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
    ck_assert_double_lt(bounds.suggested_lr.value, 0.9 * bounds.max_lr.value);
    ck_assert_close(bounds.one_cycle.max_lr, bounds.suggested_lr.value, 1e-12, 0);
    ck_assert_close(bounds.one_cycle.initial_lr, bounds.suggested_lr.value, 1e-12, 0);
    ck_assert_close(bounds.one_cycle.final_lr, bounds.suggested_lr.value, 1e-12, 0);
    bool said = false;
    for (size_t i = 0; i < bounds.n_warnings; i++) {
        said |= strstr(bounds.warnings[i], "L-BFGS") != NULL;
    }
    ck_assert(said);
    bounds = SAME("optimizer: SGD");
    ck_assert_double_lt(bounds.one_cycle.initial_lr, 0.1 * bounds.one_cycle.max_lr);
}
END_TEST

START_TEST(warnings_are_found_again_by_their_kind)
{
    struct lrp_bounds bounds;
    lrp_bounds_clear(&bounds);
    lrp_bounds_warn_of(&bounds, LRP_WARNING_NO_BASE_LR, "no base_lr: %d", 1);
    lrp_bounds_warn(&bounds, "no base_lr by its words alone");
    lrp_bounds_warn_of(&bounds, LRP_WARNING_NO_MAX_LR, "no max_lr");
    lrp_bounds_warn_of(&bounds, LRP_WARNING_NO_BASE_LR, "no base_lr: %d", 2);
    ck_assert(lrp_bounds_drop_warnings(&bounds, LRP_WARNING_NO_BASE_LR));
    ck_assert_uint_eq(bounds.n_warnings, 2);
    ck_assert_str_eq(bounds.warnings[0], "no base_lr by its words alone");
    ck_assert_str_eq(bounds.warnings[1], "no max_lr");
    ck_assert(!lrp_bounds_drop_warnings(&bounds, LRP_WARNING_NO_BASE_LR));
    ck_assert(lrp_bounds_drop_warnings(&bounds, LRP_WARNING_NO_MAX_LR));
    ck_assert_uint_eq(bounds.n_warnings, 1);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("conditions");
    TCase *tests = tcase_create("conditions");
    tcase_add_test(tests, heads_become_conditions);
    tcase_add_test(tests, momentum_is_what_the_options_say);
    tcase_add_test(tests, what_is_not_said_is_not_known);
    tcase_add_test(tests, records_that_differ_leave_it_open);
    tcase_add_test(tests, the_own_trainers_column_says_its_momentum);
    tcase_add_test(tests, lbfgs_has_one_rate_throughout);
    tcase_add_test(tests, warnings_are_found_again_by_their_kind);
    suite_add_tcase(suite, tests);
    return suite;
}
