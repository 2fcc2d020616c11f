/* SPDX-License-Identifier: MIT */
/* The binary version of CIFAR-10 and CIFAR-100: records of one or two labels and 3 x 32 x 32 bytes.
 */
#include "data_readers.h"

#include "alloc.h"
#include "gz.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIXELS = 3 * 32 * 32, FILES_MOST = 99, COARSE = 20 };

/* How a record begins. */
static const struct cifar_kind {
    const char *name;
    size_t labels; /* the last of them is the class */
    size_t classes;
} kinds[] = {{"CIFAR-10", 1, 10}, {"CIFAR-100", 2, 100}};

struct cifar {
    const struct cifar_kind *kind; /* NULL until the first file */
    unsigned char *bytes;
    size_t length;
};

static bool recognises_file(const struct lrp_data_options *options,
                            const struct lrp_data_file *file)
{
    (void)options;
    return lrp_ends_with(file->path, ".bin") || lrp_ends_with(file->path, ".bin.gz");
}

static bool recognises_folder(const struct lrp_data_options *options,
                              const struct lrp_data_file *file)
{
    (void)options;
    return file->is_folder;
}

static bool fits(const struct cifar_kind *kind, const unsigned char *bytes, size_t length)
{
    size_t record = kind->labels + PIXELS;
    bool good = length > 0 && length % record == 0;
    for (size_t at = 0; good && at < length; at += record) {
        good = bytes[at + kind->labels - 1] < kind->classes &&
               (kind->labels == 1 || bytes[at] < COARSE);
    }
    return good;
}

static enum lrp_status add_file(struct cifar *images, const char *path, struct lrp_error *err)
{
    unsigned char *bytes = NULL;
    size_t length = 0;
    LRP_TRY(lrp_read_whole(path, LRP_DATA_FILE_MOST, &bytes, &length, err));
    const struct cifar_kind *kind = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        kind = fits(&kinds[i], bytes, length) ? &kinds[i] : kind;
    }
    if (kind == NULL || (images->kind != NULL && images->kind != kind)) {
        free(bytes);
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "%.200s is not a file of %s: %zu bytes do not divide into its records",
                        path, images->kind != NULL ? images->kind->name : "CIFAR-10 or CIFAR-100",
                        length);
    }
    unsigned char *more = images->length + length <= LRP_DATA_FILE_MOST
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

/* The file of that name in a folder, or its .gz; it may be missing. */
static enum lrp_status add_if_there(struct cifar *images, const char *folder, const char *name,
                                    struct lrp_error *err)
{
    struct lrp_text path;
    lrp_text_init(&path, 1 << 16);
    lrp_text_printf(&path, "%s/%s", folder, name);
    if (access(lrp_text_string(&path), F_OK) != 0) {
        lrp_text_append(&path, ".gz");
    }
    enum lrp_status status = lrp_text_check(&path, err);
    if (status == LRP_OK && access(lrp_text_string(&path), F_OK) == 0) {
        status = add_file(images, lrp_text_string(&path), err);
    }
    lrp_text_fini(&path);
    return status;
}

/* The training files: the test set is not for choosing a learning rate. */
static enum lrp_status add_folder(struct cifar *images, const char *folder, struct lrp_error *err)
{
    for (int i = 1; i <= FILES_MOST; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "data_batch_%d.bin", i);
        LRP_TRY(add_if_there(images, folder, name, err));
    }
    if (images->kind == NULL) {
        LRP_TRY(add_if_there(images, folder, "train.bin", err));
    }
    if (images->kind == NULL) {
        return lrp_fail(err, LRP_E_NODATA, 0,
                        "this is a directory without data_batch_1.bin or train.bin, the files of "
                        "CIFAR");
    }
    return LRP_OK;
}

static enum lrp_status fill(const struct cifar *images, struct lrp_dataset *dataset,
                            struct lrp_error *err)
{
    size_t record = images->kind->labels + PIXELS;
    size_t n = images->length / record;
    LRP_TRY(lrp_dataset_reserve(dataset, n, PIXELS, 1, err));
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

static enum lrp_status read_cifar(const struct lrp_data_options *options,
                                  struct lrp_dataset *dataset, struct lrp_error *err)
{
    struct cifar images = {.kind = NULL};
    struct stat facts;
    bool is_folder = stat(options->data, &facts) == 0 && S_ISDIR(facts.st_mode);
    enum lrp_status status =
        is_folder ? add_folder(&images, options->data, err) : add_file(&images, options->data, err);
    if (status == LRP_OK) {
        status = fill(&images, dataset, err);
    }
    free(images.bytes);
    return status;
}

const struct lrp_data_reader lrp_data_cifar_file = {
    .name = "data_batch_1.bin",
    .help = "CIFAR-10 in its binary version, or CIFAR-100's train.bin",
    .recognises = recognises_file,
    .read = read_cifar,
};
const struct lrp_data_reader lrp_data_cifar_folder = {
    .name = "DIR",
    .help = "folder with the training files of CIFAR; the test set is not used",
    .recognises = recognises_folder,
    .read = read_cifar,
};
