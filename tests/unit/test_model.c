/* SPDX-License-Identifier: MIT */
/* The specs of models. */
#include "model.h"
#include "test_main.h"

#include <stdio.h>
#include <string.h>

START_TEST(perceptrons_are_parsed)
{
    static const struct {
        const char *text;
        size_t n_sizes, first, last;
        enum lrp_activation activation;
        enum lrp_normalisation normalisation;
    } good[] = {{"mlp", 1, 64, 64, LRP_RELU, LRP_NO_NORMALISATION},
                {"mlp:", 0, 0, 0, LRP_RELU, LRP_NO_NORMALISATION},
                {"mlp:256,128", 2, 256, 128, LRP_RELU, LRP_NO_NORMALISATION},
                {"mlp:7:tanh", 1, 7, 7, LRP_TANH, LRP_NO_NORMALISATION},
                {"mlp:tanh", 1, 64, 64, LRP_TANH, LRP_NO_NORMALISATION},
                {"mlp:7:bn:gelu", 1, 7, 7, LRP_GELU, LRP_BATCH_NORM},
                {"mlp:7,8:ln,tanh", 2, 7, 8, LRP_TANH, LRP_LAYER_NORM},
                {"mlp:1,2,3,4,5:gelu", 5, 1, 5, LRP_GELU, LRP_NO_NORMALISATION}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct lrp_model_spec spec;
        ck_assert_msg(lrp_model_parse(good[i].text, &spec, NULL) == LRP_OK, "%s", good[i].text);
        ck_assert_str_eq(spec.row->name, "mlp");
        ck_assert_uint_eq(spec.n_sizes, good[i].n_sizes);
        ck_assert_int_eq((int)spec.activation, (int)good[i].activation);
        ck_assert_int_eq((int)spec.normalisation, (int)good[i].normalisation);
        ck_assert_uint_eq(spec.context, 0);
        if (spec.n_sizes > 0) {
            ck_assert_uint_eq(spec.sizes[0], good[i].first);
            ck_assert_uint_eq(spec.sizes[spec.n_sizes - 1], good[i].last);
        }
    }
}
END_TEST

START_TEST(other_models_are_parsed)
{
    struct lrp_model_spec spec;
    ck_assert_int_eq(lrp_model_parse("cnn", &spec, NULL), LRP_OK);
    ck_assert(spec.n_sizes == 2 && spec.sizes[0] == 16 && spec.sizes[1] == 32);
    ck_assert(spec.kernel == 3 && spec.dense == 0 && !spec.average_pool);
    ck_assert_int_eq(lrp_model_parse("cnn:8:bn:kernel=5,dense=20:average", &spec, NULL), LRP_OK);
    ck_assert(spec.n_sizes == 1 && spec.sizes[0] == 8 && spec.average_pool);
    ck_assert(spec.kernel == 5 && spec.dense == 20 && spec.normalisation == LRP_BATCH_NORM);
    ck_assert_int_eq(lrp_model_parse("resnet:16,32,64:blocks=3", &spec, NULL), LRP_OK);
    ck_assert(spec.n_sizes == 3 && spec.blocks == 3 && spec.normalisation == LRP_BATCH_NORM);
    ck_assert_int_eq(lrp_model_parse("transformer", &spec, NULL), LRP_OK);
    ck_assert(spec.layers == 2 && spec.heads == 4 && spec.width == 64 && spec.context == 64);
    ck_assert(spec.activation == LRP_GELU && spec.n_sizes == 0);
    ck_assert_int_eq(
        lrp_model_parse("transformer:layers=3,heads=2:width=10,context=7:tanh", &spec, NULL),
        LRP_OK);
    ck_assert(spec.layers == 3 && spec.heads == 2 && spec.width == 10 && spec.context == 7);
    ck_assert_int_eq((int)spec.activation, (int)LRP_TANH);
}
END_TEST

START_TEST(bad_specs_are_refused)
{
    static const char *const bad[] = {"",
                                      "snn",
                                      "mlp256",
                                      "mlp:0",
                                      "mlp:-4",
                                      "mlp:1.5",
                                      "mlp:64,",
                                      "mlp:,64",
                                      "mlp:a",
                                      "mlp:64:selu",
                                      "mlp:64:",
                                      "mlp:1e3",
                                      "mlp: 64",
                                      "MLP:64",
                                      "mlp:64:relu:x",
                                      "mlp:99999999999999999999",
                                      "mlp:bn,64",
                                      "mlp:max",
                                      "mlp:kernel=3",
                                      "mlp::64",
                                      "cnn:",
                                      "cnn:0",
                                      "cnn:8:kernel",
                                      "cnn:8:kernel=",
                                      "cnn:8:bn=1",
                                      "cnn:8:dense=0",
                                      "cnn:8:kernel=17",
                                      "cnn:8:kernel=3x",
                                      "cnn:8:=3",
                                      "cnn:8:blocks=2",
                                      "resnet:",
                                      "resnet:8:kernel=3",
                                      "resnet:8:blocks=0",
                                      "transformer:",
                                      "transformer:64",
                                      "transformer:bn",
                                      "transformer:layers=0",
                                      "transformer:width=64,heads",
                                      "transformer:context=-1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct lrp_model_spec spec = {.n_sizes = 99};
        struct lrp_error err = {0};
        ck_assert_msg(lrp_model_parse(bad[i], &spec, &err) == LRP_E_ARG, "%s was taken", bad[i]);
        ck_assert_uint_gt(strlen(err.message), 10);
        ck_assert_uint_eq(spec.n_sizes, 99); /* untouched */
    }
    char deep[200] = "mlp:1";
    for (size_t i = 0; i < LRP_SIZES_MOST; i++) {
        strncat(deep, ",1", sizeof deep - strlen(deep) - 1);
    }
    struct lrp_model_spec spec;
    ck_assert_int_eq(lrp_model_parse(deep, &spec, NULL), LRP_E_ARG);
}
END_TEST

/* What is listed for a model is what its specs may have. */
START_TEST(listed_words_are_taken)
{
    for (size_t i = 0; lrp_model_table[i].name != NULL; i++) {
        const struct lrp_model_row *row = &lrp_model_table[i];
        struct lrp_model_word word;
        size_t n = 0;
        for (; lrp_model_word(row, n, &word); n++) {
            struct lrp_model_spec spec;
            char text[80];
            ck_assert_uint_gt(strlen(word.help), 5);
            const char *number = strchr(word.text, '=');
            bool open = number != NULL && number[1] == 'N';
            (void)snprintf(text, sizeof text, "%s:%.*s%s", row->name,
                           (int)strcspn(word.text, open ? "N" : ""), word.text, open ? "5" : "");
            ck_assert_msg(lrp_model_parse(text, &spec, NULL) == LRP_OK, "%s", text);
        }
        ck_assert_uint_gt(n, 3);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("model");
    TCase *tests = tcase_create("model");
    tcase_add_test(tests, perceptrons_are_parsed);
    tcase_add_test(tests, other_models_are_parsed);
    tcase_add_test(tests, bad_specs_are_refused);
    tcase_add_test(tests, listed_words_are_taken);
    suite_add_tcase(suite, tests);
    return suite;
}
