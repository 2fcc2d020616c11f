/* SPDX-License-Identifier: MIT */
/* Which way to go from a rate: validation decides over the training loss. */
#include "answer.h"
#include "around.h"
#include "sweep_curves.h"
#include "test_main.h"

#include <stdio.h>
#include <string.h>

START_TEST(advice_on_a_rate_goes_towards_the_suggested_one)
{
    const struct {
        double rate;
        enum lrp_outcome outcome;
        const char *says;
    } table[] = {{0.2, LRP_OUTCOME_OK, "go down from 0.2 to about 0.02: max_lr is 0.1"},
                 {0.06, LRP_OUTCOME_OK, "0.06 is near max_lr, which is 0.1"},
                 {0.03, LRP_OUTCOME_OK, "stay at 0.03: about 0.02 is best"},
                 {0.011, LRP_OUTCOME_OK, "stay at 0.011"},
                 {0.009, LRP_OUTCOME_OK, "go up from 0.009 to about 0.02: max_lr is 0.1"},
                 {0.5, LRP_OUTCOME_DID_NOT_DIVERGE, "go up from 0.5: up to 1 nothing diverged"},
                 {0.5, LRP_OUTCOME_FLAT, "go up from 0.5: between 0.001 and 1"},
                 {0.5, LRP_OUTCOME_DIVERGED_AT_START, "go down from 0.5: already 0.001"},
                 {0.5, LRP_OUTCOME_TOO_NOISY, "no advice on 0.5: the sweep is too-noisy"}};
    struct lrp_bounds bounds;
    char advice[300];
    lrp_bounds_clear(&bounds);
    bounds.lr_low = 1e-3;
    bounds.lr_high = 1;
    bounds.max_lr.value = 0.1;
    bounds.suggested_lr.value = 0.02;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        bounds.outcome = table[i].outcome;
        lrp_around_advice(table[i].rate, &bounds, "convergence", advice, sizeof advice);
        ck_assert_msg(strstr(advice, table[i].says) != NULL, "%s", advice);
        ck_assert_ptr_nonnull(strstr(advice, "by convergence (loss): "));
    }
}
END_TEST

static struct lrp_bounds bounds_of(const char *metric, double best)
{
    struct lrp_bounds bounds;
    lrp_bounds_clear(&bounds);
    bounds.metric = metric;
    bounds.outcome = LRP_OUTCOME_OK;
    bounds.lr_low = 1e-3;
    bounds.lr_high = 1;
    bounds.suggested_lr.value = best;
    bounds.max_lr.value = 3 * best;
    return bounds;
}

static struct lrp_bounds conclude(double rate, const struct lrp_bounds *loss,
                                  const struct lrp_bounds *validation)
{
    struct lrp_bounds out;
    lrp_bounds_clear(&out);
    lrp_around_conclude(rate, loss, validation, &out);
    ck_assert_uint_ge(out.n_warnings, 1);
    return out;
}

START_TEST(validation_decides)
{
    struct lrp_bounds loss = bounds_of("loss", 0.1);
    struct lrp_bounds validation = bounds_of("val_accuracy", 0.001);
    struct lrp_bounds out = conclude(0.01, &loss, &validation);
    ck_assert_ptr_nonnull(
        strstr(out.warnings[0], "by validation (val_accuracy): go down from 0.01"));
    ck_assert_ptr_nonnull(strstr(out.warnings[0], "validation decides"));
    ck_assert_ptr_nonnull(strstr(out.warnings[1], "by convergence alone (loss): go up from 0.01"));
    validation = bounds_of("val_loss", 0.1); /* both say up */
    out = conclude(0.01, &loss, &validation);
    ck_assert(!has_warning(&out, "decides") && !has_warning(&out, "alone"));
    ck_assert(has_warning(&out, "by validation (val_loss): go up") &&
              has_warning(&out, "by convergence (loss): go up"));
    validation.outcome = LRP_OUTCOME_TOO_NOISY; /* it has nothing to say */
    out = conclude(0.01, &loss, &validation);
    ck_assert_uint_eq(out.n_warnings, 1);
    ck_assert(has_warning(&out, "by convergence (loss): go up"));
}
END_TEST

/* Fine-tuning: validation is good at first, and gets worse above a rate. */
START_TEST(validation_that_only_gets_worse_keeps_below)
{
    struct lrp_bounds loss = bounds_of("loss", 0.1);
    struct lrp_bounds validation = bounds_of("val_accuracy", 0.1);
    validation.outcome = LRP_OUTCOME_FLAT;
    validation.reason = LRP_REASON_NO_LEARNING;
    validation.evidence.diverged_lr = 0.02;
    struct lrp_bounds out = conclude(0.01, &loss, &validation);
    ck_assert(has_warning(&out, "stay at 0.01: up to 0.02") && has_warning(&out, "decides"));
    out = conclude(0.05, &loss, &validation);
    ck_assert(has_warning(&out, "go down from 0.05 to below 0.02"));
    validation.reason = LRP_REASON_RANGE_TOO_LOW; /* level all over */
    out = conclude(0.05, &loss, &validation);
    ck_assert(has_warning(&out, "by validation (val_accuracy): go up from 0.05"));
}
END_TEST

START_TEST(a_training_loss_alone_does_not_raise_a_fine_tuning_rate)
{
    struct lrp_bounds loss = bounds_of("loss", 0.1);
    (void)snprintf(loss.conditions.start, sizeof loss.conditions.start, "checkpoint");
    struct lrp_bounds out = conclude(0.01, &loss, NULL);
    ck_assert_uint_eq(out.n_warnings, 1);
    ck_assert(has_warning(&out, "no advice to go up from 0.01"));
    out = conclude(0.9, &loss, NULL); /* down is no risk */
    ck_assert(has_warning(&out, "by convergence (loss): go down from 0.9"));
    struct lrp_bounds validation = bounds_of("val_loss", 0.1);
    out = conclude(0.01, &loss, &validation);
    ck_assert(has_warning(&out, "by validation (val_loss): go up from 0.01"));
    loss = bounds_of("loss", 0.1); /* from fresh weights */
    out = conclude(0.01, &loss, NULL);
    ck_assert(has_warning(&out, "by convergence (loss): go up from 0.01"));
}
END_TEST

START_TEST(memorised_data_give_no_advice)
{
    struct lrp_bounds loss = bounds_of("loss", 0.1);
    loss.outcome = LRP_OUTCOME_DID_NOT_DIVERGE;
    loss.reason = LRP_REASON_MEMORISED;
    struct lrp_bounds out = conclude(0.01, &loss, NULL);
    ck_assert(has_warning(&out, "no advice on 0.01: memorised"));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("around");
    TCase *tests = tcase_create("around");
    tcase_add_test(tests, advice_on_a_rate_goes_towards_the_suggested_one);
    tcase_add_test(tests, validation_decides);
    tcase_add_test(tests, validation_that_only_gets_worse_keeps_below);
    tcase_add_test(tests, a_training_loss_alone_does_not_raise_a_fine_tuning_rate);
    tcase_add_test(tests, memorised_data_give_no_advice);
    suite_add_tcase(suite, tests);
    return suite;
}
