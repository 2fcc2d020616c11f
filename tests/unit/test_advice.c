/* SPDX-License-Identifier: MIT */
/* What each check says of its fixtures, word for word and number for number: the expected.txt of
 * its folder in tests/data/checks. Run with LRPROBE_WRITE_EXPECTED=1 this test writes those files:
 * read the difference before you commit it. */
#include "check_fixtures.h"
#include "test_main.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 1 << 16 };

static struct lrp_text said;

static void append_number(const char *name, double value)
{
    if (!isnan(value)) {
        lrp_text_printf(&said, ", %s %.4g", name, value);
    }
}

/* What the checks go by, and what the plots show. */
static void append_run(const struct lrp_diagnosis *diagnosis)
{
    const struct lrp_run *run = diagnosis->run;
    const struct lrp_diagnosis_evidence *evidence = &diagnosis->evidence;
    lrp_text_printf(&said, "\n  Run: %zu losses, %zu blocks, %zu rates", run->n, run->blocks.n,
                    run->n_segments);
    append_number("first", run->initial);
    append_number("final", run->final);
    append_number("lowest", run->lowest);
    append_number("noise of points", run->sigma);
    append_number("of blocks", run->blocks.sigma);
    append_number("recurs", (double)run->recurrence.period);
    lrp_text_append(&said, "\n  Shown: evidence");
    append_number("onset", evidence->onset);
    append_number("shift", evidence->level_shift);
    append_number("trend to", evidence->trend.loss_to);
    append_number("at most", evidence->trend.high_to);
    append_number("twice", evidence->power.at_twice);
    append_number("fitted", lrp_evidence_decay(evidence, evidence->power.to));
    append_number("amplitude", evidence->oscillation.amplitude);
    append_number("best val", evidence->best_val_at);
    append_number("train error", diagnosis->bias_variance.train_error);
    append_number("val error", diagnosis->bias_variance.val_error);
    const char *reading = diagnosis->bias_variance.reading;
    lrp_text_printf(&said, "%s%s\n", reading != NULL ? ", " : "", reading != NULL ? reading : "");
}

static void append_finding(const struct check_fixture *fixture, const char *name)
{
    struct lrp_diagnosis *diagnosis = diagnose(fixture, fixture->record);
    const struct lrp_finding *finding = finding_of(diagnosis, fixture->check->id);
    bool alarm = finding->status == LRP_CHECK_WARN || finding->status == LRP_CHECK_FAIL;
    lrp_text_printf(&said, "%s: %s", name, lrp_check_status_name(finding->status));
    if (alarm) {
        lrp_text_printf(&said, " for %s", lrp_verdict_name(finding->verdict));
    }
    append_number("value", finding->value);
    append_number("threshold", finding->threshold);
    append_number("first", finding->first_step);
    append_number("last", finding->last_step);
    lrp_text_printf(&said, "\n  Seen: %s.\n", finding->evidence);
    if (finding->advice[0] != '\0') {
        lrp_text_printf(&said, "  Advice: %s\n", finding->advice);
    }
    lrp_text_printf(&said, "  Verdict: %s", lrp_verdict_name(lrp_diagnosis_verdict(diagnosis)));
    if (diagnosis->primary != NULL) {
        lrp_text_printf(&said, " by %s", diagnosis->primary->id);
    }
    append_run(diagnosis);
    lrp_diagnosis_free(diagnosis);
}

/* The first line in which the texts differ. */
static void expect_same_lines(const char *path, const char *wanted, const char *got)
{
    size_t begin = 0;
    size_t at = 0;
    while (wanted[at] != '\0' && wanted[at] == got[at]) {
        at++;
        begin = wanted[at - 1] == '\n' ? at : begin;
    }
    ck_assert_msg(wanted[at] == got[at],
                  "%s: wanted \"%.*s\", got \"%.*s\"; if that is right, see the top of this file",
                  path, (int)strcspn(wanted + begin, "\n"), wanted + begin,
                  (int)strcspn(got + begin, "\n"), got + begin);
}

START_TEST(each_says_what_it_said)
{
    static const char *const prefixes[] = {"fires-", "told-", "quiet-", "skips-"};
    const struct lrp_check *check = lrp_checks[_i];
    char path[PATH_MOST];
    char *wanted = calloc(1, TEXT_MOST);
    bool write = getenv("LRPROBE_WRITE_EXPECTED") != NULL;
    ck_assert_ptr_nonnull(wanted);
    lrp_text_init(&said, TEXT_MOST);
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        (void)each_fixture(check, prefixes[i], append_finding);
    }
    (void)snprintf(path, sizeof path, "%s/checks/%s/expected.txt", test_data(), check->id);
    FILE *file = fopen(path, write ? "w" : "r");
    ck_assert_msg(file != NULL, "%s is missing; the top of this file says how to write it", path);
    if (write) {
        (void)fputs(lrp_text_string(&said), file);
    } else {
        (void)fread(wanted, 1, TEXT_MOST - 1, file);
        expect_same_lines(path, wanted, lrp_text_string(&said));
    }
    (void)fclose(file);
    lrp_text_fini(&said);
    free(wanted);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("advice");
    TCase *tests = tcase_create("advice");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, each_says_what_it_said, 0, (int)lrp_n_checks);
    suite_add_tcase(suite, tests);
    return suite;
}
