/* SPDX-License-Identifier: MIT */
/* Generated curves whose health or fault is known: how often the checklist is wrong. Seeds are
 * fixed, so a failure is a change of behaviour and not bad luck. */
#include "curves.h"
#include "diagnosis.h"
#include "test_main.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CURVES = 1000, FIRST_SHOWN = 5, IDS = 4 };

static struct lrp_diagnosis *diagnose(const struct curve *curve)
{
    struct lrp_error err = {0};
    struct lrp_diagnosis *diagnosis = NULL;
    ck_assert_msg(lrp_diagnose(curve->record, NULL, &diagnosis, &err) == LRP_OK, "%s", err.message);
    return diagnosis;
}

static const struct lrp_finding *finding(const struct lrp_diagnosis *diagnosis, const char *id)
{
    for (size_t i = 0; i < diagnosis->n_findings; i++) {
        if (strcmp(diagnosis->findings[i].id, id) == 0) {
            return &diagnosis->findings[i];
        }
    }
    ck_abort_msg("there is no check %s", id);
    return NULL;
}

static bool alarm(const struct lrp_finding *finding)
{
    return finding->status == LRP_CHECK_WARN || finding->status == LRP_CHECK_FAIL;
}

static void tell(const struct curve *curve, uint64_t seed, const struct lrp_diagnosis *diagnosis)
{
    (void)fprintf(stderr, "curve %zu (%s): %s %s\n", (size_t)seed, curve->what,
                  diagnosis->primary != NULL ? diagnosis->primary->id : "-", diagnosis->reason);
}

/* Healthy curves: at most 1 % fail, at most 10 % have a warning. */
START_TEST(healthy_curves)
{
    size_t failed = 0;
    size_t alarmed = 0;
    for (uint64_t seed = 0; seed < CURVES; seed++) {
        struct curve curve;
        curve_healthy(seed, &curve);
        struct lrp_diagnosis *diagnosis = diagnose(&curve);
        bool fails = diagnosis->counts[LRP_CHECK_FAIL] > 0;
        bool alarms = fails || diagnosis->counts[LRP_CHECK_WARN] > 0;
        failed += fails ? 1 : 0;
        alarmed += alarms ? 1 : 0;
        if (fails || (alarms && alarmed <= FIRST_SHOWN)) {
            tell(&curve, seed, diagnosis);
        }
        lrp_diagnosis_free(diagnosis);
        curve_free(&curve);
    }
    (void)fprintf(stderr, "healthy: of %d curves %zu fail, %zu have an alarm\n", CURVES, failed,
                  alarmed);
    ck_assert_msg(failed <= CURVES / 100, "%zu of %d healthy curves fail", failed, CURVES);
    ck_assert_msg(alarmed <= CURVES / 10, "%zu of %d healthy curves have an alarm", alarmed,
                  CURVES);
}
END_TEST

/* What has to alarm for each fault: any of the checks. */
static const struct {
    enum curve_fault fault;
    const char *ids[IDS];
} faults[] = {
    {CURVE_DIVERGES, {"D1", "D2", "D3"}},
    {CURVE_CLIMBS, {"D2", "D3"}},
    {CURVE_STEPS_UP, {"D4"}},
    {CURVE_NAN, {"L2"}},
    {CURVE_SPIKES, {"K1"}},
    {CURVE_ZIGZAG, {"O1"}},
    {CURVE_PERIODIC, {"O2"}},
    {CURVE_SLOW, {"P1"}},
    {CURVE_FLAT, {"D1"}},
    {CURVE_PLATEAU, {"P4", "O4"}},
    {CURVE_NOISE_GROWS, {"O6"}},
    {CURVE_RATTLES, {"O4"}},
};

/* Where the fault begins according to the diagnosis. */
static double found_onset(const struct lrp_diagnosis *diagnosis, enum curve_fault fault)
{
    switch (fault) {
    case CURVE_STEPS_UP:
        return diagnosis->evidence.level_shift;
    case CURVE_NAN:
        return finding(diagnosis, "L2")->first_step;
    case CURVE_DIVERGES:
    case CURVE_CLIMBS:
    default:
        return diagnosis->evidence.onset;
    }
}

/* At least 97 % found, and where the fault has an onset, that within 5 % of the run as well. */
START_TEST(faulty_curves)
{
    size_t found = 0;
    size_t placed = 0;
    bool has_onset = false;
    for (uint64_t seed = 0; seed < CURVES; seed++) {
        struct curve curve;
        bool hit = false;
        curve_faulty(faults[_i].fault, seed, &curve);
        struct lrp_diagnosis *diagnosis = diagnose(&curve);
        for (size_t i = 0; i < IDS && faults[_i].ids[i] != NULL; i++) {
            hit = hit || alarm(finding(diagnosis, faults[_i].ids[i]));
        }
        has_onset = isfinite(curve.onset);
        double away = fabs(found_onset(diagnosis, faults[_i].fault) - curve.onset);
        bool near = !has_onset || away <= 0.05 * (double)curve.n;
        found += hit ? 1 : 0;
        placed += hit && near ? 1 : 0;
        if ((!hit && seed - found < FIRST_SHOWN) ||
            (hit && !near && found - placed <= FIRST_SHOWN)) {
            tell(&curve, seed, diagnosis);
        }
        lrp_diagnosis_free(diagnosis);
        curve_free(&curve);
    }
    const char *name = curve_fault_name(faults[_i].fault);
    (void)fprintf(stderr, "%s: of %d curves %zu found, %zu with their onset\n", name, CURVES, found,
                  placed);
    ck_assert_msg(found >= CURVES * 97 / 100, "%s: found %zu of %d", name, found, CURVES);
    ck_assert_msg(placed >= CURVES * 97 / 100, "%s: onset of %zu of %d", name, placed, CURVES);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("curves");
    TCase *curves = tcase_create("curves");
    tcase_set_timeout(curves, 120);
    tcase_add_test(curves, healthy_curves);
    tcase_add_loop_test(curves, faulty_curves, 0, (int)(sizeof faults / sizeof faults[0]));
    suite_add_tcase(suite, curves);
    return suite;
}
