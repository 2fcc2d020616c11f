/* SPDX-License-Identifier: MIT */
/* IDX files (the format of MNIST): big-endian header, then unsigned bytes. */
#include "data_readers.h"

#include "alloc.h"
#include "gz.h"

#include <stdlib.h>
#include <string.h>

enum { DIMENSIONS_MOST = 4, UNSIGNED_BYTE = 0x08 };

struct idx {
    unsigned char *bytes; /* the file */
    size_t n_dimensions;
    size_t size[DIMENSIONS_MOST];
    const unsigned char *data;
};

static bool recognises(const struct lrp_data_options *options, const struct lrp_data_file *file)
{
    (void)options;
    return file->n_head >= 4 && file->head[0] == 0 && file->head[1] == 0;
}

/* Header and length of an IDX file in memory. */
static enum lrp_status parse(struct idx *idx, size_t length, struct lrp_error *err)
{
    const unsigned char *bytes = idx->bytes;
    if (length < 4 || bytes[0] != 0 || bytes[1] != 0 || bytes[2] != UNSIGNED_BYTE ||
        bytes[3] == 0 || bytes[3] > DIMENSIONS_MOST) {
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "not an IDX file of unsigned bytes: it has another magic number "
                        "than 00 00 08 01..04");
    }
    idx->n_dimensions = bytes[3];
    size_t header = 4 + 4 * idx->n_dimensions;
    size_t cells = 1;
    for (size_t i = 0; i < idx->n_dimensions && header <= length; i++) {
        const unsigned char *at = bytes + 4 + 4 * i;
        idx->size[i] = (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
        if (!lrp_multiply_size(cells, idx->size[i], &cells)) {
            cells = SIZE_MAX;
        }
    }
    if (header > length || cells != length - header) {
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "the header promises %zu bytes of data, but there are %zu", cells,
                        header > length ? 0 : length - header);
    }
    idx->data = bytes + header;
    return LRP_OK;
}

static enum lrp_status load(const char *path, struct idx *idx, struct lrp_error *err)
{
    size_t length = 0;
    LRP_TRY(lrp_read_whole(path, LRP_DATA_FILE_MOST, &idx->bytes, &length, err));
    return parse(idx, length, err);
}

/* The caller's messages name the images: an error in the labels has to name its own file. */
static enum lrp_status load_labels(const char *path, struct idx *idx, struct lrp_error *err)
{
    struct lrp_error own = {0};
    enum lrp_status status = load(path, idx, &own);
    if (status == LRP_OK) {
        return LRP_OK;
    }
    return status == LRP_E_IO
               ? lrp_fail(err, status, 0, "%.390s", own.message)
               : lrp_fail(err, status, 0, "its labels %.120s: %.200s", path, own.message);
}

/* "train-images-idx3-ubyte.gz" -> "train-labels-idx1-ubyte.gz"; false if the name has no
 * "images". */
static bool labels_path(const char *images, struct lrp_text *out)
{
    const char *folder_end = strrchr(images, '/');
    const char *name = folder_end != NULL ? folder_end + 1 : images;
    const char *word = strstr(name, "images");
    if (word == NULL) {
        return false;
    }
    lrp_text_append_bytes(out, images, (size_t)(word - images));
    lrp_text_append(out, "labels");
    const char *rest = word + strlen("images");
    const char *rank = strstr(rest, "idx3");
    if (rank != NULL) {
        lrp_text_append_bytes(out, rest, (size_t)(rank - rest));
        lrp_text_append(out, "idx1");
        rest = rank + strlen("idx3");
    }
    lrp_text_append(out, rest);
    return true;
}

static enum lrp_status fill(const struct idx *images, const struct idx *labels,
                            struct lrp_dataset *dataset, struct lrp_error *err)
{
    size_t n = images->size[0];
    size_t pixels = 1;
    for (size_t i = 1; i < images->n_dimensions; i++) {
        pixels *= images->size[i];
    }
    LRP_TRY(lrp_dataset_reserve(dataset, n, pixels, 1, err));
    if (images->n_dimensions > 2) {
        dataset->shape.height = images->size[1];
        dataset->shape.width = images->size[2];
        dataset->shape.channels = images->n_dimensions > 3 ? images->size[3] : 1;
    }
    for (size_t i = 0; i < n * pixels; i++) {
        dataset->inputs[i] = (float)images->data[i] / 255.0f;
    }
    for (size_t i = 0; i < n; i++) {
        dataset->classes[i] = labels->data[i];
        if (labels->data[i] >= dataset->n_outputs) {
            dataset->n_outputs = (size_t)labels->data[i] + 1;
        }
    }
    return LRP_OK;
}

/* beside: room for the name of the labels' file. */
static enum lrp_status load_pair(const struct lrp_data_options *options, struct lrp_text *beside,
                                 struct idx *images, struct idx *labels,
                                 struct lrp_dataset *dataset, struct lrp_error *err)
{
    const char *path = options->labels;
    LRP_TRY(load(options->data, images, err));
    if (images->n_dimensions < 2) {
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "one number per example: these are labels, not images");
    }
    if (path == NULL && !labels_path(options->data, beside)) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the labels of %.200s are not given and cannot be guessed from its name: "
                        "use --labels",
                        options->data);
    }
    path = path != NULL ? path : lrp_text_string(beside);
    LRP_TRY(load_labels(path, labels, err));
    if (labels->n_dimensions != 1 || labels->size[0] != images->size[0]) {
        return lrp_fail(err, LRP_E_FORMAT, 0, "%zu images, but %zu labels in %.200s",
                        images->size[0], labels->size[0], path);
    }
    return fill(images, labels, dataset, err);
}

static enum lrp_status read_idx(const struct lrp_data_options *options, struct lrp_dataset *dataset,
                                struct lrp_error *err)
{
    struct idx images = {.bytes = NULL};
    struct idx labels = {.bytes = NULL};
    struct lrp_text beside;
    lrp_text_init(&beside, 1 << 16);
    enum lrp_status status = load_pair(options, &beside, &images, &labels, dataset, err);
    free(images.bytes);
    free(labels.bytes);
    lrp_text_fini(&beside);
    return status;
}

const struct lrp_data_reader lrp_data_idx = {
    .name = "FILE-images-idx3-ubyte",
    .help = "IDX images such as MNIST, with the labels in the same folder or given by --labels",
    .recognises = recognises,
    .read = read_idx,
};
