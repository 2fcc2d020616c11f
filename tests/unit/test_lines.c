/* SPDX-License-Identifier: MIT */
#include "lines.h"
#include "lrprobe/lrprobe.h"
#include "rows.h"
#include "test_main.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line as text: number, '<' where it is rewritten, '!' where it is not whole, and its bytes. */
static enum lrp_status write_down(void *user, const struct lrp_line *line, struct lrp_error *err)
{
    struct lrp_text *seen = user;
    lrp_text_printf(seen, "%zu%s%s:%s|", line->number, line->rewritten ? "<" : "",
                    line->whole ? "" : "!", line->text);
    ck_assert_uint_eq(strlen(line->text), line->length);
    return lrp_text_check(seen, err);
}

/* The lines of bytes fed in slices; heap string of the caller. */
static char *lines_of(const char *bytes, size_t length, size_t slice, size_t limit,
                      enum lrp_status want)
{
    struct lrp_lines *lines = NULL;
    struct lrp_text seen;
    struct lrp_error err = {0};
    lrp_text_init(&seen, 1 << 20);
    ck_assert_int_eq(lrp_lines_new(limit, write_down, &seen, &lines, NULL), LRP_OK);
    enum lrp_status status = LRP_OK;
    for (size_t at = 0; at < length && status == LRP_OK; at += slice) {
        status = lrp_lines_feed(lines, bytes + at, length - at < slice ? length - at : slice, &err);
    }
    status = status == LRP_OK ? lrp_lines_finish(lines, NULL, &err) : status;
    ck_assert_msg(status == want, "%d: %s", (int)status, err.message);
    lrp_lines_free(lines);
    return seen.bytes;
}

static const struct {
    const char *bytes;
    size_t length;
    const char *lines;
} cases[] = {
#define CASE(bytes, lines)                                                                         \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, lines                                                            \
    }
    CASE("a\nb\r\n\nc", "1:a|2:b|3:|4!:c|"),
    CASE("a\rb\rc\nd\r", "1<:a|1<:b|1:c|2<:d|"),
    CASE("\xEF\xBB\xBF"
         "a\n",
         "1:a|"),
    CASE("\x1b[4m\x1b[1m > EPOCH: 0\x1b[0m\n", "1: > EPOCH: 0|"),
    CASE("a\x1b]0;a title\x07"
         "b\x1b]8;;x\x1b\\c\x1b(Bd\n",
         "1:abcd|"),
    CASE("a\x1b[3\nb\x1b]open\nc\n", "1:a|2:b|3:c|"),
    CASE("a\0b\tc\x08\x7f\n", "1:ab\tc|"),
    CASE("0123456789x\n0123456789\nz", "1!:0123456789|2:0123456789|3!:z|"),
    CASE("\xff\xc3(\n", "1:\xff\xc3(|"),
    CASE("\r\n\n", "1:|2:|"),
    CASE("a", "1!:a|"),
#undef CASE
};
enum { N_CASES = sizeof cases / sizeof cases[0] };

START_TEST(lines_come_out_the_same_in_any_slices)
{
    for (size_t slice = 1; slice <= cases[_i].length; slice++) {
        char *seen = lines_of(cases[_i].bytes, cases[_i].length, slice, _i == 7 ? 10 : 0, LRP_OK);
        ck_assert_str_eq(seen, cases[_i].lines);
        free(seen);
    }
}
END_TEST

START_TEST(utf16_is_refused_and_nothing_is_nothing)
{
    free(lines_of("\xff\xfe"
                  "a\0\n\0",
                  6, 1, 0, LRP_E_FORMAT));
    free(lines_of("\xfe\xff", 2, 2, 0, LRP_E_FORMAT));
    char *seen = lines_of("", 0, 1, 0, LRP_OK);
    ck_assert_ptr_null(seen);
}
END_TEST

/* A line without end costs no memory and is one note. */
START_TEST(a_huge_line_is_cut_with_one_note)
{
    struct lrp_lines *lines = NULL;
    struct lrp_rows *rows = NULL;
    struct lrp_record *record = NULL;
    struct lrp_text seen;
    char block[1000];
    memset(block, 'x', sizeof block);
    lrp_text_init(&seen, 1 << 20);
    ck_assert_int_eq(lrp_lines_new(0, write_down, &seen, &lines, NULL), LRP_OK);
    ck_assert_int_eq(lrp_rows_new(NULL, &rows, NULL), LRP_OK);
    ck_assert_int_eq(lrp_lines_feed(lines, "first\n", 6, NULL), LRP_OK);
    for (int i = 0; i < 20000; i++) {
        ck_assert_int_eq(lrp_lines_feed(lines, block, sizeof block, NULL), LRP_OK);
    }
    ck_assert_int_eq(lrp_lines_feed(lines, "\nlast\n", 6, NULL), LRP_OK);
    ck_assert_int_eq(lrp_lines_finish(lines, rows, NULL), LRP_OK);
    ck_assert_uint_eq(seen.length, strlen("1:first|2!:|3:last|") + LRP_LINE_MOST);
    ck_assert_int_eq(lrp_rows_set(rows, "loss", 4, 1, NULL), LRP_OK);
    ck_assert_int_eq(lrp_rows_finish(rows, &record, NULL), LRP_OK);
    ck_assert_ptr_nonnull(strstr(lrp_record_note(record, 0), "the first is line 2"));
    ck_assert_ptr_null(lrp_record_note(record, 1));
    lrp_record_free(record);
    lrp_rows_free(rows);
    lrp_lines_free(lines);
    lrp_text_fini(&seen);
}
END_TEST

static void set(struct lrp_rows *rows, const char *name, double value)
{
    struct lrp_error err = {0};
    ck_assert_msg(lrp_rows_set(rows, name, strlen(name), value, &err) == LRP_OK, "%s", err.message);
}

START_TEST(rows_of_named_values_become_a_record)
{
    struct lrp_rows *rows = NULL;
    struct lrp_record *record = NULL;
    double value = 0;
    ck_assert_int_eq(lrp_rows_new(NULL, &rows, NULL), LRP_OK);
    ck_assert_int_eq(lrp_rows_end(rows, NULL), LRP_OK); /* nothing set, no row */
    set(rows, "global_step", 1);
    set(rows, "loss", 3);
    set(rows, "train_loss", 4); /* an alias gives way */
    set(rows, "", 9);
    ck_assert(lrp_rows_get(rows, "loss", &value) && close_to(value, 3, 0, 0));
    ck_assert(!lrp_rows_get(rows, "lr", &value));
    ck_assert_int_eq(lrp_rows_end(rows, NULL), LRP_OK);
    set(rows, "lr", 0.5);
    set(rows, "train_loss", 2);
    set(rows, "train_loss", 1); /* the later value counts */
    set(rows, "step", 7);
    ck_assert_int_eq(lrp_rows_end(rows, NULL), LRP_OK);
    set(rows, "loss", 99);
    lrp_rows_drop(rows);
    ck_assert(!lrp_rows_open(rows));
    ck_assert_uint_eq(lrp_record_rows_read(lrp_rows_record(rows)), 2);
    set(rows, "loss", 0);
    ck_assert_int_eq(lrp_rows_finish(rows, &record, NULL), LRP_OK);
    lrp_rows_free(rows);
    static const double want[3][3] = {{1, 3, -1}, {7, 1, 0.5}, {-1, 0, -1}}; /* step loss lr */
    static const char *const names[] = {"step", "loss", "lr"};
    ck_assert_uint_eq(lrp_record_rows(record), 3);
    ck_assert_uint_eq(lrp_record_columns(record), 3);
    for (size_t k = 0; k < 3; k++) {
        for (size_t c = 0; c < 3; c++) {
            ck_assert_str_eq(lrp_record_column_name(record, c), names[c]);
            ck_assert_int_eq(lrp_record_present(record, c, k), want[k][c] < 0 ? 0 : 1);
            if (want[k][c] >= 0) {
                ck_assert_close(lrp_record_values(record, c)[k], want[k][c], 0, 0);
            }
        }
    }
    lrp_record_free(record);
    ck_assert_int_eq(lrp_rows_new(NULL, &rows, NULL), LRP_OK);
    ck_assert_int_eq(lrp_rows_finish(rows, &record, NULL), LRP_E_NODATA);
    lrp_rows_free(rows);
}
END_TEST

START_TEST(more_names_than_columns_are_left_out_with_one_note)
{
    struct lrp_rows *rows = NULL;
    struct lrp_record *record = NULL;
    char name[32];
    ck_assert_int_eq(lrp_rows_new(NULL, &rows, NULL), LRP_OK);
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < LRP_RECORD_MAX_COLUMNS + 500; i++) {
            (void)snprintf(name, sizeof name, "name %d", i);
            set(rows, name, i + 10000 * k);
        }
        ck_assert_int_eq(lrp_rows_end(rows, NULL), LRP_OK);
    }
    ck_assert_int_eq(lrp_rows_finish(rows, &record, NULL), LRP_OK);
    ck_assert_uint_eq(lrp_record_columns(record), LRP_RECORD_MAX_COLUMNS);
    ck_assert_uint_eq(lrp_record_rows(record), 2);
    ck_assert_close(lrp_record_values(record, 4000)[1], 14000, 0, 0);
    ck_assert_ptr_nonnull(lrp_record_note(record, 0));
    ck_assert_ptr_null(lrp_record_note(record, 1));
    lrp_record_free(record);
    lrp_rows_free(rows);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("lines");
    TCase *tests = tcase_create("lines");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, lines_come_out_the_same_in_any_slices, 0, N_CASES);
    tcase_add_test(tests, utf16_is_refused_and_nothing_is_nothing);
    tcase_add_test(tests, a_huge_line_is_cut_with_one_note);
    tcase_add_test(tests, rows_of_named_values_become_a_record);
    tcase_add_test(tests, more_names_than_columns_are_left_out_with_one_note);
    suite_add_tcase(suite, tests);
    return suite;
}
