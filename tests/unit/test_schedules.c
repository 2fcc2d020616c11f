/* SPDX-License-Identifier: MIT */
#include "schedule.h"
#include "test_main.h"

#include <math.h>
#include <stdio.h>
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
        ck_assert_int_eq(lrp_schedule_parse(pytorch[i].spec, NULL, &schedule, NULL), LRP_OK);
        struct lrp_schedule_point point = lrp_schedule_at(&schedule, 100, pytorch[i].step);
        ck_assert_close(point.lr, pytorch[i].lr, 1e-7, 0);
        ck_assert_close(point.momentum, pytorch[i].momentum, 1e-7, 0);
    }
}
END_TEST

START_TEST(a_constant_is_constant)
{
    struct lrp_schedule schedule;
    ck_assert_int_eq(lrp_schedule_parse("constant:lr=0.03", NULL, &schedule, NULL), LRP_OK);
    ck_assert(lrp_schedule_at(&schedule, 7, 6).lr == 0.03);
    ck_assert(isnan(lrp_schedule_at(&schedule, 7, 0).momentum));
}
END_TEST

/* At least one spec of every row of the table, with the range of its rates, and the largest share
 * of that range by which they may move from one step to the next (1 = no promise). */
static const struct {
    const char *spec;
    double low, high;
    double jump;
    double first, last; /* of a run of 1,000 steps, NaN = not promised */
} examples[] = {
    {"constant:lr=0.03", 0.03, 0.03, 0, 0.03, 0.03},
    {"step:lr=0.5,step_size=300", 0.5e-3, 0.5, 1, 0.5, 0.5e-3},
    {"multistep:lr=0.5,milestones=500/100/5000/500", 0.5e-3, 0.5, 1, 0.5, 0.5e-3},
    {"exponential:lr=0.1,gamma=0.99", 1e-6, 0.1, 0.011, 0.1, (double)NAN},
    {"polynomial:lr=0.1", 0, 0.1, 0.0011, 0.1, 0.0001},
    {"polynomial:lr=0.1,end_lr=0.01,power=2,total_iters=500", 0.01, 0.1, 0.005, 0.1, 0.01},
    {"inverse_time:lr=0.1,decay=0.01", 0.009, 0.1, 0.011, 0.1, (double)NAN},
    {"cosine:max_lr=0.1,min_lr=0.01", 0.01, 0.1, 0.002, 0.1, (double)NAN},
    {"cosine:max_lr=0.1,t_max=100", 0, 0.1, 0.02, 0.1, (double)NAN},
    {"triangular:base_lr=0.01,max_lr=0.1,step_size=50", 0.01, 0.1, 0.021, 0.01, (double)NAN},
    {"clr:base_lr=0.01,max_lr=0.1,step_size=50", 0.01, 0.1, 0.021, 0.01, (double)NAN},
    {"triangular2:base_lr=0.01,max_lr=0.1,step_size=50", 0.01, 0.1, 0.021, 0.01, (double)NAN},
    {"exp_range:base_lr=0.01,max_lr=0.1,step_size=40,step_size_down=60,gamma=0.999", 0.01, 0.1,
     0.026, 0.01, (double)NAN},
    {"sgdr:max_lr=0.1,t_0=10,t_mult=2", 0, 0.1, 1, 0.1, (double)NAN},
    {"sgdr:max_lr=0.1,min_lr=0.01,t_0=7", 0.01, 0.1, 1, 0.1, (double)NAN},
    {"onecycle:max_lr=0.5", 2e-6, 0.5, 0.006, 0.02, 2e-6},
    {"onecycle:max_lr=0.5,three_phase=1,anneal=linear,final_lr=0", 0, 0.5, 0.004, 0.02, 0},
    {"wsd:max_lr=0.1,warmup=100,decay=100", 0.0009, 0.1, 0.011, 0.1 / 101, 0.001},
    {"wsd:max_lr=0.1,warmup=0.1,decay=0.5,shape=cos,min_lr=0.01", 0.0009, 0.1, 0.011, 0.1 / 101,
     (double)NAN},
    {"wsd:max_lr=0.1,warmup=0,decay=0.5,shape=exp", 0.0001 * 0.97, 0.1, 0.015, 0.1, (double)NAN},
    {"plateau:lr=0.1", 0.1, 0.1, 0, 0.1, 0.1},
    {"plateau_torch:lr=0.1", 0.1, 0.1, 0, 0.1, 0.1},
};
enum { EXAMPLES = sizeof examples / sizeof examples[0] };

static void parse(const char *spec, struct lrp_schedule *schedule)
{
    struct lrp_error err = {0};
    ck_assert_msg(lrp_schedule_parse(spec, NULL, schedule, &err) == LRP_OK, "%s: %s", spec,
                  err.message);
}

START_TEST(every_row_is_tried)
{
    for (size_t r = 0; lrp_schedules[r] != NULL; r++) {
        size_t found = 0;
        for (size_t i = 0; i < EXAMPLES; i++) {
            struct lrp_schedule schedule;
            parse(examples[i].spec, &schedule);
            found += schedule.row == lrp_schedules[r] ? 1 : 0;
        }
        const struct lrp_schedule_row *row = lrp_schedules[r];
        ck_assert_msg(found > 0, "%s has no row in examples[] of tests/unit/test_schedules.c",
                      row->name);
        ck_assert_uint_le(row->n_keys, LRP_SCHEDULE_KEYS);
        ck_assert_msg(row->help != NULL && row->source != NULL, "%s has no help or no source",
                      row->name);
        ck_assert_msg((row->formula == NULL) != (row->write_formula == NULL),
                      "%s needs formula or write_formula, for --code", row->name);
        ck_assert((row->observe == NULL) == (row->state_size == 0));
    }
}
END_TEST

START_TEST(rates_stay_within_their_bounds_and_move_as_promised)
{
    for (size_t i = 0; i < EXAMPLES; i++) {
        struct lrp_schedule schedule;
        double range = examples[i].high - examples[i].low;
        double before = (double)NAN;
        parse(examples[i].spec, &schedule);
        for (size_t k = 0; k < 1000; k++) {
            struct lrp_schedule_point point = lrp_schedule_at(&schedule, 1000, k);
            ck_assert_msg(point.lr >= examples[i].low * (1 - 1e-12) &&
                              point.lr <= examples[i].high * (1 + 1e-12),
                          "%s: %.17g at step %zu", examples[i].spec, point.lr, k);
            ck_assert_msg(isnan(point.momentum) ||
                              (point.momentum >= 0.8 - 1e-12 && point.momentum <= 0.95 + 1e-12),
                          "%s: momentum %g at step %zu", examples[i].spec, point.momentum, k);
            ck_assert_msg(k == 0 || fabs(point.lr - before) <= examples[i].jump * range + 1e-15,
                          "%s moves by %g at step %zu", examples[i].spec, point.lr - before, k);
            before = point.lr;
        }
        if (!isnan(examples[i].first)) {
            ck_assert_close(lrp_schedule_at(&schedule, 1000, 0).lr, examples[i].first, 1e-12, 0);
        }
        if (!isnan(examples[i].last)) {
            ck_assert_close(lrp_schedule_at(&schedule, 1000, 999).lr, examples[i].last, 1e-9,
                            1e-12);
        }
    }
}
END_TEST

START_TEST(any_length_of_run_is_answered)
{
    static const size_t lengths[] = {1, 2, 3, 10, 1000000, (size_t)1 << 52};
    for (size_t i = 0; i < EXAMPLES; i++) {
        struct lrp_schedule schedule;
        parse(examples[i].spec, &schedule);
        for (size_t n = 0; n < sizeof lengths / sizeof lengths[0]; n++) {
            const size_t steps[] = {
                0, 1, lengths[n] / 3, lengths[n] - 1, lengths[n], 2 * lengths[n]};
            for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
                struct lrp_schedule_point point = lrp_schedule_at(&schedule, lengths[n], steps[k]);
                ck_assert_msg(point.lr >= 0 && point.lr <= examples[i].high * (1 + 1e-12),
                              "%s: %g at step %zu of %zu", examples[i].spec, point.lr, steps[k],
                              lengths[n]);
            }
        }
    }
}
END_TEST

/* Warm-up in front of any schedule: equal steps up to the first rate, then the schedule itself in a
 * run that is shorter by so much. */
START_TEST(a_warm_up_stands_in_front)
{
    for (size_t i = 0; i < EXAMPLES; i++) {
        char spec[200];
        struct lrp_schedule plain;
        struct lrp_schedule warm;
        if (strstr(examples[i].spec, "warmup=") != NULL) {
            continue;
        }
        (void)snprintf(spec, sizeof spec, "%s,warmup=20", examples[i].spec);
        parse(examples[i].spec, &plain);
        parse(spec, &warm);
        ck_assert(lrp_schedule_warmup(&warm, 1000) == 20);
        struct lrp_schedule_point first = lrp_schedule_at(&plain, 980, 0);
        for (size_t k = 0; k < 1000; k++) {
            struct lrp_schedule_point point = lrp_schedule_at(&warm, 1000, k);
            struct lrp_schedule_point same = lrp_schedule_at(&plain, 980, k < 20 ? 0 : k - 20);
            double expected = k < 20 ? first.lr * (double)(k + 1) / 21 : same.lr;
            ck_assert_close(point.lr, expected, 1e-12, 0);
            ck_assert(isnan(point.momentum) ? isnan(same.momentum)
                                            : point.momentum == same.momentum);
        }
        /* as a share of the run; longer than the run */
        (void)snprintf(spec, sizeof spec, "%s,warmup=0.02", examples[i].spec);
        parse(spec, &warm);
        ck_assert(lrp_schedule_warmup(&warm, 1000) == 20);
        (void)snprintf(spec, sizeof spec, "%s,warmup=99", examples[i].spec);
        parse(spec, &warm);
        ck_assert_close(lrp_schedule_at(&warm, 10, 9).lr, lrp_schedule_at(&plain, 1, 0).lr / 10,
                        1e-12, 0);
    }
}
END_TEST

START_TEST(cycles_restart_and_milestones_count)
{
    struct lrp_schedule schedule;
    /* restarts at 5, 15, 35, 75, ...: exactly there, which a logarithm would miss by rounding */
    parse("sgdr:max_lr=1,t_0=5,t_mult=2", &schedule);
    size_t start = 0;
    for (size_t length = 5; length < (size_t)1 << 40; length *= 2) {
        ck_assert(lrp_schedule_at(&schedule, 100, start).lr == 1);
        ck_assert(lrp_schedule_at(&schedule, 100, start + length - 1).lr < 0.1);
        start += length;
    }
    parse("sgdr:max_lr=1,t_0=3,t_mult=3", &schedule);
    ck_assert(lrp_schedule_at(&schedule, 100, 3 + 9 + 27 + 81 + 243).lr == 1);
    /* milestones in any order, one of them twice, one beyond the end */
    parse("multistep:lr=1,gamma=0.5,milestones=30/10/30/7000", &schedule);
    ck_assert(lrp_schedule_at(&schedule, 100, 9).lr == 1);
    ck_assert(lrp_schedule_at(&schedule, 100, 10).lr == 0.5);
    ck_assert(lrp_schedule_at(&schedule, 100, 29).lr == 0.5);
    ck_assert(lrp_schedule_at(&schedule, 100, 30).lr == 0.125);
    ck_assert(lrp_schedule_at(&schedule, 100, 99).lr == 0.125);
    /* triangular2 halves from cycle to cycle */
    parse("triangular2:base_lr=1,max_lr=3,step_size=4", &schedule);
    ck_assert(lrp_schedule_at(&schedule, 100, 4).lr == 3);
    ck_assert(lrp_schedule_at(&schedule, 100, 12).lr == 2);
    ck_assert(lrp_schedule_at(&schedule, 100, 20).lr == 1.5);
    ck_assert_close(lrp_schedule_at(&schedule, 100, 12).momentum, 0.85, 1e-12, 0);
}
END_TEST

START_TEST(a_spec_reads_back)
{
    for (size_t i = 0; i < EXAMPLES; i++) {
        struct lrp_schedule schedule;
        struct lrp_schedule again;
        struct lrp_text text;
        lrp_text_init(&text, 1 << 12);
        parse(examples[i].spec, &schedule);
        lrp_schedule_spec(&schedule, &text);
        parse(lrp_text_string(&text), &again);
        for (size_t k = 0; k < 1000; k += 37) {
            ck_assert(lrp_schedule_at(&schedule, 1000, k).lr ==
                      lrp_schedule_at(&again, 1000, k).lr);
        }
        lrp_text_fini(&text);
    }
}
END_TEST

START_TEST(bounds_fill_in_what_is_left_out)
{
    struct lrp_schedule schedule;
    struct lrp_error err = {0};
    struct lrp_bounds bounds;
    memset(&bounds, 0, sizeof bounds);
    bounds.suggested_lr.value = 0.07;
    bounds.one_cycle.max_lr = 0.2;
    bounds.one_cycle.initial_lr = 0.01;
    bounds.one_cycle.final_lr = 1e-5;
    bounds.one_cycle.momentum_low = 0.8;
    bounds.one_cycle.momentum_high = 0.97;
    bounds.clr.base_lr = 0.02;
    bounds.clr.max_lr = 0.3;
    bounds.clr.step_size = 77.4;
    memcpy(bounds.conditions.momentum, "beta1", sizeof "beta1");
    ck_assert_int_eq(lrp_schedule_parse("onecycle", &bounds, &schedule, &err), LRP_OK);
    ck_assert_close(lrp_schedule_at(&schedule, 100, 0).lr, 0.01, 1e-12, 0);
    ck_assert_close(lrp_schedule_at(&schedule, 100, 29).lr, 0.2, 1e-12, 0);
    ck_assert_close(lrp_schedule_at(&schedule, 100, 29).momentum, 0.8, 1e-12, 0);
    ck_assert_close(lrp_schedule_at(&schedule, 100, 99).lr, 1e-5, 1e-12, 0);
    /* what is given wins */
    ck_assert_int_eq(lrp_schedule_parse("onecycle:max_lr=0.5", &bounds, &schedule, &err), LRP_OK);
    ck_assert_close(lrp_schedule_at(&schedule, 100, 29).lr, 0.5, 1e-12, 0);
    ck_assert_close(lrp_schedule_at(&schedule, 100, 0).lr, 0.01, 1e-12, 0);
    ck_assert_int_eq(lrp_schedule_parse("triangular2", &bounds, &schedule, &err), LRP_OK);
    ck_assert(lrp_schedule_at(&schedule, 100, 0).lr == 0.02);
    ck_assert(lrp_schedule_at(&schedule, 100, 77).lr == 0.3);
    ck_assert_int_eq(lrp_schedule_parse("cosine", &bounds, &schedule, &err), LRP_OK);
    ck_assert(lrp_schedule_at(&schedule, 100, 0).lr == 0.07);
    /* a step size that is not known leaves the default; a rate that is not known is told */
    bounds.clr.step_size = (double)NAN;
    ck_assert_int_eq(lrp_schedule_parse("triangular", &bounds, &schedule, &err), LRP_OK);
    ck_assert(lrp_schedule_at(&schedule, 100, 2000).lr == 0.3);
    bounds.suggested_lr.value = (double)NAN;
    bounds.outcome = LRP_OUTCOME_FLAT;
    ck_assert_int_eq(lrp_schedule_parse("constant", &bounds, &schedule, &err), LRP_E_NODATA);
    ck_assert(strstr(err.message, "(outcome flat)") != NULL);
    bounds.reason = LRP_REASON_NO_LEARNING;
    ck_assert_int_eq(lrp_schedule_parse("constant", &bounds, &schedule, &err), LRP_E_NODATA);
    ck_assert(strstr(err.message, "(outcome flat, no-learning)") != NULL);
    ck_assert_int_eq(lrp_schedule_parse("constant:lr=1", &bounds, &schedule, &err), LRP_OK);
}
END_TEST

/* Without a swept momentum none is brought in, unless SPEC asks for it; without bounds it is
 * PyTorch's default. */
START_TEST(bounds_bring_in_no_momentum_that_was_not_swept)
{
    const struct {
        const char *swept, *spec;
        double low; /* momentum at the highest rate */
    } table[] = {{"momentum", "onecycle", 0.7},
                 {"beta1", "onecycle", 0.7},
                 {"none", "onecycle", (double)NAN},
                 {"", "onecycle", (double)NAN},
                 {"momentum", "onecycle:cycle_momentum=0", (double)NAN},
                 {"none", "onecycle:cycle_momentum=1", 0.85},
                 {"none", "onecycle:momentum_low=0.6", 0.6},
                 {"", "onecycle:momentum_high=0.99", 0.85},
                 {"momentum", "clr", 0.7},
                 {"none", "clr", (double)NAN},
                 {"none", "triangular2", (double)NAN},
                 {"", "exp_range", (double)NAN}};
    struct lrp_bounds bounds;
    memset(&bounds, 0, sizeof bounds);
    bounds.one_cycle.max_lr = bounds.clr.max_lr = 0.2;
    bounds.one_cycle.initial_lr = bounds.clr.base_lr = 0.01;
    bounds.one_cycle.final_lr = 1e-5;
    bounds.clr.step_size = 29;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct lrp_schedule schedule;
        struct lrp_schedule again;
        struct lrp_text text;
        const char *swept = table[i].swept;
        bool has_one = swept[0] == 'm' || swept[0] == 'b';
        bounds.one_cycle.momentum_low = has_one ? 0.7 : (double)NAN;
        bounds.one_cycle.momentum_high = has_one ? 0.9 : (double)NAN;
        memcpy(bounds.conditions.momentum, swept, strlen(swept) + 1);
        ck_assert_int_eq(lrp_schedule_parse(table[i].spec, &bounds, &schedule, NULL), LRP_OK);
        ck_assert_msg(
            close_to(lrp_schedule_at(&schedule, 100, 29).momentum, table[i].low, 1e-12, 0),
            "%s after %s: momentum %g", table[i].spec, swept,
            lrp_schedule_at(&schedule, 100, 29).momentum);
        lrp_text_init(&text, 1 << 12);
        lrp_schedule_spec(&schedule, &text);
        ck_assert_int_eq(strstr(lrp_text_string(&text), "momentum_low") == NULL,
                         isnan(table[i].low));
        parse(lrp_text_string(&text), &again);
        ck_assert(close_to(lrp_schedule_at(&again, 100, 7).momentum,
                           lrp_schedule_at(&schedule, 100, 7).momentum, 0, 0));
        lrp_text_fini(&text);
    }
}
END_TEST

START_TEST(mistakes_are_named)
{
    const struct {
        const char *spec;
        const char *word;
    } bad[] = {{"cosin:max_lr=1", "did you mean cosine"},
               {"elephant", "there are constant, step"},
               {"", "there is no schedule"},
               {"constant:lr=1,lr=2", "twice"},
               {"onecycle:maxlr=1", "did you mean max_lr"},
               {"step:lr=1,size=3", "it has lr, gamma, step_size, warmup"},
               {"step:lr=1,step_size=2.5", "whole number"},
               {"multistep:lr=1,milestones=3//4", "whole numbers with a slash"},
               {"multistep:lr=1,milestones=", "whole numbers with a slash"},
               {"multistep:lr=1,milestones=1/x", "whole numbers with a slash"},
               {"multistep:lr=1", "milestones="},
               {"cosine:max_lr=0.1,min_lr=0.2", "above max_lr"},
               {"cosine:max_lr=1,warmup=-1", "warmup"},
               {"onecycle:max_lr=1,momentum_low=0.9,momentum_high=0.8", "above momentum_high"},
               {"onecycle:max_lr=1,final_lr=2", "final_lr"},
               {"polynomial:lr=1,end_lr=2", "end_lr"},
               {"exponential:lr=1,gamma=1.1", "gamma"},
               {"sgdr:max_lr=1", "t_0="},
               {"wsd:max_lr=1", "warmup="},
               {"plateau:lr=1,factor=1", "factor"},
               {"cosinus:lr=1\033[2J", "cosinus"},
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
        ck_assert_int_eq(lrp_schedule_parse(bad[i].spec, NULL, &schedule, &err), LRP_E_ARG);
        ck_assert_msg(strstr(err.message, bad[i].word) != NULL, "%s: %s", bad[i].spec, err.message);
        ck_assert(strchr(err.message, '\033') == NULL);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("schedules");
    TCase *tests = tcase_create("schedules");
    tcase_add_test(tests, every_step_is_pytorchs);
    tcase_add_test(tests, a_constant_is_constant);
    tcase_add_test(tests, every_row_is_tried);
    tcase_add_test(tests, rates_stay_within_their_bounds_and_move_as_promised);
    tcase_add_test(tests, any_length_of_run_is_answered);
    tcase_add_test(tests, a_warm_up_stands_in_front);
    tcase_add_test(tests, cycles_restart_and_milestones_count);
    tcase_add_test(tests, a_spec_reads_back);
    tcase_add_test(tests, bounds_fill_in_what_is_left_out);
    tcase_add_test(tests, bounds_bring_in_no_momentum_that_was_not_swept);
    tcase_add_test(tests, mistakes_are_named);
    suite_add_tcase(suite, tests);
    return suite;
}
