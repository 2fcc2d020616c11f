/* SPDX-License-Identifier: MIT */
#include "dataset.h"
#include "random.h"
#include "test_main.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static char path[64]; /* of the file of the running test */

static void write_bytes(const void *bytes, size_t length)
{
    (void)snprintf(path, sizeof path, "/tmp/lrprobe-dataset-XXXXXX");
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(write(descriptor, bytes, length), (ssize_t)length);
    ck_assert_int_eq(close(descriptor), 0);
}

static struct lrp_dataset *load(const struct lrp_data_options *options)
{
    struct lrp_dataset *dataset = NULL;
    struct lrp_error err = {0};
    enum lrp_status status = lrp_dataset_load(options, &dataset, &err);
    ck_assert_msg(status == LRP_OK, "%s: %s", options->data, err.message);
    ck_assert_uint_ge(dataset->n, dataset->n_train);
    ck_assert_uint_gt(dataset->n_train, 0);
    size_t wrong = 0; /* counted: an assertion writes to a pipe, and there are 47 million values */
    for (size_t i = 0; i < dataset->n * dataset->n_inputs; i++) {
        wrong += isfinite(dataset->inputs[i]) ? 0 : 1;
    }
    for (size_t i = 0; i < dataset->n && dataset->classes != NULL; i++) {
        wrong += dataset->classes[i] < dataset->n_outputs ? 0 : 1;
    }
    ck_assert_uint_eq(wrong, 0);
    return dataset;
}

static struct lrp_dataset *load_text(const char *text, struct lrp_data_options options)
{
    write_bytes(text, strlen(text));
    options.data = path;
    struct lrp_dataset *dataset = load(&options);
    (void)unlink(path);
    return dataset;
}

/* The text is refused with that status and a message that has the word. */
static void check_refused(const void *bytes, size_t length, struct lrp_data_options options,
                          enum lrp_status want, const char *word)
{
    struct lrp_dataset *dataset = NULL;
    struct lrp_error err = {0};
    write_bytes(bytes, length);
    options.data = path;
    enum lrp_status got = lrp_dataset_load(&options, &dataset, &err);
    (void)unlink(path);
    ck_assert_msg(got == want, "status %d instead of %d: %s", (int)got, (int)want, err.message);
    ck_assert_msg(strstr(err.message, word) != NULL, "no \"%s\" in \"%s\"", word, err.message);
    ck_assert_ptr_null(dataset);
}

START_TEST(shared_data_sets_load)
{
    static const struct {
        const char *file;
        struct lrp_data_options options;
        size_t n, n_inputs, n_outputs;
    } sets[] = {
        {"optdigits/optdigits.tra", {0}, 2999, 64, 10},
        {"optdigits/optdigits.tes", {0}, 1797, 64, 10},
        {"uci/iris.csv", {.skip_lines = 1, .no_header = true}, 150, 4, 3},
        {"uci/wine_data.csv", {.skip_lines = 1, .no_header = true}, 178, 13, 3},
        {"uci/breast_cancer.csv", {.skip_lines = 1, .no_header = true}, 569, 30, 2},
        {"mnist/train-images-idx3-ubyte.gz", {0}, 60000, 784, 10},
        {"mnist/t10k-images-idx3-ubyte.gz", {0}, 10000, 784, 10},
        {"fashion-mini/fashion-mini-train-images-idx3-ubyte.gz", {0}, 0, 784, 10},
        {"fashion-mini/fashion-mini-test-images-idx3-ubyte.gz", {0}, 0, 784, 10},
    };
    const char *folder = shared_data();
    for (size_t i = 0; folder != NULL && i < sizeof sets / sizeof sets[0]; i++) {
        char file[4096];
        struct lrp_data_options options = sets[i].options;
        (void)snprintf(file, sizeof file, "%s/datasets/%s", folder, sets[i].file);
        options.data = file;
        options.val_split = 0.1;
        struct lrp_dataset *dataset = load(&options);
        ck_assert_msg(sets[i].n == 0 || dataset->n == sets[i].n, "%s: %zu rows", file, dataset->n);
        ck_assert_uint_eq(dataset->n_inputs, sets[i].n_inputs);
        ck_assert_uint_eq(dataset->n_outputs, sets[i].n_outputs);
        ck_assert_uint_eq(dataset->n_train, dataset->n - dataset->n / 10);
        lrp_dataset_free(dataset);
    }
}
END_TEST

START_TEST(generated_sets_are_balanced_and_repeat)
{
    for (size_t i = 0; lrp_data_readers[i]->recognises == NULL; i++) {
        struct lrp_data_options options = {.data = lrp_data_readers[i]->name, .val_split = 0.2};
        options.context = lrp_data_readers[i]->is_text ? 32 : 0;
        struct lrp_dataset *dataset = load(&options);
        struct lrp_dataset *again = load(&options);
        ck_assert_uint_eq(dataset->n, again->n);
        ck_assert_mem_eq(dataset->inputs, again->inputs,
                         dataset->n * dataset->n_inputs * sizeof(float));
        size_t count[16] = {0};
        bool balanced = dataset->classes != NULL && !dataset->is_text;
        for (size_t k = 0; balanced && k < dataset->n; k++) {
            count[dataset->classes[k]]++;
        }
        for (size_t c = 0; balanced && c < dataset->n_outputs; c++) {
            ck_assert(close_to((double)count[c], (double)dataset->n / (double)dataset->n_outputs,
                               0.2, 0));
        }
        lrp_dataset_free(dataset);
        lrp_dataset_free(again);
    }
}
END_TEST

/* 200 rows whose first column numbers them. */
static char *numbered_table(void)
{
    char *text = malloc(20000);
    size_t at = 0;
    ck_assert_ptr_nonnull(text);
    for (int i = 0; i < 200; i++) {
        at += (size_t)snprintf(text + at, 20000 - at, "%d,%g,%s\n", i, 3 * sin(i) + i,
                               i % 2 == 0 ? "odd" : "even");
    }
    return text;
}

START_TEST(the_training_part_alone_sets_mean_and_deviation)
{
    char *text = numbered_table();
    struct lrp_dataset *data =
        load_text(text, (struct lrp_data_options){.no_header = true, .val_split = 0.25});
    ck_assert_uint_eq(data->n_train, 150);
    for (size_t k = 0; k < 2; k++) {
        double sum = 0;
        double squares = 0;
        double other = 0;
        for (size_t i = 0; i < 200; i++) {
            double value = (double)data->inputs[i * 2 + k];
            sum += i < 150 ? value : 0;
            squares += i < 150 ? value * value : 0;
            other += i < 150 ? 0 : value;
        }
        ck_assert(fabs(sum / 150) < 1e-6);
        ck_assert(close_to(squares / 150, 1, 1e-5, 0));
        ck_assert(fabs(other / 50) > 1e-3); /* would be near 0 if the parts were mixed up */
    }
    lrp_dataset_free(data);
    free(text);
}
END_TEST

/* Rows that only validate must not move anything in the training part: the same table with the
 * largest value of column 0 changed gives the same training rows if that row validates. */
START_TEST(the_validation_part_does_not_leak)
{
    char *text = numbered_table();
    const struct lrp_data_options options = {.no_header = true, .val_split = 0.25};
    struct lrp_dataset *before = load_text(text, options);
    size_t checked = 0;
    char changed[20000];
    for (int row = 10; row < 100 && checked < 4; row++) {
        char key[16];
        (void)snprintf(key, sizeof key, "\n%d,", row);
        const char *at = strstr(text, key);
        ck_assert_ptr_nonnull(at);
        size_t offset = (size_t)(at - text) + 1;
        memcpy(changed, text, strlen(text) + 1);
        changed[offset] = '9'; /* 10 -> 90, 25 -> 95 */
        struct lrp_dataset *after = load_text(changed, options);
        /* the same split: whether the row validates shows in the raw order of the classes */
        bool same_training = memcmp(before->inputs, after->inputs, 150 * 2 * sizeof(float)) == 0;
        bool same_validation = memcmp(before->inputs + 300, after->inputs + 300, 100 * 4) == 0;
        ck_assert_mem_eq(before->classes, after->classes, 200 * sizeof(uint32_t));
        if (row < 90 && same_training) {
            ck_assert(!same_validation); /* it was a validation row: only that part moved */
            checked++;
        }
        lrp_dataset_free(after);
    }
    ck_assert_uint_eq(checked, 4);
    lrp_dataset_free(before);
    free(text);
}
END_TEST

START_TEST(tables_of_all_kinds_are_read)
{
    static const struct {
        const char *text;
        struct lrp_data_options options;
        size_t n, n_inputs, n_outputs;
        bool classes;
    } tables[] = {
        {"a,b,y\n1,2,red\n3,4,blue\n5,7,red\n", {0}, 3, 2, 2, true},
        {"a;b;y\n1;2;u\n3;4;v\n5;7;u\n", {0}, 3, 2, 2, true},
        {"a\tb\ty\n1\t2\tu\n3\t4\tv\n", {0}, 2, 2, 2, true},
        {"# made by hand\n# twice\n1,2,u\n3,4,v\n5,6,v\n", {0}, 3, 2, 2, true},
        {"1,2,u\r\n3,4,v\r\n", {0}, 2, 2, 2, true},
        {"y,a,b\nu,1,2\nv,3,4\n", {.target = "y"}, 2, 2, 2, true},
        {"y,a,b\nu,1,2\nv,3,4\n", {.target = "1"}, 2, 2, 2, true},
        {"u,1,2\nv,3,4\n", {.target = "1", .no_header = true}, 2, 2, 2, true},
        {"150,4,setosa,x\n1,2,u\n3,4,v\n", {.skip_lines = 1, .no_header = true}, 2, 2, 2, true},
        {"a,\"b, c\",y\n1,2,\"one, two\"\n3,4,three\n", {0}, 2, 2, 2, true},
        {"label,a,b,c,d\n1,2,3,4,5\n0,1,4,5,6\n1,1,1,1,1\n",
         {.image = "2x2", .target = "label"},
         3,
         4,
         1,
         false},
        {"a,y\n1,0.5\n2,0.75\n3,1.25\n4,9.5\n", {0}, 4, 1, 1, false},
        {"a,y\n1,1\n2,2\n3,3\n4,4\n", {.loss = "squared_error"}, 4, 1, 1, false},
        {"a,y\n1,1\n2,2\n3,3\n4,4\n", {.loss = "cross_entropy"}, 4, 1, 4, true},
        {"a,y\n1e3,1\n-2.5E-1,0\n+7,1\n", {0}, 3, 1, 1, false},
        {"a,y\n1,1\n2,0\n3,1\n4,0\n1,1\n2,0\n3,1\n4,0\n1,1\n2,0\n3,1\n4,0\n1,1\n2,0\n3,1\n4,0\n1,"
         "1\n2,0\n3,1\n4,0\n",
         {0},
         20,
         1,
         2,
         true},
    };
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        struct lrp_dataset *dataset = load_text(tables[i].text, tables[i].options);
        ck_assert_msg(dataset->n == tables[i].n, "%s: %zu rows", tables[i].text, dataset->n);
        ck_assert_uint_eq(dataset->n_inputs, tables[i].n_inputs);
        ck_assert_uint_eq(dataset->n_outputs, tables[i].n_outputs);
        ck_assert_int_eq(dataset->classes != NULL, tables[i].classes);
        lrp_dataset_free(dataset);
    }
}
END_TEST

START_TEST(bad_tables_are_refused_with_their_line)
{
    static const struct {
        const char *text;
        struct lrp_data_options options;
        enum lrp_status want;
        const char *word;
    } bad[] = {
        {"", {0}, LRP_E_NODATA, "no row"},
        {"\n\n\n", {0}, LRP_E_NODATA, "no row"},
        {"a,b,y\n", {0}, LRP_E_NODATA, "no row"},
        {"# only\n# comments\n", {0}, LRP_E_NODATA, "no row"},
        {"1\n2\n3\n", {0}, LRP_E_FORMAT, "one column"},
        {"a,b,y\n1,2,0\n3,4\n", {0}, LRP_E_FORMAT, "2 fields"},
        {"a,b,y\n1,2,0\n3,4,5,1\n", {0}, LRP_E_FORMAT, "4 fields"},
        {"a,b,y\n1,2,0\n3,four,1\n", {0}, LRP_E_FORMAT, "four"},
        {"a,b,y\n1,2,0\n3,inf,1\n", {0}, LRP_E_FORMAT, "finite"},
        {"a,b,y\n1,2,0\n3,1e39,1\n", {0}, LRP_E_FORMAT, "float"},
        {"a,b,y\n1,2,0.5\n3,1,inf\n", {0}, LRP_E_FORMAT, "target"},
        {"a,b,y\n1,2,0\n3,4,0\n5,6,0\n", {0}, LRP_E_NODATA, "one target value"},
        {"a,b,y\n1,2,u\n3,4,u\n5,6,u\n", {0}, LRP_E_NODATA, "one class"},
        {"a,b,y\n1,2,red\n3,4,1\n", {0}, LRP_E_FORMAT, "both"},
        {"a,b,y\n1,2,0\n3,4,1\n", {.target = "z"}, LRP_E_ARG, "no target column \"z\""},
        {"a,b,y\n1,2,0\n3,4,1\n", {.target = "4"}, LRP_E_ARG, "no target column"},
        {"1,2,0\n3,4,1\n", {.target = "y", .no_header = true}, LRP_E_ARG, "no header"},
        {"a,y\n1,red\n2,blue\n", {.loss = "squared_error"}, LRP_E_ARG, "words"},
        {"a,b,y\n1,2,0\n3,4,1\n", {.skip_lines = 9}, LRP_E_NODATA, "no row"},
        {"1,2,3,4,u\n5,,7,8,v\n", {.image = "2x2"}, LRP_E_FORMAT, "is not a pixel"},
        {"1,2,3,4,u\n5,p,7,8,v\n", {.image = "2x2"}, LRP_E_FORMAT, "pixels of an image"},
        {"PK\x03\x04\x14xl/worksheets", {0}, LRP_E_FORMAT, "export the table as CSV"},
        {"\xFF\xFE"
         "a,y\n",
         {0},
         LRP_E_FORMAT,
         "UTF-16"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        check_refused(bad[i].text, strlen(bad[i].text), bad[i].options, bad[i].want, bad[i].word);
    }
    struct lrp_dataset *dataset = NULL;
    struct lrp_error err = {0};
    struct lrp_data_options options = {.data = "/nowhere/at/all.csv"};
    ck_assert_int_eq(lrp_dataset_load(&options, &dataset, &err), LRP_E_IO);
    options.data = "/"; /* a folder, in which no CIFAR files lie */
    ck_assert_int_eq(lrp_dataset_load(&options, &dataset, &err), LRP_E_NODATA);
    options.data = "glyfs";
    ck_assert_int_eq(lrp_dataset_load(&options, &dataset, &err), LRP_E_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "glyphs"));
}
END_TEST

/* 12 images of 2 x 3 pixels of the value of their class. */
static size_t make_idx(unsigned char *images, unsigned char *labels)
{
    const unsigned char image_head[16] = {0, 0, 8, 3, 0, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0, 3};
    const unsigned char label_head[8] = {0, 0, 8, 1, 0, 0, 0, 12};
    memcpy(images, image_head, sizeof image_head);
    memcpy(labels, label_head, sizeof label_head);
    for (size_t i = 0; i < 12; i++) {
        labels[8 + i] = (unsigned char)(i % 3);
        memset(images + 16 + 6 * i, (int)(i % 3) * 51, 6);
    }
    return 16 + 72;
}

START_TEST(idx_files_are_read_or_refused)
{
    unsigned char images[88];
    unsigned char labels[20];
    char labels_path[64];
    size_t length = make_idx(images, labels);
    write_bytes(labels, sizeof labels);
    memcpy(labels_path, path, sizeof labels_path);
    const struct lrp_data_options options = {.labels = labels_path};
    write_bytes(images, length);
    struct lrp_data_options both = {.data = path, .labels = labels_path};
    struct lrp_dataset *dataset = load(&both);
    (void)unlink(path);
    ck_assert_uint_eq(dataset->n, 12);
    ck_assert_uint_eq(dataset->n_inputs, 6);
    for (size_t i = 0; i < 12; i++) { /* pixels divided by 255 stay with their labels */
        ck_assert(close_to((double)dataset->inputs[i * 6 + 5], 0.2 * dataset->classes[i], 1e-6, 0));
    }
    lrp_dataset_free(dataset);
    for (size_t cut = 4; cut < length; cut++) {
        check_refused(images, cut, options, LRP_E_FORMAT, "");
    }
    check_refused(images, length, (struct lrp_data_options){0}, LRP_E_ARG, "--labels");
    images[2] = 0x0d; /* floats */
    check_refused(images, length, options, LRP_E_FORMAT, "magic");
    images[2] = 8;
    images[7] = 13; /* one image more than there is */
    check_refused(images, length, options, LRP_E_FORMAT, "promises");
    images[4] = 0xff;
    check_refused(images, length, options, LRP_E_FORMAT, "promises");
    images[4] = 0;
    images[7] = 11;
    check_refused(images, length - 6, options, LRP_E_FORMAT, "11 images, but 12 labels");
    (void)unlink(labels_path);
}
END_TEST

START_TEST(truncated_gz_is_refused)
{
    char text[4000];
    size_t at = 0;
    for (int i = 0; i < 200; i++) {
        at += (size_t)snprintf(text + at, sizeof text - at, "%d,%d,%d\n", i * i % 97, i, i % 2);
    }
    (void)snprintf(path, sizeof path, "/tmp/lrprobe-dataset-XXXXXX");
    int descriptor = mkstemp(path);
    gzFile file = gzdopen(descriptor, "wb");
    ck_assert_int_eq(gzwrite(file, text, (unsigned)at), (int)at);
    ck_assert_int_eq(gzclose(file), Z_OK);
    unsigned char bytes[4000];
    FILE *stream = fopen(path, "rb");
    size_t length = fread(bytes, 1, sizeof bytes, stream);
    (void)fclose(stream);
    struct lrp_data_options options = {.data = path, .no_header = true};
    struct lrp_dataset *dataset = load(&options);
    ck_assert_uint_eq(dataset->n, 200);
    lrp_dataset_free(dataset);
    (void)unlink(path);
    check_refused(bytes, length - 4, (struct lrp_data_options){0}, LRP_E_FORMAT, "");
    check_refused(bytes, length / 2, (struct lrp_data_options){0}, LRP_E_FORMAT, "");
    bytes[length / 2] ^= 0x55;
    check_refused(bytes, length, (struct lrp_data_options){0}, LRP_E_FORMAT, "");
}
END_TEST

START_TEST(random_bytes_never_crash)
{
    static const char alphabet[] = "0123456789,,,\n\n.-+eE\"#; \tnaif\r\0\x80";
    struct lrp_random random;
    lrp_random_seed(&random, 20261124, 0);
    for (int k = 0; k < 3000; k++) {
        char bytes[300];
        size_t length = (size_t)lrp_random_below(&random, sizeof bytes);
        for (size_t i = 0; i < length; i++) {
            bytes[i] = k % 3 == 0 ? (char)lrp_random_below(&random, 256)
                                  : alphabet[lrp_random_below(&random, sizeof alphabet - 1)];
        }
        write_bytes(bytes, length);
        struct lrp_dataset *dataset = NULL;
        struct lrp_error err = {0};
        struct lrp_data_options options = {.data = path, .val_split = 0.1, .no_header = k % 2 == 0};
        if (lrp_dataset_load(&options, &dataset, &err) == LRP_OK) {
            lrp_dataset_free(dataset);
        } else {
            ck_assert_uint_gt(strlen(err.message), 5);
        }
        (void)unlink(path);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("dataset");
    TCase *tests = tcase_create("dataset");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, shared_data_sets_load);
    tcase_add_test(tests, generated_sets_are_balanced_and_repeat);
    tcase_add_test(tests, the_training_part_alone_sets_mean_and_deviation);
    tcase_add_test(tests, the_validation_part_does_not_leak);
    tcase_add_test(tests, tables_of_all_kinds_are_read);
    tcase_add_test(tests, bad_tables_are_refused_with_their_line);
    tcase_add_test(tests, idx_files_are_read_or_refused);
    tcase_add_test(tests, truncated_gz_is_refused);
    tcase_add_test(tests, random_bytes_never_crash);
    suite_add_tcase(suite, tests);
    return suite;
}
