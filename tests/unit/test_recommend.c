/* SPDX-License-Identifier: MIT */
/* What is recommended for training, from bounds that are given. Numbers by hand. */
#include "answer.h"
#include "sweep_curves.h"
#include "test_main.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static struct lrp_bounds recommended(double planned, double epoch)
{
    struct lrp_bounds bounds;
    struct lrp_bounds_options options;
    lrp_bounds_clear(&bounds);
    lrp_bounds_options_default(&options);
    bounds.base_lr.value = 0.01;
    bounds.max_lr = (struct lrp_rate){1, 0.8, 1.25};
    options.steps_planned = planned;
    options.steps_per_epoch = epoch;
    lrp_bounds_recommend(&bounds, &options, 100);
    return bounds;
}

START_TEST(the_longer_the_run_the_lower_the_rate)
{
    const struct {
        double planned, share;
    } table[] = {{50, 1},                   /* shorter: no higher rate */
                 {500, 1},                  /* up to five sweeps */
                 {5000, 0.630957344480193}, /* 10^-0.2: a fifth of a decade for each tenfold */
                 {1e9, 0.316227766016838},  /* half a decade at most */
                 {0, 0.870550563296124}};   /* not told: ten sweeps, 10^(-0.2 log10(2)) */
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct lrp_bounds bounds = recommended(table[i].planned, 0);
        const double share = table[i].share;
        ck_assert_close(bounds.suggested_lr.value, 0.5 * share, 1e-12, 0);
        ck_assert_close(bounds.suggested_lr.low, 0.4 * share, 1e-12, 0);
        ck_assert_close(bounds.suggested_lr.high, 0.625 * share, 1e-12, 0);
        ck_assert_close(bounds.one_cycle.max_lr, share, 1e-12, 0);
        ck_assert_close(bounds.one_cycle.initial_lr, share / 25, 1e-12, 0);
        ck_assert_close(bounds.one_cycle.final_lr, share / 25e4, 1e-12, 0);
    }
}
END_TEST

START_TEST(only_a_momentum_that_was_swept_cycles)
{
    const struct {
        const char *name;
        double value, low, high;
    } table[] = {{"momentum", 0.9, 0.85, 0.95},
                 {"beta1", 0.9, 0.85, 0.95},
                 {"momentum", 0.99, 0.985, 0.995},
                 {"beta1", 0.5, 0.25, 0.75},
                 {"momentum", 0.2, 0, 0.6},
                 {"none", (double)NAN, (double)NAN, (double)NAN},
                 {"none", 0.9, (double)NAN, (double)NAN},
                 {"", 0.9, (double)NAN, (double)NAN},
                 {"momentum", 1.5, (double)NAN, (double)NAN},
                 {"beta1", (double)NAN, (double)NAN, (double)NAN}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct lrp_bounds bounds;
        struct lrp_bounds_options options;
        lrp_bounds_clear(&bounds);
        lrp_bounds_options_default(&options);
        bounds.max_lr.value = 1;
        (void)snprintf(bounds.conditions.momentum, sizeof bounds.conditions.momentum, "%s",
                       table[i].name);
        bounds.conditions.momentum_value = table[i].value;
        lrp_bounds_recommend(&bounds, &options, 100);
        ck_assert(close_to(bounds.one_cycle.momentum_low, table[i].low, 1e-12, 1e-12));
        ck_assert(close_to(bounds.one_cycle.momentum_high, table[i].high, 1e-12, 1e-12));
    }
}
END_TEST

START_TEST(step_sizes_of_clr_are_four_epochs_and_leave_three_cycles)
{
    const struct {
        double planned, epoch, step_size, cycles;
        bool short_run;
    } table[] = {{6000, 50, 200, 15, false},
                 {600, 50, 100, 3, false}, /* three cycles, of 2 epochs a step size */
                 {300, 50, 50, 3, true},
                 {800, 0, 100, 4, false},
                 {0, 50, 200, 3, false}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct lrp_bounds bounds = recommended(table[i].planned, table[i].epoch);
        ck_assert_close(bounds.clr.base_lr, 0.01, 0, 0);
        ck_assert_close(bounds.clr.max_lr, 1, 0, 0);
        ck_assert_close(bounds.clr.step_size, table[i].step_size, 0, 0);
        ck_assert_close(bounds.clr.cycles, table[i].cycles, 1e-12, 0);
        ck_assert(has_warning(&bounds, "too short for three CLR cycles") == table[i].short_run);
    }
    struct lrp_bounds bounds = recommended(0, 0);
    ck_assert(isnan(bounds.clr.step_size));
    ck_assert(has_warning(&bounds, "no CLR step size"));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("recommend");
    TCase *tests = tcase_create("recommend");
    tcase_add_test(tests, the_longer_the_run_the_lower_the_rate);
    tcase_add_test(tests, only_a_momentum_that_was_swept_cycles);
    tcase_add_test(tests, step_sizes_of_clr_are_four_epochs_and_leave_three_cycles);
    suite_add_tcase(suite, tests);
    return suite;
}
