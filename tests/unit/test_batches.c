/* SPDX-License-Identifier: MIT */
/* What a training does to its examples before it sees them. */
#include "batches.h"
#include "data_readers.h"
#include "test_main.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 5, CHANNELS = 2, IMAGE = SIDE * SIDE * CHANNELS, ROWS = 40 };

/* ROWS images, pixel k of row i is 1000 i + k + 1: each value tells where it comes from. */
static struct lrp_dataset make_images(void)
{
    struct lrp_dataset data;
    memset(&data, 0, sizeof data);
    ck_assert_int_eq(lrp_dataset_reserve(&data, ROWS, IMAGE, 1, NULL), LRP_OK);
    data.shape = (struct lrp_tensor_shape){SIDE, SIDE, CHANNELS};
    data.n_train = 30;
    data.n_outputs = ROWS;
    for (size_t i = 0; i < ROWS; i++) {
        data.classes[i] = (uint32_t)i;
        for (size_t k = 0; k < IMAGE; k++) {
            data.inputs[i * IMAGE + k] = (float)(1000 * i + k + 1);
        }
    }
    return data;
}

static void free_images(struct lrp_dataset *data)
{
    free(data->inputs);
    free(data->classes);
}

static struct lrp_batches *start(const struct lrp_dataset *data, double noise, size_t shift,
                                 uint64_t seed)
{
    struct lrp_batches *batches = NULL;
    const struct lrp_augmentation augmentation = {noise, shift};
    ck_assert_int_eq(lrp_batches_new(data, 10, 10, &augmentation, seed, &batches, NULL), LRP_OK);
    return batches;
}

/* Whether the image is that of its class moved by dy and dx, with zeros where nothing was. */
static bool is_moved(const float *image, uint32_t row, long dy, long dx)
{
    for (long k = 0; k < IMAGE; k++) {
        long y = k / CHANNELS / SIDE - dy;
        long x = k / CHANNELS % SIDE - dx;
        bool inside = y >= 0 && y < SIDE && x >= 0 && x < SIDE;
        long from = (y * SIDE + x) * CHANNELS + k % CHANNELS;
        float want = inside ? (float)(1000 * (long)row + from + 1) : 0.0f;
        if (image[k] < want || image[k] > want) {
            return false;
        }
    }
    return true;
}

START_TEST(images_are_shifted_in_all_directions)
{
    enum { MOST = 2, PLACES = 2 * MOST + 1 };
    struct lrp_dataset data = make_images();
    struct lrp_batches *batches = start(&data, 0, MOST, 1);
    static float inputs[10 * IMAGE];
    size_t seen[PLACES][PLACES] = {{0}};
    for (int k = 0; k < 120; k++) {
        struct lrp_targets targets = lrp_batches_next(batches, inputs);
        for (size_t i = 0; i < 10; i++) {
            bool found = false;
            for (long at = 0; at < PLACES * PLACES && !found; at++) {
                long dy = at / PLACES - MOST;
                long dx = at % PLACES - MOST;
                found = is_moved(inputs + i * IMAGE, targets.classes[i], dy, dx);
                seen[dy + MOST][dx + MOST] += found ? 1 : 0;
            }
            ck_assert(found);
        }
    }
    for (size_t at = 0; at < PLACES * PLACES; at++) { /* 1200 images on 25 places: 48 each */
        ck_assert_uint_gt(seen[at / PLACES][at % PLACES], 20);
    }
    (void)lrp_batches_rows(batches, 30, 10, inputs); /* the validation part stays as it is */
    for (uint32_t i = 0; i < 10; i++) {
        ck_assert(is_moved(inputs + i * IMAGE, 30 + i, 0, 0));
    }
    lrp_batches_free(batches);
    free_images(&data);
}
END_TEST

START_TEST(a_shift_can_be_wider_than_the_image)
{
    struct lrp_dataset data = make_images();
    struct lrp_batches *batches = start(&data, 0, 50, 1);
    static float inputs[10 * IMAGE];
    for (int k = 0; k < 30; k++) {
        (void)lrp_batches_next(batches, inputs);
    }
    lrp_batches_free(batches);
    free_images(&data);
}
END_TEST

START_TEST(noise_has_its_deviation_and_its_seed)
{
    struct lrp_dataset data = make_images();
    memset(data.inputs, 0, (size_t)ROWS * IMAGE * sizeof *data.inputs);
    static float inputs[3][10 * IMAGE];
    double squares = 0;
    for (size_t run = 0; run < 3; run++) {
        struct lrp_batches *batches = start(&data, 0.5, 0, run == 2 ? 8 : 7);
        for (int k = 0; k < 50; k++) {
            (void)lrp_batches_next(batches, inputs[run]);
            for (size_t i = 0; run == 0 && i < 10 * IMAGE; i++) {
                squares += (double)inputs[0][i] * (double)inputs[0][i];
            }
        }
        lrp_batches_free(batches);
    }
    ck_assert_close(squares / (50 * 10 * IMAGE), 0.25, 0.05, 0);
    ck_assert_mem_eq(inputs[0], inputs[1], sizeof inputs[0]);
    ck_assert_mem_ne(inputs[0], inputs[2], sizeof inputs[0]);
    free_images(&data);
}
END_TEST

/* Augmentation draws from a stream of its own: the order of the examples does not depend on it. */
START_TEST(noise_leaves_the_order_alone)
{
    struct lrp_dataset data = make_images();
    struct lrp_batches *with = start(&data, 0.5, 1, 3);
    struct lrp_batches *without = start(&data, 0, 0, 3);
    static float inputs[10 * IMAGE];
    for (int k = 0; k < 20; k++) {
        struct lrp_targets a = lrp_batches_next(with, inputs);
        struct lrp_targets b = lrp_batches_next(without, inputs);
        ck_assert_mem_eq(a.classes, b.classes, 10 * sizeof *a.classes);
    }
    lrp_batches_free(with);
    lrp_batches_free(without);
    free_images(&data);
}
END_TEST

/* Rows of a text begin elsewhere in each epoch, go on where they are, and never reach into the
 * validation part. */
START_TEST(rows_of_a_text_move_with_the_epoch)
{
    enum { CONTEXT = 8 };
    struct lrp_dataset *data = NULL;
    const struct lrp_data_options options = {
        .data = "sentences", .val_split = 0.999, .context = CONTEXT};
    ck_assert_int_eq(lrp_dataset_load(&options, &data, NULL), LRP_OK);
    ck_assert_uint_ge(data->n_train, 20);
    struct lrp_batches *batches = start(data, 0, 0, 2);
    float inputs[10 * CONTEXT];
    const size_t end = data->n_train * CONTEXT;
    size_t offsets = 0; /* a bit for each that was seen */
    for (int k = 0; k < 100; k++) {
        struct lrp_targets targets = lrp_batches_next(batches, inputs);
        for (size_t i = 0; i < 10; i++) {
            size_t at = 0;
            size_t bytes = CONTEXT * sizeof *inputs;
            while (at + CONTEXT <= end &&
                   (memcmp(inputs + i * CONTEXT, data->inputs + at, bytes) != 0 ||
                    memcmp(targets.classes + i * CONTEXT, data->classes + at,
                           CONTEXT * sizeof *targets.classes) != 0)) {
                at++;
            }
            ck_assert_uint_le(at + CONTEXT, end);
            offsets |= (size_t)1 << at % CONTEXT;
        }
    }
    ck_assert_uint_eq(offsets, (1 << CONTEXT) - 1);
    lrp_batches_free(batches);
    lrp_dataset_free(data);
}
END_TEST

START_TEST(what_makes_no_sense_is_refused)
{
    struct lrp_dataset *data = NULL;
    struct lrp_batches *batches = NULL;
    const struct lrp_augmentation noise = {0.1, 0};
    const struct lrp_augmentation shift = {0, 1};
    struct lrp_data_options options = {.data = "sentences", .val_split = 0.2, .context = 8};
    ck_assert_int_eq(lrp_dataset_load(&options, &data, NULL), LRP_OK);
    ck_assert_int_eq(lrp_batches_new(data, 10, 10, &noise, 1, &batches, NULL), LRP_E_ARG);
    ck_assert_int_eq(lrp_batches_new(data, 10, 10, &shift, 1, &batches, NULL), LRP_E_ARG);
    lrp_dataset_free(data);
    options = (struct lrp_data_options){.data = "spirals"};
    ck_assert_int_eq(lrp_dataset_load(&options, &data, NULL), LRP_OK);
    ck_assert_int_eq(lrp_batches_new(data, 10, 10, &shift, 1, &batches, NULL), LRP_E_ARG);
    lrp_dataset_free(data);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("batches");
    TCase *tests = tcase_create("batches");
    tcase_add_test(tests, images_are_shifted_in_all_directions);
    tcase_add_test(tests, a_shift_can_be_wider_than_the_image);
    tcase_add_test(tests, noise_has_its_deviation_and_its_seed);
    tcase_add_test(tests, noise_leaves_the_order_alone);
    tcase_add_test(tests, rows_of_a_text_move_with_the_epoch);
    tcase_add_test(tests, what_makes_no_sense_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
