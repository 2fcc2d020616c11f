/* SPDX-License-Identifier: MIT */
#include "lrprobe/lrprobe.h"
#include "record.h"
#include "record_reader.h"
#include "record_writer.h"
#include "test_main.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct lrp_record *make_record(size_t max_rows)
{
    struct lrp_record *record = NULL;
    size_t column = 0;
    ck_assert_int_eq(lrp_record_new(max_rows, &record, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "step", &column, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "loss", &column, NULL), LRP_OK);
    ck_assert_uint_eq(column, 1);
    return record;
}

START_TEST(missing_cells_are_not_nan_cells)
{
    struct lrp_record *record = make_record(0);
    const double rows[3][2] = {{0, 1.5}, {1, (double)NAN}, {2, 7}};
    const unsigned char present[3][2] = {{1, 1}, {1, 1}, {1, 0}};
    size_t late = 0;
    for (size_t k = 0; k < 3; k++) {
        ck_assert_int_eq(lrp_record_append_row(record, rows[k], present[k], NULL), LRP_OK);
    }
    ck_assert_int_eq(lrp_record_finish(record, NULL), LRP_OK);
    ck_assert_uint_eq(lrp_record_rows(record), 3);
    ck_assert_int_eq(lrp_record_present(record, 1, 1), 1); /* measured, and not a number */
    ck_assert_int_eq(lrp_record_present(record, 1, 2), 0); /* not measured */
    ck_assert(isnan(lrp_record_values(record, 1)[1]) && isnan(lrp_record_values(record, 1)[2]));
    ck_assert_int_eq(lrp_record_add_column(record, "loss", &late, NULL), LRP_E_FORMAT);
    ck_assert_int_eq(lrp_record_add_column(record, "val_loss", &late, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_present(record, late, 0), 0); /* earlier rows miss it */
    ck_assert_uint_eq(lrp_record_find_column(record, "val_loss"), late);
    ck_assert_uint_eq(lrp_record_find_column(record, "none"), LRP_NO_COLUMN);
    lrp_record_free(record);
}
END_TEST

/* A million rows in at most 1000: extremes, counts and sums of the blocks lose nothing. */
START_TEST(large_records_stay_within_their_bound)
{
    enum { ROWS = 1000003, MOST = 1000 };
    struct lrp_record *record = make_record(MOST);
    double highest = 0;
    uint64_t nonfinite = 0;
    for (size_t k = 0; k < ROWS; k++) {
        double loss = 1 + 0.1 * sin((double)k);
        if (k == 123457) {
            loss = 99; /* one spike */
        } else if (k % 50021 == 0) {
            loss = (double)NAN;
            nonfinite++;
        }
        double row[2] = {(double)k, loss};
        ck_assert(lrp_record_append_row(record, row, NULL, NULL) == LRP_OK);
    }
    ck_assert_int_eq(lrp_record_finish(record, NULL), LRP_OK);
    size_t rows = lrp_record_rows(record);
    ck_assert(rows <= MOST && rows > MOST / 4);
    ck_assert_uint_eq(lrp_record_rows_read(record), ROWS);
    uint64_t block_rows = lrp_record_block_rows(record);
    ck_assert(block_rows > 1 && (block_rows & (block_rows - 1)) == 0);
    uint64_t counted = 0;
    uint64_t bad = 0;
    for (size_t row = 0; row < rows; row++) {
        struct lrp_block block = lrp_record_block(record, 1, row);
        counted += block.count;
        bad += block.nonfinite;
        highest = fmax(highest, block.high);
        ck_assert(block.low >= 0.9 && block.low <= block.high);
        ck_assert_double_eq(lrp_record_values(record, 0)[row], (double)(row * block_rows));
        double value = lrp_record_values(record, 1)[row];
        ck_assert(value > 0.9 && value < 1.1); /* the median does not see the spike */
    }
    ck_assert_uint_eq(counted, ROWS);
    ck_assert_uint_eq(bad, nonfinite);
    ck_assert_double_eq(highest, 99);
    lrp_record_free(record);
}
END_TEST

START_TEST(a_block_of_rows_is_their_median)
{
    struct lrp_record *record = make_record(4);
    const double last[4] = {100, 1, 10, 2};
    for (size_t k = 0; k < 12; k++) { /* 8 rows fill it twice; then four to a block */
        double row[2] = {(double)k, k < 8 ? 5 : last[k - 8]};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    ck_assert_int_eq(lrp_record_finish(record, NULL), LRP_OK);
    ck_assert_uint_eq(lrp_record_block_rows(record), 4);
    ck_assert_uint_eq(lrp_record_rows(record), 3);
    ck_assert_double_eq(lrp_record_values(record, 1)[0], 5);
    ck_assert_double_eq(lrp_record_values(record, 1)[2], 6); /* between 2 and 10 */
    lrp_record_free(record);
}
END_TEST

/* Many columns, some of them late: the cells stay within their bound, and none is lost count of. */
START_TEST(wide_records_stay_within_their_bound)
{
    enum { ROWS = 20001, MOST = 256, COLUMNS = 300 };
    struct lrp_record *record = make_record(MOST);
    static double row[COLUMNS];
    size_t column = 1;
    uint64_t counted = 0;
    for (size_t k = 0; k < ROWS; k++) {
        if (k % 50 == 33 && column + 1 < COLUMNS) {
            char name[16];
            (void)snprintf(name, sizeof name, "c%zu", k);
            ck_assert(lrp_record_add_column(record, name, &column, NULL) == LRP_OK);
        }
        for (size_t c = 0; c <= column; c++) {
            row[c] = c == 0 ? (double)k : 1;
        }
        ck_assert(lrp_record_append_row(record, row, NULL, NULL) == LRP_OK);
        ck_assert(lrp_record_rows(record) * lrp_record_columns(record) <=
                  (size_t)MOST * LRP_RECORD_FULL_COLUMNS + COLUMNS);
    }
    ck_assert_int_eq(lrp_record_finish(record, NULL), LRP_OK);
    ck_assert_uint_eq(lrp_record_columns(record), COLUMNS);
    ck_assert_uint_eq(lrp_record_rows_read(record), ROWS);
    ck_assert_uint_gt(lrp_record_rows(record), 5);
    double before = -1;
    for (size_t k = 0; k < lrp_record_rows(record); k++) {
        counted += lrp_record_block(record, 1, k).count;
        ck_assert(lrp_record_values(record, 0)[k] > before);
        before = lrp_record_values(record, 0)[k];
        double last = lrp_record_values(record, column)[k];
        ck_assert(lrp_record_present(record, column, k) != 0 ? close_to(last, 1, 0, 0)
                                                             : isnan(last));
    }
    ck_assert_uint_eq(counted, ROWS);
    lrp_record_free(record);
}
END_TEST

START_TEST(what_is_written_is_read_back)
{
    static const double values[] = {0,           -0.0,     1e-310,   1.7976931348623157e308,
                                    0.1,         1.0 / 3,  1e22,     -2.5,
                                    (double)NAN, HUGE_VAL, -HUGE_VAL};
    enum { N = sizeof values / sizeof values[0] };
    static const char *const columns[] = {"step", "loss", "odd, \"name\""};
    static const char *const meta[] = {"model", "mlp:8\nloss,1", "seed", "3"};
    char path[] = "/tmp/lrprobe-record-XXXXXX";
    struct lrp_record_writer *writer = NULL;
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    ck_assert_int_ge(mkstemp(path), 0);
    ck_assert_int_eq(lrp_record_writer_open(path, columns, 3, meta, 2, &writer, NULL), LRP_OK);
    for (size_t k = 0; k < N; k++) {
        const double row[3] = {(double)k, values[k], values[N - 1 - k]};
        const unsigned char present[3] = {1, k != 4, 1};
        ck_assert_int_eq(lrp_record_writer_row(writer, row, present, NULL), LRP_OK);
    }
    ck_assert_int_eq(lrp_record_writer_close(writer, NULL), LRP_OK);
    for (int turn = 0; turn < 2; turn++) { /* as our own file, and as any log */
        enum lrp_status status = turn == 0 ? lrp_run_record_read(path, &record, &err)
                                           : lrp_record_read(path, NULL, &record, &err);
        ck_assert_msg(status == LRP_OK, "%s", err.message);
        ck_assert_uint_eq(lrp_record_rows(record), N);
        ck_assert_str_eq(lrp_record_column_name(record, 2), "odd, \"name\"");
        ck_assert_str_eq(lrp_record_meta(record, "seed"), "3");
        ck_assert_ptr_nonnull(lrp_record_meta(record, "model"));
        for (size_t k = 0; k < N; k++) {
            ck_assert_int_eq(lrp_record_present(record, 1, k), k != 4);
            ck_assert(k == 4 || close_to(lrp_record_values(record, 1)[k], values[k], 0, 0));
            ck_assert(close_to(lrp_record_values(record, 2)[k], values[N - 1 - k], 0, 0));
        }
        lrp_record_free(record);
    }
    (void)unlink(path);
}
END_TEST

START_TEST(a_full_disk_and_a_wrong_place_are_told)
{
    static const char *const columns[] = {"step", "loss"};
    const double row[2] = {0, 1};
    struct lrp_record_writer *writer = NULL;
    struct lrp_error err = {0};
    ck_assert_int_eq(
        lrp_record_writer_open("/nowhere/at/all.csv", columns, 2, NULL, 0, &writer, &err),
        LRP_E_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "/nowhere/at/all.csv"));
    enum lrp_status status =
        lrp_record_writer_open("/dev/full", columns, 2, NULL, 0, &writer, &err);
    if (status == LRP_OK) {
        status = lrp_record_writer_row(writer, row, NULL, &err);
        (void)lrp_record_writer_close(writer, NULL);
    }
    ck_assert_int_eq(status, LRP_E_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "space"));
}
END_TEST

/* A file of our own is CSV with commas, and each row of it counts. */
static const struct own_file {
    const char *text;
    enum lrp_status status;
    const char *message;
} own_files[] = {
    {"step,lr\n0,0.1\n1,0.2\n", LRP_OK, NULL},
    {"step,lr\n0,0.1\n1,0.2", LRP_OK, NULL},
    {"# version: 1\nstep,lr\n0,0.1\n1,0.2\n2,0.", LRP_OK, NULL},
    {"step,learning_rate\n0,0.1\n1,0.2\n", LRP_OK, NULL},
    {"step,lr\n0,0.1\n1,0.2,7\n", LRP_E_FORMAT, "3 fields, but the header has 2"},
    {"step,lr\n0,0.1\n1,0.2\n2,much\n", LRP_E_FORMAT, "\"much\" is not a number"},
    {"{\"step\": 0, \"lr\": 0.1}\n{\"step\": 1, \"lr\": 0.2}\n", LRP_E_FORMAT, "quote"},
    {"step;lr\n0;0.1\n1;0.2\n", LRP_E_FORMAT, "\"0;0.1\" is not a number"},
    {"step,lr\n", LRP_E_NODATA, "no row"},
    {"", LRP_E_NODATA, "empty"},
};

START_TEST(own_files_are_read_as_what_they_are)
{
    const struct own_file *file = &own_files[_i];
    char path[] = "/tmp/lrprobe-own-XXXXXX";
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    size_t length = strlen(file->text);
    ck_assert_int_eq(write(descriptor, file->text, length), (ssize_t)length);
    (void)close(descriptor);
    ck_assert_int_eq(lrp_run_record_read(path, &record, &err), file->status);
    (void)unlink(path);
    if (file->status != LRP_OK) {
        ck_assert_msg(strstr(err.message, file->message) != NULL, "%s", err.message);
        return;
    }
    size_t lr = lrp_record_find_column(record, "lr");
    ck_assert_uint_eq(lrp_record_rows(record), 2);
    ck_assert(close_to(lrp_record_values(record, lr)[1], 0.2, 0, 0));
    lrp_record_free(record);
}
END_TEST

/* 4 rows are held: rows 0 to 7 become two blocks by merging, the next four fill a block of 4. */
START_TEST(a_block_has_the_median_of_its_cells)
{
    static const double loss[] = {10, 20, 30, 60, 5, 5, 5, 9, 1, 100, 2, 7, 8, 1, 4, 3};
    static const double median[] = {30, 6, 4.5, 3.5};
    static const double acc[] = {1, 4, 0.5, (double)NAN};
    struct lrp_record *record = NULL;
    size_t column = 0;
    ck_assert_int_eq(lrp_record_new(4, &record, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "step", &column, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "loss", &column, NULL), LRP_OK);
    ck_assert_int_eq(lrp_record_add_column(record, "sparse", &column, NULL), LRP_OK);
    for (size_t k = 0; k < 16; k++) {
        const double row[3] = {(double)k, loss[k], acc[k % 4]};
        const unsigned char present[3] = {1, 1, k % 4 != 1};
        ck_assert_int_eq(lrp_record_append_row(record, row, present, NULL), LRP_OK);
    }
    ck_assert_int_eq(lrp_record_finish(record, NULL), LRP_OK);
    ck_assert_uint_eq(lrp_record_block_rows(record), 4);
    ck_assert_uint_eq(lrp_record_rows(record), 4);
    for (size_t b = 0; b < 4; b++) {
        ck_assert_double_eq(lrp_record_values(record, 0)[b], 4 * (double)b);
        ck_assert_double_eq(lrp_record_values(record, 1)[b], median[b]);
        ck_assert_double_eq(lrp_record_values(record, 2)[b], 0.75); /* 1 and 0.5; NaN is left out */
        struct lrp_block block = lrp_record_block(record, 2, b);
        ck_assert_uint_eq(block.count, 3);
        ck_assert_uint_eq(block.nonfinite, 1);
        ck_assert(close_to(block.low, 0.5, 0, 0) && close_to(block.high, 1, 0, 0));
    }
    lrp_record_free(record);
}
END_TEST

START_TEST(slices_keep_columns_and_meta)
{
    struct lrp_record *record = make_record(0);
    struct lrp_record *slice = NULL;
    ck_assert_int_eq(lrp_record_set_meta(record, "seed", "5", NULL), LRP_OK);
    for (size_t k = 0; k < 20; k++) {
        double row[2] = {(double)k, 100 - (double)k};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    ck_assert_int_eq(lrp_record_slice(record, 5, 8, &slice, NULL), LRP_OK);
    ck_assert_uint_eq(lrp_record_rows(slice), 3);
    ck_assert_double_eq(lrp_record_values(slice, 1)[2], 93);
    ck_assert_str_eq(lrp_record_meta(slice, "seed"), "5");
    lrp_record_free(slice);
    lrp_record_free(record);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("record");
    TCase *tests = tcase_create("record");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, missing_cells_are_not_nan_cells);
    tcase_add_test(tests, large_records_stay_within_their_bound);
    tcase_add_test(tests, a_block_of_rows_is_their_median);
    tcase_add_test(tests, wide_records_stay_within_their_bound);
    tcase_add_test(tests, what_is_written_is_read_back);
    tcase_add_test(tests, a_full_disk_and_a_wrong_place_are_told);
    tcase_add_test(tests, a_block_has_the_median_of_its_cells);
    tcase_add_loop_test(tests, own_files_are_read_as_what_they_are, 0,
                        sizeof own_files / sizeof own_files[0]);
    tcase_add_test(tests, slices_keep_columns_and_meta);
    suite_add_tcase(suite, tests);
    return suite;
}
