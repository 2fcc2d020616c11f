/* SPDX-License-Identifier: MIT */
/* Generated curves whose health or fault is known: how often the checklist is wrong. Seeds are
 * fixed, so a failure is a change of behaviour and not bad luck. */
#include "curves.h"
#include "diagnosis.h"
#include "test_main.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CURVES = 1000, FIRST_SHOWN = 5, IDS = 4 };

/* How many curves of a kind are drawn: LRPROBE_CURVES in the environment, for a short form of this
 * test, else CURVES. */
static size_t curves_drawn(void)
{
    const char *text = getenv("LRPROBE_CURVES");
    size_t n = text != NULL ? strtoul(text, NULL, 10) : CURVES;
    ck_assert_uint_ge(n, 15);
    return n;
}

/* So many of n may be wrong where a share of all is: in the short form two deviations more, since
 * its few curves are a sample of those of the long form, which keeps to the share. */
static size_t allowed(size_t n, double share)
{
    double expected = share * (double)n;
    double slack = n < CURVES ? 2 * sqrt(expected * (1 - share)) : 0;
    return (size_t)(expected + slack);
}

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
    size_t n = curves_drawn();
    size_t failed = 0;
    size_t alarmed = 0;
    for (uint64_t seed = 0; seed < n; seed++) {
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
    (void)fprintf(stderr, "healthy: of %zu curves %zu fail, %zu have an alarm\n", n, failed,
                  alarmed);
    ck_assert_msg(failed <= allowed(n, 0.01), "%zu of %zu healthy curves fail", failed, n);
    ck_assert_msg(alarmed <= allowed(n, 0.1), "%zu of %zu healthy curves have an alarm", alarmed,
                  n);
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
    size_t n = curves_drawn();
    size_t found = 0;
    size_t placed = 0;
    bool has_onset = false;
    for (uint64_t seed = 0; seed < n; seed++) {
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
    (void)fprintf(stderr, "%s: of %zu curves %zu found, %zu with their onset\n", name, n, found,
                  placed);
    ck_assert_msg(n - found <= allowed(n, 0.03), "%s: found %zu of %zu", name, found, n);
    ck_assert_msg(n - placed <= allowed(n, 0.03), "%s: onset of %zu of %zu", name, placed, n);
}
END_TEST

/* ---- what the unit of the loss must not change ---------------------------------------------- */

/* The curve with each loss times scale plus offset. */
static struct lrp_record *changed(const struct lrp_record *record, double scale, double offset)
{
    struct lrp_record *copy = NULL;
    double row[3];
    size_t index = 0;
    ck_assert_int_eq(lrp_record_new(0, &copy, NULL), LRP_OK);
    for (size_t c = 0; c < 3; c++) {
        const char *name = lrp_record_column_name(record, c);
        ck_assert_int_eq(lrp_record_add_column(copy, name, &index, NULL), LRP_OK);
    }
    for (size_t k = 0; k < lrp_record_rows(record); k++) {
        for (size_t c = 0; c < 3; c++) {
            row[c] = lrp_record_values(record, c)[k];
        }
        row[2] = scale * row[2] + offset;
        ck_assert_int_eq(lrp_record_append_row(copy, row, NULL, NULL), LRP_OK);
    }
    return copy;
}

static void draw_any(uint64_t seed, struct curve *curve)
{
    uint64_t kind = seed % (CURVE_FAULTS + 3);
    if (kind < CURVE_FAULTS) {
        curve_faulty((enum curve_fault)kind, seed, curve);
    } else {
        curve_healthy(seed, curve);
    }
}

/* Whether the check looks at differences of losses only, so that an offset must not matter to it;
 * the others need the loss's zero. */
static bool is_blind_to_offset(const char *id)
{
    static const char *const ids[] = {"L1", "L2", "L3", "L4", "D2", "D3", "D4", "P3", "P5"};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        if (strcmp(ids[i], id) == 0) {
            return true;
        }
    }
    return false;
}

/* Times 1000, times 1e-6: the same findings and verdict. Plus an offset: the same alarms of the
 * checks that need no zero. */
START_TEST(unit_of_the_loss)
{
    static const double scales[] = {1000, 1e-6, 1};
    size_t n = curves_drawn() * 3 / 5; /* of all kinds together */
    for (uint64_t seed = 0; seed < n; seed++) {
        struct curve curve;
        draw_any(seed, &curve);
        struct lrp_diagnosis *plain = diagnose(&curve);
        bool with_offset = scales[_i] == 1;
        double offset = with_offset ? 0.5 * plain->run->initial : 0;
        struct curve other = {.record = changed(curve.record, scales[_i], offset)};
        struct lrp_diagnosis *diagnosis = diagnose(&other);
        ck_assert_msg(with_offset || plain->verdict == diagnosis->verdict, "%s: %s became %s",
                      curve.what, lrp_verdict_name(plain->verdict),
                      lrp_verdict_name(diagnosis->verdict));
        for (size_t i = 0; i < plain->n_findings; i++) {
            const struct lrp_finding *before = &plain->findings[i];
            const struct lrp_finding *after = &diagnosis->findings[i];
            bool same = with_offset
                            ? !is_blind_to_offset(before->id) || alarm(before) == alarm(after)
                            : before->status == after->status;
            ck_assert_msg(same, "%s x %g + %g: %s: %s (%s) became %s (%s)", curve.what, scales[_i],
                          offset, before->id, lrp_check_status_name(before->status),
                          before->evidence, lrp_check_status_name(after->status), after->evidence);
        }
        lrp_diagnosis_free(plain);
        lrp_diagnosis_free(diagnosis);
        curve_free(&other);
        curve_free(&curve);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("curves");
    TCase *curves = tcase_create("curves");
    tcase_set_timeout(curves, 120);
    tcase_add_test(curves, healthy_curves);
    tcase_add_loop_test(curves, faulty_curves, 0, (int)(sizeof faults / sizeof faults[0]));
    tcase_add_loop_test(curves, unit_of_the_loss, 0, 3);
    suite_add_tcase(suite, curves);
    return suite;
}
