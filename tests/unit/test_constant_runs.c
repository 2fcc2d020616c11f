/* SPDX-License-Identifier: MIT */
/* Sets of runs at constant rates. Their trainer is gradient descent on a sum of parabolas with
 * curvatures from 1 downwards: above a rate of 2 it diverges, and that is a theorem. */
#include "curve.h"
#include "lrprobe/lrprobe.h"
#include "random.h"
#include "record.h"
#include "test_main.h"

#include <math.h>
#include <stdlib.h>

enum { MOST = 400, PARABOLAS = 4 };

struct set {
    double low, high; /* log10 rates */
    double per_decade;
    size_t repeats;
    size_t steps;
    double noise;
    double scale, shift;
    double overshoots_from; /* rates from which on the loss jumps far up at step 5, 0 = none */
};
static const struct set plain = {-5, 1, 4, 1, 100, 0, 1, 0, 0};
static struct lrp_record *records[MOST];
static size_t n_records;

static struct lrp_record *new_record(void)
{
    struct lrp_record *record = NULL;
    size_t column = 0;
    ck_assert_int_eq(lrp_record_new(0, &record, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "lr", &column, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "loss", &column, NULL), LRP_OK);
    return record;
}

static struct lrp_record *train(const struct set *set, double lr, uint64_t seed)
{
    struct lrp_record *record = new_record();
    struct lrp_random random;
    double w[PARABOLAS] = {1, 1, 1, 1};
    lrp_random_seed(&random, seed, 0);
    for (size_t k = 0; k < set->steps; k++) {
        double loss = 0;
        double curvature = 1;
        for (size_t i = 0; i < PARABOLAS; i++) {
            loss += 0.5 * curvature * w[i] * w[i];
            w[i] *= 1 - lr * curvature;
            curvature *= 0.3;
        }
        loss = fmin(loss, 1e30) + set->noise * lrp_random_normal(&random);
        loss += set->overshoots_from > 0 && lr >= set->overshoots_from && k == 5 ? 10 : 0;
        double row[2] = {lr, set->scale * loss + set->shift};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    return record;
}

static void make(const struct set *set)
{
    size_t rates = (size_t)lround((set->high - set->low) * set->per_decade) + 1;
    n_records = 0;
    for (size_t r = 0; r < set->repeats; r++) {
        for (size_t i = 0; i < rates; i++) {
            double lr = pow(10, set->low + (double)i / set->per_decade);
            ck_assert_uint_lt(n_records, MOST);
            records[n_records++] = train(set, lr, 100 + r);
        }
    }
}

static struct lrp_bounds judge(void)
{
    struct lrp_bounds bounds;
    struct lrp_error err = {0};
    ck_assert_msg(lrp_bounds_find((const struct lrp_record *const *)records, n_records, NULL,
                                  &bounds, &err) == LRP_OK,
                  "%s", err.message);
    for (size_t i = 0; i < n_records; i++) {
        lrp_record_free(records[i]);
    }
    n_records = 0;
    return bounds;
}

static struct lrp_bounds bounds_of(const struct set *set)
{
    make(set);
    return judge();
}

/* max_lr lies below the edge, which is exactly 2, by half the way to where the loss stops falling:
 * the slowest parabola is still falling at a rate of 0.3. */
START_TEST(the_largest_stable_rate_is_found)
{
    struct lrp_bounds bounds = bounds_of(&plain);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
    ck_assert_msg(bounds.max_lr.value >= 0.6 && bounds.max_lr.value <= 2, "max %g",
                  bounds.max_lr.value);
    ck_assert(bounds.suggested_lr.value <= bounds.max_lr.value && bounds.suggested_lr.value > 0.3);
    ck_assert(bounds.max_lr.low <= bounds.max_lr.value && bounds.max_lr.low > 0.3);
    ck_assert(bounds.max_lr.high >= bounds.max_lr.value && bounds.max_lr.high < 4);
    ck_assert(bounds.evidence.diverged_lr > 2 && bounds.evidence.diverged_lr < 4);
    ck_assert(isnan(bounds.interval_level));
    ck_assert_uint_eq(bounds.repeats, 1);
    /* a twentieth of the fall in 95 steps: 0.05 / 2 / 95 times what the curvatures give */
    ck_assert_msg(bounds.base_lr.value > 1e-4 && bounds.base_lr.value < 5e-4, "base %g",
                  bounds.base_lr.value);
}
END_TEST

START_TEST(the_density_of_the_rates_does_not_matter)
{
    struct set set = plain;
    set.per_decade = 16;
    struct lrp_bounds fine = bounds_of(&set);
    for (size_t k = 3; k <= 8; k++) {
        set.per_decade = (double)k;
        struct lrp_bounds bounds = bounds_of(&set);
        ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
        ck_assert_close(log10(bounds.max_lr.value), log10(fine.max_lr.value), 0, 1.0 / (double)k);
        ck_assert_close(log10(bounds.base_lr.value), log10(fine.base_lr.value), 0, 0.1);
    }
}
END_TEST

START_TEST(the_unit_of_the_loss_does_not_matter)
{
    struct set set = plain;
    set.noise = 0.01;
    set.repeats = 3;
    struct lrp_bounds bounds = bounds_of(&set);
    set.scale = 1e3;
    set.shift = -5e3; /* negative losses */
    struct lrp_bounds other = bounds_of(&set);
    ck_assert_close(other.max_lr.value, bounds.max_lr.value, 1e-6, 0);
    ck_assert_close(other.base_lr.value, bounds.base_lr.value, 1e-6, 0);
}
END_TEST

START_TEST(repeats_give_an_interval)
{
    struct set set = plain;
    set.noise = 0.02;
    set.repeats = 3;
    struct lrp_bounds bounds = bounds_of(&set);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
    ck_assert_close(bounds.interval_level, 0.9, 0, 1e-12);
    ck_assert_uint_eq(bounds.repeats, 3);
    set.noise = 0;
    set.repeats = 1;
    set.per_decade = 32;
    double fine = bounds_of(&set).max_lr.value;
    ck_assert(bounds.max_lr.low < fine && bounds.max_lr.high > fine);
    /* not narrower than the tried rates allow, nor without use */
    ck_assert(bounds.max_lr.high > 1.2 * bounds.max_lr.low);
    ck_assert(bounds.max_lr.high < 4 * bounds.max_lr.low);
}
END_TEST

START_TEST(a_lost_run_does_no_harm)
{
    struct set set = plain;
    set.noise = 0.02;
    set.repeats = 3;
    struct lrp_bounds whole = bounds_of(&set);
    for (size_t lost = 0; lost < 25; lost++) {
        make(&set);
        lrp_record_free(records[lost]);
        records[lost] = records[--n_records];
        struct lrp_bounds bounds = judge();
        ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
        ck_assert_close(log10(bounds.max_lr.value), log10(whole.max_lr.value), 0, 0.15);
        ck_assert_uint_eq(bounds.repeats, 3);
    }
}
END_TEST

/* Ends as well as the best, but only after an explosion: no stable rate. */
START_TEST(a_run_that_explodes_on_its_way_is_too_high)
{
    struct set set = plain;
    set.overshoots_from = 0.29;
    struct lrp_bounds bounds = bounds_of(&set);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
    ck_assert(bounds.max_lr.value < 0.29 && bounds.max_lr.value > 0.1);
    ck_assert_close(bounds.evidence.diverged_lr, pow(10, -0.5), 1e-6, 0);
}
END_TEST

START_TEST(noise_alone_is_no_learning)
{
    struct set set = plain;
    set.high = -5;
    set.low = -8; /* nothing moves so far down */
    set.noise = 0.1;
    for (size_t repeats = 1; repeats <= 3; repeats += 2) {
        set.repeats = repeats;
        struct lrp_bounds bounds = bounds_of(&set);
        ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_FLAT);
        ck_assert(isnan(bounds.max_lr.value) && isnan(bounds.base_lr.value));
    }
}
END_TEST

START_TEST(ranges_that_do_not_show_the_bounds_are_said)
{
    struct set set = plain;
    set.high = 0;
    ck_assert_int_eq(bounds_of(&set).outcome, LRP_OUTCOME_DID_NOT_DIVERGE);
    set.low = 0.5;
    set.high = 3;
    ck_assert_int_eq(bounds_of(&set).outcome, LRP_OUTCOME_DIVERGED_AT_START);
    set.low = -2;
    set.high = 1;
    struct lrp_bounds bounds = bounds_of(&set);
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
    ck_assert(isnan(bounds.base_lr.value));
    ck_assert_uint_ge(bounds.n_warnings, 1);
}
END_TEST

/* A squared error in batches of eight: single ones are at several times the mean. The runs of one
 * seed have the same batches, and a loss that falls has a lower peak than one that stays. */
static struct lrp_record *train_skewed(double lr, uint64_t seed, size_t steps)
{
    struct lrp_record *record = new_record();
    struct lrp_random random;
    double w = 120;
    lrp_random_seed(&random, seed, 0);
    for (size_t k = 0; k < steps; k++) {
        double square = 0;
        for (size_t i = 0; i < 8; i++) {
            square += pow(lrp_random_normal(&random), 2) / 8;
        }
        double row[2] = {lr, fmin(w * w, 1e30) * square + 25};
        w *= 1 - lr;
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    return record;
}

START_TEST(a_noisy_peak_at_the_lowest_rate_is_no_rise)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        n_records = 0;
        for (size_t i = 0; i < 16; i++) {
            for (uint64_t r = 0; r < 3; r++) {
                double lr = pow(10, -4 + (double)i / 3);
                records[n_records++] = train_skewed(lr, 3 * seed + r, 100);
            }
        }
        struct lrp_bounds bounds = judge();
        ck_assert_msg(bounds.outcome == LRP_OUTCOME_OK, "seed %u: %s", (unsigned)seed,
                      bounds.n_warnings > 0 ? bounds.warnings[0] : "");
        ck_assert_msg(bounds.max_lr.value > 0.02 && bounds.max_lr.value <= 2, "seed %u: max %g",
                      (unsigned)seed, bounds.max_lr.value);
        ck_assert(bounds.evidence.diverged_lr >= 2);
    }
}
END_TEST

/* Explosions that are brought down again are seen among the lowest rates, too: they grow. */
START_TEST(explosions_among_the_lowest_rates_are_no_noise)
{
    struct set set = plain;
    set.low = -2;
    set.high = 0;
    set.per_decade = 6;
    set.overshoots_from = 0.02;
    struct lrp_bounds bounds = bounds_of(&set);
    ck_assert_msg(!(bounds.max_lr.value > 0.0216), "max %g", bounds.max_lr.value);
}
END_TEST

/* A run whose very first loss is no number has diverged; it is no short record. */
START_TEST(runs_without_a_finite_loss_have_diverged)
{
    struct set set = plain;
    set.high = 0; /* does not diverge by itself */
    make(&set);
    for (size_t i = 0; i < 3; i++) {
        struct lrp_record *record = new_record();
        double row[2] = {3 * pow(10, 0.25 * (double)i), i == 1 ? (double)INFINITY : (double)NAN};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
        records[n_records++] = record;
    }
    struct lrp_bounds bounds = judge();
    ck_assert_int_eq(bounds.outcome, LRP_OUTCOME_OK);
    ck_assert(bounds.max_lr.value <= 1 && bounds.max_lr.value > 0.5);
    ck_assert(bounds.max_lr.high <= 3 && bounds.max_lr.high > 1);
    ck_assert_close(bounds.evidence.diverged_lr, 3, 1e-6, 0);
}
END_TEST

START_TEST(the_curve_holds_the_tried_rates)
{
    struct lrp_bounds bounds;
    struct lrp_curve *curve = NULL;
    struct set set = plain;
    set.repeats = 2;
    make(&set);
    ck_assert_int_eq(lrp_bounds_find_curve((const struct lrp_record *const *)records, n_records,
                                           NULL, &bounds, &curve, NULL),
                     LRP_OK);
    ck_assert_uint_eq(curve->n, 25);
    ck_assert_uint_eq(curve->n_repeats, 2);
    ck_assert(curve->of_ends);
    for (size_t i = 0; i < curve->n; i++) {
        ck_assert_close(curve->log10_lr[i], -5 + 0.25 * (double)i, 0, 1e-9);
        ck_assert(isfinite(curve->median[i]) && curve->median[i] < 2);
    }
    lrp_curve_free(curve);
    for (size_t i = 0; i < n_records; i++) {
        lrp_record_free(records[i]);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("constant_runs");
    TCase *tests = tcase_create("constant_runs");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, the_largest_stable_rate_is_found);
    tcase_add_test(tests, the_density_of_the_rates_does_not_matter);
    tcase_add_test(tests, the_unit_of_the_loss_does_not_matter);
    tcase_add_test(tests, repeats_give_an_interval);
    tcase_add_test(tests, a_lost_run_does_no_harm);
    tcase_add_test(tests, a_run_that_explodes_on_its_way_is_too_high);
    tcase_add_test(tests, noise_alone_is_no_learning);
    tcase_add_test(tests, ranges_that_do_not_show_the_bounds_are_said);
    tcase_add_test(tests, a_noisy_peak_at_the_lowest_rate_is_no_rise);
    tcase_add_test(tests, explosions_among_the_lowest_rates_are_no_noise);
    tcase_add_test(tests, runs_without_a_finite_loss_have_diverged);
    tcase_add_test(tests, the_curve_holds_the_tried_rates);
    suite_add_tcase(suite, tests);
    return suite;
}
