/* SPDX-License-Identifier: MIT */
#include "stitch.h"

#include "number.h"

#include <math.h>

static enum lrp_status set_number(struct lrp_record *record, const char *key, double value,
                                  struct lrp_error *err)
{
    char text[LRP_NUMBER_SIZE];
    if (!isfinite(value)) {
        return LRP_OK;
    }
    return lrp_record_set_meta(record, key, lrp_format_double(value, text), err);
}

enum lrp_status lrp_record_set_stitched(struct lrp_record *record,
                                        const struct lrp_stitch_facts *facts, struct lrp_error *err)
{
    const struct {
        const char *key;
        double value;
    } numbers[] = {
        {"stitch.backward", (double)facts->backward},
        {"stitch.first_backward", facts->first_backward},
        {"stitch.duplicates", (double)facts->duplicates},
        {"stitch.dropped", (double)facts->dropped},
        {"stitch.gaps", (double)facts->gaps},
        {"stitch.first_gap", facts->first_gap},
    };
    enum lrp_status status = LRP_OK;
    if (facts->position == NULL) {
        return LRP_OK;
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0] && status == LRP_OK; i++) {
        status = set_number(record, numbers[i].key, numbers[i].value, err);
    }
    return status;
}

enum lrp_status lrp_record_stitch_in_place(struct lrp_record **record, struct lrp_error *err)
{
    struct lrp_record *stitched = NULL;
    struct lrp_stitch_facts facts;
    enum lrp_status status = lrp_record_stitch(*record, &stitched, &facts, err);
    if (status != LRP_OK) {
        return status;
    }
    status = lrp_record_set_stitched(stitched != NULL ? stitched : *record, &facts, err);
    if (status != LRP_OK) {
        lrp_record_free(stitched);
        return status;
    }
    if (stitched != NULL) {
        lrp_record_free(*record);
        *record = stitched;
    }
    return LRP_OK;
}
