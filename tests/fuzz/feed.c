/* SPDX-License-Identifier: MIT */
#include "feed.h"

#include "lrprobe/lrprobe.h"
#include "stitch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SINGLE_BYTES_MOST = 1 << 14 };

#define PROMISE(holds, ...)                                                                        \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            (void)fprintf(stderr, __VA_ARGS__);                                                    \
            (void)fputc('\n', stderr);                                                             \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static enum lrp_status feed(const struct lrp_log_format *format, const unsigned char *bytes,
                            size_t length, size_t slice, struct lrp_record **out,
                            struct lrp_error *err)
{
    struct lrp_log_reader *reader = NULL;
    enum lrp_status status = lrp_log_reader_open(format, NULL, &reader, err);
    for (size_t at = 0; at < length && status == LRP_OK; at += slice) {
        /* a copy of just that size: reading past its end is seen */
        size_t n = length - at < slice ? length - at : slice;
        unsigned char *copy = malloc(n);
        PROMISE(copy != NULL, "no memory for the target itself");
        memcpy(copy, bytes + at, n);
        status = lrp_log_reader_feed(reader, copy, n, err);
        free(copy);
    }
    status = status == LRP_OK ? lrp_log_reader_finish(reader, out, err) : status;
    lrp_log_reader_free(reader);
    return status;
}

static void check_same(const struct lrp_record *a, const struct lrp_record *b, size_t slice)
{
    PROMISE(lrp_record_rows(a) == lrp_record_rows(b), "slices of %zu: %zu rows, not %zu", slice,
            lrp_record_rows(b), lrp_record_rows(a));
    PROMISE(lrp_record_columns(a) == lrp_record_columns(b), "slices of %zu: other columns", slice);
    for (size_t c = 0; c < lrp_record_columns(a); c++) {
        PROMISE(strcmp(lrp_record_column_name(a, c), lrp_record_column_name(b, c)) == 0,
                "slices of %zu: another name of column %zu", slice, c);
        for (size_t k = 0; k < lrp_record_rows(a); k++) {
            double x = lrp_record_values(a, c)[k];
            double y = lrp_record_values(b, c)[k];
            PROMISE(lrp_record_present(a, c, k) == lrp_record_present(b, c, k) &&
                        (x == y || (isnan(x) && isnan(y))),
                    "slices of %zu: another cell in row %zu of column %zu", slice, k, c);
        }
    }
    for (size_t i = 0; lrp_record_note(a, i) != NULL || lrp_record_note(b, i) != NULL; i++) {
        const char *x = lrp_record_note(a, i);
        const char *y = lrp_record_note(b, i);
        PROMISE(x != NULL && y != NULL && strcmp(x, y) == 0,
                "slices of %zu: note \"%s\", not \"%s\"", slice, y != NULL ? y : "",
                x != NULL ? x : "");
    }
}

bool feed_every_way(const struct lrp_log_format *format, const unsigned char *bytes, size_t length)
{
    static const size_t slices[] = {1, 3, 64, 4096};
    struct lrp_record *whole = NULL;
    struct lrp_error err = {0};
    int sure = lrp_probe_format(format, bytes, length);
    PROMISE(sure >= 0 && sure <= 100, "%s is %d %% sure", format->name, sure);
    enum lrp_status status = feed(format, bytes, length, length + 1, &whole, &err);
    PROMISE(status == LRP_OK || (strlen(err.message) > 5 && whole == NULL),
            "%s refuses without a word", format->name);
    PROMISE(status != LRP_E_ARG && status != LRP_E_IO, "%s blames the caller: %s", format->name,
            err.message);
    for (size_t i = 0; i < sizeof slices / sizeof slices[0]; i++) {
        struct lrp_record *record = NULL;
        struct lrp_error other = {0};
        if (slices[i] < 64 && length > SINGLE_BYTES_MOST) {
            continue;
        }
        enum lrp_status again = feed(format, bytes, length, slices[i], &record, &other);
        PROMISE(again == status && strcmp(err.message, other.message) == 0,
                "%s in slices of %zu: %d %s, not %d %s", format->name, slices[i], (int)again,
                other.message, (int)status, err.message);
        if (status == LRP_OK) {
            check_same(whole, record, slices[i]);
        }
        lrp_record_free(record);
    }
    if (status == LRP_OK) {
        PROMISE(lrp_record_rows(whole) > 0 && lrp_record_columns(whole) > 0,
                "%s gives an empty record", format->name);
        judge_record(whole);
    }
    lrp_record_free(whole);
    return status == LRP_OK;
}

/* Stitched once, nothing is left to do but what cannot be done. */
static void check_stitched(const struct lrp_record *record, const struct lrp_record *stitched,
                           const struct lrp_stitch_facts *facts)
{
    struct lrp_record *again = NULL;
    struct lrp_stitch_facts left;
    struct lrp_error err = {0};
    PROMISE(lrp_record_rows(stitched) <= lrp_record_rows(record), "stitching made rows");
    PROMISE(lrp_record_columns(stitched) == lrp_record_columns(record), "stitching lost columns");
    PROMISE(facts->dropped <= lrp_record_rows(record), "more rows dropped than there were");
    PROMISE(lrp_record_stitch(stitched, &again, &left, &err) == LRP_OK, "%s", err.message);
    PROMISE(left.backward == 0 && left.late == 0, "stitched, and it still goes back");
    lrp_record_free(again);
}

void judge_record(const struct lrp_record *record)
{
    struct lrp_record *stitched = NULL;
    struct lrp_stitch_facts facts;
    struct lrp_diagnosis *diagnosis = NULL;
    struct lrp_error err = {0};
    PROMISE(lrp_record_stitch(record, &stitched, &facts, &err) == LRP_OK, "%s", err.message);
    if (stitched != NULL) {
        check_stitched(record, stitched, &facts);
    }
    enum lrp_status status =
        lrp_diagnose(stitched != NULL ? stitched : record, NULL, &diagnosis, &err);
    PROMISE(status == LRP_OK || status == LRP_E_NODATA, "no diagnosis: %s", err.message);
    if (status == LRP_OK) {
        PROMISE(strlen(lrp_diagnosis_reason(diagnosis)) > 5, "a verdict without a reason");
    }
    lrp_diagnosis_free(diagnosis);
    lrp_record_free(stitched);
}
