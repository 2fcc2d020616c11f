/* SPDX-License-Identifier: MIT */
/* A diagnosed run whose findings a test may change. */
#ifndef LRP_TESTS_DIAGNOSIS_SAMPLE_H
#define LRP_TESTS_DIAGNOSIS_SAMPLE_H

#include "diagnosis_report.h"
#include "random.h"
#include "record.h"
#include "test_main.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 600 };

struct sample {
    struct lrp_record *record;
    struct lrp_diagnosis *diagnosis;
    struct lrp_diagnosis_report report;
};

/* A run that falls as a power law with noise, diagnosed; the findings may then be changed. The
 * validation loss is that of training and val_more. */
static void make_sample_with(struct sample *sample, size_t rows, const char *text, double val_more)
{
    static const char *const names[] = {"step", "loss", "val_loss", "lr"};
    struct lrp_random random;
    size_t column = 0;
    memset(sample, 0, sizeof *sample);
    lrp_random_seed(&random, 3, 0);
    ck_assert_int_eq(lrp_record_new(0, &sample->record, NULL), LRP_OK);
    for (size_t c = 0; c < 4; c++) {
        ck_assert_int_eq(lrp_record_add_column(sample->record, names[c], &column, NULL), LRP_OK);
    }
    ck_assert_int_eq(lrp_record_add_note(sample->record, NULL, "%s", text), LRP_OK);
    for (size_t k = 0; k < rows; k++) {
        double loss = 0.4 + 2 * pow((double)k + 1, -0.5) + 0.01 * lrp_random_normal(&random);
        double row[4] = {(double)k, loss, loss + val_more, 0.1};
        ck_assert_int_eq(lrp_record_append_row(sample->record, row, NULL, NULL), LRP_OK);
    }
    ck_assert_int_eq(lrp_record_finish(sample->record, NULL), LRP_OK);
    ck_assert_int_eq(lrp_diagnose(sample->record, NULL, &sample->diagnosis, NULL), LRP_OK);
    sample->report = (struct lrp_diagnosis_report){.title = text,
                                                   .command = text,
                                                   .source = text,
                                                   .record = sample->record,
                                                   .diagnosis = sample->diagnosis,
                                                   .alone = true};
}

static void make_sample(struct sample *sample, size_t rows, const char *text)
{
    make_sample_with(sample, rows, text, 0.1);
}

static void free_sample(struct sample *sample)
{
    lrp_diagnosis_free(sample->diagnosis);
    lrp_record_free(sample->record);
}

/* The finding with that id, turned into an alarm; its texts are text. */
static struct lrp_finding *raise_alarm(struct sample *sample, const char *id,
                                       enum lrp_verdict verdict, const char *text)
{
    for (size_t i = 0; i < sample->diagnosis->n_findings; i++) {
        struct lrp_finding *finding = &sample->diagnosis->findings[i];
        if (strcmp(finding->id, id) == 0) {
            sample->diagnosis->counts[finding->status]--;
            finding->status = LRP_CHECK_WARN;
            finding->verdict = verdict;
            sample->diagnosis->counts[LRP_CHECK_WARN]++;
            (void)snprintf(finding->evidence, sizeof finding->evidence, "%s", text);
            (void)snprintf(finding->advice, sizeof finding->advice, "%s", text);
            return finding;
        }
    }
    ck_abort_msg("there is no check %s", id);
    return NULL;
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part)) {
        count++;
    }
    return count;
}
#endif
