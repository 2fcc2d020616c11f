/* SPDX-License-Identifier: MIT */
/* Readers of tables and of printed text: the files of tests/corpus, in any slices; what people's
 * files have wrong; real logs where they are at hand. */
#include "formats.h"
#include "log_read.h"
#include "lrprobe/lrprobe.h"
#include "test_main.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* First and last value of a column among the cells that are there. */
static void ends_of(const struct lrp_record *record, const char *column, double *first,
                    double *last, size_t *cells)
{
    size_t c = lrp_record_find_column(record, column);
    *cells = 0;
    *first = *last = (double)NAN;
    for (size_t row = 0; c != LRP_NO_COLUMN && row < lrp_record_rows(record); row++) {
        if (lrp_record_present(record, c, row) != 0) {
            *first = *cells == 0 ? lrp_record_values(record, c)[row] : *first;
            *last = lrp_record_values(record, c)[row];
            ++*cells;
        }
    }
}

static const struct {
    const char *file; /* its folder is the format */
    size_t rows;
    const char *column;
    size_t cells;
    double first, last;
} corpus[] = {
    {"text/caffe_solver", 3, "loss", 3, 2.3305, 0.1512},
    {"text/caffe_solver", 3, "val_accuracy", 2, 0.0974, 0.9602},
    {"text/caffe_solver", 3, "val_loss", 2, 2.3711, 0.1333},
    {"text/caffe_solver", 3, "lr", 3, 0.01, 0.00985258},
    {"coqui/trainer", 3, "loss", 3, 4.5, 2.75},
    {"coqui/trainer", 3, "val_loss", 1, 3.5, 3.5},
    {"coqui/trainer", 3, "step", 3, 0, 50},
    {"coqui/trainer", 3, "epoch", 3, 0, 1},
    {"darknet/train", 3, "loss", 3, 1234.5, (double)NAN},
    {"darknet/train", 3, "lr", 3, 0, 1e-5},
    {"fairseq/json", 3, "loss", 2, 13.5, 11.25},
    {"fairseq/json", 3, "loss_epoch", 1, 12.1, 12.1},
    {"fairseq/json", 3, "val_loss", 1, 9.75, 9.75},
    {"fairseq/json", 3, "step", 3, 100, 2000},
    {"fairseq/old", 3, "loss", 2, 11.5, 10.25},
    {"fairseq/old", 3, "val_loss", 1, 8.25, 8.25},
    {"fairseq/old", 3, "grad_norm", 3, 2.5, 1.5},
    {"keras/bar", 3, "loss", 3, 1.75, (double)NAN}, /* the last state of each epoch */
    {"keras/bar", 3, "val_accuracy", 3, 0.5, 0.1},
    {"keras/bar", 3, "epoch", 3, 1, 3},
    {"keras/evaluated", 2, "loss", 2, 0.75, 0.5}, /* evaluate() is no epoch */
    {"keras/quiet", 2, "accuracy", 2, 0.5, 0.75},
    {"keras/version3", 2, "val_loss", 2, 2, 1.75},
    {"llmc-stdout/train", 5, "loss", 4, 11.010252, (double)NAN}, /* z-scores are no data */
    {"llmc-stdout/train", 5, "val_loss", 2, 11.008742, 10.25},
    {"llmc-stdout/train", 5, "grad_norm", 3, 15.1374, 9.5},
    {"llmc/main", 4, "loss", 3, 11.0091, (double)NAN},
    {"llmc/main", 4, "val_loss", 2, 11.0092, 10.5},
    {"text/megatron_excerpts", 3, "loss", 3, 9.5, (double)NAN},
    {"text/megatron_excerpts", 3, "val_loss", 1, 8, 8},
    {"text/megatron_excerpts", 3, "grad_norm", 3, 2.5, HUGE_VAL},
    {"text/megatron_excerpts", 3, "step", 3, 10, 30},
    {"text/modded-nanogpt_log", 3, "loss", 2, 10.9184, 8.6834},
    {"text/modded-nanogpt_log", 3, "val_loss", 2, 10.9264, 8.5},
    {"text/mxnet_train", 3, "loss", 3, 2.25, 1.5}, /* called cross-entropy */
    {"text/mxnet_train", 3, "val_accuracy", 1, 0.5, 0.5},
    {"text/mxnet_train", 3, "lr", 3, 0.1, 0.01},
    {"text/mxnet_train", 3, "step", 3, 50, 150},
    {"text/nanogpt_train", 3, "loss", 3, 4.2664, 2.625},
    {"text/nanogpt_train", 3, "val_loss", 2, 4.2823, 2.75},
    {"text/mnist", 3, "loss", 3, 2.3, 0.125},
    {"text/mnist", 3, "val_accuracy", 1, 0.9832, 0.9832},
    {"text/sentences", 2, "loss", 2, 1.4685, 1.1976},
    {"text/sentences", 2, "accuracy", 2, 0.4922, 0.5768},
    {"text/special", 2, "loss", 2, (double)NAN, HUGE_VAL},
    {"text/tutorial", 3, "loss", 3, 2.173, 1.5},
    {"text/tutorial", 3, "epoch", 3, 1, 2},
    {"text/words", 2, "val_loss", 2, 0.7, 0.6},
    {"text/words", 2, "lr", 2, 0.1, 0.01},
    {"text/torchvision_deit", 3, "loss", 3, 6.9073, 6.5}, /* not the means in brackets */
    {"text/torchvision_deit", 3, "val_loss", 1, 6.224, 6.224},
    {"text/torchvision_deit", 3, "val_accuracy", 1, 0.0162, 0.0162},
    {"text/torchvision_deit", 3, "step", 3, 0, 625},
    {"text/torchvision_imagenet", 2, "accuracy", 2, 0.0039, 0.0156},
    {"text/lightning", 4, "loss", 4, 0.75, 0.25},
    {"text/lightning", 4, "val_loss", 1, 0.375, 0.375},
    {"text/lightning", 4, "step", 4, 1, 5},
    {"text/tqdm", 2, "loss", 2, 2.5, 2.25},
};
enum { N_CORPUS = sizeof corpus / sizeof corpus[0] };

START_TEST(printed_logs_are_known_and_read)
{
    char path[4096];
    char format[40];
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    double first = 0;
    double last = 0;
    size_t cells = 0;
    (void)snprintf(path, sizeof path, "%s/tests/corpus/%s", LRP_SOURCE_ROOT, corpus[_i].file);
    (void)snprintf(format, sizeof format, "%.*s", (int)strcspn(corpus[_i].file, "/"),
                   corpus[_i].file);
    ck_assert_msg(lrp_log_read_one(path, NULL, &record, &err) == LRP_OK, "%s: %s", path,
                  err.message);
    ck_assert_str_eq(lrp_record_format(record), format);
    ck_assert_uint_eq(lrp_record_rows(record), corpus[_i].rows);
    ends_of(record, corpus[_i].column, &first, &last, &cells);
    ck_assert_uint_eq(cells, corpus[_i].cells);
    ck_assert_close(first, corpus[_i].first, 1e-12, 0);
    ck_assert_close(last, corpus[_i].last, 1e-12, 0);
    lrp_record_free(record);
}
END_TEST

START_TEST(each_format_has_its_place_and_numbers)
{
    for (size_t i = 0; lrp_log_formats[i] != NULL; i++) {
        const char *name = lrp_log_formats[i]->name;
        bool known = lrp_log_formats[i]->is_line == NULL;
        for (size_t k = 0; k < N_CORPUS; k++) {
            size_t length = strcspn(corpus[k].file, "/");
            known = known || (strlen(name) == length && strncmp(corpus[k].file, name, length) == 0);
        }
        ck_assert_msg(known, "%s has no row in corpus[] of tests/unit/test_logs_text.c", name);
        ck_assert_msg(i == 0 || strcmp(lrp_log_formats[i - 1]->name, name) < 0,
                      "%s is not at its place in lrp_log_formats: they are sorted by name", name);
    }
}
END_TEST

static struct lrp_record *read_table(const char *text, const char *file_name)
{
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    enum lrp_status status =
        lrp_log_read_memory(text, strlen(text), file_name, NULL, &record, &err);
    ck_assert_msg(status == LRP_OK, "%s: %s", text, err.message);
    return record;
}

static void check_ends(const char *text, const char *file_name, const char *column, size_t cells,
                       double first, double last)
{
    struct lrp_record *record = read_table(text, file_name);
    double got_first = 0;
    double got_last = 0;
    size_t got_cells = 0;
    ck_assert_str_eq(lrp_record_format(record), "csv");
    ends_of(record, column, &got_first, &got_last, &got_cells);
    ck_assert_msg(got_cells == cells, "%s: %zu cells of %s", text, got_cells, column);
    ck_assert_close(got_first, first, 1e-12, 0);
    ck_assert_close(got_last, last, 1e-12, 0);
    lrp_record_free(record);
}

START_TEST(tables_of_other_tools)
{
    static const char yolo[] = "   epoch,  train/box_loss,  train/cls_loss,  val/box_loss, "
                               "val/cls_loss, metrics/mAP_0.5\n"
                               "   0,  0.5, 0.25, 1, 2, 0.01\n   1, 0.25, 0.125, 3, 4, 0.02\n";
    static const char lightning[] = "epoch,step,train_loss_epoch,train_loss_step,val_loss\n"
                                    "0,9,,0.5,\n0,19,,0.25,\n0,19,,,0.75\n0,19,0.375,,\n";
    static const char board[] = "Wall time,Step,Value\n1.5e9,0,0.5\n1.6e9,1,0.4\n";
    static const char wandb[] = "\"Step\",\"amber - train/loss\",\"amber - train/loss__MIN\","
                                "\"amber - train/loss__MAX\"\n\"0\",\"2\",\"1\",\"3\"\n"
                                "\"1\",\"1.5\",\"1\",\"3\"\n";
    static const char baselines[] = "rollout/ep_rew_mean,time/total_timesteps,train/loss\n"
                                    "10,2048,\n12,4096,9.5\n14,6144,8.5\n";
    check_ends(yolo, NULL, "loss", 2, 0.75, 0.375);
    check_ends(yolo, NULL, "val_loss", 2, 3, 7);
    check_ends(lightning, NULL, "loss", 2, 0.5, 0.25);
    check_ends(lightning, NULL, "loss_epoch", 1, 0.375, 0.375);
    check_ends(lightning, NULL, "val_loss", 1, 0.75, 0.75);
    check_ends(board, NULL, "loss", 2, 0.5, 0.4);
    check_ends(board, "run-val-tag-epoch_loss.csv", "val_loss", 2, 0.5, 0.4);
    check_ends(wandb, NULL, "loss", 2, 2, 1.5);
    check_ends(baselines, NULL, "step", 3, 2048, 6144);
    check_ends(baselines, NULL, "loss", 2, 9.5, 8.5);
    check_ends("step,objective\n0,3\n1,2\n", NULL, "loss", 2, 3, 2);
    check_ends("epoch,train_loss_epoch\n0,3\n1,2\n", NULL, "loss", 2, 3, 2);
    check_ends("loss,test_acc1\n3,10\n2,62.5\n", NULL, "val_accuracy", 2, 0.1, 0.625);
    check_ends("loss,train_loss\n3,10\n2,62.5\n", NULL, "loss", 2, 3, 2);
    check_ends("train_loss,loss\n3,10\n2,62.5\n", NULL, "loss", 2, 10, 62.5);
    check_ends("train_loss,loss\n3,10\n2,62.5\n", NULL, "train_loss", 2, 3, 2);
    check_ends("loss,acc\ntensor(0.5),90%\n\"tensor(0.25, device='cuda:0')\",95%\n", NULL, "loss",
               2, 0.5, 0.25);
    check_ends("loss\n0.5\n0.25\n", NULL, "loss", 2, 0.5, 0.25);
}
END_TEST

/* Rows that do not fit are left out and told, up to a tenth of them. */
START_TEST(few_rows_that_do_not_fit_are_left_out)
{
    char text[2000] = "step,lr,loss\n";
    for (int k = 0; k < 20; k++) {
        char row[40];
        (void)snprintf(row, sizeof row,
                       k == 7    ? "%d,0.1,2,3\n"
                       : k == 11 ? "%d,0.1,oops\n"
                                 : "%d,0.1,2\n",
                       k);
        strncat(text, row, sizeof text - strlen(text) - 1);
    }
    struct lrp_record *record = read_table(text, NULL);
    ck_assert_uint_eq(lrp_record_rows(record), 18);
    ck_assert_ptr_nonnull(lrp_record_note(record, 0));
    ck_assert_msg(strstr(lrp_record_note(record, 0), "2 of 20 rows") != NULL &&
                      strstr(lrp_record_note(record, 0), "line 9") != NULL,
                  "%s", lrp_record_note(record, 0));
    ck_assert_ptr_null(lrp_record_note(record, 1));
    lrp_record_free(record);
    strncat(text, "20,0.1\n", sizeof text - strlen(text) - 1);
    struct lrp_error err = {0};
    ck_assert_int_eq(lrp_record_read_memory(text, strlen(text), NULL, &record, &err), LRP_E_FORMAT);
    ck_assert_uint_eq(err.line, 9);
}
END_TEST

static const struct {
    const char *text;
    size_t length; /* 0 = up to its NUL */
    enum lrp_status want;
    const char *says;
} bad[] = {
    {"step;loss\n1;1.5\n2;1,25\n", 0, LRP_E_FORMAT, "decimal point"},
    {"step,loss\n1,0x1p3\n2,0x1p2\n", 0, LRP_E_FORMAT, "is not a number"},
    {"step,loss\n1,nan(abc)\n2,nan(1)\n", 0, LRP_E_FORMAT, "is not a number"},
    {"step,loss\n", 0, LRP_E_NODATA, "no row of data"},
    {"step,loss\n1,2,3\n4,5,6\n", 0, LRP_E_FORMAT, "3 fields"},
    {"<!DOCTYPE html>\n<html>loss: 1</html>\n", 0, LRP_E_FORMAT, "HTML"},
    {"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16, LRP_E_FORMAT, "PNG"},
    {"\x7f\x45LF\2\1\1\0", 8, LRP_E_FORMAT, "a program"},
    {"\1\2\3\0\4\5\6\0", 8, LRP_E_FORMAT, "binary"},
    {"import torch\nfor epoch in range(10):\n    train_loss = 0.0\n    val_loss = 0.0\n", 0,
     LRP_E_FORMAT, "not a log"},
    {"#include <stdio.h>\nint main(void)\n{\n    double loss = 0;\n    return 0;\n}\n", 0,
     LRP_E_FORMAT, "not a log"},
    {"Dear all,\nthe training works, more or less.\n", 0, LRP_E_FORMAT, "not a log"},
};
enum { N_BAD = sizeof bad / sizeof bad[0] };

START_TEST(what_is_no_log_is_told_in_a_sentence)
{
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    size_t length = bad[_i].length > 0 ? bad[_i].length : strlen(bad[_i].text);
    enum lrp_status got = lrp_record_read_memory(bad[_i].text, length, NULL, &record, &err);
    ck_assert_msg(got == bad[_i].want, "%s: %d %s", bad[_i].text, (int)got, err.message);
    ck_assert_msg(strstr(err.message, bad[_i].says) != NULL, "%s: %s", bad[_i].text, err.message);
    ck_assert_ptr_null(record);
}
END_TEST

START_TEST(odd_cells_and_bytes)
{
    static const char nul[] = "epoch 1 loss: 0.5\nepoch\0 2 loss: 0.25\n\xff\xfe epoch 3 loss: 0.1";
    struct lrp_record *record = read_table("step,loss\n1,1e999\n2,-1e999\n3,1e-999\n", NULL);
    double first = 0;
    double last = 0;
    size_t cells = 0;
    ends_of(record, "loss", &first, &last, &cells);
    ck_assert_close(first, HUGE_VAL, 0, 0);
    ck_assert_close(last, 0, 0, 0);
    ck_assert_close(lrp_record_values(record, lrp_record_find_column(record, "loss"))[1], -HUGE_VAL,
                    0, 0);
    lrp_record_free(record);
    record = read_table("step,loss\n1,0.5\n", NULL); /* one row is a row */
    ck_assert_uint_eq(lrp_record_rows(record), 1);
    lrp_record_free(record);
    ck_assert_int_eq(lrp_record_read_memory(nul, sizeof nul - 1, "text", &record, NULL), LRP_OK);
    ck_assert_uint_eq(lrp_record_rows(record), 3);
    lrp_record_free(record);
}
END_TEST

START_TEST(too_many_columns_and_huge_lines_are_bounded)
{
    enum { LENGTH = 1 << 22 };
    char *text = malloc(LENGTH + 1);
    ck_assert_ptr_nonnull(text);
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    for (size_t i = 0; i < LENGTH; i += 2) { /* two million columns */
        memcpy(text + i, "a,", 2);
    }
    ck_assert_int_eq(lrp_record_read_memory(text, LENGTH, "csv", &record, &err), LRP_E_LIMIT);
    memcpy(text, "loss", 4);
    text[10001] = '\n'; /* 5,000 columns */
    ck_assert_int_eq(lrp_record_read_memory(text, LENGTH, NULL, &record, &err), LRP_E_LIMIT);
    memset(text, 'x', LENGTH);
    memcpy(text, "epoch 1 loss: 0.5\nepoch 2 loss: 0.25\n", 37);
    memcpy(text + LENGTH - 20, "\nepoch 3 loss: 0.125", 20);
    ck_assert_int_eq(lrp_record_read_memory(text, LENGTH, NULL, &record, &err), LRP_OK);
    ck_assert_uint_eq(lrp_record_rows(record), 3);
    ck_assert_ptr_nonnull(lrp_record_note(record, 0));
    ck_assert_ptr_nonnull(strstr(lrp_record_note(record, 0), "line 3"));
    lrp_record_free(record);
    free(text);
}
END_TEST

/* A log whose first 64 KiB are something else is told by its first sure line. */
START_TEST(a_long_preamble_hides_no_log)
{
    enum { PREAMBLE = 70000 };
    static const char log[] = "\nstep:0/10 val_loss:3 train_time:1ms\nstep:1/10 train_loss:2 x:1\n";
    char *text = malloc(PREAMBLE + sizeof log);
    ck_assert_ptr_nonnull(text);
    struct lrp_record *record = NULL;
    for (size_t i = 0; i < PREAMBLE; i += 10) {
        memcpy(text + i, "import os\n", 10);
    }
    memcpy(text + PREAMBLE, log, sizeof log);
    ck_assert_int_eq(lrp_record_read_memory(text, PREAMBLE + sizeof log - 1, NULL, &record, NULL),
                     LRP_OK);
    ck_assert_str_eq(lrp_record_format(record), "text");
    ck_assert_uint_eq(lrp_record_rows(record), 2);
    lrp_record_free(record);
    free(text);
}
END_TEST

static const struct {
    const char *file;
    const char *format;
    size_t rows;
    const char *column;
    double first, last;
} shared[] = {
    {"coqui/xtts_diverged_trainer_0_log.txt", "coqui", 1460, "loss", 0.0626198, 0.0312163},
    {"coqui/xtts_trainer_0_log.txt", "coqui", 2502, "val_loss", 4.88132, 2.58939},
    {"csv/gat_1.csv", "csv", 31, "loss", 0.6431, 0.56462},
    {"csv/gat_2.csv", "csv", 54, "loss", 0.69315, 0.55074},
    {"keras_faulty/deepfd_31556268.csv", "csv", 4, "loss", 0.343241, 0.343234},
    {"keras_faulty/deepfd_59282996.csv", "csv", 10, "loss", 0.828994, 0.832406},
    {"lightning/cvclass_v0.csv", "csv", 178, "loss", 0.634956, 0.0219892},
    {"lightning/pinn_v18.csv", "csv", 2260, "loss", 0.147635, 0.044393},
    {"lightning/pinn_v19.csv", "csv", 1320, "loss", 8.86267, 0.151415},
    {"lightning/pinn_v25.csv", "csv", 1160, "loss", 306.918, 5.81127},
    {"lightning/pinn_v27.csv", "csv", 3280, "loss_epoch", 139.925, 0.00756558},
    {"lightning/pinn_v5.csv", "csv", 226, "loss", 2.91358, 0.510902},
    {"llmc/modded_adamw_f66d43d7.log", "llmc", 9537, "loss", 10.9656, 3.34018},
    {"llmc/modded_llmc_main.log", "llmc", 19561, "loss", 11.0091, 3.2217},
    {"llmc/siddanth_124M_main.log", "llmc", 19553, "loss", 11.0116, 3.2813},
    {"llmc_stdout/hector_11672114_cut.log", "llmc-stdout", 751, "loss", 11.0103, 4.76392},
    {"llmc_stdout/hector_11672255.log", "llmc-stdout", 903, "loss", (double)NAN, (double)NAN},
    {"lr_range/koc_small_derived.csv", "csv", 338, "loss", 307.508, 5.24004},
    {"megatron/meg_ds3d_n16_dsoff.out", "text", 62, "loss", 12.4424, 20.4387},
    {"mxnet/resnet-164.log", "text", 2100, "val_accuracy", 0.50267, 0.952927},
    {"mxnet/resnet-18.log", "text", 6050, "val_accuracy", 0.19326, 0.692602},
    {"text/bigscience_tr8_chronicles.md", "text", 18, "loss", 6.44466, 7.02458},
    {"text/cmput466_output.txt", "text", 100, "loss", 1.46853, 0.488573},
    {"text/mobilenetv3_300_deit_stdout.log", "text", 1501, "loss", 6.9073, 2.7043},
    {"text/modded_muon_eb5659d0_logpart.txt", "text", 6201, "loss", 10.9184, 3.2533},
    {"yolo/anemia_v8.csv", "csv", 50, "loss", 113.039, 0.0341},
};

START_TEST(shared_logs_are_read_as_a_careful_reader_saw_them)
{
    char path[4096];
    const char *root = shared_data();
    for (size_t i = 0; root != NULL && i < sizeof shared / sizeof shared[0]; i++) {
        struct lrp_record *record = NULL;
        struct lrp_error err = {0};
        double first = 0;
        double last = 0;
        size_t cells = 0;
        (void)snprintf(path, sizeof path, "%s/logs/%s", root, shared[i].file);
        ck_assert_msg(lrp_record_read(path, NULL, &record, &err) == LRP_OK, "%s: %s", path,
                      err.message);
        ends_of(record, shared[i].column, &first, &last, &cells);
        ck_assert_str_eq(lrp_record_format(record), shared[i].format);
        ck_assert_uint_eq(lrp_record_rows(record), shared[i].rows);
        ck_assert_close(first, shared[i].first, 1e-5, 0);
        ck_assert_close(last, shared[i].last, 1e-5, 0);
        lrp_record_free(record);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("logs_text");
    TCase *tests = tcase_create("logs_text");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, printed_logs_are_known_and_read, 0, N_CORPUS);
    tcase_add_test(tests, each_format_has_its_place_and_numbers);
    tcase_add_test(tests, tables_of_other_tools);
    tcase_add_test(tests, few_rows_that_do_not_fit_are_left_out);
    tcase_add_loop_test(tests, what_is_no_log_is_told_in_a_sentence, 0, N_BAD);
    tcase_add_test(tests, odd_cells_and_bytes);
    tcase_add_test(tests, too_many_columns_and_huge_lines_are_bounded);
    tcase_add_test(tests, a_long_preamble_hides_no_log);
    tcase_add_test(tests, shared_logs_are_read_as_a_careful_reader_saw_them);
    suite_add_tcase(suite, tests);
    return suite;
}
