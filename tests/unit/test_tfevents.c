/* SPDX-License-Identifier: MIT */
/* Event files are made here, message by message. */
#include "failing_malloc.h"
#include "formats.h"
#include "record_cells.h"
#include "tfevents.pb-c.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 1 << 20 };
struct event_file {
    unsigned char bytes[FILE_MOST];
    size_t length;
    size_t last; /* where the last record begins */
};

static struct event_file file;

/* The plain way, bit by bit: not the table that the reader uses. */
static uint32_t masked_checksum(const unsigned char *bytes, size_t length)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (0x82F63B78U & (0U - (crc & 1U)));
        }
    }
    crc = ~crc;
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
}

static void put(uint64_t value, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ck_assert_uint_lt(file.length, FILE_MOST);
        file.bytes[file.length] = (unsigned char)(value >> 8 * i);
        file.length++;
    }
}

static void put_head(uint64_t length)
{
    file.last = file.length;
    put(length, 8);
    put(masked_checksum(file.bytes + file.last, 8), 4);
}

static void put_event(LrpTfevents__Event *event)
{
    size_t length = lrp_tfevents__event__get_packed_size(event);
    put_head(length);
    ck_assert_uint_lt(file.length + length + 4, FILE_MOST);
    ck_assert_uint_eq(lrp_tfevents__event__pack(event, file.bytes + file.length), length);
    file.length += length;
    put(masked_checksum(file.bytes + file.length - length, length), 4);
}

static void begin_file(void)
{
    LrpTfevents__Event event = LRP_TFEVENTS__EVENT__INIT;
    char version[] = "brain.Event:2";
    file.length = 0;
    event.wall_time = 1000;
    event.what_case = LRP_TFEVENTS__EVENT__WHAT_FILE_VERSION;
    event.file_version = version;
    put_event(&event);
}

static void put_value(int64_t step, double time, LrpTfevents__Summary__Value *value)
{
    LrpTfevents__Event event = LRP_TFEVENTS__EVENT__INIT;
    LrpTfevents__Summary summary = LRP_TFEVENTS__SUMMARY__INIT;
    summary.n_value = 1;
    summary.value = &value;
    event.wall_time = time;
    event.step = step;
    event.what_case = LRP_TFEVENTS__EVENT__WHAT_SUMMARY;
    event.summary = &summary;
    put_event(&event);
}

static void put_scalar(const char *tag, int64_t step, double number)
{
    char copy[100] = "";
    LrpTfevents__Summary__Value value;
    lrp_tfevents__summary__value__init(&value);
    memcpy(copy, tag, strlen(tag));
    value.tag = copy;
    value.value_case = LRP_TFEVENTS__SUMMARY__VALUE__VALUE_SIMPLE_VALUE;
    value.simple_value = (float)number;
    put_value(step, 1000 + (double)step / 2, &value);
}

static enum lrp_status read_slices(size_t slice, struct lrp_record **out, struct lrp_error *err)
{
    struct lrp_log_reader *reader = NULL;
    const struct lrp_log_format *format = &lrp_log_format_tfevents;
    enum lrp_status status = lrp_log_reader_open(format, NULL, &reader, err);
    for (size_t at = 0; at < file.length && status == LRP_OK; at += slice) {
        size_t left = file.length - at;
        status = lrp_log_reader_feed(reader, file.bytes + at, left < slice ? left : slice, err);
    }
    status = status == LRP_OK ? lrp_log_reader_finish(reader, out, err) : status;
    lrp_log_reader_free(reader);
    return status;
}

static struct lrp_record *read_file(void)
{
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    enum lrp_status status = lrp_record_read_memory(file.bytes, file.length, NULL, &record, &err);
    ck_assert_msg(status == LRP_OK, "%s", err.message);
    ck_assert_str_eq(lrp_record_format(record), "tfevents");
    return record;
}

static void make_run(void)
{
    begin_file();
    for (int64_t step = 0; step < 20; step++) {
        put_scalar("train/loss", step, 2 - 0.05 * (double)step);
        put_scalar("lr", step, 0.1);
        if (step % 5 == 4) {
            put_scalar("val_loss", step, 1);
        }
    }
}

START_TEST(values_of_one_step_are_one_row)
{
    make_run();
    struct lrp_record *record = read_file();
    ck_assert_uint_eq(lrp_record_rows(record), 20);
    ck_assert_uint_eq(lrp_record_columns(record), 5);
    ck_assert_close(cell(record, "loss", 7), 1.65, 1e-6, 0);
    ck_assert_close(cell(record, "step", 7), 7, 0, 0);
    ck_assert_close(cell(record, "time_s", 7), 3.5, 0, 0);
    ck_assert_int_eq(lrp_record_present(record, lrp_record_find_column(record, "val_loss"), 8), 0);
    ck_assert_close(cell(record, "val_loss", 9), 1, 0, 0);
    ck_assert_ptr_null(lrp_record_note(record, 0));
    lrp_record_free(record);
}
END_TEST

/* Each tag has its own order in the file: all of one, then all of the other. */
START_TEST(the_order_of_the_tags_does_not_matter)
{
    begin_file();
    for (int64_t step = 0; step < 10; step++) {
        put_scalar("loss", 10 * step, (double)step);
    }
    for (int64_t step = 0; step < 10; step++) {
        put_scalar("val_loss", 10 * step, (double)-step);
    }
    put_scalar("accuracy", 15, 0.5);
    struct lrp_record *record = read_file();
    ck_assert_uint_eq(lrp_record_rows(record), 11);
    ck_assert_close(cell(record, "val_loss", 3), -2, 0, 0);
    ck_assert_close(cell(record, "loss", 3), 2, 0, 0);
    ck_assert_close(cell(record, "accuracy", 2), 0.5, 0, 0);
    ck_assert_close(cell(record, "step", 2), 15, 0, 0);
    lrp_record_free(record);
}
END_TEST

/* Both tags go back to step 5: the rows of the second pass follow those of the first. */
START_TEST(a_restart_begins_a_new_pass)
{
    begin_file();
    for (int64_t pass = 0; pass < 2; pass++) {
        for (int64_t step = 5 * pass; step < 10; step++) {
            put_scalar("loss", step, (double)(step + 100 * pass));
            put_scalar("lr", step, 0.1);
        }
    }
    put_scalar("loss", 10, 1);
    put_scalar("loss", 10, 2);
    struct lrp_record *record = read_file();
    ck_assert_uint_eq(lrp_record_rows(record), 17);
    ck_assert_close(cell(record, "step", 9), 9, 0, 0);
    ck_assert_close(cell(record, "step", 10), 5, 0, 0);
    ck_assert_close(cell(record, "loss", 10), 105, 0, 0);
    ck_assert_close(cell(record, "lr", 10), 0.1, 1e-6, 0);
    ck_assert_close(cell(record, "step", 16), 10, 0, 0);
    lrp_record_free(record);

    begin_file();
    put_scalar("loss", 8, 1);
    LrpTfevents__Event event = LRP_TFEVENTS__EVENT__INIT;
    LrpTfevents__SessionLog session = LRP_TFEVENTS__SESSION_LOG__INIT;
    session.status = 1;
    event.step = 5;
    event.what_case = LRP_TFEVENTS__EVENT__WHAT_SESSION_LOG;
    event.session_log = &session;
    put_event(&event);
    put_scalar("other", 6, 1);
    record = read_file();
    ck_assert_close(cell(record, "step", 1), 6, 0, 0);
    lrp_record_free(record);
}
END_TEST

/* A writer that was never told the step gives 0 each time. */
START_TEST(without_steps_the_order_counts)
{
    begin_file();
    for (int k = 0; k < 6; k++) {
        put_scalar("loss", 0, k);
        put_scalar("lr", 0, 10 + k);
    }
    struct lrp_record *record = read_file();
    ck_assert_uint_eq(lrp_record_rows(record), 6);
    ck_assert_uint_eq(lrp_record_find_column(record, "step"), LRP_NO_COLUMN);
    ck_assert_close(cell(record, "lr", 3), 13, 0, 0);
    lrp_record_free(record);
}
END_TEST

static void put_tensor(LrpTfevents__Tensor *tensor, int64_t step)
{
    char tag[] = "loss";
    LrpTfevents__Summary__Value value;
    lrp_tfevents__summary__value__init(&value);
    value.tag = tag;
    value.value_case = LRP_TFEVENTS__SUMMARY__VALUE__VALUE_TENSOR;
    value.tensor = tensor;
    put_value(step, 1000, &value);
}

START_TEST(tensors_of_one_number_are_scalars)
{
    static unsigned char content[][8] = {{0, 0, 0x20, 0x40},
                                         {0, 0, 0, 0, 0, 0, 4, 0x40},
                                         {0xFE, 0xFF, 0xFF, 0xFF},
                                         {7},
                                         {0x20, 0x40},
                                         {0, 0xC1},
                                         {0, 0x7C},
                                         {1, 0xFC},
                                         {1, 0}};
    static const struct {
        int type;
        size_t size;
        double want;
    } cases[] = {{1, 4, 2.5},
                 {2, 8, 2.5},
                 {3, 4, -2},
                 {9, 8, 7},
                 {14, 2, 2.5},
                 {19, 2, -2.5},
                 {19, 2, (double)INFINITY},
                 {19, 2, (double)NAN},
                 {19, 2, 0x1p-24}};
    enum { N = sizeof cases / sizeof cases[0] };
    float one_float = 1.5F;
    double one_double = 1.25;
    int32_t half = 0x3E00;
    begin_file();
    for (size_t i = 0; i < N; i++) {
        LrpTfevents__Tensor tensor = LRP_TFEVENTS__TENSOR__INIT;
        tensor.dtype = cases[i].type;
        tensor.tensor_content = (ProtobufCBinaryData){cases[i].size, content[i]};
        put_tensor(&tensor, (int64_t)i);
    }
    LrpTfevents__Tensor floats = LRP_TFEVENTS__TENSOR__INIT;
    floats.dtype = 1;
    floats.n_float_val = 1;
    floats.float_val = &one_float;
    put_tensor(&floats, N);
    LrpTfevents__Tensor doubles = LRP_TFEVENTS__TENSOR__INIT;
    doubles.dtype = 2;
    doubles.n_double_val = 1;
    doubles.double_val = &one_double;
    put_tensor(&doubles, N + 1);
    LrpTfevents__Tensor halves = LRP_TFEVENTS__TENSOR__INIT;
    halves.dtype = 19;
    halves.n_half_val = 1;
    halves.half_val = &half;
    put_tensor(&halves, N + 2);
    /* what is no scalar is left out: two numbers, a string, a size that does not fit */
    LrpTfevents__Shape__Dim two = LRP_TFEVENTS__SHAPE__DIM__INIT;
    LrpTfevents__Shape__Dim *dims[] = {&two};
    LrpTfevents__Shape shape = LRP_TFEVENTS__SHAPE__INIT;
    two.size = 2;
    shape.n_dim = 1;
    shape.dim = dims;
    floats.tensor_shape = &shape;
    put_tensor(&floats, N + 3);
    LrpTfevents__Tensor text = LRP_TFEVENTS__TENSOR__INIT;
    text.dtype = 7;
    text.tensor_content = (ProtobufCBinaryData){4, content[0]};
    put_tensor(&text, N + 4);
    text.dtype = 2;
    put_tensor(&text, N + 5);
    struct lrp_record *record = read_file();
    ck_assert_uint_eq(lrp_record_rows(record), N + 3);
    for (size_t i = 0; i < N; i++) {
        ck_assert_close(cell(record, "loss", i), cases[i].want, 0, 0);
    }
    ck_assert_close(cell(record, "loss", N), 1.5, 0, 0);
    ck_assert_close(cell(record, "loss", N + 1), 1.25, 0, 0);
    ck_assert_close(cell(record, "loss", N + 2), 1.5, 0, 0);
    lrp_record_free(record);
}
END_TEST

START_TEST(damage_is_counted_and_left_out)
{
    make_run();
    size_t whole = file.length;
    file.bytes[whole - 1] ^= 1; /* the checksum of the last record, "val_loss" */
    struct lrp_record *record = read_file();
    ck_assert_uint_eq(lrp_record_rows(record), 20);
    ck_assert(has_note(record, "1 record was left out: damaged"));
    ck_assert(isnan(cell(record, "val_loss", 19)));
    lrp_record_free(record);

    make_run();
    file.length -= 3; /* cut within the last record */
    record = read_file();
    ck_assert(has_note(record, "cut off"));
    ck_assert(isnan(cell(record, "val_loss", 19)));
    lrp_record_free(record);

    make_run();
    file.bytes[file.last + 8] ^= 1; /* the checksum of its length */
    put_scalar("loss", 30, 1);
    record = read_file();
    ck_assert_uint_eq(lrp_record_rows(record), 20);
    ck_assert(has_note(record, "what comes after it could not be read"));
    lrp_record_free(record);

    make_run();
    put_head((uint64_t)1 << 63);
    for (int k = 0; k < 1000; k++) {
        put(0, 8);
    }
    record = read_file();
    ck_assert_uint_eq(lrp_record_rows(record), 20);
    ck_assert(has_note(record, "larger than 64 MiB"));
    lrp_record_free(record);
}
END_TEST

START_TEST(what_is_no_event_file_is_refused)
{
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    make_run();
    file.bytes[14] ^= 1; /* in the payload of the first record */
    ck_assert_int_eq(lrp_record_read_memory(file.bytes, file.length, NULL, &record, &err),
                     LRP_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "first record"));
    make_run();
    file.bytes[9] ^= 1; /* in the checksum of its length */
    ck_assert_int_eq(lrp_record_read_memory(file.bytes, file.length, NULL, &record, &err),
                     LRP_E_FORMAT);
    begin_file();
    ck_assert_int_eq(lrp_record_read_memory(file.bytes, file.length, NULL, &record, &err),
                     LRP_E_NODATA);
    ck_assert_int_eq(lrp_record_read_memory(file.bytes, 10, "tfevents", &record, &err),
                     LRP_E_FORMAT);
    ck_assert_int_eq(lrp_record_read_memory("", 0, "tfevents", &record, &err), LRP_E_NODATA);
    ck_assert_ptr_null(record);
}
END_TEST

/* A record of two bytes a value asks for a hundred times its size: that is bounded. */
START_TEST(a_record_of_empty_values_takes_bounded_memory)
{
    enum { VALUES = 100000 };
    begin_file();
    put_scalar("loss", 0, 1);
    put_head(2 * VALUES + 6);
    size_t begin = file.length;
    put(0x2A, 1); /* field 5, then its length as a varint of 5 bytes */
    for (int i = 0; i < 5; i++) {
        put(((uint64_t)2 * VALUES >> 7 * i & 0x7F) | (i < 4 ? 0x80U : 0U), 1);
    }
    for (size_t i = 0; i < VALUES; i++) {
        put(0x000A, 2);
    }
    put(masked_checksum(file.bytes + begin, 2 * VALUES + 6), 4);
    struct lrp_record *record = read_file();
    ck_assert_uint_eq(lrp_record_rows(record), 1);
    ck_assert(has_note(record, "1 record was left out"));
    lrp_record_free(record);
}
END_TEST

START_TEST(slices_do_not_matter)
{
    make_run();
    struct lrp_record *whole = read_file();
    for (size_t slice = 1; slice < 200; slice += slice < 20 ? 1 : 9) {
        struct lrp_record *record = NULL;
        struct lrp_error err = {0};
        ck_assert_msg(read_slices(slice, &record, &err) == LRP_OK, "%zu: %s", slice, err.message);
        check_same(whole, record);
        lrp_record_free(record);
    }
    lrp_record_free(whole);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    make_run();
    struct lrp_record *whole = read_file();
    for (size_t k = 0; k < 100000; k++) {
        struct lrp_record *record = NULL;
        struct lrp_error err = {0};
        allocations = 0;
        fail_at = k;
        enum lrp_status status = read_slices(50, &record, &err);
        fail_at = SIZE_MAX;
        if (status == LRP_OK) {
            check_same(whole, record);
            lrp_record_free(record);
            if (allocations <= k) {
                ck_assert_uint_gt(k, 50);
                lrp_record_free(whole);
                return;
            }
            continue;
        }
        ck_assert_msg(status == LRP_E_NOMEM, "allocation %zu: %d %s", k, (int)status, err.message);
    }
    ck_abort_msg("no end");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("tfevents");
    TCase *tests = tcase_create("tfevents");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, values_of_one_step_are_one_row);
    tcase_add_test(tests, the_order_of_the_tags_does_not_matter);
    tcase_add_test(tests, a_restart_begins_a_new_pass);
    tcase_add_test(tests, without_steps_the_order_counts);
    tcase_add_test(tests, tensors_of_one_number_are_scalars);
    tcase_add_test(tests, damage_is_counted_and_left_out);
    tcase_add_test(tests, what_is_no_event_file_is_refused);
    tcase_add_test(tests, a_record_of_empty_values_takes_bounded_memory);
    tcase_add_test(tests, slices_do_not_matter);
    tcase_add_test(tests, every_allocation_may_fail);
    suite_add_tcase(suite, tests);
    return suite;
}
