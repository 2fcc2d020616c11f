/* SPDX-License-Identifier: MIT */
/* Bounds to look at, and their report in each form. */
#ifndef LRP_TESTS_RANGE_SAMPLE_H
#define LRP_TESTS_RANGE_SAMPLE_H

#include "range_report.h"
#include "test_main.h"

#include <stdlib.h>
#include <string.h>

/* Bounds in which no two numbers are the same. */
static inline struct lrp_bounds numbered(void)
{
    return (struct lrp_bounds){
        .outcome = LRP_OUTCOME_OK,
        .metric = "val_loss",
        .interval_level = 0.9,
        .lr_low = 1,
        .lr_high = 2,
        .steps_planned = 3,
        .base_lr = {4, 5, 6},
        .max_lr = {7, 8, 9},
        .suggested_lr = {10, 11, 12},
        .one_cycle = {13, 14, 15, 16, 17},
        .clr = {18, 19, 20, 21},
        .evidence = {22, 23, 24},
        .repeats = 25,
        .reason = LRP_REASON_MEMORISED,
        .conditions = {.optimizer = "AdamW",
                       .options = "betas=0.8/0.999",
                       .momentum = "beta1",
                       .momentum_value = 0.8,
                       .own_lr = 32,
                       .n_groups = 2,
                       .group_ratios = {0.01, 1},
                       .n_optimizers = 3,
                       .batch_size = 33,
                       .steps = 34,
                       .start = "fresh",
                       .framework = "torch 2.6.0",
                       .higher_is_better = 1},
        .peers = {26, 27, 28, 29, 30, 31},
        .n_warnings = 1,
        .warnings = {"w"},
    };
}

/* One form of the report, in heap memory. */
static inline char *form_of(const struct lrp_range_report *report, enum lrp_audience audience)
{
    struct lrp_document document;
    struct lrp_text out;
    lrp_text_init(&out, 1 << 22);
    if (audience == LRP_FOR_TERMINAL) {
        ck_assert_int_eq(lrp_range_report_terminal(report, 80, false, false, &out, NULL), LRP_OK);
    } else {
        lrp_range_document(report, LRP_FOR_PAGES, true, &document);
        ck_assert_int_eq(audience == LRP_FOR_HTML ? lrp_document_html(&document, &out, NULL)
                                                  : lrp_document_markdown(&document, &out, NULL),
                         LRP_OK);
        lrp_document_fini(&document);
    }
    char *text = strdup(lrp_text_string(&out));
    ck_assert_ptr_nonnull(text);
    lrp_text_fini(&out);
    return text;
}
#endif
