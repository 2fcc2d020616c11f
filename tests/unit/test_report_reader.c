/* SPDX-License-Identifier: MIT */
/* Reports as they grow, and what can go wrong with them; no trainer is started. */
#include "report_reader.h"
#include "string_list.h"
#include "test_main.h"
#include "words.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char folder[64];
static const char path[] = "report";
static struct lrp_report_reader *reader;
static struct lrp_error err;
static struct {
    size_t rows;
    double step, lr, loss;
    size_t enough_at;
} seen;

static bool on_row(void *user, const struct lrp_report_row *row)
{
    (void)user;
    ck_assert_uint_eq(row->number, seen.rows);
    seen.rows++;
    seen.step = row->step;
    seen.lr = row->lr;
    seen.loss = row->loss;
    return seen.rows < seen.enough_at;
}

static void set_up(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/lrprobe-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    memset(&seen, 0, sizeof seen);
    seen.enough_at = (size_t)-1;
    ck_assert_int_eq(lrp_report_reader_new(path, false, on_row, NULL, &reader, &err), LRP_OK);
}

static void tear_down(void)
{
    lrp_report_reader_free(reader);
    (void)unlink(path);
    (void)unlink("other");
    (void)rmdir(folder);
}

static void put(const char *name, int flags, const char *text, size_t length)
{
    int fd = open(name, O_WRONLY | O_CREAT | flags, 0666);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, length), (ssize_t)length);
    (void)close(fd);
}

static void add(const char *text)
{
    put(path, O_APPEND, text, strlen(text));
}

static void read_now(void)
{
    ck_assert_msg(lrp_report_reader_read(reader, false, &err) == LRP_OK, "%s", err.message);
}

static void check_end(const char *message)
{
    enum lrp_status status = lrp_report_reader_read(reader, true, &err);
    ck_assert_msg(status == (message == NULL ? LRP_OK : LRP_E_FORMAT), "status %d: %s", (int)status,
                  err.message);
    ck_assert_msg(message == NULL || strstr(err.message, message) != NULL, "%s", err.message);
}

static const struct {
    const char *text;
    size_t rows;
    const char *message; /* NULL = no fault */
} reports[] = {
    {"", 0, NULL},
    {"step,lr,loss\n", 0, NULL},
    {"\xef\xbb\xbfstep,lr,loss\r\n0,0.5,1\r\n1,0.5,2\r\n", 2, NULL},
    {"# model: mlp\n# note: one\n\nstep,lr,loss\n0,1,2\n", 1, NULL},
    {"\"loss\", \"lr\" ,val_loss\n1, 2 ,\n3,4,0.5\n", 2, NULL},
    {"lr,loss\n1,2\n1,2\n", 2, NULL},                   /* no steps: rows count */
    {"step,lr,loss\n5,1,2\n10,1,2\n100,1,\n", 3, NULL}, /* rising is enough */
    {"step,lr,loss\n,1,2\n,1,2\n", 2, NULL},
    {"step,lr,loss\n0,1,2\n1,1,2", 1, NULL}, /* half a line is no row */
    {"step,lr,loss\n0,1,nan\n1,1,-inf\n", 2, NULL},
    {"step,loss\n0,1\n", 0, "names a column lr"},
    {"epoch 1 loss 0.5\n", 0, "names a column loss"},
    {"step,lr,loss\n0,1,2\n0,1,2\n", 1, "line 3 has step 0 after step 0; each step has one row"},
    {"step,lr,loss\n# a\n7,1,2\n3,1,2\n", 1, "line 4 has step 3 after step 7; steps only rise"},
    {"step,lr,loss\n-1,1,2\n", 0, "line 2 has step -1, but steps are whole numbers"},
    {"step,lr,loss\n0.5,1,2\n", 0, "line 2 has step 0.5,"},
    {"step,lr,loss\nnan,1,2\n", 0, "line 2 has step nan,"},
    {"step,lr,loss\ninf,1,2\n", 0, "line 2 has step inf,"},
    {"step,lr,loss\n0,1,2\n1,1,2,3\n", 1, "line 3 has 4 fields, but the header has 3"},
    {"step,lr,loss\n0,1,2\n1,1,zwei\n", 1, "line 3 has 'zwei' where a number belongs"},
    {"step,lr,loss\n0,1,2\n1,1,\x01\xff\x02\n", 1, "where a number belongs"},
    {"step,lr,loss\n0,1,2\n1,\"1\"x,2\n", 1, "line 3 has a quote in the wrong place"},
    {"step,lr,loss\n0,1,2\n1,1,\"2\n2,1,2\n", 1, "line 3 has a quote that begins in this row"},
};

START_TEST(a_report_is_read_or_its_fault_named)
{
    add(reports[_i].text);
    check_end(reports[_i].message);
    ck_assert_uint_eq(seen.rows, reports[_i].rows);
}
END_TEST

/* The same in slices of one byte: nothing depends on where a read ends. */
START_TEST(slices_change_nothing)
{
    enum lrp_status status = LRP_OK;
    for (size_t k = 0; reports[_i].text[k] != '\0' && status == LRP_OK; k++) {
        put(path, O_APPEND, reports[_i].text + k, 1);
        status = lrp_report_reader_read(reader, false, &err);
    }
    if (status == LRP_OK) {
        check_end(reports[_i].message);
    } else {
        ck_assert_ptr_nonnull(strstr(err.message, reports[_i].message));
    }
    ck_assert_uint_eq(seen.rows, reports[_i].rows);
}
END_TEST

START_TEST(a_removed_report_is_named)
{
    add("step,lr,loss\n0,1,2\n");
    read_now();
    ck_assert_int_eq(unlink(path), 0);
    read_now(); /* it may come back */
    check_end("has no report any more: the file was removed");
    ck_assert_uint_eq(seen.rows, 1);
}
END_TEST

START_TEST(a_replaced_report_is_named)
{
    add("step,lr,loss\n0,1,2\n");
    read_now();
    put("other", 0, "step,lr,loss\n0,1,2\n1,1,2\n", 25);
    ck_assert_int_eq(rename("other", path), 0);
    check_end("has another file in the place of its report");
    ck_assert_uint_eq(seen.rows, 1);
}
END_TEST

START_TEST(a_replaced_report_is_named_though_it_was_not_read)
{
    add("step,lr,loss\n0,1,2\n");
    put("other", 0, "step,lr,loss\n", 13);
    ck_assert_int_eq(rename("other", path), 0);
    check_end("has another file in the place of its report");
}
END_TEST

START_TEST(a_report_that_the_trainer_makes_itself_is_followed)
{
    put("other", 0, "step,lr,loss\n", 13);
    ck_assert_int_eq(rename("other", path), 0);
    add("0,1,2\n");
    check_end(NULL);
    ck_assert_uint_eq(seen.rows, 1);
    ck_assert(seen.loss == 2);
}
END_TEST

START_TEST(a_report_made_anew_is_followed_while_it_grows)
{
    ck_assert_int_eq(unlink(path), 0);
    add("step,lr,loss\n0,1,2\n");
    (void)usleep(600000); /* it is looked at about twice a second */
    read_now();
    read_now();
    ck_assert_uint_eq(seen.rows, 1);
    add("1,1,2\n");
    read_now();
    ck_assert_uint_eq(seen.rows, 2);
    check_end(NULL);
}
END_TEST

START_TEST(a_shortened_report_is_named)
{
    add("step,lr,loss\n0,1,2\n1,1,2\n");
    read_now();
    ck_assert_int_eq(truncate(path, 5), 0);
    check_end("shortened its report");
    ck_assert_uint_eq(seen.rows, 2);
}
END_TEST

START_TEST(a_report_written_over_is_named)
{
    add("step,lr,loss\n0,1,2\n1,1,2\n");
    read_now();
    put(path, O_TRUNC, "step,lr,loss\n0,1,3\n1,1,4\n2,1,5\n3,1,6\n", 37);
    check_end("wrote over rows of its report");
    ck_assert_uint_eq(seen.rows, 2);
}
END_TEST

START_TEST(the_same_rows_written_again_are_no_fault)
{
    /* the whole table written anew for each row, as data frames are */
    add("step,lr,loss\n0,1,2\n1,1,2\n");
    read_now();
    ck_assert_int_eq(truncate(path, 0), 0);
    read_now();
    put(path, O_TRUNC, "step,lr,loss\n0,1,2\n1,1,2\n2,1,2\n", 31);
    read_now();
    check_end(NULL);
    ck_assert_uint_eq(seen.rows, 3);
}
END_TEST

START_TEST(a_fault_counts_when_it_lasts)
{
    enum lrp_status status = LRP_OK;
    add("step,lr,loss\n0,1,2\n");
    read_now();
    ck_assert_int_eq(rename(path, "other"), 0);
    (void)usleep(600000);
    read_now(); /* seen, but a folder on another machine may be behind */
    ck_assert_int_eq(rename("other", path), 0);
    (void)usleep(600000);
    read_now();
    ck_assert_int_eq(unlink(path), 0);
    for (int i = 0; i < 30 && status == LRP_OK; i++) {
        (void)usleep(100000);
        status = lrp_report_reader_read(reader, false, &err);
    }
    ck_assert_int_eq(status, LRP_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "was removed"));
}
END_TEST

START_TEST(bytes_that_have_not_arrived_are_waited_for)
{
    add("step,lr,loss\n0,1,2\n");
    put(path, O_APPEND, "1,1\0\0\0", 6);
    read_now();
    read_now();
    ck_assert_uint_eq(seen.rows, 1);
    int fd = open(path, O_WRONLY);
    ck_assert_int_eq(pwrite(fd, ",2\n", 3, 22), 3);
    (void)close(fd);
    check_end(NULL);
    ck_assert_uint_eq(seen.rows, 2);
}
END_TEST

START_TEST(binary_bytes_are_named)
{
    add("step,lr,loss\n0,1,2\n");
    put(path, O_APPEND, "\0\1\2\3\n", 5);
    check_end("line 3 holds NUL bytes");
    ck_assert_uint_eq(seen.rows, 1);
}
END_TEST

static size_t peak_kib(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (size_t)usage.ru_maxrss;
}

/* Address sanitizer keeps freed memory for a while, 256 MiB of it. */
#ifdef __SANITIZE_ADDRESS__
enum { PEAK_KIB = (64 + 256) << 10 };
#else
enum { PEAK_KIB = 64 << 10 };
#endif

START_TEST(a_line_without_end_costs_no_memory)
{
    static char much[1 << 20];
    memset(much, _i == 0 ? '7' : ',', sizeof much);
    size_t before = peak_kib();
    add("step,lr,loss\n0,1,2\n");
    for (int i = 0; i < 2 * PEAK_KIB >> 10; i++) { /* twice what is allowed */
        put(path, O_APPEND, much, sizeof much);
    }
    enum lrp_status status = lrp_report_reader_read(reader, false, &err);
    ck_assert_int_eq(status, LRP_E_FORMAT);
    ck_assert_msg(strstr(err.message, "line 3 has") != NULL, "%s", err.message);
    ck_assert_uint_lt(peak_kib() - before, PEAK_KIB);
    struct lrp_error again;
    ck_assert_int_eq(lrp_report_reader_read(reader, true, &again), LRP_E_FORMAT);
    ck_assert_str_eq(again.message, err.message);
}
END_TEST

START_TEST(many_rows_are_read)
{
    enum { N = 200000 };
    char *text = malloc((size_t)N * 20);
    ck_assert_ptr_nonnull(text);
    size_t length = (size_t)snprintf(text, 20, "step,lr,loss\n");
    for (int i = 0; i < N; i++) {
        length += (size_t)snprintf(text + length, 20, "%d,0.5,1.25\n", i);
    }
    put(path, O_APPEND, text, length);
    free(text);
    check_end(NULL);
    ck_assert_uint_eq(seen.rows, N);
    ck_assert(seen.step == N - 1);
}
END_TEST

START_TEST(what_comes_after_enough_is_cut_off)
{
    struct stat info;
    seen.enough_at = 2;
    add("step,lr,loss\r\n0,1,2\r\n1,1,2\r\n");
    read_now();
    add("2,1,2\r\n1,1,2\r\nnonsense\r\n");
    check_end(NULL);
    ck_assert_uint_ge(lrp_report_reader_passed(reader), 1);
    ck_assert_int_eq(lrp_report_reader_cut(reader, &err), LRP_OK);
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq(info.st_size, 28);
}
END_TEST

START_TEST(notes_are_all_found)
{
    char **notes = NULL;
    add("# note: first of two\n# model: mlp\n#note:second\r\nstep,lr,loss\n0,1,2\n"
        "# note: first of two\n# note:\n# noted: no\nx # note: no\n# note: third \x1b[31m\n"
        "# note: without an end");
    ck_assert_int_eq(lrp_report_notes(path, "note", &notes, &err), LRP_OK);
    ck_assert_str_eq(notes[0], "first of two");
    ck_assert_str_eq(notes[1], "second");
    ck_assert_str_eq(notes[2], "third \xef\xbf\xbd[31m");
    ck_assert_str_eq(notes[3], "without an end");
    ck_assert_ptr_null(notes[4]);
    lrp_string_list_free(notes);
    ck_assert_int_eq(lrp_report_notes(path, "noted", &notes, &err), LRP_OK);
    ck_assert_str_eq(notes[0], "no");
    ck_assert_ptr_null(notes[1]);
    lrp_string_list_free(notes);
    put(path, O_TRUNC, "step,lr,loss\n", 13);
    ck_assert_int_eq(lrp_report_notes(path, "note", &notes, &err), LRP_OK);
    ck_assert_ptr_null(notes);
    ck_assert_int_eq(lrp_report_notes("no-such-file", "note", &notes, &err), LRP_E_IO);
}
END_TEST

Suite *make_suite(void)
{
    enum { N_REPORTS = sizeof reports / sizeof reports[0] };
    Suite *suite = suite_create("report_reader");
    TCase *tcase = tcase_create("reports");
    tcase_set_timeout(tcase, 30);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, a_report_is_read_or_its_fault_named, 0, N_REPORTS);
    tcase_add_loop_test(tcase, slices_change_nothing, 0, N_REPORTS);
    tcase_add_test(tcase, a_removed_report_is_named);
    tcase_add_test(tcase, a_replaced_report_is_named);
    tcase_add_test(tcase, a_replaced_report_is_named_though_it_was_not_read);
    tcase_add_test(tcase, a_report_that_the_trainer_makes_itself_is_followed);
    tcase_add_test(tcase, a_report_made_anew_is_followed_while_it_grows);
    tcase_add_test(tcase, a_shortened_report_is_named);
    tcase_add_test(tcase, a_report_written_over_is_named);
    tcase_add_test(tcase, the_same_rows_written_again_are_no_fault);
    tcase_add_test(tcase, a_fault_counts_when_it_lasts);
    tcase_add_test(tcase, bytes_that_have_not_arrived_are_waited_for);
    tcase_add_test(tcase, binary_bytes_are_named);
    tcase_add_loop_test(tcase, a_line_without_end_costs_no_memory, 0, 2);
    tcase_add_test(tcase, many_rows_are_read);
    tcase_add_test(tcase, what_comes_after_enough_is_cut_off);
    tcase_add_test(tcase, notes_are_all_found);
    suite_add_tcase(suite, tcase);
    return suite;
}
