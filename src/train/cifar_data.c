/* SPDX-License-Identifier: MIT */
/* The binary version of CIFAR-10 and CIFAR-100: records of one or two labels and 3 x 32 x 32 bytes.
 */
#include "dataset.h"

#include "alloc.h"
#include "gz.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MOST = 1 << 30, PIXELS = 3 * 32 * 32, FILES_MOST = 99, COARSE = 20 };

/* How a record begins. */
static const struct kind {
    const char *name;
    size_t labels; /* the last of them is the class */
    size_t classes;
} kinds[] = {{"CIFAR-10", 1, 10}, {"CIFAR-100", 2, 100}};

struct images {
    const struct kind *kind; /* NULL until the first file */
    unsigned char *bytes;
    size_t length;
};

bool lrp_is_cifar(const char *path)
{
    size_t length = strlen(path);
    return (length > 4 && strcmp(path + length - 4, ".bin") == 0) ||
           (length > 7 && strcmp(path + length - 7, ".bin.gz") == 0);
}

static bool fits(const struct kind *kind, const unsigned char *bytes, size_t length)
{
    size_t record = kind->labels + PIXELS;
    bool good = length > 0 && length % record == 0;
    for (size_t at = 0; good && at < length; at += record) {
        good = bytes[at + kind->labels - 1] < kind->classes &&
               (kind->labels == 1 || bytes[at] < COARSE);
    }
    return good;
}

static enum lrp_status add_file(struct images *images, const char *path, struct lrp_error *err)
{
    unsigned char *bytes = NULL;
    size_t length = 0;
    enum lrp_status status = lrp_read_whole(path, FILE_MOST, &bytes, &length, err);
    if (status != LRP_OK) {
        return status;
    }
    const struct kind *kind = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        kind = fits(&kinds[i], bytes, length) ? &kinds[i] : kind;
    }
    if (kind == NULL || (images->kind != NULL && images->kind != kind)) {
        free(bytes);
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "%.200s is no file of %s: %zu bytes that are no records of %d", path,
                        images->kind != NULL ? images->kind->name : "CIFAR-10 or CIFAR-100", length,
                        1 + PIXELS);
    }
    unsigned char *more = images->length + length <= FILE_MOST
                              ? lrp_realloc_array(images->bytes, images->length + length, 1)
                              : NULL;
    if (more == NULL) {
        free(bytes);
        return lrp_fail_memory(err, images->length + length);
    }
    memcpy(more + images->length, bytes, length);
    free(bytes);
    images->kind = kind;
    images->bytes = more;
    images->length += length;
    return LRP_OK;
}

/* The file of that name in a folder, or its .gz; none is no error. */
static enum lrp_status add_if_there(struct images *images, const char *folder, const char *name,
                                    struct lrp_error *err)
{
    static const char *const ends[] = {"", ".gz"};
    enum lrp_status status = LRP_OK;
    bool done = false;
    for (size_t i = 0; i < 2 && status == LRP_OK && !done; i++) {
        struct lrp_text path;
        lrp_text_init(&path, 1 << 16);
        lrp_text_printf(&path, "%s/%s%s", folder, name, ends[i]);
        status = lrp_text_check(&path, err);
        if (status == LRP_OK && access(lrp_text_string(&path), F_OK) == 0) {
            status = add_file(images, lrp_text_string(&path), err);
            done = true;
        }
        lrp_text_fini(&path);
    }
    return status;
}

/* The training files: the test set is not for choosing a learning rate. */
static enum lrp_status add_folder(struct images *images, const char *folder, struct lrp_error *err)
{
    enum lrp_status status = LRP_OK;
    for (int i = 1; status == LRP_OK && i <= FILES_MOST; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "data_batch_%d.bin", i);
        status = add_if_there(images, folder, name, err);
    }
    if (status == LRP_OK && images->kind == NULL) {
        status = add_if_there(images, folder, "train.bin", err);
    }
    if (status == LRP_OK && images->kind == NULL) {
        return lrp_fail(err, LRP_E_NODATA, 0,
                        "this is a directory without data_batch_1.bin or train.bin, the files of "
                        "CIFAR");
    }
    return status;
}

static enum lrp_status fill(const struct images *images, struct lrp_dataset *dataset,
                            struct lrp_error *err)
{
    size_t record = images->kind->labels + PIXELS;
    size_t n = images->length / record;
    enum lrp_status status = lrp_dataset_reserve(dataset, n, PIXELS, true, err);
    if (status != LRP_OK) {
        return status;
    }
    for (size_t i = 0; i < n; i++) {
        const unsigned char *at = images->bytes + i * record;
        dataset->classes[i] = at[images->kind->labels - 1];
        for (size_t k = 0; k < PIXELS; k++) {
            dataset->inputs[i * PIXELS + k] = (float)at[images->kind->labels + k] / 255.0f;
        }
    }
    dataset->shape = (struct lrp_tensor_shape){32, 32, 3};
    dataset->n_outputs = images->kind->classes;
    dataset->standardise = true;
    return lrp_channels_last(dataset->inputs, n, &dataset->shape, err);
}

enum lrp_status lrp_dataset_read_cifar(const struct lrp_data_options *options,
                                       struct lrp_dataset *dataset, struct lrp_error *err)
{
    struct images images = {NULL, NULL, 0};
    struct stat file;
    enum lrp_status status = stat(options->data, &file) == 0 && S_ISDIR(file.st_mode)
                                 ? add_folder(&images, options->data, err)
                                 : add_file(&images, options->data, err);
    status = status == LRP_OK ? fill(&images, dataset, err) : status;
    free(images.bytes);
    return status;
}
