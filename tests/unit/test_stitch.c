/* SPDX-License-Identifier: MIT */
#include "failing_malloc.h"
#include "random.h"
#include "record_cells.h"
#include "stitch.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NONE ((double)-12345)

/* A record of the named columns from rows of numbers; NONE is a missing cell. */
static struct lrp_record *make_record(const char *const *names, size_t n_columns,
                                      const double *cells, size_t n_rows)
{
    struct lrp_record *record = NULL;
    ck_assert_int_eq(lrp_record_new(0, &record, NULL), LRP_OK);
    for (size_t c = 0; c < n_columns; c++) {
        size_t index = 0;
        ck_assert_int_eq(lrp_record_add_column(record, names[c], &index, NULL), LRP_OK);
    }
    for (size_t k = 0; k < n_rows; k++) {
        unsigned char present[8];
        for (size_t c = 0; c < n_columns; c++) {
            present[c] = cells[k * n_columns + c] == NONE ? 0 : 1;
        }
        ck_assert_int_eq(lrp_record_append_row(record, cells + k * n_columns, present, NULL),
                         LRP_OK);
    }
    ck_assert_int_eq(lrp_record_finish(record, NULL), LRP_OK);
    return record;
}

static struct lrp_record *stitched(const struct lrp_record *record, struct lrp_stitch_facts *facts)
{
    struct lrp_record *out = NULL;
    struct lrp_error err = {0};
    ck_assert_msg(lrp_record_stitch(record, &out, facts, &err) == LRP_OK, "%s", err.message);
    return out;
}

static const char *const names[] = {"step", "epoch", "loss", "val_loss"};
#define RECORD(cells) make_record(names, 4, (cells), sizeof(cells) / sizeof(double) / 4)

START_TEST(what_is_in_order_stays)
{
    static const double cells[] = {0, 0, 5, NONE, 1, 0, 4, NONE, 2, 1, 3, 9};
    struct lrp_stitch_facts facts;
    struct lrp_record *record = RECORD(cells);
    ck_assert_ptr_null(stitched(record, &facts));
    ck_assert_str_eq(facts.position, "step");
    ck_assert_uint_eq(facts.duplicates + facts.backward + facts.dropped + facts.gaps + facts.late,
                      0);
    ck_assert(isnan(facts.first_backward) && !facts.within_epoch);
    lrp_record_free(record);
    static const char *const others[] = {"loss", "lr"};
    static const double pairs[] = {1, 2, 3, 4};
    record = make_record(others, 2, pairs, 2);
    ck_assert_ptr_null(stitched(record, &facts));
    ck_assert_ptr_null(facts.position);
    lrp_record_free(record);
}
END_TEST

/* Whoever is handed only the record finds the facts in it; a record without positions has none. */
START_TEST(the_record_carries_the_facts)
{
    static const double cells[] = {0, 0, 5, NONE, 1, 0, 4, NONE, 2, 0, 3, NONE, 1, 0, 7, NONE};
    static const char *const others[] = {"loss", "lr"};
    static const double pairs[] = {1, 2, 3, 4};
    struct lrp_record *record = RECORD(cells);
    ck_assert_int_eq(lrp_record_stitch_in_place(&record, false, NULL), LRP_OK);
    ck_assert_uint_eq(lrp_record_rows(record), 2);
    ck_assert_str_eq(lrp_record_meta(record, "stitch.backward"), "1");
    ck_assert_str_eq(lrp_record_meta(record, "stitch.first_backward"), "1");
    ck_assert_str_eq(lrp_record_meta(record, "stitch.dropped"), "2");
    ck_assert_ptr_null(lrp_record_meta(record, "stitch.first_gap"));
    lrp_record_free(record);
    record = RECORD(cells); /* the same where the rows are to stay in their order */
    ck_assert_int_eq(lrp_record_stitch_in_place(&record, true, NULL), LRP_OK);
    ck_assert_uint_eq(lrp_record_rows(record), 4);
    ck_assert_str_eq(lrp_record_meta(record, "stitch.backward"), "1");
    lrp_record_free(record);
    record = make_record(others, 2, pairs, 2);
    ck_assert_int_eq(lrp_record_stitch_in_place(&record, false, NULL), LRP_OK);
    ck_assert_ptr_null(lrp_record_meta(record, "stitch.backward"));
    lrp_record_free(record);
}
END_TEST

/* Training and evaluation rows of one step align; a cell that comes twice has the later value. */
START_TEST(rows_of_one_step_become_one)
{
    static const double cells[] = {0,    0, 5,    NONE, 10,  1,    4,  NONE, 10, 1,
                                   NONE, 9, 20,   2,    3.5, NONE, 20, 2,    3,  NONE,
                                   20,   2, NONE, 8,    30,  3,    2,  NONE};
    struct lrp_stitch_facts facts;
    struct lrp_record *record = RECORD(cells);
    ck_assert_int_eq(lrp_record_add_note(record, NULL, "a note"), LRP_OK);
    ck_assert_int_eq(lrp_record_set_meta(record, "model", "mlp", NULL), LRP_OK);
    struct lrp_record *out = stitched(record, &facts);
    ck_assert_uint_eq(lrp_record_rows(out), 4);
    ck_assert_close(cell(out, "loss", 1), 4, 0, 0);
    ck_assert_close(cell(out, "val_loss", 1), 9, 0, 0);
    ck_assert_close(cell(out, "loss", 2), 3, 0, 0);
    ck_assert_close(cell(out, "val_loss", 2), 8, 0, 0);
    ck_assert_uint_eq(facts.duplicates, 1);
    ck_assert_uint_eq(facts.backward, 0);
    ck_assert(has_note(out, "a note"));
    ck_assert_str_eq(lrp_record_meta(out, "model"), "mlp");
    lrp_record_free(out);
    lrp_record_free(record);
}
END_TEST

/* A joined row has the time of its first part; a rate that comes twice is no duplicate of data. */
START_TEST(a_joined_row_begins_with_its_first_part)
{
    static const char *const four[] = {"step", "time_s", "lr", "loss"};
    static const double cells[] = {0, 1, 0.1, 5, 1, 2, 0.1, 4, 1, 3, 0.2, NONE, 2, 4, 0.3, 3};
    struct lrp_stitch_facts facts;
    struct lrp_record *record = make_record(four, 4, cells, 4);
    struct lrp_record *out = stitched(record, &facts);
    ck_assert_uint_eq(lrp_record_rows(out), 3);
    ck_assert_close(cell(out, "time_s", 1), 2, 0, 0);
    ck_assert_close(cell(out, "lr", 1), 0.2, 0, 0);
    ck_assert_uint_eq(facts.duplicates, 0);
    lrp_record_free(out);
    lrp_record_free(record);
}
END_TEST

START_TEST(a_resumed_run_replaces_what_it_repeats)
{
    static const double cells[] = {0, NONE, 5, NONE, 1,  NONE, 4, NONE, 2,  NONE, 3, 7,    3, NONE,
                                   2, NONE, 2, NONE, 30, NONE, 3, NONE, 20, NONE, 4, NONE, 1, NONE};
    struct lrp_stitch_facts facts;
    struct lrp_record *record = RECORD(cells);
    struct lrp_record *out = stitched(record, &facts);
    ck_assert_uint_eq(lrp_record_rows(out), 5);
    ck_assert_close(cell(out, "loss", 2), 30, 0, 0);
    ck_assert(isnan(cell(out, "val_loss", 2)));
    ck_assert_uint_eq(facts.backward, 1);
    ck_assert_uint_eq(facts.dropped, 2);
    ck_assert_close(facts.first_backward, 2, 0, 0);
    lrp_record_free(out);
    lrp_record_free(record);
    /* from its first step on: nothing is left of what was before; twice */
    static const double again[] = {0, NONE, 5, NONE, 1, NONE, 4, NONE, 0, NONE,
                                   6, NONE, 0, NONE, 8, NONE, 1, NONE, 7, NONE};
    record = RECORD(again);
    out = stitched(record, &facts);
    ck_assert_uint_eq(lrp_record_rows(out), 2);
    ck_assert_close(cell(out, "loss", 0), 8, 0, 0);
    ck_assert_uint_eq(facts.backward, 1);
    ck_assert_uint_eq(facts.duplicates, 1);
    lrp_record_free(out);
    lrp_record_free(record);
}
END_TEST

/* Evaluations that are written late, or all at the end, are no resumption. */
START_TEST(late_evaluations_are_put_where_they_belong)
{
    static const double cells[] = {0, NONE, 5, NONE, 1, NONE, 4,    NONE, 2,   NONE, 3,    NONE,
                                   3, NONE, 2, NONE, 1, NONE, NONE, 9,    2.5, NONE, NONE, 8};
    struct lrp_stitch_facts facts;
    struct lrp_record *record = RECORD(cells);
    struct lrp_record *out = stitched(record, &facts);
    ck_assert_uint_eq(lrp_record_rows(out), 5);
    ck_assert_close(cell(out, "val_loss", 1), 9, 0, 0);
    ck_assert_close(cell(out, "loss", 1), 4, 0, 0);
    ck_assert_close(cell(out, "val_loss", 3), 8, 0, 0);
    ck_assert_close(cell(out, "loss", 4), 2, 0, 0);
    ck_assert_uint_eq(facts.late, 2);
    ck_assert_uint_eq(facts.backward + facts.dropped + facts.duplicates, 0);
    lrp_record_free(out);
    lrp_record_free(record);
}
END_TEST

/* mmcv: the iteration starts again with each epoch, the validation has the last one's. */
START_TEST(steps_within_the_epoch_are_numbered_throughout)
{
    static const double cells[] = {50,   1, 9,    NONE, 100, 1,    8,   NONE, 100, 1,
                                   NONE, 5, 50,   2,    7,   NONE, 100, 2,    6,   NONE,
                                   100,  2, NONE, 4,    50,  3,    5,   NONE};
    struct lrp_stitch_facts facts;
    struct lrp_record *record = RECORD(cells);
    struct lrp_record *out = stitched(record, &facts);
    static const double want[] = {50, 100, 150, 200, 250};
    ck_assert(facts.within_epoch);
    ck_assert_close(facts.steps_per_epoch, 100, 0, 0);
    ck_assert_uint_eq(lrp_record_rows(out), 5);
    for (size_t k = 0; k < 5; k++) {
        ck_assert_close(cell(out, "step", k), want[k], 0, 0);
    }
    ck_assert_close(cell(out, "val_loss", 3), 4, 0, 0);
    ck_assert(has_note(out, "counts within the epoch"));
    ck_assert_uint_eq(facts.backward + facts.dropped + facts.gaps, 0);
    lrp_record_free(out);
    lrp_record_free(record);
    /* resumed at epoch 2; epochs and steps from 0 */
    static const double resumed[] = {0, 0, 9, NONE, 1, 0, 8, NONE, 0, 1, 7, NONE,
                                     1, 1, 6, NONE, 0, 2, 5, NONE, 1, 2, 4, NONE,
                                     0, 1, 3, NONE, 1, 1, 2, NONE, 0, 2, 1, NONE};
    record = RECORD(resumed);
    out = stitched(record, &facts);
    ck_assert_uint_eq(lrp_record_rows(out), 5);
    for (size_t k = 0; k < 5; k++) {
        ck_assert_close(cell(out, "step", k), (double)k, 0, 0);
    }
    ck_assert_close(cell(out, "loss", 2), 3, 0, 0);
    ck_assert_uint_eq(facts.backward, 1);
    ck_assert_uint_eq(facts.dropped, 4);
    lrp_record_free(out);
    lrp_record_free(record);
    /* no epoch in the log: the same step again and again after as many steps */
    double bare[4 * 11];
    for (size_t k = 0; k < 11; k++) {
        const double row[] = {(double)(k % 3), NONE, 10 - (double)k, NONE};
        memcpy(bare + 4 * k, row, sizeof row);
    }
    record = RECORD(bare);
    out = stitched(record, &facts);
    ck_assert(facts.within_epoch);
    ck_assert_uint_eq(lrp_record_rows(out), 11);
    ck_assert_close(cell(out, "step", 10), 10, 0, 0);
    lrp_record_free(out);
    lrp_record_free(record);
}
END_TEST

START_TEST(epochs_are_positions_where_there_is_no_step)
{
    static const char *const three[] = {"epoch", "loss", "val_loss"};
    static const double cells[] = {0, 5, NONE, 0,    NONE, 9, 1,    4, NONE, 1,   NONE,
                                   8, 2, 3,    NONE, 1,    2, NONE, 2, 1,    NONE};
    struct lrp_stitch_facts facts;
    struct lrp_record *record = make_record(three, 3, cells, 7);
    struct lrp_record *out = stitched(record, &facts);
    ck_assert_str_eq(facts.position, "epoch");
    ck_assert_uint_eq(lrp_record_rows(out), 3);
    ck_assert_close(cell(out, "val_loss", 0), 9, 0, 0);
    ck_assert_close(cell(out, "loss", 1), 2, 0, 0);
    ck_assert_uint_eq(facts.dropped, 3);
    lrp_record_free(out);
    lrp_record_free(record);
    /* many rows an epoch: they stay rows */
    static const double many[] = {0, 5, NONE, 0, 4, NONE, 0, 3, NONE, 1, 2, NONE, 1, 1, 7};
    record = make_record(three, 3, many, 5);
    ck_assert_ptr_null(stitched(record, &facts));
    ck_assert_uint_eq(facts.duplicates, 0);
    lrp_record_free(record);
}
END_TEST

/* Epochs are positions as long as at most a tenth of them has a cell twice. */
START_TEST(epochs_that_rows_share_are_no_positions)
{
    static const char *const two[] = {"epoch", "loss"};
    for (size_t shared = 2; shared <= 3; shared++) {
        double cells[2 * 23];
        struct lrp_stitch_facts facts;
        size_t n = 0;
        for (size_t epoch = 0; epoch < 20; epoch++) {
            for (size_t part = 0; part < (epoch < shared ? 2 : 1); part++) {
                cells[2 * n] = (double)epoch;
                cells[2 * n + 1] = 20 - (double)n;
                n++;
            }
        }
        struct lrp_record *record = make_record(two, 2, cells, n);
        struct lrp_record *out = stitched(record, &facts);
        ck_assert(shared == 3 ? out == NULL : out != NULL && lrp_record_rows(out) == 20);
        lrp_record_free(out);
        lrp_record_free(record);
    }
}
END_TEST

/* A step that starts again twice was resumed; three times, it counts within the epoch. */
START_TEST(steps_that_start_again_are_told_by_their_number)
{
    static const char *const two[] = {"step", "loss"};
    for (size_t stretches = 3; stretches <= 4; stretches++) {
        double cells[2 * 12];
        struct lrp_stitch_facts facts;
        for (size_t k = 0; k < 3 * stretches; k++) {
            cells[2 * k] = (double)(k % 3);
            cells[2 * k + 1] = (double)k;
        }
        struct lrp_record *record = make_record(two, 2, cells, 3 * stretches);
        struct lrp_record *out = stitched(record, &facts);
        ck_assert_int_eq(facts.within_epoch, stretches == 4);
        ck_assert_uint_eq(facts.backward, stretches == 4 ? 0 : 2);
        ck_assert_uint_eq(lrp_record_rows(out), stretches == 4 ? 12 : 3);
        ck_assert_close(cell(out, "loss", 0), stretches == 4 ? 0 : 6, 0, 0);
        lrp_record_free(out);
        lrp_record_free(record);
    }
}
END_TEST

/* A writer that never moves the step has no steps; rows without one go with the row before. */
START_TEST(steps_that_do_not_move_and_missing_ones)
{
    double still[4 * 40];
    struct lrp_stitch_facts facts;
    for (size_t k = 0; k < 40; k++) {
        still[4 * k] = 0;
        still[4 * k + 1] = NONE;
        still[4 * k + 2] = (double)k;
        still[4 * k + 3] = NONE;
    }
    struct lrp_record *record = RECORD(still);
    ck_assert_ptr_null(stitched(record, &facts));
    lrp_record_free(record);
    static const double cells[] = {0,    NONE, 5, NONE, NONE, NONE, NONE, 9,
                                   NONE, NONE, 4, NONE, 1,    NONE, 3,    NONE};
    record = RECORD(cells);
    struct lrp_record *out = stitched(record, &facts);
    ck_assert_uint_eq(lrp_record_rows(out), 3);
    ck_assert_close(cell(out, "val_loss", 0), 9, 0, 0);
    ck_assert_close(cell(out, "loss", 1), 4, 0, 0);
    ck_assert(isnan(cell(out, "step", 1)));
    ck_assert_uint_eq(facts.duplicates, 0);
    lrp_record_free(out);
    lrp_record_free(record);
}
END_TEST

START_TEST(gaps_are_counted)
{
    double cells[4 * 30];
    struct lrp_stitch_facts facts;
    for (size_t k = 0; k < 30; k++) {
        /* a jump of 10, which is none yet, and one of 11 */
        cells[4 * k] = (double)k + (k >= 10 ? 9 : 0) + (k >= 20 ? 10 : 0);
        cells[4 * k + 1] = NONE;
        cells[4 * k + 2] = 1;
        cells[4 * k + 3] = NONE;
    }
    struct lrp_record *record = RECORD(cells);
    ck_assert_ptr_null(stitched(record, &facts));
    ck_assert_uint_eq(facts.gaps, 1);
    ck_assert_close(facts.first_gap, 28, 0, 0);
    lrp_record_free(record);
}
END_TEST

START_TEST(merged_rows_are_only_counted)
{
    struct lrp_record *record = NULL;
    struct lrp_stitch_facts facts;
    size_t index = 0;
    ck_assert_int_eq(lrp_record_new(64, &record, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "step", &index, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "loss", &index, NULL), LRP_OK);
    for (int k = 0; k < 200; k++) {
        const double row[] = {k < 100 ? k : k - 40, 1};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    ck_assert_int_eq(lrp_record_finish(record, NULL), LRP_OK);
    ck_assert_uint_gt(lrp_record_block_rows(record), 1);
    ck_assert_ptr_null(stitched(record, &facts));
    ck_assert_uint_eq(facts.backward, 1);
    ck_assert_close(facts.first_backward, 60, 0, 4);
    lrp_record_free(record);
}
END_TEST

enum { STEPS = 60, EVAL_EVERY = 7 };

/* The rows of a run for the steps [begin, end), an evaluation row after each seventh training row.
 * Gives how many rows. */
static size_t log_steps(double *cells, size_t begin, size_t end, double wrong)
{
    size_t n = 0;
    for (size_t step = begin; step < end; step++) {
        const double train[] = {(double)step, NONE, 10.0 / (double)(step + 1) + wrong, NONE};
        memcpy(cells + 4 * n, train, sizeof train);
        n++;
        if (step % EVAL_EVERY == 0) {
            const double eval[] = {(double)step, NONE, NONE, (double)step + wrong};
            memcpy(cells + 4 * n, eval, sizeof eval);
            n++;
        }
    }
    return n;
}

/* A run that is cut at random steps and resumed from random earlier ones gives the whole run,
 * whatever was logged in the parts that were lost. */
START_TEST(a_cut_and_resumed_run_gives_the_whole_run)
{
    static double cells[4 * 4 * 2 * STEPS];
    struct lrp_random random;
    lrp_random_seed(&random, 20261125, 1);
    struct lrp_stitch_facts facts;
    size_t n = log_steps(cells, 0, STEPS, 0);
    struct lrp_record *whole = make_record(names, 4, cells, n);
    struct lrp_record *want = stitched(whole, &facts);
    ck_assert_uint_eq(lrp_record_rows(want), STEPS);
    for (int k = 0; k < 600; k++) {
        size_t begin = 0;
        uint64_t cuts = 1 + lrp_random_below(&random, 3);
        n = 0;
        for (uint64_t i = 0; i < cuts; i++) {
            /* at least one training row beyond the point where the next part begins */
            size_t end = begin + 2 + (size_t)lrp_random_below(&random, STEPS - begin - 1);
            end = end < STEPS ? end : STEPS;
            size_t next = begin + (size_t)lrp_random_below(&random, end - begin - 1);
            /* what was logged before the next part stays and must be right; the rest is lost */
            n += log_steps(cells + 4 * n, begin, next, 0);
            n += log_steps(cells + 4 * n, next, end, 1000);
            begin = next;
            if (STEPS - begin < 3) {
                cuts = i + 1;
            }
        }
        n += log_steps(cells + 4 * n, begin, STEPS, 0);
        struct lrp_record *record = make_record(names, 4, cells, n);
        struct lrp_record *out = stitched(record, &facts);
        check_same(want, out);
        ck_assert_uint_le(facts.backward, cuts);
        ck_assert_uint_ge(facts.backward, 1);
        lrp_record_free(out);
        lrp_record_free(record);
    }
    lrp_record_free(want);
    lrp_record_free(whole);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    static double cells[4 * 4 * STEPS];
    size_t n = log_steps(cells, 0, 20, 1);
    n += log_steps(cells + 4 * n, 10, 30, 0);
    const double late[] = {28.5, NONE, NONE, 3};
    memcpy(cells + 4 * n, late, sizeof late);
    struct lrp_record *record = make_record(names, 4, cells, n + 1);
    for (size_t k = 0; k < 1000; k++) {
        struct lrp_record *out = NULL;
        struct lrp_stitch_facts facts;
        allocations = 0;
        fail_at = k;
        enum lrp_status status = lrp_record_stitch(record, &out, &facts, NULL);
        fail_at = SIZE_MAX;
        if (status == LRP_OK) {
            ck_assert_uint_gt(k, 10);
            ck_assert_uint_eq(facts.late, 1);
            lrp_record_free(out);
            lrp_record_free(record);
            return;
        }
        ck_assert_int_eq(status, LRP_E_NOMEM);
        ck_assert_ptr_null(out);
    }
    ck_abort_msg("no end");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("stitch");
    TCase *tests = tcase_create("stitch");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, what_is_in_order_stays);
    tcase_add_test(tests, the_record_carries_the_facts);
    tcase_add_test(tests, rows_of_one_step_become_one);
    tcase_add_test(tests, a_resumed_run_replaces_what_it_repeats);
    tcase_add_test(tests, late_evaluations_are_put_where_they_belong);
    tcase_add_test(tests, steps_within_the_epoch_are_numbered_throughout);
    tcase_add_test(tests, epochs_are_positions_where_there_is_no_step);
    tcase_add_test(tests, steps_that_do_not_move_and_missing_ones);
    tcase_add_test(tests, a_joined_row_begins_with_its_first_part);
    tcase_add_test(tests, epochs_that_rows_share_are_no_positions);
    tcase_add_test(tests, steps_that_start_again_are_told_by_their_number);
    tcase_add_test(tests, gaps_are_counted);
    tcase_add_test(tests, merged_rows_are_only_counted);
    tcase_add_test(tests, a_cut_and_resumed_run_gives_the_whole_run);
    tcase_add_test(tests, every_allocation_may_fail);
    suite_add_tcase(suite, tests);
    return suite;
}
