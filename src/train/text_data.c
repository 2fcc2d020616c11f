/* SPDX-License-Identifier: MIT */
/* Text as a data set of characters: UTF-8, each code point a character. */
#include "data_readers.h"

#include "alloc.h"
#include "gz.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 1 << 28, CODE_POINTS = 0x110000 };

static uint32_t code_point(const unsigned char *bytes, size_t length)
{
    static const unsigned char masks[5] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t value = bytes[0] & masks[length];
    for (size_t i = 1; i < length; i++) {
        value = value << 6 | (bytes[i] & 0x3f);
    }
    return value;
}

/* Code points of the text, *n of them, in heap memory. */
static enum lrp_status decode(const unsigned char *bytes, size_t length, uint32_t **out, size_t *n,
                              struct lrp_error *err)
{
    uint32_t *points = lrp_calloc_array(length, sizeof *points);
    size_t line = 1;
    size_t count = 0;
    LRP_TRY_MEMORY(points, err);
    for (size_t at = 0; at < length;) {
        size_t here = lrp_utf8_length(bytes + at, length - at);
        if (here == 0 || bytes[at] == 0) {
            free(points);
            return lrp_fail(err, LRP_E_FORMAT, line,
                            "byte 0x%02x is not valid UTF-8, which a model for text needs",
                            bytes[at]);
        }
        points[count] = code_point(bytes + at, here);
        line += points[count] == '\n' ? 1 : 0;
        count++;
        at += here;
    }
    *out = points;
    *n = count;
    return LRP_OK;
}

/* Code points become numbers from 0 in their order; how many there are. */
static enum lrp_status number_characters(uint32_t *points, size_t n, size_t *vocabulary,
                                         struct lrp_error *err)
{
    uint32_t *numbers = lrp_calloc_array(CODE_POINTS, sizeof *numbers);
    size_t count = 0;
    LRP_TRY_MEMORY(numbers, err);
    for (size_t i = 0; i < n; i++) {
        numbers[points[i]] = 1;
    }
    for (size_t point = 0; point < CODE_POINTS; point++) {
        if (numbers[point] != 0) {
            numbers[point] = (uint32_t)count;
            count++;
        }
    }
    for (size_t i = 0; i < n; i++) {
        points[i] = numbers[points[i]];
    }
    free(numbers);
    *vocabulary = count;
    return count <= LRP_CLASSES_MOST
               ? LRP_OK
               : lrp_fail(err, LRP_E_LIMIT, 0,
                          "the text has %zu different characters, more than %d", count,
                          LRP_CLASSES_MOST);
}

static enum lrp_status fill(const uint32_t *characters, size_t n_characters, size_t context,
                            struct lrp_dataset *dataset, struct lrp_error *err)
{
    size_t n = n_characters > 0 ? (n_characters - 1) / context : 0;
    if (n < 2) {
        return lrp_fail(err, LRP_E_NODATA, 0,
                        "the text has %zu characters; a context of %zu needs at least %zu",
                        n_characters, context, 2 * context + 1);
    }
    LRP_TRY(lrp_dataset_reserve(dataset, n, context, context, err));
    for (size_t i = 0; i < n * context; i++) {
        dataset->inputs[i] = (float)characters[i];
        dataset->classes[i] = characters[i + 1];
    }
    dataset->is_text = true;
    dataset->shape = (struct lrp_tensor_shape){1, context, 1};
    return LRP_OK;
}

enum lrp_status lrp_dataset_take_text(const struct lrp_data_options *options,
                                      const unsigned char *bytes, size_t length,
                                      struct lrp_dataset *dataset, struct lrp_error *err)
{
    static const unsigned char mark[3] = {0xef, 0xbb, 0xbf};
    uint32_t *points = NULL;
    size_t n = 0;
    size_t skip = length >= 3 && memcmp(bytes, mark, 3) == 0 ? 3 : 0;
    LRP_TRY(decode(bytes + skip, length - skip, &points, &n, err));
    enum lrp_status status = number_characters(points, n, &dataset->n_outputs, err);
    if (status == LRP_OK) {
        status = fill(points, n, options->context, dataset, err);
    }
    free(points);
    return status;
}

static bool recognises(const struct lrp_data_options *options, const struct lrp_data_file *file)
{
    (void)file;
    return options->context > 0;
}

static enum lrp_status read_text(const struct lrp_data_options *options,
                                 struct lrp_dataset *dataset, struct lrp_error *err)
{
    unsigned char *bytes = NULL;
    size_t length = 0;
    LRP_TRY(lrp_read_whole(options->data, FILE_MOST, &bytes, &length, err));
    enum lrp_status status = lrp_dataset_take_text(options, bytes, length, dataset, err);
    free(bytes);
    return status;
}

const struct lrp_data_reader lrp_data_text = {
    .name = "FILE.txt",
    .help = "any text in UTF-8, for --model transformer; its last part is for validation",
    .recognises = recognises,
    .read = read_text,
};
