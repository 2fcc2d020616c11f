/* SPDX-License-Identifier: MIT */
/* What keeps a check from alarming, or its advice from doing harm: noise, a rate that rose, and a
 * graver finding that asks for the opposite. */
#include "diagnosis.h"
#include "random.h"
#include "record.h"
#include "run.h"
#include "test_main.h"

#include <math.h>
#include <string.h>

static struct lrp_diagnosis *diagnosis;

/* Diagnoses n steps with their losses and rates. */
static void diagnose(const double *loss, const double *lr, size_t n)
{
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    size_t column = 0;
    ck_assert_int_eq(lrp_record_new(0, &record, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "step", &column, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "loss", &column, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "lr", &column, NULL), LRP_OK);
    for (size_t k = 0; k < n; k++) {
        const double row[3] = {(double)k, loss[k], lr[k]};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    ck_assert_msg(lrp_diagnose(record, NULL, &diagnosis, &err) == LRP_OK, "%s", err.message);
    lrp_record_free(record);
}

static const struct lrp_finding *found(const char *id)
{
    for (size_t i = 0; i < lrp_diagnosis_findings(diagnosis); i++) {
        const struct lrp_finding *finding = lrp_diagnosis_finding(diagnosis, i);
        if (strcmp(finding->id, id) == 0) {
            return finding;
        }
    }
    ck_abort_msg("no check %s", id);
    return NULL;
}

static void tear_down(void)
{
    lrp_diagnosis_free(diagnosis);
    diagnosis = NULL;
}

START_TEST(a_rise_within_the_noise_is_no_divergence)
{
    enum { STEPS = 100, SEEDS = 200 };
    double loss[STEPS];
    double lr[STEPS];
    struct lrp_random random;
    lrp_random_seed(&random, 12, 0);
    for (size_t seed = 0; seed < SEEDS; seed++) {
        for (size_t k = 0; k < STEPS; k++) {
            const double ramp = k < 85 ? 0 : 0.01 * (double)(k - 85); /* up to three deviations */
            loss[k] = 1 + 2 * exp(-(double)k / 8) + ramp + 0.05 * lrp_random_normal(&random);
            lr[k] = 0.1;
        }
        diagnose(loss, lr, STEPS);
        const struct lrp_finding *d2 = found("D2");
        const struct lrp_run *run = diagnosis->run;
        double fall = run->initial - fmin(run->final, run->lowest);
        if (d2->status != LRP_CHECK_PASS) {
            ck_assert_double_gt(d2->value * fall, 3 * lrp_run_block_noise(run));
        }
        tear_down();
    }
}
END_TEST

START_TEST(a_run_whose_rate_still_rises_is_not_slow)
{
    enum { STEPS = 400 };
    double loss[STEPS];
    double lr[STEPS];
    for (size_t k = 0; k < STEPS; k++) {
        loss[k] = 2 - 0.003 * (double)k;
        lr[k] = k < 240 ? 0.1 : 0.1 + 0.1 * (double)(k - 240) / 159;
    }
    diagnose(loss, lr, STEPS);
    ck_assert_int_eq(found("P1")->status, LRP_CHECK_NOT_ASSESSED);
    ck_assert_ptr_nonnull(strstr(found("P1")->evidence, "still rising"));
    tear_down();
    for (size_t k = 0; k < STEPS; k++) {
        lr[k] = 0.1;
    }
    diagnose(loss, lr, STEPS);
    ck_assert_int_eq(found("P1")->status, LRP_CHECK_WARN);
}
END_TEST

START_TEST(a_jump_where_the_rate_rose_is_no_spike)
{
    enum { STEPS = 600, JUMP = 400 };
    double loss[STEPS];
    double lr[STEPS];
    struct lrp_random random;
    lrp_random_seed(&random, 3, 0);
    for (size_t k = 0; k < STEPS; k++) {
        loss[k] = 0.5 + 2 * exp(-(double)k / 60) + 0.01 * lrp_random_normal(&random);
        loss[k] += k >= JUMP && k < JUMP + 4 ? 1 : 0;
        lr[k] = k < JUMP ? 0.1 : 0.3;
    }
    diagnose(loss, lr, STEPS);
    ck_assert_ptr_nonnull(strstr(found("K1")->evidence, "no point stands"));
    tear_down();
    for (size_t k = 0; k < STEPS; k++) {
        lr[k] = 0.1;
    }
    diagnose(loss, lr, STEPS);
    ck_assert_ptr_nonnull(strstr(found("K1")->evidence, "1 spike"));
}
END_TEST

/* A log that ended within a linear warm-up is checked; one whose loss rose, or whose rate rose by a
 * factor a step, is a range test. */
START_TEST(a_warm_up_is_checked)
{
    enum { STEPS = 40, KINDS = 3 };
    double loss[STEPS];
    double lr[STEPS];
    for (size_t kind = 0; kind < KINDS; kind++) {
        for (size_t k = 0; k < STEPS; k++) {
            loss[k] = 4 + 5 * exp(-(double)k / 5) + 0.01 * (double)(k % 3);
            loss[k] += kind == 1 && k > 30 ? 0.3 * (double)(k - 30) : 0;
            lr[k] = kind == 2 ? 1e-6 * pow(1.2, (double)k) : 3e-6 * (double)(k + 1);
        }
        diagnose(loss, lr, STEPS);
        ck_assert_int_eq(lrp_diagnosis_verdict(diagnosis), LRP_VERDICT_UNDECIDED);
        const char *reason = lrp_diagnosis_reason(diagnosis);
        if (kind == 0) {
            ck_assert_ptr_nonnull(strstr(reason, "still warming up"));
            ck_assert_int_eq(found("D1")->status, LRP_CHECK_PASS);
        } else {
            ck_assert_ptr_nonnull(strstr(reason, "this is a sweep"));
            ck_assert_int_eq(found("D1")->status, LRP_CHECK_NOT_ASSESSED);
        }
        tear_down();
    }
}
END_TEST

START_TEST(a_run_that_zigzags_is_not_told_to_raise_its_rate)
{
    enum { STEPS = 1000 };
    double loss[STEPS];
    double lr[STEPS];
    for (size_t k = 0; k < STEPS; k++) {
        loss[k] = 2 - 0.001 * (double)k + (k % 2 == 0 ? 0.06 : -0.06);
        lr[k] = 0.1;
    }
    diagnose(loss, lr, STEPS);
    ck_assert_str_eq(lrp_verdict_name(lrp_diagnosis_verdict(diagnosis)), "oscillating");
    ck_assert_int_eq(found("P1")->status, LRP_CHECK_WARN);
    ck_assert_ptr_nonnull(strstr(found("P1")->advice, "See to O1"));
    ck_assert_ptr_null(strstr(found("P1")->advice, "Raise"));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("excuses");
    TCase *tests = tcase_create("excuses");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_add_test(tests, a_rise_within_the_noise_is_no_divergence);
    tcase_add_test(tests, a_run_whose_rate_still_rises_is_not_slow);
    tcase_add_test(tests, a_jump_where_the_rate_rose_is_no_spike);
    tcase_add_test(tests, a_warm_up_is_checked);
    tcase_add_test(tests, a_run_that_zigzags_is_not_told_to_raise_its_rate);
    suite_add_tcase(suite, tests);
    return suite;
}
