/* SPDX-License-Identifier: MIT */
#include "remarks.h"
#include "test_main.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* What a run of this length does not reach; "" where it fits. */
START_TEST(a_run_that_does_not_fit_is_remarked)
{
    const struct {
        const char *spec;
        size_t steps;
        const char *words;
    } table[] = {
        {"clr:base_lr=0.1,max_lr=1,step_size=2000", 600,
         "ends before the rate reaches max_lr, at step 2000; three cycles take step_size=100\n"},
        {"clr:base_lr=0.1,max_lr=1,step_size=100", 101, "it comes down at 200 steps\n"},
        {"clr:base_lr=0.1,max_lr=1,step_size=100", 100, "before the rate reaches max_lr"},
        {"clr:base_lr=0.1,max_lr=1,step_size=100", 700,
         "ends within a cycle, at a rate of 0.991; it comes down at 800 steps, or at 600\n"},
        {"clr:base_lr=0.1,max_lr=1,step_size=100", 600, ""},
        {"clr:base_lr=0.1,max_lr=1,step_size=100", 595, ""},
        {"triangular:base_lr=0.1,max_lr=1,step_size=10,step_size_down=30,warmup=20", 70,
         "at a rate of 0.91; it comes down at 100 steps, or at 60\n"},
        {"sgdr:max_lr=0.1,t_0=10,t_mult=2", 50, "it comes down at 70 steps, or at 30\n"},
        {"sgdr:max_lr=0.1,t_0=10,t_mult=2", 70, ""},
        {"sgdr:max_lr=0.1,t_0=10", 75, "it comes down at 80 steps, or at 70\n"},
        {"cosine:max_lr=0.1,t_max=100", 70, "ends before the schedule does, at step 100 (t_max)"},
        {"cosine:max_lr=0.1,t_max=30", 70, "rises again after step 30 of 70"},
        {"cosine:max_lr=0.1,t_max=70", 70, ""},
        {"polynomial:lr=0.1,total_iters=30", 70, ""},
        {"polynomial:lr=0.1,total_iters=90", 70, "at step 90 (total_iters)"},
        {"multistep:lr=0.1,milestones=90/30", 70, "the milestone 90 lies beyond"},
        {"multistep:lr=0.1,milestones=20/69", 70, ""},
        {"step:lr=0.1,step_size=70", 70, "never falls in 70 steps"},
        {"step:lr=0.1,step_size=69", 70, ""},
        {"cosine:max_lr=0.1,warmup=70", 70, "ends within the warm-up of 70"},
        {"onecycle:max_lr=0.1", 70, ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct lrp_schedule schedule;
        struct lrp_text text;
        lrp_text_init(&text, 1 << 12);
        ck_assert_int_eq(lrp_schedule_parse(table[i].spec, NULL, &schedule, NULL), LRP_OK);
        lrp_schedule_remarks(&schedule, table[i].steps, NULL, &text);
        const char *words = lrp_text_string(&text);
        bool same =
            table[i].words[0] == '\0' ? words[0] == '\0' : strstr(words, table[i].words) != NULL;
        ck_assert_msg(same, "%s, %zu steps: %s", table[i].spec, table[i].steps, words);
        lrp_text_fini(&text);
    }
}
END_TEST

START_TEST(bounds_for_a_run_of_another_length_are_remarked)
{
    const struct {
        double planned, sweep;
        size_t steps;
        const char *words;
    } table[] = {{600, 200, 6000, "for a run of 600 steps, not of 6000; --steps-planned 6000"},
                 {600, 200, 500, "for a run of 600 steps, not of 500"},
                 {600, 200, 600, ""},
                 {600, 200, 650, ""},
                 {(double)NAN, 200, 5000, "about 2000 steps, since no length was given"},
                 {(double)NAN, 200, 900, "about 2000 steps"},
                 {(double)NAN, 200, 3000, ""},
                 {(double)NAN, (double)NAN, 3000, ""}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct lrp_schedule schedule;
        struct lrp_bounds bounds;
        struct lrp_text text;
        memset(&bounds, 0, sizeof bounds);
        lrp_text_init(&text, 1 << 12);
        bounds.steps_planned = table[i].planned;
        bounds.conditions.steps = table[i].sweep;
        ck_assert_int_eq(lrp_schedule_parse("constant:lr=1", NULL, &schedule, NULL), LRP_OK);
        lrp_schedule_remarks(&schedule, table[i].steps, &bounds, &text);
        const char *words = lrp_text_string(&text);
        bool same =
            table[i].words[0] == '\0' ? words[0] == '\0' : strstr(words, table[i].words) != NULL;
        ck_assert_msg(same, "%zu: %s", i, words);
        lrp_text_fini(&text);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("remarks");
    TCase *tests = tcase_create("remarks");
    tcase_add_test(tests, a_run_that_does_not_fit_is_remarked);
    tcase_add_test(tests, bounds_for_a_run_of_another_length_are_remarked);
    suite_add_tcase(suite, tests);
    return suite;
}
