/* SPDX-License-Identifier: MIT */
/* Data with a shape: CIFAR files, texts as characters, tables whose rows are images. */
#include "data_readers.h"
#include "test_main.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIXELS = 3072 };

static char folder[40];

static void make_folder(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/lrprobe-data-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static const char *path_of(const char *name)
{
    static char path[200];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void remove_folder(void)
{
    static const char *const names[] = {"data_batch_1.bin", "data_batch_2.bin", "test_batch.bin",
                                        "train.bin",        "file.txt",         "table.csv"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)unlink(path_of(names[i]));
    }
    ck_assert_int_eq(rmdir(folder), 0);
}

static void write_file(const char *name, const void *bytes, size_t length)
{
    FILE *file = fopen(path_of(name), "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
}

/* Record r: class (r + 3) % classes, pixel (channel, y, x) of value 64 channel + y + x + r % 4. */
static void write_cifar(const char *name, size_t records, size_t labels, size_t classes)
{
    size_t record = labels + PIXELS;
    unsigned char *bytes = calloc(records, record);
    ck_assert_ptr_nonnull(bytes);
    for (size_t r = 0; r < records; r++) {
        bytes[r * record] = 1; /* the coarse class of CIFAR-100, or the class: see below */
        bytes[r * record + labels - 1] = (unsigned char)((r + 3) % classes);
        for (size_t k = 0; k < PIXELS; k++) {
            bytes[r * record + labels + k] =
                (unsigned char)(64 * (k / 1024) + k / 32 % 32 + k % 32 + r % 4);
        }
    }
    write_file(name, bytes, records * record);
    free(bytes);
}

static struct lrp_dataset *load(struct lrp_data_options options)
{
    struct lrp_dataset *dataset = NULL;
    struct lrp_error err = {0};
    ck_assert_msg(lrp_dataset_load(&options, &dataset, &err) == LRP_OK, "%s", err.message);
    return dataset;
}

static void refuse(struct lrp_data_options options, enum lrp_status status, const char *word)
{
    struct lrp_dataset *dataset = NULL;
    struct lrp_error err = {0};
    enum lrp_status got = lrp_dataset_load(&options, &dataset, &err);
    ck_assert_msg(got == status && strstr(err.message, word) != NULL, "status %d: %s", (int)got,
                  err.message);
    ck_assert_ptr_null(dataset);
}

/* Channels last, each with mean 0 and deviation 1 over the training part. */
static void check_images(const struct lrp_dataset *data, size_t n, size_t classes)
{
    ck_assert_uint_eq(data->n, n);
    ck_assert_uint_eq(data->n_outputs, classes);
    ck_assert(data->shape.height == 32 && data->shape.width == 32 && data->shape.channels == 3);
    for (size_t c = 0; c < 3; c++) {
        double sum = 0;
        double squares = 0;
        for (size_t k = c; k < data->n_train * PIXELS; k += 3) {
            sum += (double)data->inputs[k];
            squares += (double)data->inputs[k] * (double)data->inputs[k];
        }
        double count = (double)(data->n_train * 1024);
        ck_assert_close(sum / count, 0, 0, 1e-5);
        ck_assert_close(squares / count, 1, 1e-4, 0);
    }
    const float *image = data->inputs; /* brighter to the right and downwards, alike in channels */
    ck_assert(image[3] > image[0] && image[32 * 3] > image[0]);
    ck_assert_close((double)image[3], (double)image[32 * 3], 1e-6, 0);
    ck_assert_close((double)image[0], (double)image[1], 1e-3, 0);
}

START_TEST(cifar_files_and_folders_are_read)
{
    make_folder();
    write_cifar("data_batch_1.bin", 40, 1, 10);
    write_cifar("data_batch_2.bin", 20, 1, 10);
    write_cifar("test_batch.bin", 30, 1, 10);
    struct lrp_dataset *data = load((struct lrp_data_options){.data = folder, .val_split = 0.25});
    check_images(data, 60, 10); /* without the test set */
    lrp_dataset_free(data);
    data = load((struct lrp_data_options){.data = path_of("data_batch_2.bin"), .val_split = 0.25});
    check_images(data, 20, 10);
    lrp_dataset_free(data);
    write_cifar("data_batch_2.bin", 20, 2, 100);
    refuse((struct lrp_data_options){.data = folder}, LRP_E_FORMAT, "CIFAR-10");
    (void)unlink(path_of("data_batch_1.bin"));
    (void)unlink(path_of("data_batch_2.bin"));
    refuse((struct lrp_data_options){.data = folder}, LRP_E_NODATA, "directory");
    write_cifar("train.bin", 120, 2, 100);
    data = load((struct lrp_data_options){.data = folder, .val_split = 0.25});
    check_images(data, 120, 100);
    lrp_dataset_free(data);
    write_file("train.bin", "no pixels", 9);
    refuse((struct lrp_data_options){.data = path_of("train.bin")}, LRP_E_FORMAT, "records");
    remove_folder();
}
END_TEST

static struct lrp_data_options text_options(const char *text, size_t context)
{
    write_file("file.txt", text, strlen(text));
    return (struct lrp_data_options){
        .data = path_of("file.txt"), .val_split = 0.34, .context = context};
}

START_TEST(a_text_is_rows_of_characters)
{
    make_folder();
    /* nine characters, of which one has two bytes; a byte-order mark in front is none of them */
    struct lrp_dataset *data = load(text_options("\xef\xbb\xbf"
                                                 "ab\xc3\xa4"
                                                 "ab\xc3\xa4"
                                                 "abb",
                                                 2));
    static const float inputs[8] = {0, 1, 2, 0, 1, 2, 0, 1};
    static const uint32_t classes[8] = {1, 2, 0, 1, 2, 0, 1, 1};
    ck_assert(data->is_text && data->shape.width == 2 && data->shape.channels == 1);
    ck_assert_uint_eq(data->n, 4);
    ck_assert_uint_eq(data->n_train, 3); /* in order: the last part validates */
    ck_assert_uint_eq(data->n_outputs, 3);
    ck_assert_uint_eq(data->n_targets, 2);
    ck_assert_mem_eq(data->inputs, inputs, sizeof inputs);
    ck_assert_mem_eq(data->classes, classes, sizeof classes);
    lrp_dataset_free(data);
    refuse(text_options("abcd", 2), LRP_E_NODATA, "at least 5");
    refuse(text_options("", 2), LRP_E_NODATA, "0 characters");
    refuse(text_options("ab\nc\xff"
                        "d",
                        2),
           LRP_E_FORMAT, "0xff");
    refuse(text_options("aaaaaaaaaaa", 2), LRP_E_NODATA, "nothing to learn");
    remove_folder();
}
END_TEST

START_TEST(sentences_are_sentences)
{
    struct lrp_text text;
    lrp_text_init(&text, 1 << 20);
    ck_assert_int_eq(lrp_write_sentences(&text, NULL), LRP_OK);
    ck_assert_uint_ge(text.length, 200000);
    ck_assert_uint_le(text.length, 200200);
    const char *line = lrp_text_string(&text);
    size_t n = 0;
    for (; *line != '\0'; n++) {
        size_t length = strcspn(line, "\n");
        ck_assert(line[0] >= 'A' && line[0] <= 'Z');
        ck_assert(length > 10 && line[length - 1] == '.' && line[length] == '\n');
        line += length + 1;
    }
    ck_assert_uint_gt(n, 2000);
    lrp_text_fini(&text);
}
END_TEST

START_TEST(rows_of_a_table_can_be_images)
{
    make_folder();
    /* two channels of 1 x 2 pixels, channels first; then the class */
    static const char table[] = "1,2,30,40,0\n2,3,40,50,1\n3,4,50,60,0\n4,5,60,70,1\n"
                                "5,6,70,80,0\n6,7,80,90,1\n7,8,90,100,0\n8,9,100,110,1\n";
    write_file("table.csv", table, sizeof table - 1);
    const char *path = path_of("table.csv");
    struct lrp_data_options options = {.data = path, .no_header = true, .image = "2x1x2"};
    struct lrp_dataset *data = load(options);
    ck_assert(data->shape.height == 1 && data->shape.width == 2 && data->shape.channels == 2);
    for (size_t i = 0; i < data->n; i++) { /* the channels have one course: alike after scaling */
        ck_assert_close((double)data->inputs[4 * i], (double)data->inputs[4 * i + 1], 1e-5, 1e-6);
        ck_assert(data->inputs[4 * i + 2] > data->inputs[4 * i]);
    }
    lrp_dataset_free(data);
    static const char *const bad[] = {"",   "4",    "2x3", "2x2x2", "1x2x1x2",
                                      "2x", "x2x2", "0x4", "axb"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        options.image = bad[i];
        refuse(options, LRP_E_ARG, "--image");
    }
    remove_folder();
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("shaped_data");
    TCase *tests = tcase_create("shaped_data");
    tcase_add_test(tests, cifar_files_and_folders_are_read);
    tcase_add_test(tests, a_text_is_rows_of_characters);
    tcase_add_test(tests, sentences_are_sentences);
    tcase_add_test(tests, rows_of_a_table_can_be_images);
    suite_add_tcase(suite, tests);
    return suite;
}
