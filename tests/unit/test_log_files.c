/* SPDX-License-Identifier: MIT */
/* Where logs come from and what they are called: MLflow's files and folders, columns mapped by
 * hand, gzip, FIFOs and standard input, the shared logs. */
#include "log_read.h"
#include "mlflow.h"
#include "record_cells.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

static const char metric[] = "1779750917478 0.9966334634874326 0\n1779750917481 0.5 1\n"
                             "1779750917978 nan 2\n";
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
static const char lines[] =
    "{\"train_loss\": 6.9, \"test_loss\": 6.1, \"train_grad_norm\": Infinity, \"epoch\": 0, "
    "\"scores\": [1, 2], \"note\": \"warm-up\"}\n"
    "{\"train_loss\": \"6.5\", \"test_loss\": NaN, \"train_grad_norm\": -Infinity, \"epoch\": 1}\n";

START_TEST(mlflow_metrics)
{
    struct lrp_record *record = NULL;
    ck_assert_int_eq(
        lrp_log_read_memory(metric, strlen(metric), "runs/l2.train.gz", NULL, &record, NULL),
        LRP_OK);
    ck_assert_str_eq(lrp_record_format(record), "mlflow");
    ck_assert_uint_eq(lrp_record_rows(record), 3);
    ck_assert_close(cell(record, "loss", 1), 0.5, 0, 0);
    ck_assert_close(cell(record, "time_s", 2), 0.5, 1e-6, 0);
    ck_assert_int_eq(lrp_record_present(record, lrp_record_find_column(record, "loss"), 2), 1);
    lrp_record_free(record);
    ck_assert_int_eq(lrp_record_read_memory(metric, strlen(metric), NULL, &record, NULL), LRP_OK);
    ck_assert_str_eq(lrp_record_format(record), "mlflow");
    ck_assert(has_column(record, "loss"));
    ck_assert(has_note(record, "no name"));
    lrp_record_free(record);
    struct lrp_error err = {0};
    static const char old[] = "1779750917 2\n1779750918 1\nx\n1779750919 0.5";
    ck_assert_int_eq(lrp_record_read_memory(old, strlen(old), "mlflow", &record, &err), LRP_OK);
    ck_assert_uint_eq(lrp_record_rows(record), 2);
    ck_assert(!has_column(record, "step"));
    ck_assert_close(cell(record, "time_s", 1), 1, 0, 0);
    ck_assert(has_note(record, "1 line was left out"));
    ck_assert(has_note(record, "cut off"));
    lrp_record_free(record);
}
END_TEST

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    ck_assert_msg(file != NULL, "cannot write %s", path);
    ck_assert_uint_eq(fwrite(text, 1, strlen(text), file), strlen(text));
    ck_assert_int_eq(fclose(file), 0);
}

static char folder[] = "/tmp/lrprobe-test-XXXXXX";
static char path[200];

static const char *in_folder(const char *name)
{
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void make_folder(void)
{
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

START_TEST(a_folder_of_metrics_is_one_record)
{
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    make_folder();
    ck_assert(!lrp_is_mlflow_folder(folder));
    ck_assert_int_eq(mkdir(in_folder("metrics"), 0700), 0);
    ck_assert_int_eq(mkdir(in_folder("metrics/val"), 0700), 0);
    ck_assert_int_eq(lrp_read_mlflow_folder(folder, NULL, &record, &err), LRP_E_NODATA);
    write_file(in_folder("metrics/train_loss"), "1700000000000 3 0\n1700000001000 2 10\n"
                                                "1700000002000 1 20\n");
    write_file(in_folder("metrics/val/loss"), "1700000001500 2.5 10\n1700000002500 1.5 20\nx\n");
    ck_assert(!lrp_is_mlflow_folder(folder));
    ck_assert(lrp_is_mlflow_folder(in_folder("metrics")));
    ck_assert(lrp_is_mlflow_folder(in_folder("metrics/")));
    write_file(in_folder("meta.yaml"), "run_id: 1\n");
    ck_assert(lrp_is_mlflow_folder(folder));
    ck_assert_msg(lrp_read_mlflow_folder(folder, NULL, &record, &err) == LRP_OK, "%s", err.message);
    ck_assert_uint_eq(lrp_record_rows(record), 3);
    ck_assert_close(cell(record, "loss", 1), 2, 0, 0);
    ck_assert_close(cell(record, "val_loss", 1), 2.5, 0, 0);
    ck_assert_close(cell(record, "time_s", 2), 2, 1e-6, 0);
    ck_assert(isnan(cell(record, "val_loss", 0)));
    ck_assert_str_eq(lrp_record_format(record), "mlflow");
    ck_assert(has_note(record, "1 line was left out"));
    lrp_record_free(record);
    ck_assert_int_eq(lrp_read_mlflow_folder("/nowhere/metrics", NULL, &record, &err), LRP_E_IO);
    ck_assert_int_eq(unlink(in_folder("metrics/val/loss")), 0);
    ck_assert_int_eq(unlink(in_folder("metrics/train_loss")), 0);
    ck_assert_int_eq(unlink(in_folder("meta.yaml")), 0);
    ck_assert_int_eq(rmdir(in_folder("metrics/val")), 0);
    ck_assert_int_eq(rmdir(in_folder("metrics")), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

static enum lrp_status read_mapped(const char *text, const char *to, const char *from,
                                   struct lrp_record **out, struct lrp_error *err)
{
    const struct lrp_column_map map = {to, from};
    const struct lrp_read_options options = {.maps = &map, .n_maps = 1};
    return lrp_log_read_memory(text, strlen(text), NULL, &options, out, err);
}

START_TEST(columns_are_mapped_by_hand)
{
    static const char table[] = "step,loss,test_loss,val_loss\n0,1,2,3\n1,4,5,6\n";
    static const char rows[] = "{\"step\": 0, \"loss\": 1, \"test_loss\": 2, \"val_loss\": 3}\n"
                               "{\"step\": 1, \"loss\": 4, \"test_loss\": 5, \"val_loss\": 6}\n";
    const char *const both[] = {table, rows};
    for (size_t i = 0; i < 2; i++) {
        struct lrp_record *record = NULL;
        struct lrp_error err = {0};
        /* as it is spelt: it goes before the one of our own name */
        ck_assert_int_eq(read_mapped(both[i], "val_loss", "test_loss", &record, &err), LRP_OK);
        ck_assert_close(cell(record, "val_loss", 1), 5, 0, 0);
        ck_assert_close(cell(record, "loss", 1), 4, 0, 0);
        lrp_record_free(record);
        /* another column takes our name: the one with that name steps back */
        ck_assert_int_eq(read_mapped(both[i], "loss", "test_loss", &record, &err), LRP_OK);
        ck_assert_close(cell(record, "loss", 1), 5, 0, 0);
        ck_assert_close(cell(record, "val_loss", 1), 6, 0, 0);
        lrp_record_free(record);
        ck_assert_int_eq(read_mapped(both[i], "mine", "step", &record, &err), LRP_OK);
        ck_assert_close(cell(record, "mine", 1), 1, 0, 0);
        lrp_record_free(record);
        ck_assert_int_eq(read_mapped(both[i], "loss", "nix\x1b", &record, &err), LRP_E_NODATA);
        ck_assert_ptr_nonnull(strstr(err.message, "there are step, loss, test_loss, val_loss"));
        ck_assert_ptr_null(strchr(err.message, 27));
        ck_assert_int_eq(read_mapped(both[i], "", "loss", &record, &err), LRP_E_ARG);
    }
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    /* in our words: the log says learning_rate */
    ck_assert_int_eq(read_mapped(trainer_state, "rate", "lr", &record, &err), LRP_OK);
    ck_assert(has_column(record, "rate") && !has_column(record, "lr"));
    lrp_record_free(record);
    ck_assert_int_eq(read_mapped(trainer_state, "val_loss", "eval_b_loss", &record, &err), LRP_OK);
    ck_assert_close(cell(record, "val_loss", 2), 3.5, 0, 0);
    lrp_record_free(record);
    ck_assert_int_eq(read_mapped(nested, "val_loss", "train.acc", &record, &err), LRP_OK);
    ck_assert_close(cell(record, "val_loss", 3), 1, 0, 0);
    lrp_record_free(record);
    char many[2000] = "";
    for (int i = 0; i < 20; i++) {
        (void)snprintf(many + strlen(many), sizeof many - strlen(many), "c%d,", i);
    }
    (void)snprintf(many + strlen(many), sizeof many - strlen(many), "loss\n0%s\n1%s\n",
                   ",1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1",
                   ",1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1");
    ck_assert_int_eq(read_mapped(many, "loss", "x", &record, &err), LRP_E_NODATA);
    ck_assert_ptr_nonnull(strstr(err.message, "c11, ..."));
    ck_assert_ptr_null(strstr(err.message, "c12"));
}
END_TEST

/* The same log from a plain file, a gzip file, a FIFO and standard input. */
START_TEST(bytes_come_from_anywhere)
{
    struct lrp_record *plain = NULL;
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    make_folder();
    write_file(in_folder("log.jsonl"), lines);
    ck_assert_int_eq(lrp_record_read(path, NULL, &plain, &err), LRP_OK);
    int input = open(path, O_RDONLY);
    ck_assert_int_ge(dup2(input, STDIN_FILENO), 0);
    ck_assert_int_eq(close(input), 0);
    ck_assert_int_eq(lrp_record_read("-", NULL, &record, &err), LRP_OK);
    check_same(plain, record);
    lrp_record_free(record);
    ck_assert_int_eq(unlink(path), 0);

    gzFile packed = gzopen(in_folder("log.jsonl.gz"), "wb");
    ck_assert_int_eq(gzwrite(packed, lines, (unsigned)strlen(lines)), (int)strlen(lines));
    ck_assert_int_eq(gzclose(packed), Z_OK);
    ck_assert_int_eq(lrp_record_read(path, "jsonl", &record, &err), LRP_OK);
    check_same(plain, record);
    lrp_record_free(record);
    ck_assert_int_eq(unlink(path), 0);

    ck_assert_int_eq(mkfifo(in_folder("pipe"), 0600), 0);
    pid_t child = fork();
    if (child == 0) {
        int out = open(path, O_WRONLY);
        _exit(write(out, lines, strlen(lines)) == (ssize_t)strlen(lines) ? 0 : 1);
    }
    ck_assert_int_eq(lrp_record_read(path, NULL, &record, &err), LRP_OK);
    check_same(plain, record);
    lrp_record_free(record);
    int state = 0;
    ck_assert_int_eq(waitpid(child, &state, 0), child);
    ck_assert_int_eq(state, 0);
    ck_assert_int_eq(unlink(path), 0);

    ck_assert_int_eq(lrp_record_read(folder, NULL, &record, &err), LRP_E_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "directory"));
    lrp_record_free(plain);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

/* What the shared logs must give. */
static const struct {
    const char *file;
    const char *format;
    size_t rows;
    const char *column;
    double first, last;
} samples[] = {
    {"hf/aigoncharov_multi_eval.json", "hf", 216, "val_loss", 5.741583, 2.748670},
    {"hf/mt5_azerbaijani.json", "hf", 770, "loss", 25.5062, 2.2437},
    {"hf_gallery/fp16_nan-seed42.trainer_state.json", "hf", 60, "loss", 1.447540, 7.204588},
    {"hf_gallery/overfit-seed43.trainer_state.json", "hf", 80, "val_loss", 1.361026, 3.785130},
    {"jsonl/mobilenetv3_convnextfmt.txt", "jsonl", 35, "loss", 6.229986, 3.408927},
    {"jsonl/twins_pcpvt_l.txt", "jsonl", 296, "loss", 6.158148, 2.716839},
    {"jsonl/twins_svt_s.txt", "jsonl", 300, "val_loss", 6.881753, 0.803027},
    {"jsonl/twins_upernet_pcpvt_l_mmseg.txt", "jsonl", 3200, "loss", 5.57776, 0.20545},
    {"torch_jsonl/nin_1875527964.txt", "jsonl", 200, "loss", 1.196986, 0.006051},
    {"torch_jsonl/resnet-pre-act_17934627.txt", "jsonl", 200, "loss", 1.577531, 0.002812},
    {"torch_jsonl/vgg_24208029.txt", "jsonl", 200, "loss", 1.369560, 0.002472},
    {"torch_jsonl/wide-resnet_1121914561.txt", "jsonl", 200, "loss", 1.390797, 0.001649},
    {"tfevents/fish.events.out.tfevents.1772206357", "tfevents", 247, "loss", 7.90625, 2.84375},
    {"mlflow/stockquant_l2.train", "mlflow", 300, "loss", 0.996633, 0.949520},
    {"lr_range/conebeam_lr_finder.json", "json", 100, "loss", 2.137200, 5.117527},
};

START_TEST(shared_logs_load)
{
    const char *root = shared_data();
    if (root == NULL) {
        return;
    }
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        char name[4096];
        struct lrp_record *record = NULL;
        struct lrp_error err = {0};
        double first = (double)NAN;
        double last = (double)NAN;
        (void)snprintf(name, sizeof name, "%s/logs/%s", root, samples[i].file);
        ck_assert_msg(lrp_record_read(name, NULL, &record, &err) == LRP_OK, "%s: %s", name,
                      err.message);
        ck_assert_str_eq(lrp_record_format(record), samples[i].format);
        ck_assert_uint_eq(lrp_record_rows(record), samples[i].rows);
        size_t column = lrp_record_find_column(record, samples[i].column);
        ck_assert_msg(column != LRP_NO_COLUMN, "%s: no %s", name, samples[i].column);
        for (size_t k = 0; k < lrp_record_rows(record); k++) {
            if (lrp_record_present(record, column, k) != 0) {
                last = lrp_record_values(record, column)[k];
                first = isnan(first) ? last : first;
            }
        }
        ck_assert_msg(close_to(first, samples[i].first, 1e-3, 0) &&
                          close_to(last, samples[i].last, 1e-3, 0),
                      "%s: %s from %g to %g", name, samples[i].column, first, last);
        lrp_record_free(record);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("log_files");
    TCase *tests = tcase_create("log_files");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, mlflow_metrics);
    tcase_add_test(tests, a_folder_of_metrics_is_one_record);
    tcase_add_test(tests, columns_are_mapped_by_hand);
    tcase_add_test(tests, bytes_come_from_anywhere);
    tcase_add_test(tests, shared_logs_load);
    suite_add_tcase(suite, tests);
    return suite;
}
