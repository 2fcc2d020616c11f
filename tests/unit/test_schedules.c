/* SPDX-License-Identifier: MIT */
#include "schedule.h"
#include "test_main.h"

#include <math.h>
#include <string.h>

/* Rate and momentum that PyTorch 1.13 sets at some steps of a run of 100. */
static const struct {
    const char *spec;
    size_t step;
    double lr, momentum;
} pytorch[] = {
    {"onecycle:max_lr=0.5", 0, 0.020000000000000018, 0.94999999999999996},
    {"onecycle:max_lr=0.5", 1, 0.021406890282953728, 0.94970689785771789},
    {"onecycle:max_lr=0.5", 7, 0.085761081938448613, 0.93629977459615654},
    {"onecycle:max_lr=0.5", 28, 0.49859310971704629, 0.85029310214228204},
    {"onecycle:max_lr=0.5", 29, 0.5, 0.84999999999999998},
    {"onecycle:max_lr=0.5", 30, 0.49974826764226216, 0.85005034667293422},
    {"onecycle:max_lr=0.5", 31, 0.49899357752451579, 0.85020128530023797},
    {"onecycle:max_lr=0.5", 59, 0.30563101096814466, 0.88887395330218422},
    {"onecycle:max_lr=0.5", 60, 0.29464004514276437, 0.89107215526006811},
    {"onecycle:max_lr=0.5", 77, 0.11227730553395585, 0.92754484907260504},
    {"onecycle:max_lr=0.5", 98, 0.00025373235773789394, 0.94994965332706571},
    {"onecycle:max_lr=0.5", 99, 1.9999999999999999e-06, 0.94999999999999996},
    {"onecycle:max_lr=0.5,three_phase=1,anneal=linear", 0, 0.02, 0.94999999999999996},
    {"onecycle:max_lr=0.5,three_phase=1,anneal=linear", 1, 0.036551724137931035,
     0.94655172413793098},
    {"onecycle:max_lr=0.5,three_phase=1,anneal=linear", 7, 0.13586206896551725,
     0.92586206896551715},
    {"onecycle:max_lr=0.5,three_phase=1,anneal=linear", 28, 0.48344827586206901,
     0.85344827586206895},
    {"onecycle:max_lr=0.5,three_phase=1,anneal=linear", 29, 0.5, 0.84999999999999998},
    {"onecycle:max_lr=0.5,three_phase=1,anneal=linear", 30, 0.48344827586206895,
     0.85344827586206895},
    {"onecycle:max_lr=0.5,three_phase=1,anneal=linear", 31, 0.46689655172413791,
     0.85689655172413792},
    {"onecycle:max_lr=0.5,three_phase=1,anneal=linear", 59, 0.019512243902439025,
     0.94999999999999996},
    {"onecycle:max_lr=0.5,three_phase=1,anneal=linear", 60, 0.019024487804878049,
     0.94999999999999996},
    {"onecycle:max_lr=0.5,three_phase=1,anneal=linear", 77, 0.010732634146341463,
     0.94999999999999996},
    {"onecycle:max_lr=0.5,three_phase=1,anneal=linear", 98, 0.0004897560975609741,
     0.94999999999999996},
    {"onecycle:max_lr=0.5,three_phase=1,anneal=linear", 99, 1.9999999999985307e-06,
     0.94999999999999996},
    {"onecycle:max_lr=0.2,pct_start=0.45,three_phase=1", 0, 0.0080000000000000071,
     0.94999999999999996},
    {"onecycle:max_lr=0.2,pct_start=0.45,three_phase=1", 1, 0.0082445969974156708,
     0.94987260573051269},
    {"onecycle:max_lr=0.2,pct_start=0.45,three_phase=1", 7, 0.019742817001543456,
     0.94388394947836274},
    {"onecycle:max_lr=0.2,pct_start=0.45,three_phase=1", 28, 0.1438798412481811,
     0.87922924934990565},
    {"onecycle:max_lr=0.2,pct_start=0.45,three_phase=1", 29, 0.15000790272512543,
     0.87603755066399713},
    {"onecycle:max_lr=0.2,pct_start=0.45,three_phase=1", 30, 0.15590151847573736,
     0.87296795912722014},
    {"onecycle:max_lr=0.2,pct_start=0.45,three_phase=1", 31, 0.16153065598508931,
     0.87003611667443259},
    {"onecycle:max_lr=0.2,pct_start=0.45,three_phase=1", 59, 0.15000790272512546,
     0.87603755066399713},
    {"onecycle:max_lr=0.2,pct_start=0.45,three_phase=1", 60, 0.14387984124818112,
     0.87922924934990565},
    {"onecycle:max_lr=0.2,pct_start=0.45,three_phase=1", 77, 0.036117749006091444,
     0.93535533905932733},
    {"onecycle:max_lr=0.2,pct_start=0.45,three_phase=1", 98, 0.00016281190273145676,
     0.94999999999999996},
    {"onecycle:max_lr=0.2,pct_start=0.45,three_phase=1", 99, 7.9999999999999996e-07,
     0.94999999999999996},
    {"triangular:base_lr=0.01,max_lr=0.3,step_size=13", 0, 0.01, 0.90000000000000002},
    {"triangular:base_lr=0.01,max_lr=0.3,step_size=13", 1, 0.032307692307692357,
     0.89230769230769236},
    {"triangular:base_lr=0.01,max_lr=0.3,step_size=13", 7, 0.16615384615384612,
     0.84615384615384626},
    {"triangular:base_lr=0.01,max_lr=0.3,step_size=13", 28, 0.054615384615384455,
     0.88461538461538469},
    {"triangular:base_lr=0.01,max_lr=0.3,step_size=13", 29, 0.076923076923076927,
     0.87692307692307692},
    {"triangular:base_lr=0.01,max_lr=0.3,step_size=13", 30, 0.099230769230769164,
     0.86923076923076925},
    {"triangular:base_lr=0.01,max_lr=0.3,step_size=13", 31, 0.12153846153846165,
     0.86153846153846159},
    {"triangular:base_lr=0.01,max_lr=0.3,step_size=13", 59, 0.16615384615384612,
     0.84615384615384626},
    {"triangular:base_lr=0.01,max_lr=0.3,step_size=13", 60, 0.18846153846153835,
     0.83846153846153859},
    {"triangular:base_lr=0.01,max_lr=0.3,step_size=13", 77, 0.032307692307692225,
     0.89230769230769236},
    {"triangular:base_lr=0.01,max_lr=0.3,step_size=13", 98, 0.14384615384615387,
     0.85384615384615392},
    {"triangular:base_lr=0.01,max_lr=0.3,step_size=13", 99, 0.12153846153846165,
     0.86153846153846159},
};

START_TEST(every_step_is_pytorchs)
{
    for (size_t i = 0; i < sizeof pytorch / sizeof pytorch[0]; i++) {
        struct lrp_schedule schedule;
        ck_assert_int_eq(lrp_schedule_parse(pytorch[i].spec, &schedule, NULL), LRP_OK);
        struct lrp_schedule_point point = lrp_schedule_at(&schedule, 100, pytorch[i].step);
        ck_assert_close(point.lr, pytorch[i].lr, 1e-7, 0);
        ck_assert_close(point.momentum, pytorch[i].momentum, 1e-7, 0);
    }
}
END_TEST

START_TEST(a_constant_is_constant)
{
    struct lrp_schedule schedule;
    ck_assert_int_eq(lrp_schedule_parse("constant:lr=0.03", &schedule, NULL), LRP_OK);
    ck_assert(lrp_schedule_at(&schedule, 7, 6).lr == 0.03);
    ck_assert(isnan(lrp_schedule_at(&schedule, 7, 0).momentum));
}
END_TEST

START_TEST(mistakes_are_named)
{
    const struct {
        const char *spec;
        const char *word;
    } bad[] = {{"cosinus:lr=1", "cosinus"},
               {"constant", "lr"},
               {"constant:lr=-1", "lr"},
               {"constant:lr=nan", "lr"},
               {"constant:rate=1", "rate"},
               {"constant:lr", "lr"},
               {"triangular:base_lr=1,max_lr=0.1", "base_lr"},
               {"onecycle:pct_start=0.3", "max_lr"},
               {"onecycle:max_lr=1,anneal=cubic", "cos|linear"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct lrp_schedule schedule;
        struct lrp_error err = {0};
        ck_assert_int_eq(lrp_schedule_parse(bad[i].spec, &schedule, &err), LRP_E_ARG);
        ck_assert_msg(strstr(err.message, bad[i].word) != NULL, "%s: %s", bad[i].spec, err.message);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("schedules");
    TCase *tests = tcase_create("schedules");
    tcase_add_test(tests, every_step_is_pytorchs);
    tcase_add_test(tests, a_constant_is_constant);
    tcase_add_test(tests, mistakes_are_named);
    suite_add_tcase(suite, tests);
    return suite;
}
