/* SPDX-License-Identifier: MIT */
/* The checklist against the records of tests/data/checks: each check fires on its fires-*.csv,
 * tells on its told-*.csv, passes its quiet-*.csv, and says so where what it needs is missing. */
#include "check_fixtures.h"
#include "failing_malloc.h"
#include "test_main.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Checks that never warn or fail: their fires-*.csv end in info. */
static const char *const telling[] = {"L4", "S3", "D5", "O3", "O5", "P2", "P3", "G4"};

static bool only_tells(const char *id)
{
    for (size_t i = 0; i < sizeof telling / sizeof telling[0]; i++) {
        if (strcmp(telling[i], id) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- the table ----------------------------------------------------------------------------- */

static bool is_text(const char *text)
{
    return text != NULL && text[0] != '\0' && text[strlen(text) - 1] != ' ';
}

/* Whole sentences, with no more numbers than a call can give. */
static bool is_advice(const char *text)
{
    size_t numbers = 0;
    for (const char *at = strchr(text, '{'); at != NULL; at = strchr(at + 1, '{')) {
        bool is_number = isdigit((unsigned char)at[1]) && at[2] == '}';
        numbers += is_number ? 1 : 0;
        if (!is_number && strncmp(at, "{position}", strlen("{position}")) != 0) {
            return false;
        }
    }
    return is_text(text) && text[strlen(text) - 1] == '.' && numbers <= LRP_ADVICE_NUMBERS;
}

START_TEST(rows_are_whole)
{
    const char *families = "LSDKOPRGAC"; /* the checklist's order */
    for (size_t c = 0; c < lrp_n_checks; c++) {
        const struct lrp_check *check = lrp_checks[c];
        const char *family = strchr(families, check->id[0]);
        int number = (int)strtol(check->id + 1, NULL, 10);
        ck_assert_msg(family != NULL && number > 0, "%s", check->id);
        if (c > 0) {
            const char *before = lrp_checks[c - 1]->id;
            const char *last = strchr(families, before[0]);
            ck_assert_msg(last < family ||
                              (last == family && (int)strtol(before + 1, NULL, 10) < number),
                          "%s comes after %s", check->id, before);
        }
        ck_assert_msg(is_text(check->title) && is_text(check->needs) && is_text(check->method) &&
                          is_text(check->remedy) && is_text(check->source) && check->run != NULL,
                      "%s", check->id);
        ck_assert_msg(islower((unsigned char)check->title[0]) &&
                          check->title[strlen(check->title) - 1] != '.',
                      "%s: %s", check->id, check->title);
        ck_assert_msg(check->method[strlen(check->method) - 1] == '.' &&
                          check->remedy[strlen(check->remedy) - 1] == '.',
                      "%s: whole sentences", check->id);
        for (size_t a = 1; a < LRP_CHECK_ADVICE && check->advice[a] != NULL; a++) {
            ck_assert_msg(is_advice(check->advice[a]), "%s: %s", check->id, check->advice[a]);
        }
        ck_assert_uint_le(check->n_params, LRP_CHECK_PARAMS);
        for (size_t p = 0; p < check->n_params; p++) {
            const struct lrp_check_param *param = &check->params[p];
            ck_assert_msg(is_text(param->name) && param->unit != NULL && is_text(param->help) &&
                              is_text(param->source),
                          "%s, parameter %zu", check->id, p);
            ck_assert_msg(param->low < param->high && param->value >= param->low &&
                              param->value <= param->high,
                          "%s.%s", check->id, param->name);
        }
    }
    ck_assert_ptr_null(lrp_checks[lrp_n_checks]);
}
END_TEST

/* ---- what they find ------------------------------------------------------------------------ */

/* "nan" as a number, not as in "the first nan or inf". */
static bool prints_nan(const char *text)
{
    const char *at = strstr(text, "nan");
    return at != NULL && strncmp(at, "nan or inf", strlen("nan or inf")) != 0;
}

static const struct lrp_finding *expect(const struct check_fixture *fixture,
                                        const struct lrp_diagnosis *diagnosis, bool status_is_right)
{
    const struct lrp_finding *finding = finding_of(diagnosis, fixture->check->id);
    ck_assert_msg(status_is_right, "%s: %s: %s", fixture->path,
                  lrp_check_status_name(finding->status), finding->evidence);
    ck_assert_msg(is_text(finding->evidence), "%s: no evidence", fixture->path);
    ck_assert_msg(!prints_nan(finding->evidence) && !prints_nan(finding->advice), "%s: %s %s",
                  fixture->path, finding->evidence, finding->advice);
    return finding;
}

static void fires(const struct check_fixture *fixture, const char *name)
{
    (void)name;
    struct lrp_diagnosis *diagnosis = diagnose(fixture, fixture->record);
    enum lrp_check_status status = finding_of(diagnosis, fixture->check->id)->status;
    bool alarm = status == LRP_CHECK_WARN || status == LRP_CHECK_FAIL;
    const char *id = fixture->check->id;
    ck_assert_msg(alarm || only_tells(id),
                  "%s: %s, which should warn or fail; a check that never does is named in "
                  "telling[] of tests/unit/test_checks.c",
                  fixture->path, lrp_check_status_name(status));
    const struct lrp_finding *finding =
        expect(fixture, diagnosis, alarm || (status == LRP_CHECK_INFO && only_tells(id)));
    ck_assert_msg(!alarm || is_text(finding->advice), "%s: no advice", fixture->path);
    ck_assert_msg(!isnan(finding->value) || !alarm, "%s: no value", fixture->path);
    const char *argues = lrp_record_meta(fixture->record, "argues");
    if (argues != NULL) {
        ck_assert_str_eq(lrp_verdict_name(finding->verdict), argues);
        bool failed = finding->status == LRP_CHECK_FAIL;
        bool is_hidden = lrp_diagnosis_verdict(diagnosis) > finding->verdict &&
                         (failed || finding->verdict > LRP_VERDICT_NOT_LEARNING);
        bool is_failure = lrp_diagnosis_verdict(diagnosis) <= LRP_VERDICT_NOT_LEARNING;
        bool some_failed = diagnosis->counts[LRP_CHECK_FAIL] > 0;
        ck_assert_msg(!is_hidden || some_failed, "%s: %s", fixture->path, diagnosis->reason);
        ck_assert_msg(!is_failure || some_failed, "%s: no check fails", fixture->path);
    }
    lrp_diagnosis_free(diagnosis);
}

static void tells(const struct check_fixture *fixture, const char *name)
{
    (void)name;
    struct lrp_diagnosis *diagnosis = diagnose(fixture, fixture->record);
    (void)expect(fixture, diagnosis,
                 finding_of(diagnosis, fixture->check->id)->status == LRP_CHECK_INFO);
    lrp_diagnosis_free(diagnosis);
}

static void is_quiet(const struct check_fixture *fixture, const char *name)
{
    (void)name;
    struct lrp_diagnosis *diagnosis = diagnose(fixture, fixture->record);
    (void)expect(fixture, diagnosis,
                 finding_of(diagnosis, fixture->check->id)->status == LRP_CHECK_PASS);
    lrp_diagnosis_free(diagnosis);
}

START_TEST(each_fires_and_is_quiet)
{
    const struct lrp_check *check = lrp_checks[_i];
    ck_assert_msg(each_fixture(check, "fires-", fires) > 0,
                  "tests/data/checks/%s has no fires-*.csv, a run that it warns about", check->id);
    ck_assert_msg(each_fixture(check, "quiet-", is_quiet) > 0,
                  "tests/data/checks/%s has no quiet-*.csv, a run that it passes", check->id);
    (void)each_fixture(check, "told-", tells);
}
END_TEST

/* ---- what they need ------------------------------------------------------------------------ */

static bool is_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word)) {
        bool begins = at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '_');
        bool ends = !isalnum((unsigned char)at[length]) && at[length] != '_';
        if (begins && ends) {
            return true;
        }
    }
    return false;
}

/* What would stand in for a loss that is missing goes with it. */
static bool goes(const char *needs, const char *column)
{
    static const char *const substitutes[] = {"val_loss", "accuracy", "val_accuracy"};
    bool is_substitute = false;
    for (size_t i = 0; i < sizeof substitutes / sizeof substitutes[0]; i++) {
        is_substitute = is_substitute || strcmp(column, substitutes[i]) == 0;
    }
    return is_word(needs, column) || (is_substitute && is_word(needs, "loss"));
}

/* The record without the columns that needs names (NULL = with all of them), without its meta, and
 * with a column that no check needs. scale: the losses are multiplied by it. */
static struct lrp_record *altered(const struct lrp_record *record, const char *needs,
                                  bool keep_meta, double scale)
{
    struct lrp_record *out = NULL;
    size_t from[32];
    size_t index = 0;
    size_t n = 0;
    const char *key = NULL;
    const char *value = NULL;
    ck_assert_int_eq(lrp_record_new(0, &out, NULL), LRP_OK);
    for (size_t c = 0; c < lrp_record_columns(record); c++) {
        const char *name = lrp_record_column_name(record, c);
        if (needs == NULL || !goes(needs, name)) {
            ck_assert_int_eq(lrp_record_add_column(out, name, &index, NULL), LRP_OK);
            from[n] = c;
            n++;
        }
    }
    if (lrp_record_find_column(out, "grad_cosine") == LRP_NO_COLUMN) {
        ck_assert_int_eq(lrp_record_add_column(out, "grad_cosine", &index, NULL), LRP_OK);
    }
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        double values[32] = {0};
        unsigned char present[32];
        for (size_t i = 0; i < n; i++) {
            const char *name = lrp_record_column_name(record, from[i]);
            bool is_loss = strcmp(name, "loss") == 0 || strcmp(name, "val_loss") == 0;
            values[i] = lrp_record_values(record, from[i])[row] * (is_loss ? scale : 1);
            present[i] = (unsigned char)lrp_record_present(record, from[i], row);
        }
        present[n] = 1;
        ck_assert_int_eq(lrp_record_append_row(out, values, present, NULL), LRP_OK);
    }
    ck_assert_int_eq(lrp_record_finish(out, NULL), LRP_OK);
    for (size_t i = 0; keep_meta && lrp_record_meta_at(record, i, &key, &value); i++) {
        ck_assert_int_eq(lrp_record_set_meta(out, key, value, NULL), LRP_OK);
    }
    return out;
}

static void check_lacks(const struct check_fixture *fixture, struct lrp_record *record)
{
    struct lrp_diagnosis *diagnosis = NULL;
    ck_assert_int_eq(lrp_diagnose(record, NULL, &diagnosis, NULL), LRP_OK);
    const struct lrp_finding *finding = finding_of(diagnosis, fixture->check->id);
    ck_assert_msg(finding->status == LRP_CHECK_NOT_ASSESSED, "%s without %s: %s: %s", fixture->path,
                  fixture->check->needs, lrp_check_status_name(finding->status), finding->evidence);
    ck_assert_msg(is_text(finding->evidence) && isnan(finding->value), "%s: no reason",
                  fixture->path);
    lrp_diagnosis_free(diagnosis);
    lrp_record_free(record);
}

static void lacks(const struct check_fixture *fixture, const char *name)
{
    (void)name;
    check_lacks(fixture, altered(fixture->record, fixture->check->needs, true, 1));
    if (strstr(fixture->check->needs, "--") != NULL) {
        check_lacks(fixture, altered(fixture->record, NULL, false, 1));
    }
}

START_TEST(each_says_what_it_lacks)
{
    (void)each_fixture(lrp_checks[_i], "fires-", lacks);
    (void)each_fixture(lrp_checks[_i], "quiet-", lacks);
}
END_TEST

/* ---- losses in another unit ---------------------------------------------------------------- */

static void has_no_unit(const struct check_fixture *fixture, const char *name)
{
    struct check_fixture scaled = *fixture;
    struct lrp_record *records[SIBLINGS_MOST + 3];
    size_t n = 0;
    (void)name;
    if (lrp_record_meta(fixture->record, "target_loss") != NULL) {
        return; /* a target has the unit of the loss */
    }
    struct lrp_record *record = records[n++] = altered(fixture->record, NULL, true, 1000);
    if (fixture->baseline != NULL) {
        scaled.options.baseline = records[n++] = altered(fixture->baseline, NULL, true, 1000);
    }
    if (fixture->zero_input != NULL) {
        scaled.options.zero_input = records[n++] = altered(fixture->zero_input, NULL, true, 1000);
    }
    for (size_t i = 0; i < fixture->options.n_siblings; i++) {
        scaled.siblings[i] = records[n++] = altered(fixture->siblings[i], NULL, true, 1000);
    }
    scaled.options.siblings = (const struct lrp_record *const *)(const void *)scaled.siblings;
    struct lrp_diagnosis *before = diagnose(fixture, fixture->record);
    struct lrp_diagnosis *after = diagnose(&scaled, record);
    for (size_t i = 0; i < lrp_n_checks; i++) {
        const struct lrp_finding *finding = &before->findings[i];
        /* these hold the loss against ln classes; so may D1 */
        if (strcmp(finding->id, "S1") != 0 && strcmp(finding->id, "S2") != 0 &&
            strstr(finding->evidence, "guessing") == NULL) {
            ck_assert_msg(finding->status == after->findings[i].status, "%s: %s: %s, then %s",
                          fixture->path, finding->id, finding->evidence,
                          after->findings[i].evidence);
        }
    }
    lrp_diagnosis_free(before);
    lrp_diagnosis_free(after);
    while (n > 0) {
        n--;
        lrp_record_free(records[n]);
    }
}

START_TEST(the_unit_of_the_loss_does_not_matter)
{
    (void)each_fixture(lrp_checks[_i], "fires-", has_no_unit);
    (void)each_fixture(lrp_checks[_i], "quiet-", has_no_unit);
}
END_TEST

/* ---- verdicts ------------------------------------------------------------------------------ */

/* A rate of zero explains whatever the loss does, even a loss that looks like divergence. */
START_TEST(a_rate_of_zero_decides)
{
    struct lrp_record *record = NULL;
    struct lrp_diagnosis *diagnosis = NULL;
    size_t column = 0;
    ck_assert_int_eq(lrp_record_new(0, &record, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "loss", &column, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "lr", &column, NULL), LRP_OK);
    for (size_t k = 0; k < 60; k++) {
        double loss = 1.4 + 0.2 * sin((double)k) - (k > 20 && k < 40 ? 0.4 : 0);
        const double row[2] = {loss, 0};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    ck_assert_int_eq(lrp_record_finish(record, NULL), LRP_OK);
    ck_assert_int_eq(lrp_diagnose(record, NULL, &diagnosis, NULL), LRP_OK);
    ck_assert_int_eq(finding_of(diagnosis, "D1")->verdict, LRP_VERDICT_DIVERGED);
    ck_assert_str_eq(lrp_diagnosis_primary(diagnosis), "R2");
    ck_assert_int_eq(lrp_diagnosis_verdict(diagnosis), LRP_VERDICT_NOT_LEARNING);
    lrp_diagnosis_free(diagnosis);
    lrp_record_free(record);
}
END_TEST

/* ---- memory -------------------------------------------------------------------------------- */

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void expect_same(const struct check_fixture *fixture, size_t allocation,
                        const struct lrp_diagnosis *a, const struct lrp_diagnosis *b)
{
    ck_assert_int_eq(a->verdict, b->verdict);
    ck_assert_str_eq(a->reason, b->reason);
    for (size_t i = 0; i < lrp_n_checks; i++) {
        const struct lrp_finding *was = &a->findings[i];
        const struct lrp_finding *is = &b->findings[i];
        ck_assert_msg(
            was->status == is->status && strcmp(was->evidence, is->evidence) == 0 &&
                strcmp(was->advice, is->advice) == 0 && same_number(was->value, is->value) &&
                same_number(was->first_step, is->first_step) &&
                same_number(was->last_step, is->last_step),
            "%s, allocation %zu: %s: %s", fixture->path, allocation, is->id, is->evidence);
    }
}

/* Each allocation that fails makes the diagnosis fail, or changes nothing in it. */
static void survives(const struct check_fixture *fixture, const char *name)
{
    (void)name;
    struct lrp_diagnosis *undisturbed = diagnose(fixture, fixture->record);
    for (size_t k = 0;; k++) {
        struct lrp_diagnosis *diagnosis = NULL;
        struct lrp_error err = {0};
        allocations = 0;
        fail_at = k;
        enum lrp_status status = lrp_diagnose(fixture->record, &fixture->options, &diagnosis, &err);
        fail_at = SIZE_MAX;
        if (status == LRP_OK) {
            expect_same(fixture, k, undisturbed, diagnosis);
            lrp_diagnosis_free(diagnosis);
        } else {
            ck_assert_msg(status == LRP_E_NOMEM && diagnosis == NULL, "%s, allocation %zu: %s",
                          fixture->path, k, err.message);
        }
        if (allocations <= k) {
            ck_assert_int_eq(status, LRP_OK);
            break;
        }
    }
    lrp_diagnosis_free(undisturbed);
}

START_TEST(numbers_are_written_in_full)
{
    static const struct {
        const char *printed, *told;
    } rows[] = {{"rose by 1.1e+02 % of 1.9e+04", "rose by 110 % of 19000"},
                {"-4.19e+03, (6.8335e+05)", "-4190, (683350)"},
                {"1e+02e+02 1e+05 1e+06 1.5e+11 1e-05", "1e+02e+02 1e+05 1e+06 1.5e+11 1e-05"},
                {"x1e+02 1.234e+02 12e+02 .5e+02 1e+02x", "x1e+02 1.234e+02 12e+02 .5e+02 1e+02x"},
                {"1e+03", "1000"},
                {"9.999999999e+03 1e+0", "9.999999999e+03 1e+0"},
                {"", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct lrp_finding finding = {0};
        lrp_finding_set(&finding, LRP_CHECK_WARN, "%s", rows[i].printed);
        ck_assert_str_eq(finding.evidence, rows[i].told);
        lrp_finding_skip(&finding, "%s", rows[i].printed);
        ck_assert_str_eq(finding.evidence, rows[i].told);
    }
}
END_TEST

START_TEST(any_allocation_may_fail)
{
    (void)each_fixture(lrp_checks[_i], "fires-", survives);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("checks");
    TCase *tests = tcase_create("checks");
    int n = (int)lrp_n_checks;
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, rows_are_whole);
    tcase_add_loop_test(tests, each_fires_and_is_quiet, 0, n);
    tcase_add_loop_test(tests, each_says_what_it_lacks, 0, n);
    tcase_add_loop_test(tests, the_unit_of_the_loss_does_not_matter, 0, n);
    tcase_add_test(tests, a_rate_of_zero_decides);
    tcase_add_test(tests, numbers_are_written_in_full);
    tcase_add_loop_test(tests, any_allocation_may_fail, 0, n);
    suite_add_tcase(suite, tests);
    return suite;
}
