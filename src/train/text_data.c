/* SPDX-License-Identifier: MIT */
/* Text as a data set of characters: UTF-8, each code point a character. */
#include "dataset.h"

#include "alloc.h"
#include "gz.h"
#include "random.h"
#include "random_streams.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 1 << 28, CODE_POINTS = 0x110000, SENTENCES_LENGTH = 200000 };

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
    if (points == NULL) {
        return lrp_fail_memory(err, length * sizeof *points);
    }
    for (size_t at = 0; at < length;) {
        size_t here = lrp_utf8_length(bytes + at, length - at);
        if (here == 0 || bytes[at] == 0) {
            free(points);
            return lrp_fail(err, LRP_E_FORMAT, line,
                            "byte 0x%02x is no text in UTF-8, which a model of text needs",
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
    if (numbers == NULL) {
        return lrp_fail_memory(err, CODE_POINTS * sizeof *numbers);
    }
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
    enum lrp_status status = lrp_dataset_reserve(dataset, n, context, true, err);
    if (status != LRP_OK) {
        return status;
    }
    free(dataset->classes); /* one a character here */
    dataset->classes = lrp_calloc_array(n * context, sizeof *dataset->classes);
    if (dataset->classes == NULL) {
        return lrp_fail_memory(err, n * context * sizeof *dataset->classes);
    }
    for (size_t i = 0; i < n * context; i++) {
        dataset->inputs[i] = (float)characters[i];
        dataset->classes[i] = characters[i + 1];
    }
    dataset->is_text = true;
    dataset->n_targets = context;
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
    enum lrp_status status = decode(bytes + skip, length - skip, &points, &n, err);
    if (status != LRP_OK) {
        return status;
    }
    status = number_characters(points, n, &dataset->n_outputs, err);
    status = status == LRP_OK ? fill(points, n, options->context, dataset, err) : status;
    free(points);
    return status;
}

enum lrp_status lrp_dataset_read_text(const struct lrp_data_options *options,
                                      struct lrp_dataset *dataset, struct lrp_error *err)
{
    unsigned char *bytes = NULL;
    size_t length = 0;
    enum lrp_status status = lrp_read_whole(options->data, FILE_MOST, &bytes, &length, err);
    status =
        status == LRP_OK ? lrp_dataset_take_text(options, bytes, length, dataset, err) : status;
    free(bytes);
    return status;
}

static const char *pick(struct lrp_random *random, const char *const *list, size_t n)
{
    return list[lrp_random_below(random, n)];
}
#define PICK(random, list) pick(random, list, sizeof(list) / sizeof(list)[0])

/* Somebody or something with what is told of it; verbs agree with its number. */
static void add_subject(struct lrp_text *text, struct lrp_random *random, bool plural)
{
    static const char *const adjectives[] = {"old",    "small",  "quiet", "red",
                                             "clever", "broken", "tired", "bright"};
    static const char *const nouns[] = {"gardener", "teacher", "river",  "clock",  "fox",
                                        "ship",     "baker",   "letter", "engine", "sailor"};
    static const char *const one[] = {"the", "a", "this", "every"};
    static const char *const many[] = {"the", "some", "these", "two", "many"};
    const char *article = plural ? PICK(random, many) : PICK(random, one);
    const char *adjective = lrp_random_below(random, 2) == 0 ? PICK(random, adjectives) : NULL;
    const char *noun = PICK(random, nouns);
    const char *first = adjective != NULL ? adjective : noun;
    bool vowel = strchr("aeiou", first[0]) != NULL;
    lrp_text_printf(text, "%s%s ", article, strcmp(article, "a") == 0 && vowel ? "n" : "");
    if (adjective != NULL) {
        lrp_text_printf(text, "%s ", adjective);
    }
    bool hisses = noun[strlen(noun) - 1] == 'x';
    lrp_text_printf(text, "%s%s", noun, !plural ? "" : hisses ? "es" : "s");
}

static void add_clause(struct lrp_text *text, struct lrp_random *random)
{
    static const char *const verbs[] = {"follow", "see",  "remember", "help",
                                        "want",   "call", "leave",    "hear"};
    static const char *const places[] = {"in the morning", "near the harbour", "without a word",
                                         "after the rain", "on the hill",      "all day long"};
    bool plural = lrp_random_below(random, 2) == 0;
    add_subject(text, random, plural);
    lrp_text_printf(text, " %s%s ", PICK(random, verbs), plural ? "" : "s");
    add_subject(text, random, lrp_random_below(random, 2) == 0);
    if (lrp_random_below(random, 3) == 0) {
        lrp_text_printf(text, " %s", PICK(random, places));
    }
}

enum lrp_status lrp_write_sentences(struct lrp_text *text, struct lrp_error *err)
{
    static const char *const joints[] = {" and ", ", but ", " because ", " while "};
    struct lrp_random random;
    lrp_random_seed(&random, LRP_SEED_DATA, LRP_STREAM_SENTENCES);
    while (text->length < SENTENCES_LENGTH && text->status == LRP_OK) {
        size_t begin = text->length;
        add_clause(text, &random);
        if (lrp_random_below(&random, 3) == 0) {
            lrp_text_append(text, PICK(&random, joints));
            add_clause(text, &random);
        }
        lrp_text_append(text, ".\n");
        if (text->status == LRP_OK) { /* the sentence's first letter */
            text->bytes[begin] = (char)(text->bytes[begin] - 'a' + 'A');
        }
    }
    return lrp_text_check(text, err);
}
