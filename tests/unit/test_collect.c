/* SPDX-License-Identifier: MIT */
/* Which runs of a session count. */
#include "collect.h"
#include "test_main.h"

#include <math.h>

static const struct {
    enum lrp_run_end end;
    size_t rows;
    double last_loss;
    bool cut, usable;
    double lr; /* 0 = a sweep */
} runs[] = {
    {LRP_RUN_COMPLETE, 100, 1, false, true, 0},
    {LRP_RUN_COMPLETE, 0, 1, false, false, 0},
    {LRP_RUN_ENOUGH, 7, 1e9, false, true, 0},
    {LRP_RUN_SHORT, 99, 1, false, true, 0}, /* it counts up to there */
    {LRP_RUN_SHORT, 10, 1, false, true, 0},
    {LRP_RUN_SHORT, 9, 1, false, false, 0},
    {LRP_RUN_SHORT, 10, 1, false, true, 0.1}, /* at one rate, too */
    {LRP_RUN_SHORT, 9, 1, false, false, 0.1},
    {LRP_RUN_FAILED, 99, 1, false, false, 0.1}, /* which may be taken for divergence */
    {LRP_RUN_FAILED, 99, 1, false, false, 0.1},
    {LRP_RUN_FAILED, 10, 1, false, true, 0},
    {LRP_RUN_SHORT, 100, 1, false, true, 0},
    {LRP_RUN_FAILED, 100, 1, false, true, 0},
    {LRP_RUN_FAILED, 7, (double)NAN, false, true, 0}, /* it ended itself for its NaN */
    {LRP_RUN_FAILED, 7, (double)INFINITY, false, true, 0},
    {LRP_RUN_FAILED, 0, (double)NAN, false, false, 0},
    {LRP_RUN_FAILED, 7, 1, true, false, 0},
    {LRP_RUN_BAD_REPORT, 100, 1, true, false, 0},
    {LRP_RUN_TIMEOUT, 99, 1, true, true, 0},
    {LRP_RUN_TIMEOUT, 9, 1, true, false, 0},
    {LRP_RUN_TIMEOUT, 99, 1, true, false, 0.1},
    {LRP_RUN_INTERRUPTED, 16, 1, true, true, 0}, /* the fewest rows that are worth a look */
    {LRP_RUN_INTERRUPTED, 15, 1, true, false, 0},
    {LRP_RUN_INTERRUPTED, 99, 1, false, false, 0},
    {LRP_RUN_LEFT, 99, 1, true, false, 0},
    {LRP_RUN_NOT_STARTED, 0, 1, true, false, 0},
};

START_TEST(runs_count_by_how_they_ended)
{
    const struct lrp_run_entry item = {
        .run = {.end = runs[_i].end, .rows = runs[_i].rows, .steps = 100},
        .lr = runs[_i].lr > 0 ? runs[_i].lr : (double)NAN,
        .last_loss = runs[_i].last_loss};
    ck_assert_msg(lrp_run_is_usable(&item, runs[_i].cut) == runs[_i].usable, "row %d", _i);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("collect");
    TCase *tests = tcase_create("collect");
    tcase_add_loop_test(tests, runs_count_by_how_they_ended, 0, sizeof runs / sizeof runs[0]);
    suite_add_tcase(suite, tests);
    return suite;
}
