/* SPDX-License-Identifier: MIT */
/* "Falls from the first step": how often it is said of sweeps that begin level, and of such that do
 * not. Seeds are fixed, so a failure is a change of behaviour and not bad luck. */
#include "random.h"
#include "sweep_curves.h"
#include "test_main.h"

#include <math.h>
#include <stdlib.h>

enum { CURVES = 1000, REPEATS_MOST = 5, NOISES = 4 };
enum noise_kind { WHITE, PROPORTIONAL, HEAVY_TAILS, CORRELATED };

struct drawn {
    double low, decades;
    size_t steps;
    double middle, width; /* of the fall, in decades */
    double noise;         /* over the fall */
    enum noise_kind kind;
    size_t spikes;
    double scale, shift;
};

static double uniform(struct lrp_random *random, double low, double high)
{
    return low + (high - low) * lrp_random_uniform(random);
}

/* learnt: share of the fall that is made at the first rate; below 0: the fall's first twentieth is
 * made half a decade or more above it. */
static struct drawn draw(uint64_t seed, double least_learnt, double most_learnt)
{
    struct lrp_random random;
    lrp_random_seed(&random, seed, 77);
    struct drawn drawn = {.low = uniform(&random, -7, -3), .decades = uniform(&random, 3, 6)};
    drawn.steps = (size_t)uniform(&random, 100, 400);
    drawn.width = uniform(&random, 0.12, 0.35);
    if (most_learnt > 0) {
        double learnt = uniform(&random, least_learnt, most_learnt);
        drawn.middle = drawn.low + drawn.width * log(1 / learnt - 1);
        drawn.noise = uniform(&random, 0.01, 0.08);
    } else {
        double start = drawn.low + uniform(&random, 0.5, drawn.decades - 1.5);
        drawn.middle = start + drawn.width * log(1 / 0.05 - 1);
        drawn.noise = pow(10, uniform(&random, -2.5, -0.3));
    }
    drawn.kind = (enum noise_kind)(seed % NOISES);
    drawn.spikes = seed % 7 == 0 ? 2 : 0;
    drawn.scale = pow(10, uniform(&random, -3, 3));
    drawn.shift = uniform(&random, -2, 2) * drawn.scale;
    return drawn;
}

static double noise_of(const struct drawn *drawn, double level, double *last,
                       struct lrp_random *random)
{
    double normal = lrp_random_normal(random);
    switch (drawn->kind) {
    case PROPORTIONAL:
        return drawn->noise * normal * (0.2 + 1.6 * level);
    case HEAVY_TAILS: { /* t with 3 degrees of freedom, of deviation 1 */
        double square = 0;
        for (size_t i = 0; i < 3; i++) {
            double other = lrp_random_normal(random);
            square += other * other;
        }
        return drawn->noise * normal / sqrt(square);
    }
    case CORRELATED:
        *last = 0.5 * *last + 0.866 * normal;
        return drawn->noise * *last;
    case WHITE:
    default:
        return drawn->noise * normal;
    }
}

static struct lrp_record *record_of(const struct drawn *drawn, uint64_t seed)
{
    static const char *const names[] = {"lr", "loss"};
    struct lrp_record *record = empty_record(names, 2);
    struct lrp_random random;
    double last = 0;
    lrp_random_seed(&random, seed, 0);
    for (size_t k = 0; k < drawn->steps; k++) {
        double x = drawn->low + drawn->decades * (double)k / (double)(drawn->steps - 1);
        double level = 1 / (1 + exp((x - drawn->middle) / drawn->width));
        double rise = 0.02 * exp(fmin((x - drawn->middle - 1.2) / 0.1, 50));
        double loss = level + rise + noise_of(drawn, level, &last, &random);
        loss += k < drawn->spikes ? 5 : 0;
        double row[2] = {pow(10, x), drawn->scale * loss + drawn->shift};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    return record;
}

/* Whether the bounds of so many repeats say that it falls from the first step. */
static bool said_to_fall(const struct drawn *drawn, size_t repeats, uint64_t seed)
{
    struct lrp_record *records[REPEATS_MOST] = {NULL};
    struct lrp_bounds bounds;
    for (size_t r = 0; r < repeats; r++) {
        records[r] = record_of(drawn, seed * 100 + r);
    }
    ck_assert_int_eq(
        lrp_bounds_find((const struct lrp_record *const *)records, repeats, NULL, &bounds, NULL),
        LRP_OK);
    for (size_t r = 0; r < repeats; r++) {
        lrp_record_free(records[r]);
    }
    return has_warning(&bounds, "falls from the first step");
}

/* LRPROBE_CURVES in the environment draws fewer, for a short form of this test. */
static size_t curves_drawn(void)
{
    const char *text = getenv("LRPROBE_CURVES");
    return text != NULL ? strtoul(text, NULL, 10) : CURVES;
}

/* Two deviations, which the few curves of the short form may be off. */
static double slack(size_t n, double share)
{
    return n < CURVES ? 2 * sqrt((double)n * share * (1 - share)) : 0;
}

static double count_said(size_t repeats, size_t curves, double least_learnt, double most_learnt)
{
    size_t said = 0;
    for (uint64_t seed = 20001; seed < 20001 + curves; seed++) {
        struct drawn drawn = draw(seed, least_learnt, most_learnt);
        said += said_to_fall(&drawn, repeats, seed) ? 1 : 0;
    }
    return (double)said;
}

static const size_t repeats_tried[] = {1, 2, 3, 5};

START_TEST(sweeps_that_begin_level_do_not_fall_from_the_first_step)
{
    size_t curves = curves_drawn();
    double said = count_said(repeats_tried[_i], curves, 0, 0);
    ck_assert_msg(said < 0.01 * (double)curves + slack(curves, 0.01), "%g of %zu", said, curves);
}
END_TEST

START_TEST(sweeps_that_begin_in_the_fall_are_seen)
{
    size_t curves = curves_drawn();
    double said = count_said(repeats_tried[_i], curves, 0.05, 0.6);
    ck_assert_msg(said > 0.9 * (double)curves - slack(curves, 0.9), "%g of %zu", said, curves);
}
END_TEST

static double lucky_start(double x)
{
    return healthy_curve(x) + 0.8 * exp(-(x + 5) / 0.2);
}

START_TEST(one_repeat_that_begins_high_is_not_enough)
{
    const struct sweep_curve level = {healthy_curve, NULL, 1e-5, 10, 200, 0.05};
    const struct sweep_curve lucky = {lucky_start, NULL, 1e-5, 10, 200, 0.05};
    for (uint64_t seed = 1; seed < 40; seed += 4) {
        struct lrp_record *records[] = {sweep_record(&lucky, seed), sweep_record(&level, seed + 1),
                                        sweep_record(&lucky, seed + 2)};
        struct lrp_bounds bounds;
        ck_assert_int_eq(
            lrp_bounds_find((const struct lrp_record *const *)records, 2, NULL, &bounds, NULL),
            LRP_OK);
        ck_assert(!has_warning(&bounds, "falls from the first step"));
        /* both that do so are */
        records[1] = (lrp_record_free(records[1]), records[2]);
        ck_assert_int_eq(
            lrp_bounds_find((const struct lrp_record *const *)records, 2, NULL, &bounds, NULL),
            LRP_OK);
        ck_assert(has_warning(&bounds, "falls from the first step"));
        lrp_record_free(records[0]);
        lrp_record_free(records[1]);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("head_trend");
    TCase *tests = tcase_create("head_trend");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, sweeps_that_begin_level_do_not_fall_from_the_first_step, 0, 4);
    tcase_add_loop_test(tests, sweeps_that_begin_in_the_fall_are_seen, 0, 4);
    tcase_add_test(tests, one_repeat_that_begins_high_is_not_enough);
    suite_add_tcase(suite, tests);
    return suite;
}
