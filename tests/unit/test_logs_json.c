/* SPDX-License-Identifier: MIT */
/* Readers of the JSON family and of MLflow's lines. */
#include "failing_malloc.h"
#include "formats.h"
#include "record_cells.h"

#include <math.h>
#include <string.h>

static struct lrp_record *read_text(const char *text, const char *format)
{
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    enum lrp_status status = lrp_record_read_memory(text, strlen(text), NULL, &record, &err);
    ck_assert_msg(status == LRP_OK, "%s: %s", text, err.message);
    ck_assert_str_eq(lrp_record_format(record), format);
    return record;
}

static void refuse(const char *text, enum lrp_status want, const char *part)
{
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    enum lrp_status status = lrp_record_read_memory(text, strlen(text), NULL, &record, &err);
    ck_assert_msg(status == want && strstr(err.message, part) != NULL, "%.80s: %d %s", text,
                  (int)status, err.message);
    ck_assert_ptr_null(record);
}

static const char deit[] =
    "{\"train_loss\": 6.9, \"test_loss\": 6.1, \"train_grad_norm\": Infinity, \"epoch\": 0, "
    "\"scores\": [1, 2], \"note\": \"warm-up\"}\n"
    "{\"train_loss\": \"6.5\", \"test_loss\": NaN, \"train_grad_norm\": -Infinity, \"epoch\": 1}\n";
static const char mmcv[] =
    "{\"env_info\": \"sys.platform: linux\", \"seed\": null}\n"
    "{\"mode\": \"train\", \"epoch\": 1, \"iter\": 50, \"lr\": 0.1, \"data_time\": 0.1, \"loss\": "
    "3.0, \"time\": 0.7}\n"
    "{\"mode\": \"train\", \"epoch\": 1, \"iter\": 100, \"lr\": 0.1, \"data_time\": 0.1, \"loss\": "
    "2.0, \"time\": 0.7}\n"
    "{\"mode\": \"val\", \"epoch\": 1, \"iter\": 999, \"lr\": 0.1, \"loss\": 2.5, \"mIoU\": 0.3}\n"
    "{\"mode\": \"train\", \"epoch\": 2, \"iter\": 50, \"lr\": 0.1, \"data_time\": 0.1, \"loss\": "
    "1.5, \"time\": 0.7}\n";
static const char wandb[] =
    "{\"_step\": 0, \"_timestamp\": 1700000000.5, \"train\": {\"loss\": 2.5, \"deep\": {\"x\": "
    "1}}}\n"
    "{\"_step\": 1, \"_timestamp\": 1700000002.5, \"train\": {\"loss\": 2.25, \"deep\": {\"x\": "
    "2}}}\n";
static const char stats[] = "{\n  model : \"nin\"\n  lr : 0.1\n}\n==> training\n\n"
                            "json_stats: {\"epoch\":1,\"loss\":1.5,\"list\":[60,120]}\t\n"
                            "epoch done\nsaving\n"
                            "json_stats: {\"epoch\":2,\"loss\":1.25,\"list\":[60,120]}\t\n";
static const char trainer_state[] =
    "{\"best_metric\": null, \"global_step\": 20, \"log_history\": ["
    "{\"epoch\": 0.5, \"loss\": 2.0, \"grad_norm\": NaN, \"learning_rate\": 5e-05, \"step\": 10},"
    "{\"epoch\": 0.5, \"eval_a_loss\": 2.5, \"eval_a_accuracy\": 0.5, \"step\": 10},"
    "{\"epoch\": 0.5, \"eval_b_loss\": 3.5, \"step\": 10},"
    "{\"epoch\": 1.0, \"loss\": 1.0, \"learning_rate\": 0, \"step\": 20},"
    "{\"epoch\": 1.0, \"train_loss\": 1.5, \"train_runtime\": 9.5, \"step\": 20}]}";
static const char nested[] =
    "{\"name\": \"x\", \"train\": {\"loss\": [4, 3, 2, 1], \"acc\": [0, 0.25, 0.5, 1]}, "
    "\"val\": {\"loss\": [3.5, 2.5]}, \"times\": [1, 2, 3]}";
static const char keras[] =
    "{\"params\": {\"epochs\": 2}, \"epoch\": [0, 1], \"history\": {\"loss\": [2, 1], "
    "\"val_loss\": [2.5, 1.5]}}";
static const char metric[] = "1779750917478 0.9966334634874326 0\n1779750917481 0.5 1\n"
                             "1779750917978 nan 2\n";
static const char *const texts[] = {deit, mmcv, wandb, stats, trainer_state, nested, keras, metric};
enum { N_TEXTS = sizeof texts / sizeof texts[0] };

START_TEST(json_lines)
{
    struct lrp_record *record = read_text(deit, "jsonl");
    ck_assert_uint_eq(lrp_record_rows(record), 2);
    ck_assert_close(cell(record, "loss", 1), 6.5, 0, 0);
    ck_assert(isnan(cell(record, "val_loss", 1)));
    ck_assert_int_eq(lrp_record_present(record, lrp_record_find_column(record, "val_loss"), 1), 1);
    ck_assert(!has_column(record, "scores"));
    ck_assert(!has_column(record, "note"));
    lrp_record_free(record);

    record = read_text(wandb, "jsonl");
    ck_assert_close(cell(record, "loss", 1), 2.25, 0, 0);
    ck_assert_close(cell(record, "train.deep.x", 1), 2, 0, 0);
    ck_assert_close(cell(record, "time_s", 0), 0, 0, 0);
    ck_assert_close(cell(record, "time_s", 1), 2, 0, 0);
    ck_assert_close(cell(record, "step", 1), 1, 0, 0);
    lrp_record_free(record);
}
END_TEST

/* A validation record belongs to the training step before it, and its loss is no training loss. */
START_TEST(json_lines_of_mmcv)
{
    struct lrp_record *record = read_text(mmcv, "jsonl");
    ck_assert_uint_eq(lrp_record_rows(record), 4);
    ck_assert_close(cell(record, "step", 2), 100, 0, 0);
    ck_assert_close(cell(record, "val_loss", 2), 2.5, 0, 0);
    ck_assert(isnan(cell(record, "loss", 2)));
    ck_assert_close(cell(record, "mIoU", 2), 0.3, 0, 0);
    ck_assert_close(cell(record, "step", 3), 50, 0, 0);
    ck_assert_close(cell(record, "iter_time", 3), 0.7, 0, 0);
    lrp_record_free(record);
    /* mmengine: the validation counts epochs */
    record = read_text("{\"lr\": 0.1, \"loss\": 2, \"iter\": 50, \"step\": 50}\n"
                       "{\"coco/bbox_mAP\": 0.5, \"step\": 1}\n"
                       "{\"lr\": 0.1, \"loss\": 1, \"iter\": 100, \"step\": 100}\n",
                       "jsonl");
    ck_assert_close(cell(record, "step", 1), 50, 0, 0);
    lrp_record_free(record);
}
END_TEST

START_TEST(settings_in_front_of_a_run_are_no_row)
{
    struct lrp_record *record =
        read_text("Hyperparams:  {'model': 'm', 'learning_rate': 0.5, 'batch_size': 8}\n"
                  "{'loss': 2.5, 'learning_rate': 0.25, 'epoch': 0.5}\n"
                  "{'loss': 1.5, 'learning_rate': 0.125, 'epoch': 1.0}\n",
                  "jsonl");
    ck_assert_uint_eq(lrp_record_rows(record), 2);
    ck_assert_close(cell(record, "lr", 0), 0.25, 0, 0);
    lrp_record_free(record);
}
END_TEST

/* Hugging Face's trainer prints the mean over the run at the end. */
START_TEST(a_mean_over_the_run_is_no_row_of_the_loss)
{
    struct lrp_record *record =
        read_text("{'loss': 2.5, 'learning_rate': 5e-05, 'epoch': 0.5}\n"
                  "{'loss': 1.5, 'learning_rate': 2e-05, 'epoch': 1.0}\n"
                  "{'train_runtime': 12.5, 'train_loss': 2.0, 'epoch': 1.0}\n",
                  "jsonl");
    double last = (double)NAN;
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        double loss = cell(record, "loss", row);
        last = isnan(loss) ? last : loss;
    }
    ck_assert_close(last, 1.5, 0, 0);
    lrp_record_free(record);
}
END_TEST

START_TEST(json_among_other_lines)
{
    struct lrp_record *record = read_text(stats, "jsonl");
    ck_assert_uint_eq(lrp_record_rows(record), 2);
    ck_assert_close(cell(record, "loss", 1), 1.25, 0, 0);
    ck_assert(has_note(record, "7 lines were left out"));
    lrp_record_free(record);
    record = read_text("{\"epoch\": \"1/90\", \"loss\": 2}\nkilled\n{\"epoch\": \"2/90\", "
                       "\"loss\": 1}\n{\"epoch\": \"3/90\", \"lo",
                       "jsonl");
    ck_assert_uint_eq(lrp_record_rows(record), 2);
    ck_assert_close(cell(record, "epoch", 1), 2, 0, 0);
    ck_assert(has_note(record, "1 line was left out"));
    ck_assert(has_note(record, "cut off"));
    lrp_record_free(record);
    struct lrp_error err = {0};
    static const char prose[] = "once\nupon\n{\"loss\": 1}\n";
    ck_assert_int_eq(lrp_record_read_memory(prose, strlen(prose), "jsonl", &record, &err),
                     LRP_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "1 of 3 lines"));
}
END_TEST

START_TEST(trainer_states)
{
    struct lrp_record *record = read_text(trainer_state, "hf");
    ck_assert_uint_eq(lrp_record_rows(record), 4);
    ck_assert_close(cell(record, "val_loss", 1), 2.5, 0, 0);
    ck_assert_close(cell(record, "val_accuracy", 1), 0.5, 0, 0);
    ck_assert_close(cell(record, "eval_b_loss", 2), 3.5, 0, 0);
    ck_assert_close(cell(record, "loss", 3), 1, 0, 0);
    ck_assert(isnan(cell(record, "grad_norm", 0)));
    ck_assert(has_note(record, "eval_a_loss is taken as val_loss"));
    ck_assert(!has_column(record, "train_runtime"));
    lrp_record_free(record);
    refuse("{\"log_history\": []}", LRP_E_NODATA, "no row");
    refuse("{\"log_history\": 3}", LRP_E_FORMAT, "no list");
}
END_TEST

START_TEST(documents)
{
    struct lrp_record *record = read_text(nested, "json");
    ck_assert_uint_eq(lrp_record_rows(record), 4);
    ck_assert_close(cell(record, "accuracy", 1), 0.25, 0, 0);
    ck_assert(isnan(cell(record, "val_loss", 0)));
    ck_assert_close(cell(record, "val_loss", 1), 3.5, 0, 0);
    ck_assert_close(cell(record, "val_loss", 3), 2.5, 0, 0);
    ck_assert(!has_column(record, "times"));
    ck_assert(has_note(record, "times was left out"));
    lrp_record_free(record);
    record = read_text(keras, "json");
    ck_assert_uint_eq(lrp_record_rows(record), 2);
    ck_assert_close(cell(record, "epoch", 1), 1, 0, 0);
    ck_assert_close(cell(record, "val_loss", 1), 1.5, 0, 0);
    lrp_record_free(record);
    record = read_text("{\"run 3\": {\"loss\": [2, 1], \"lr\": [1, 1]}}", "json");
    ck_assert(has_column(record, "loss") && has_column(record, "lr"));
    lrp_record_free(record);
    record = read_text("{\"config\": {\"lr\": 1}, \"records\": [{\"step\": 1, \"loss\": 2}, "
                       "{\"step\": 2, \"m\": {\"loss\": 1}}]}",
                       "json");
    ck_assert_uint_eq(lrp_record_rows(record), 2);
    ck_assert_close(cell(record, "m.loss", 1), 1, 0, 0);
    lrp_record_free(record);
    record = read_text("[[1600000000.0, 10, 2.5], [1600000001.5, 20, 1.5]]", "json");
    ck_assert_close(cell(record, "loss", 1), 1.5, 0, 0);
    ck_assert_close(cell(record, "step", 1), 20, 0, 0);
    ck_assert_close(cell(record, "time_s", 1), 1.5, 0, 0);
    lrp_record_free(record);
    record = read_text("[3, 2.5, null, 2]", "json");
    ck_assert_uint_eq(lrp_record_rows(record), 3);
    lrp_record_free(record);
    refuse("{\"lr\": [1, 2, 3], \"loss\": [1, 2]}", LRP_E_FORMAT, "different lengths");
    refuse("{\"a\": {\"b\": 1}}", LRP_E_NODATA, "neither");
}
END_TEST

START_TEST(deep_nesting_is_refused)
{
    enum { DEEP = 100000 };
    static char deep[DEEP + 1];
    for (int kind = 0; kind < 3; kind++) {
        for (size_t i = 0; i < DEEP; i++) {
            static const char *const patterns[] = {"[", "{\"a\":", "[{\"a\":"};
            deep[i] = patterns[kind][i % strlen(patterns[kind])];
        }
        refuse(deep, LRP_E_FORMAT, "JSON");
    }
}
END_TEST

static const struct lrp_log_format *format_of(const char *text)
{
    const struct lrp_log_format *format = NULL;
    ck_assert_int_eq(lrp_guess_format((const unsigned char *)text, strlen(text), &format, NULL),
                     LRP_OK);
    return format;
}

/* Bytes in two slices, cut at every place, give the same record as in one piece. */
START_TEST(slices_do_not_matter)
{
    const char *text = texts[_i];
    size_t length = strlen(text);
    const struct lrp_log_format *format = format_of(text);
    struct lrp_record *whole = read_text(text, format->name);
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

START_TEST(every_allocation_may_fail)
{
    const char *text = texts[_i];
    struct lrp_record *whole = read_text(text, format_of(text)->name);
    for (size_t k = 0; k < 100000; k++) {
        struct lrp_record *record = NULL;
        struct lrp_error err = {0};
        allocations = 0;
        fail_at = k;
        enum lrp_status status = lrp_record_read_memory(text, strlen(text), NULL, &record, &err);
        fail_at = SIZE_MAX;
        if (status == LRP_OK) { /* it could do without that one, or none was left to fail */
            lrp_record_free(record);
            if (allocations <= k) {
                ck_assert_uint_gt(k, 3);
                lrp_record_free(whole);
                return;
            }
            continue;
        }
        ck_assert_ptr_null(record);
        ck_assert_msg(status == LRP_E_NOMEM, "allocation %zu: %d %s", k, (int)status, err.message);
    }
    ck_abort_msg("no end");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("logs_json");
    TCase *tests = tcase_create("logs_json");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, json_lines);
    tcase_add_test(tests, json_lines_of_mmcv);
    tcase_add_test(tests, settings_in_front_of_a_run_are_no_row);
    tcase_add_test(tests, a_mean_over_the_run_is_no_row_of_the_loss);
    tcase_add_test(tests, json_among_other_lines);
    tcase_add_test(tests, trainer_states);
    tcase_add_test(tests, documents);
    tcase_add_test(tests, deep_nesting_is_refused);
    tcase_add_loop_test(tests, slices_do_not_matter, 0, N_TEXTS);
    tcase_add_loop_test(tests, every_allocation_may_fail, 0, N_TEXTS);
    suite_add_tcase(suite, tests);
    return suite;
}
