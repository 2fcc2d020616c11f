/* SPDX-License-Identifier: MIT */
#include "aliases.h"
#include "log_read.h"
#include "lrprobe/lrprobe.h"
#include "random.h"
#include "record.h"
#include "test_main.h"

#include <dirent.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The linker sends all allocations of our code here (--wrap): the one numbered fail_at fails. */
static size_t allocations;
static size_t fail_at = SIZE_MAX;
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    return allocations++ == fail_at ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return allocations++ == fail_at ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return allocations++ == fail_at ? NULL : __real_realloc(old, size);
}

static struct lrp_record *read_text(const char *text, const char *format)
{
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    enum lrp_status status = lrp_record_read_memory(text, strlen(text), format, &record, &err);
    ck_assert_msg(status == LRP_OK, "%s: %s", text, err.message);
    return record;
}

static void check_same(const struct lrp_record *a, const struct lrp_record *b)
{
    ck_assert_uint_eq(lrp_record_rows(a), lrp_record_rows(b));
    ck_assert_uint_eq(lrp_record_columns(a), lrp_record_columns(b));
    for (size_t c = 0; c < lrp_record_columns(a); c++) {
        ck_assert_str_eq(lrp_record_column_name(a, c), lrp_record_column_name(b, c));
        for (size_t k = 0; k < lrp_record_rows(a); k++) {
            ck_assert_int_eq(lrp_record_present(a, c, k), lrp_record_present(b, c, k));
            ck_assert(close_to(lrp_record_values(a, c)[k], lrp_record_values(b, c)[k], 0, 0));
        }
    }
}

static const char by_hand[] =
    "\xEF\xBB\xBF# model: mlp:8\r\n# by hand\r\nstep,lr,\"a, \"\"b\"\"\",loss\r\n0,1e-3,,2.5\r\n"
    "1,2e-3,nan,inf\r\n\r\n2,4e-3,7,-Infinity\r\n3,8e-3,1,1";
static const char *const texts[] = {
    by_hand,
    "lr;loss\n0.1;2\n0.2;1\n0.4;3\n",
    "lr\tloss\n0.1\t2\n0.2\t1\n",
    "lr loss\n0.1   2\n0.2 1\n",
    "{\"lr\": [0.1, 0.2, 0.4], \"loss\": [2, null, NaN], \"name\": \"x\"}\n",
    "[{\"lr\": 0.1, \"loss\": 2},\n {\"lr\": 0.2, \"loss\": 1, \"extra\": 3}]\n",
    "lr,\"a - train/loss\",\"a - x__MIN\",\"b - loss\"\n0.1,2,1,3\n0.2,1,1,\n",
    "step,lr-A/pg1,lr-A/pg2,objective loss\n0,0.1,0.2,3\n1,0.2,0.4,2\n",
};
/* The last two get other columns after reading. */
enum { N_TEXTS = sizeof texts / sizeof texts[0], N_RAW = N_TEXTS - 2 };

/* Bytes in two slices, cut at every place, give the same record as in one piece. */
START_TEST(slices_do_not_matter)
{
    const char *text = texts[_i];
    size_t length = strlen(text);
    struct lrp_record *whole = read_text(text, NULL);
    ck_assert_uint_ge(lrp_record_rows(whole), 2);
    const struct lrp_log_format *format = NULL;
    for (size_t f = 0; lrp_log_formats[f] != NULL; f++) {
        int sure = lrp_probe_format(lrp_log_formats[f], (const unsigned char *)text, length);
        if (format == NULL ||
            sure > lrp_probe_format(format, (const unsigned char *)text, length)) {
            format = lrp_log_formats[f];
        }
    }
    for (size_t cut = 0; cut <= length; cut++) {
        struct lrp_log_reader *reader = NULL;
        struct lrp_record *record = NULL;
        struct lrp_error err = {0};
        ck_assert_int_eq(lrp_log_reader_open(format, NULL, &reader, NULL), LRP_OK);
        ck_assert_int_eq(lrp_log_reader_feed(reader, text, cut, &err), LRP_OK);
        ck_assert_int_eq(lrp_log_reader_feed(reader, text + cut, length - cut, &err), LRP_OK);
        ck_assert_msg(lrp_log_reader_finish(reader, &record, &err) == LRP_OK, "cut at %zu: %s", cut,
                      err.message);
        check_same(whole, record);
        lrp_record_free(record);
        lrp_log_reader_free(reader);
    }
    lrp_record_free(whole);
}
END_TEST

START_TEST(special_values_and_missing_cells)
{
    struct lrp_record *record = read_text(texts[0], NULL);
    size_t odd = lrp_record_find_column(record, "a, \"b\"");
    size_t loss = lrp_record_find_column(record, "loss");
    ck_assert_uint_ne(odd, LRP_NO_COLUMN);
    ck_assert_uint_eq(lrp_record_rows(record), 4);
    ck_assert_int_eq(lrp_record_present(record, odd, 0), 0);
    ck_assert_int_eq(lrp_record_present(record, odd, 1), 1);
    ck_assert(isnan(lrp_record_values(record, odd)[1]));
    ck_assert(lrp_record_values(record, loss)[1] > 1e308);
    ck_assert(lrp_record_values(record, loss)[2] < -1e308);
    ck_assert_str_eq(lrp_record_meta(record, "model"), "mlp:8");
    lrp_record_free(record);
    record = read_text(texts[4], NULL);
    loss = lrp_record_find_column(record, "loss");
    ck_assert_int_eq(lrp_record_present(record, loss, 1), 0);
    ck_assert_int_eq(lrp_record_present(record, loss, 2), 1);
    lrp_record_free(record);
}
END_TEST

START_TEST(names_of_other_tools_are_known)
{
    static const char *const pairs[][2] = {
        {"train_loss", "loss"}, {"train/loss", "loss"},    {"learning_rate", "lr"},
        {"lr-Adam", "lr-Adam"}, {"eval_loss", "val_loss"}, {"val_acc", "val_accuracy"},
        {"LR", "lr"},           {"Loss", "loss"},          {"something else", "something else"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char out[LRP_COLUMN_NAME_MOST + 1];
        lrp_canonical_column(pairs[i][0], strlen(pairs[i][0]), out);
        ck_assert_msg(strcmp(out, pairs[i][1]) == 0, "%s became %s", pairs[i][0], out);
    }
    char longest[1000];
    char out[LRP_COLUMN_NAME_MOST + 1];
    memset(longest, 'x', sizeof longest);
    lrp_canonical_column(longest, sizeof longest, out);
    ck_assert_uint_eq(strlen(out), LRP_COLUMN_NAME_MOST);
}
END_TEST

START_TEST(a_last_line_cut_off_is_left_out_with_a_note)
{
    struct lrp_record *record = read_text("step,lr,loss\n0,0.1,2\n1,0.2,1\n2,0.4", NULL);
    ck_assert_uint_eq(lrp_record_rows(record), 2);
    ck_assert_ptr_nonnull(lrp_record_note(record, 0));
    lrp_record_free(record);
}
END_TEST

START_TEST(what_is_no_log_is_refused)
{
    static const struct {
        const char *text;
        enum lrp_status want;
    } bad[] = {{"", LRP_E_NODATA},
               {"lr,loss\n", LRP_E_NODATA},
               {"[]", LRP_E_NODATA},
               {"{}", LRP_E_NODATA},
               {"{\"lr\": [1, 2], \"loss\": [1", LRP_E_FORMAT},
               {"{\"lr\": [1, 2]} x", LRP_E_FORMAT},
               {"lr,loss\n0.1,\"2\n", LRP_E_FORMAT}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct lrp_record *record = NULL;
        struct lrp_error err = {0};
        enum lrp_status got =
            lrp_record_read_memory(bad[i].text, strlen(bad[i].text), NULL, &record, &err);
        ck_assert_msg(got == bad[i].want, "%s: %d %s", bad[i].text, (int)got, err.message);
        ck_assert_ptr_null(record);
        ck_assert_uint_gt(strlen(err.message), 5);
    }
    struct lrp_record *record = NULL;
    ck_assert_int_eq(lrp_record_read_memory("a", 1, "xml", &record, NULL), LRP_E_ARG);
}
END_TEST

static void write_file(char *path, const char *text)
{
    size_t length = strlen(text);
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(write(descriptor, text, length), (ssize_t)length);
    (void)close(descriptor);
}

/* The last cell of a column of one of the runs. */
static double last_cell(const struct lrp_log_runs *runs, size_t run, const char *column)
{
    const struct lrp_record *record = runs->list[run];
    return lrp_record_values(record,
                             lrp_record_find_column(record, column))[lrp_record_rows(record) - 1];
}

START_TEST(pooled_files_are_split)
{
    char path[] = "/tmp/lrprobe-pooled-XXXXXX";
    struct lrp_log_runs runs;
    write_file(path, "repeat,lr,loss\n3,1,10\n3,2,20\n1,1,30\n1,2,40\n1,3,50\n");
    ck_assert_int_eq(lrp_log_read(path, NULL, &runs, NULL), LRP_OK);
    (void)unlink(path);
    ck_assert_uint_eq(runs.n, 2);
    ck_assert_uint_eq(lrp_record_rows(runs.list[0]), 2);
    ck_assert_uint_eq(lrp_record_rows(runs.list[1]), 3);
    ck_assert_double_eq(last_cell(&runs, 1, "loss"), 50);
    lrp_log_runs_fini(&runs);
}
END_TEST

/* The rows of one step are one row for whoever reads a log, under the names that --map gives. */
START_TEST(rows_of_one_step_are_joined)
{
    char path[] = "/tmp/lrprobe-joined-XXXXXX";
    const char *const texts_of_maps[] = {"loss=objective"};
    struct lrp_column_maps maps;
    struct lrp_log_runs runs;
    write_file(path, "step,lr,objective,val_loss\n0,0.1,3,\n0,,,4\n1,0.2,2,\n1,,,3.5\n");
    ck_assert_int_eq(lrp_column_maps_parse(texts_of_maps, 1, &maps, NULL), LRP_OK);
    const struct lrp_read_options options = {.format = "csv", .maps = maps.list, .n_maps = maps.n};
    ck_assert_int_eq(lrp_log_read(path, &options, &runs, NULL), LRP_OK);
    (void)unlink(path);
    ck_assert_uint_eq(runs.n, 1);
    ck_assert_uint_eq(lrp_record_rows(runs.list[0]), 2);
    ck_assert_double_eq(last_cell(&runs, 0, "lr"), 0.2);
    ck_assert_double_eq(last_cell(&runs, 0, "loss"), 2);
    ck_assert_double_eq(last_cell(&runs, 0, "val_loss"), 3.5);
    lrp_log_runs_fini(&runs);
    lrp_column_maps_fini(&maps);
}
END_TEST

/* Each allocation fails once: an error that says so, and (under sanitizers) nothing is lost. */
START_TEST(every_allocation_may_fail)
{
    const char *text = texts[_i];
    struct lrp_record *whole = read_text(text, NULL);
    for (size_t k = 0; k < 100000; k++) {
        struct lrp_record *record = NULL;
        struct lrp_error err = {0};
        allocations = 0;
        fail_at = k;
        enum lrp_status status = lrp_record_read_memory(text, strlen(text), NULL, &record, &err);
        fail_at = SIZE_MAX;
        if (status == LRP_OK) { /* it could do without that one, or none was left to fail */
            check_same(whole, record);
            lrp_record_free(record);
            if (allocations <= k) {
                ck_assert_uint_gt(k, 3);
                lrp_record_free(whole);
                return;
            }
            continue;
        }
        ck_assert_ptr_null(record);
        ck_assert_msg(status == LRP_E_NOMEM || status == LRP_E_LIMIT, "allocation %zu: %d %s", k,
                      (int)status, err.message);
    }
    ck_abort_msg("no end");
}
END_TEST

/* Mutations of good logs through every reader: any answer, no crash, a message with each refusal.
 */
START_TEST(broken_bytes_never_crash)
{
    struct lrp_random random;
    size_t taken = 0;
    size_t refused = 0;
    lrp_random_seed(&random, 20261124, 1);
    for (int k = 0; k < 20000; k++) {
        char bytes[400];
        const char *text = texts[lrp_random_below(&random, N_TEXTS)];
        size_t length = strlen(text);
        memcpy(bytes, text, length);
        for (uint64_t n = lrp_random_below(&random, 6); n > 0; n--) {
            static const char marks[] = "\"\"\n\r,;:{}[]\\#\0ne-+.0\xff";
            size_t at = (size_t)lrp_random_below(&random, length);
            bytes[at] = k % 2 == 0 ? (char)lrp_random_below(&random, 256)
                                   : marks[lrp_random_below(&random, sizeof marks - 1)];
        }
        length = k % 3 == 0 ? (size_t)lrp_random_below(&random, length + 1) : length;
        for (size_t f = 0; f < 3; f++) {
            struct lrp_record *record = NULL;
            struct lrp_error err = {0};
            const char *name =
                f < 2 && lrp_log_formats[f] != NULL ? lrp_log_formats[f]->name : NULL;
            if (lrp_record_read_memory(bytes, length, name, &record, &err) == LRP_OK) {
                lrp_record_free(record);
                taken++;
            } else if (strlen(err.message) < 5) {
                ck_abort_msg("refused without a word");
            } else {
                refused++;
            }
        }
    }
    ck_assert_msg(taken > 2000 && refused > 2000, "%zu taken, %zu refused", taken, refused);
}
END_TEST

START_TEST(shared_sweep_logs_load)
{
    char path[4096];
    const char *root = shared_data();
    if (root == NULL) {
        return;
    }
    (void)snprintf(path, sizeof path, "%s/logs/lr_range", root);
    DIR *folder = opendir(path);
    ck_assert_ptr_nonnull(folder);
    size_t read = 0;
    for (struct dirent *entry = NULL; (entry = readdir(folder)) != NULL;) {
        if (strstr(entry->d_name, ".csv") == NULL && strstr(entry->d_name, ".json") == NULL) {
            continue;
        }
        struct lrp_record *record = NULL;
        struct lrp_error err = {0};
        (void)snprintf(path, sizeof path, "%s/logs/lr_range/%s", root, entry->d_name);
        ck_assert_msg(lrp_record_read(path, NULL, &record, &err) == LRP_OK, "%s: %s", path,
                      err.message);
        ck_assert_uint_gt(lrp_record_rows(record), 10);
        lrp_record_free(record);
        read++;
    }
    (void)closedir(folder);
    ck_assert_uint_gt(read, 2);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("logs");
    TCase *tests = tcase_create("logs");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, slices_do_not_matter, 0, N_RAW);
    tcase_add_test(tests, special_values_and_missing_cells);
    tcase_add_test(tests, names_of_other_tools_are_known);
    tcase_add_test(tests, a_last_line_cut_off_is_left_out_with_a_note);
    tcase_add_test(tests, what_is_no_log_is_refused);
    tcase_add_test(tests, pooled_files_are_split);
    tcase_add_test(tests, rows_of_one_step_are_joined);
    tcase_add_loop_test(tests, every_allocation_may_fail, 0, N_TEXTS);
    tcase_add_test(tests, broken_bytes_never_crash);
    tcase_add_test(tests, shared_sweep_logs_load);
    suite_add_tcase(suite, tests);
    return suite;
}
