/* SPDX-License-Identifier: MIT */
/* Networks in files: what is read is what was written, and nothing else is taken. */
#include "checkpoint.h"
#include "json.h"
#include "test_main.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[40];

static void make_path(void)
{
    (void)snprintf(path, sizeof path, "/tmp/lrprobe-checkpoint-XXXXXX");
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(close(file), 0);
}

static struct lrp_network *make(const char *model, size_t n_outputs, uint64_t seed)
{
    struct lrp_network *network = NULL;
    struct lrp_model_spec spec;
    struct lrp_random random;
    struct lrp_error err = {0};
    const bool is_text = strncmp(model, "transformer", 11) == 0;
    const struct lrp_task task = {.inputs = is_text ? (struct lrp_tensor_shape){1, 8, 1}
                                                    : (struct lrp_tensor_shape){8, 8, 3},
                                  .n_outputs = n_outputs,
                                  .loss = LRP_CROSS_ENTROPY,
                                  .max_batch = 4};
    lrp_random_seed(&random, seed, 0);
    ck_assert_msg(lrp_model_parse(model, &spec, &err) == LRP_OK &&
                      lrp_network_new(&spec, &task, &random, &network, &err) == LRP_OK,
                  "%s: %s", model, err.message);
    for (size_t i = 0; i < lrp_network_n_parameters(network); i++) {
        lrp_network_parameters(network)[i] += (float)(0.1 * lrp_random_normal(&random));
    }
    return network;
}

static void write_bytes(const unsigned char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
}

static unsigned char *read_bytes(size_t *length)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = malloc(1 << 20);
    ck_assert(file != NULL && bytes != NULL);
    *length = fread(bytes, 1, 1 << 20, file);
    ck_assert_int_eq(fclose(file), 0);
    return bytes;
}

static void check_same(struct lrp_network *a, struct lrp_network *b)
{
    struct lrp_tensor left;
    struct lrp_tensor right;
    size_t n = 0;
    for (; lrp_network_tensor(a, n, &left); n++) {
        ck_assert(lrp_network_tensor(b, n, &right));
        ck_assert_str_eq(left.name, right.name);
        ck_assert_mem_eq(left.values, right.values, left.n * sizeof(float));
    }
    ck_assert_uint_gt(n, 1);
}

static const char *const models[] = {
    "mlp:7,5",    "mlp:7:bn",
    "cnn:3:ln",   "cnn:3,4:bn:dense=5",
    "resnet:3,5", "transformer:layers=2,heads=2,width=6,context=8"};
enum { N_MODELS = sizeof models / sizeof models[0] };

START_TEST(what_is_read_is_what_was_written)
{
    struct lrp_network *network = make(models[_i], 10, 1);
    struct lrp_network *other = make(models[_i], 10, 2);
    struct lrp_tensor tensor;
    size_t n = 0;
    make_path();
    for (size_t i = 0; lrp_network_tensor(network, i, &tensor); i++) {
        if (strstr(tensor.name, "running") != NULL) {
            tensor.values[0] = 0.25f; /* they are part of it */
        } else {
            n += tensor.n;
        }
        size_t cells = 1;
        for (size_t d = 0; d < tensor.n_dimensions; d++) {
            cells *= tensor.shape[d];
        }
        ck_assert_uint_eq(cells, tensor.n);
    }
    ck_assert_uint_eq(n, lrp_network_n_parameters(network)); /* all of them have a name */
    ck_assert_int_eq(lrp_checkpoint_save(path, network, models[_i], "x", NULL), LRP_OK);
    ck_assert_int_eq(lrp_checkpoint_load(path, false, other, NULL), LRP_OK);
    check_same(network, other);
    lrp_network_free(network);
    lrp_network_free(other);
    (void)unlink(path);
}
END_TEST

/* The format's own rules, read without our reader: whole numbers, no gaps, from 0 to the end. */
START_TEST(the_file_is_in_the_safetensors_format)
{
    struct lrp_network *network = make("mlp:400,3", 10, 1);
    struct lrp_json *header = NULL;
    struct lrp_tensor tensor;
    size_t length = 0;
    make_path();
    ck_assert_int_eq(lrp_checkpoint_save(path, network, "mlp:400,3", "x", NULL), LRP_OK);
    unsigned char *bytes = read_bytes(&length);
    size_t n = 0;
    for (int i = 7; i >= 0; i--) {
        n = n << 8 | bytes[i];
    }
    ck_assert_uint_eq(n % 8, 0);
    ck_assert_int_eq(lrp_json_parse((const char *)bytes + 8, n, &header, NULL), LRP_OK);
    size_t at = 0;
    for (size_t i = 0; lrp_network_tensor(network, i, &tensor); i++) {
        const struct lrp_json *offsets =
            lrp_json_member(lrp_json_member(header, tensor.name), "data_offsets");
        ck_assert_uint_eq(lrp_json_integer(lrp_json_element(offsets, 0)), at);
        at += 4 * tensor.n;
        ck_assert_uint_eq(lrp_json_integer(lrp_json_element(offsets, 1)), at);
    }
    ck_assert_uint_eq(8 + n + at, length);
    lrp_json_free(header);
    free(bytes);
    lrp_network_free(network);
    (void)unlink(path);
}
END_TEST

static void refuse(struct lrp_network *network, bool fresh_last, enum lrp_status status,
                   const char *word)
{
    struct lrp_error err = {0};
    enum lrp_status got = lrp_checkpoint_load(path, fresh_last, network, &err);
    ck_assert_msg(got == status && strstr(err.message, word) != NULL, "status %d: %s", (int)got,
                  err.message);
}

START_TEST(other_models_are_refused)
{
    struct lrp_network *saved = make("cnn:3,4:bn", 10, 1);
    make_path();
    ck_assert_int_eq(lrp_checkpoint_save(path, saved, "cnn:3,4:bn", "x", NULL), LRP_OK);
    static const char *const others[] = {"cnn:3,4",  "cnn:3,5:bn", "cnn:3,4:bn:kernel=5",
                                         "cnn:3:bn", "cnn:3,4:ln", "mlp:4"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct lrp_network *network = make(others[i], 10, 2);
        refuse(network, false, LRP_E_ARG, "it was saved by --model cnn:3,4:bn");
        lrp_network_free(network);
    }
    /* other classes: not as it is, but with a last layer of its own */
    struct lrp_network *network = make("cnn:3,4:bn", 7, 2);
    struct lrp_network *fresh = make("cnn:3,4:bn", 7, 2);
    refuse(network, false, LRP_E_ARG, "layers.4.weight of 16 x 7");
    ck_assert_int_eq(lrp_checkpoint_load(path, true, network, NULL), LRP_OK);
    struct lrp_tensor a;
    struct lrp_tensor b;
    for (size_t i = 0; lrp_network_tensor(network, i, &a); i++) {
        (void)lrp_network_tensor(a.is_last_layer ? fresh : saved, i, &b);
        ck_assert_str_eq(a.name, b.name);
        ck_assert_mem_eq(a.values, b.values, a.n * sizeof(float));
    }
    lrp_network_free(network);
    lrp_network_free(fresh);
    lrp_network_free(saved);
    (void)unlink(path);
}
END_TEST

START_TEST(values_that_are_not_finite_are_refused)
{
    struct lrp_network *network = make("mlp:4", 3, 1);
    make_path();
    lrp_network_parameters(network)[1] = NAN;
    ck_assert_int_eq(lrp_checkpoint_save(path, network, "mlp:4", "x", NULL), LRP_OK);
    refuse(network, false, LRP_E_FORMAT, "not finite");
    lrp_network_free(network);
    (void)unlink(path);
    refuse(NULL, false, LRP_E_NODATA, "No such file");
}
END_TEST

START_TEST(broken_files_are_refused)
{
    struct lrp_network *network = make("mlp:2", 2, 1);
    struct lrp_random random;
    size_t length = 0;
    make_path();
    ck_assert_int_eq(lrp_checkpoint_save(path, network, "mlp:2", "x", NULL), LRP_OK);
    unsigned char *bytes = read_bytes(&length);
    for (size_t cut = 0; cut < length; cut += cut < 40 ? 1 : 37) {
        write_bytes(bytes, cut);
        ck_assert_int_ne(lrp_checkpoint_load(path, false, network, NULL), LRP_OK);
    }
    lrp_random_seed(&random, 1, 0);
    for (int round = 0; round < 500; round++) { /* whatever comes of it: no crash */
        size_t at = (size_t)lrp_random_below(&random, round % 2 == 0 ? length : 200);
        unsigned char kept = bytes[at];
        bytes[at] = (unsigned char)lrp_random_below(&random, 256);
        write_bytes(bytes, length);
        (void)lrp_checkpoint_load(path, false, network, NULL);
        bytes[at] = kept;
    }
    memset(bytes, 0xff, 8); /* a header of 2^64 - 1 bytes */
    write_bytes(bytes, length);
    refuse(network, false, LRP_E_FORMAT, "safetensors");
    free(bytes);
    lrp_network_free(network);
    (void)unlink(path);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("checkpoint");
    TCase *tests = tcase_create("checkpoint");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, what_is_read_is_what_was_written, 0, N_MODELS);
    tcase_add_test(tests, the_file_is_in_the_safetensors_format);
    tcase_add_test(tests, other_models_are_refused);
    tcase_add_test(tests, values_that_are_not_finite_are_refused);
    tcase_add_test(tests, broken_files_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
