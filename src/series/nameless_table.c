/* SPDX-License-Identifier: MIT */
#include "nameless_table.h"

#include "number.h"

#include <string.h>

static const char made_up[] = "column ";

bool lrp_is_made_up_name(const char *name)
{
    return strncmp(name, made_up, sizeof made_up - 1) == 0 &&
           name[sizeof made_up - 1 + strspn(name + sizeof made_up - 1, "0123456789")] == '\0';
}

/* What separates the words of a comment line. */
static const char *separators_of(const char *comment)
{
    return strchr(comment, ',') != NULL ? "," : strchr(comment, '\t') != NULL ? "\t" : " \t";
}

static size_t next_word(const char *comment, const char *separators, size_t at, size_t *length)
{
    at += strspn(comment + at, separators);
    at += strspn(comment + at, " ");
    *length = strcspn(comment + at, separators);
    return at;
}

static size_t count_words(const char *comment)
{
    const char *separators = separators_of(comment);
    size_t n = 0;
    size_t length = 0;
    for (size_t at = next_word(comment, separators, 0, &length); length > 0;
         at = next_word(comment, separators, at + length, &length)) {
        n++;
    }
    return n;
}

static void end_name(struct lrp_text *text)
{
    lrp_text_append_bytes(text, "", 1);
}

static void take_words(const char *comment, struct lrp_text *text)
{
    const char *separators = separators_of(comment);
    size_t length = 0;
    for (size_t at = next_word(comment, separators, 0, &length); length > 0;
         at = next_word(comment, separators, at + length, &length)) {
        lrp_text_append_bytes(text, comment + at, length);
        end_name(text);
    }
}

bool lrp_part_of_total(const char *text, size_t length, double *out)
{
    int64_t part = 0;
    int64_t total = 0;
    const char *slash = memchr(text, '/', length);
    if (slash == NULL || !lrp_parse_int64(text, (size_t)(slash - text), 0, INT64_MAX, &part) ||
        !lrp_parse_int64(slash + 1, length - (size_t)(slash - text) - 1, 1, INT64_MAX, &total)) {
        return false;
    }
    *out = (double)part;
    return true;
}

bool lrp_is_cell_value(const char *text, size_t length)
{
    double number = 0;
    bool sized = length > 1 && memchr("GMK", text[length - 1], 3) != NULL;
    return lrp_parse_double(text, length, &number) || lrp_part_of_total(text, length, &number) ||
           (sized && lrp_parse_double(text, length - 1, &number));
}

/* Step, k columns of the training, k of the test, metrics. */
static void name_groups(size_t n, struct lrp_text *text)
{
    size_t k = (n - 1) / 2;
    for (size_t c = 0; c < n; c++) {
        if (c == 0) {
            lrp_text_append(text, "step");
        } else if (c <= k) {
            lrp_text_printf(text, "train/loss_%zu", c);
        } else if (c <= 2 * k) {
            lrp_text_printf(text, "test/loss_%zu", c - k);
        } else {
            lrp_text_printf(text, "metrics_%zu", c - 2 * k);
        }
        end_name(text);
    }
}

enum lrp_status lrp_name_nameless(const char *comment, const struct lrp_csv_field *first, size_t n,
                                  struct lrp_text *text, struct lrp_csv_field *out,
                                  struct lrp_error *err)
{
    static const char yolov5[] =
        "epoch,gpu_mem,train/box,train/obj,train/cls,train/loss,targets,img_size,precision,recall,"
        "mAP@.5,mAP@.5:.95,val/box_loss,val/obj_loss,val/cls_loss";
    enum { YOLOV5 = 15 };
    double number = 0;
    static const char deepxde[] = "step, loss_train, loss_test, metrics_test";
    comment = comment != NULL ? comment + strspn(comment, " #") : "";
    if (n > 2 && strncmp(comment, deepxde, sizeof deepxde - 1) == 0) {
        name_groups(n, text);
    } else if (n == YOLOV5 && lrp_part_of_total(first->text, first->length, &number)) {
        take_words(yolov5, text);
    } else if (count_words(comment) == n) {
        take_words(comment, text);
    } else {
        for (size_t c = 0; c < n; c++) {
            lrp_text_printf(text, "%s%zu", made_up, c + 1);
            end_name(text);
        }
    }
    LRP_TRY(lrp_text_check(text, err));
    const char *name = lrp_text_string(text);
    for (size_t c = 0; c < n; c++) {
        out[c] = (struct lrp_csv_field){name, strlen(name)};
        name += out[c].length + 1;
    }
    return LRP_OK;
}
