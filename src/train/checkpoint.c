/* SPDX-License-Identifier: MIT */
#include "checkpoint.h"

#include "files.h"
#include "gz.h"
#include "json.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PREFIX = 8, HEADER_MOST = 100 << 20, CHUNK = 4096, WORDS = 60 };
static const size_t file_most = (size_t)1 << 34;

/* Little-endian, whatever the machine is. */
static void put_integer(uint64_t value, unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (unsigned char)(value >> (8 * i));
    }
}

static uint64_t get_integer(const unsigned char *bytes, size_t n)
{
    uint64_t value = 0;
    for (size_t i = n; i > 0; i--) {
        value = value << 8 | bytes[i - 1];
    }
    return value;
}

static struct lrp_json *describe(struct lrp_network *network, const char *model, const char *data)
{
    struct lrp_json *root = lrp_json_object();
    struct lrp_json *facts = lrp_json_object();
    struct lrp_tensor tensor;
    size_t begin = 0;
    lrp_json_set_string(facts, "format", "lrprobe");
    lrp_json_set_string(facts, "version", LRP_VERSION);
    lrp_json_set_string(facts, "model", model);
    lrp_json_set_string(facts, "data", data);
    lrp_json_set(root, "__metadata__", facts);
    for (size_t i = 0; lrp_network_tensor(network, i, &tensor); i++) {
        struct lrp_json *entry = lrp_json_object();
        struct lrp_json *shape = lrp_json_array();
        struct lrp_json *offsets = lrp_json_array();
        for (size_t d = 0; d < tensor.n_dimensions; d++) {
            lrp_json_add_integer(shape, (long long)tensor.shape[d]);
        }
        lrp_json_add_integer(offsets, (long long)begin);
        begin += tensor.n * sizeof(float);
        lrp_json_add_integer(offsets, (long long)begin);
        lrp_json_set_string(entry, "dtype", "F32");
        lrp_json_set(entry, "shape", shape);
        lrp_json_set(entry, "data_offsets", offsets);
        lrp_json_set(root, tensor.name, entry);
    }
    return root;
}

static void append_values(struct lrp_whole_file *file, const float *values, size_t n)
{
    unsigned char bytes[4 * CHUNK];
    for (size_t done = 0; done < n;) {
        size_t count = n - done < CHUNK ? n - done : (size_t)CHUNK;
        for (size_t i = 0; i < count; i++) {
            uint32_t bits = 0;
            memcpy(&bits, &values[done + i], sizeof bits);
            put_integer(bits, bytes + 4 * i, 4);
        }
        lrp_whole_append(file, bytes, 4 * count);
        done += count;
    }
}

enum lrp_status lrp_checkpoint_save(const char *path, struct lrp_network *network,
                                    const char *model, const char *data, struct lrp_error *err)
{
    struct lrp_json *header = describe(network, model, data);
    struct lrp_whole_file file;
    struct lrp_tensor tensor;
    char *text = NULL;
    enum lrp_status status = lrp_json_text(header, &text, err);
    lrp_json_free(header);
    if (status == LRP_OK) {
        status = lrp_whole_begin(&file, path, err);
    }
    if (status != LRP_OK) {
        free(text);
        return status;
    }
    unsigned char prefix[PREFIX];
    size_t length = strlen(text);
    size_t padding = (PREFIX - length % PREFIX) % PREFIX; /* the values begin on eight bytes */
    put_integer(length + padding, prefix, PREFIX);
    lrp_whole_append(&file, prefix, PREFIX);
    lrp_whole_append(&file, text, length);
    lrp_whole_append(&file, "        ", padding);
    free(text);
    for (size_t i = 0; lrp_network_tensor(network, i, &tensor); i++) {
        append_values(&file, tensor.values, tensor.n);
    }
    return lrp_whole_end(&file, true, err);
}

struct checkpoint { /* a file in memory */
    const char *path;
    struct lrp_json *header;
    const unsigned char *values;
    size_t n_bytes;
};

static enum lrp_status parse(const unsigned char *bytes, size_t length, struct checkpoint *out,
                             struct lrp_error *err)
{
    uint64_t header = length > PREFIX ? get_integer(bytes, PREFIX) : 0;
    if (length <= PREFIX || header > HEADER_MOST || header > length - PREFIX || header == 0 ||
        bytes[PREFIX] != '{') {
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "%.200s is not a checkpoint: a file in the safetensors format was expected",
                        out->path);
    }
    struct lrp_error own = {0};
    if (lrp_json_parse((const char *)bytes + PREFIX, (size_t)header, &out->header, &own) !=
        LRP_OK) {
        return lrp_fail(err, LRP_E_FORMAT, 0, "the header of the checkpoint %.200s: %.150s",
                        out->path, own.message);
    }
    out->values = bytes + PREFIX + header;
    out->n_bytes = length - PREFIX - (size_t)header;
    return LRP_OK;
}

/* ": it was saved from the model ..." where the file says so. */
static enum lrp_status fail_model(const struct checkpoint *file, const char *what,
                                  struct lrp_error *err)
{
    struct lrp_text clean;
    const char *model =
        lrp_json_string(lrp_json_member(lrp_json_member(file->header, "__metadata__"), "model"));
    lrp_text_init(&clean, 1024);
    if (model != NULL) {
        size_t length = strlen(model);
        lrp_text_append(&clean, "; it was saved by --model ");
        lrp_text_append_clean(&clean, model, length < WORDS ? length : (size_t)WORDS);
    }
    enum lrp_status status =
        lrp_fail(err, LRP_E_ARG, 0, "the checkpoint %.150s is of another model: %s%s", file->path,
                 what, lrp_text_string(&clean));
    lrp_text_fini(&clean);
    return status;
}

static bool has_shape(const struct lrp_json *shape, const struct lrp_tensor *tensor)
{
    bool same = lrp_json_length(shape) == tensor->n_dimensions;
    for (size_t d = 0; same && d < tensor->n_dimensions; d++) {
        same = lrp_json_integer(lrp_json_element(shape, d)) == tensor->shape[d];
    }
    return same;
}

/* "3 x 3 x 16 x 32". */
static void append_shape(struct lrp_text *text, const struct lrp_tensor *tensor)
{
    for (size_t d = 0; d < tensor->n_dimensions; d++) {
        lrp_text_printf(text, d == 0 ? "%zu" : " x %zu", tensor->shape[d]);
    }
}

static enum lrp_status load_tensor(const struct checkpoint *file, const struct lrp_tensor *tensor,
                                   struct lrp_error *err)
{
    const struct lrp_json *entry = lrp_json_member(file->header, tensor->name);
    const struct lrp_json *offsets = lrp_json_member(entry, "data_offsets");
    const char *type = lrp_json_string(lrp_json_member(entry, "dtype"));
    if (entry == NULL || !has_shape(lrp_json_member(entry, "shape"), tensor)) {
        struct lrp_text what;
        lrp_text_init(&what, 1024);
        lrp_text_printf(&what, "it has no %s of ", tensor->name);
        append_shape(&what, tensor);
        enum lrp_status status = fail_model(file, lrp_text_string(&what), err);
        lrp_text_fini(&what);
        return status;
    }
    unsigned long long begin = lrp_json_integer(lrp_json_element(offsets, 0));
    unsigned long long end = lrp_json_integer(lrp_json_element(offsets, 1));
    if (type == NULL || strcmp(type, "F32") != 0) {
        return lrp_fail(err, LRP_E_FORMAT, 0, "%s in the checkpoint %.150s is not of type F32",
                        tensor->name, file->path);
    }
    if (begin > end || end > file->n_bytes || end - begin != 4 * (unsigned long long)tensor->n) {
        return lrp_fail(
            err, LRP_E_FORMAT, 0,
            "the checkpoint %.150s is truncated or corrupt: %s is at bytes %llu to %llu "
            "of %zu",
            file->path, tensor->name, begin, end, file->n_bytes);
    }
    for (size_t i = 0; i < tensor->n; i++) {
        uint32_t bits = (uint32_t)get_integer(file->values + begin + 4 * i, 4);
        memcpy(&tensor->values[i], &bits, sizeof bits);
        if (!isfinite(tensor->values[i])) {
            return lrp_fail(err, LRP_E_FORMAT, 0,
                            "%s in the checkpoint %.150s has values that are not finite",
                            tensor->name, file->path);
        }
    }
    return LRP_OK;
}

static enum lrp_status load_all(const struct checkpoint *file, bool fresh_last,
                                struct lrp_network *network, struct lrp_error *err)
{
    struct lrp_tensor tensor;
    const void *cursor = NULL;
    const char *key = NULL;
    const struct lrp_json *value = NULL;
    size_t n_here = 0;
    size_t n_file = 0;
    for (; lrp_network_tensor(network, n_here, &tensor); n_here++) {
        if (!fresh_last || !tensor.is_last_layer) {
            LRP_TRY(load_tensor(file, &tensor, err));
        }
    }
    while (lrp_json_next_member(file->header, &cursor, &key, &value)) {
        n_file += strcmp(key, "__metadata__") != 0 ? 1 : 0;
    }
    if (n_here != n_file) {
        char what[80];
        (void)snprintf(what, sizeof what, "it has %zu blocks of parameters instead of %zu", n_file,
                       n_here);
        return fail_model(file, what, err);
    }
    return LRP_OK;
}

enum lrp_status lrp_checkpoint_load(const char *path, bool fresh_last, struct lrp_network *network,
                                    struct lrp_error *err)
{
    unsigned char *bytes = NULL;
    size_t length = 0;
    struct checkpoint file = {.path = path};
    enum lrp_status status = lrp_read_whole(path, file_most, &bytes, &length, err);
    if (status == LRP_E_IO) { /* the message names the file; bad input, not a broken system */
        status = LRP_E_NODATA;
        if (err != NULL) {
            err->status = status;
        }
    }
    LRP_TRY(status);
    status = parse(bytes, length, &file, err);
    if (status == LRP_OK) {
        status = load_all(&file, fresh_last, network, err);
    }
    lrp_json_free(file.header);
    free(bytes);
    return status;
}
