/* SPDX-License-Identifier: MIT */
/* libFuzzer's target for stitching and diagnosis: the bytes are rows of small numbers, so that
 * positions meet, go back and are missing. */
#include "feed.h"

#include "lrprobe/lrprobe.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static double number(uint8_t byte)
{
    static const double odd[] = {
        (double)NAN, (double)INFINITY, (double)-INFINITY, 1e308, -1e308, 1e-320, 0.5, -1};
    return byte < 240 ? byte % 60 : odd[byte % 8];
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char *const names[] = {"step", "epoch", "loss", "val_loss", "lr"};
    enum { COLUMNS = 5 };
    struct lrp_record *record = NULL;
    if (lrp_record_new(0, &record, NULL) != LRP_OK) {
        abort();
    }
    for (size_t c = 0; c < COLUMNS; c++) {
        size_t index = 0;
        if (lrp_record_add_column(record, names[c], &index, NULL) != LRP_OK) {
            abort();
        }
    }
    /* a row: which cells are there, then one byte a cell */
    for (size_t at = 0; at + COLUMNS < length; at += COLUMNS + 1) {
        double values[COLUMNS];
        unsigned char present[COLUMNS];
        for (size_t c = 0; c < COLUMNS; c++) {
            values[c] = number(bytes[at + 1 + c]);
            present[c] = bytes[at] >> c & 1;
        }
        if (lrp_record_append_row(record, values, present, NULL) != LRP_OK) {
            abort();
        }
    }
    judge_record(record);
    lrp_record_free(record);
    return 0;
}
