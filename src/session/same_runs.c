/* SPDX-License-Identifier: MIT */
#include "same_runs.h"

#include <string.h>

enum { FEWEST_ROWS = 5 };

static bool same_column(const struct lrp_record *a, const struct lrp_record *b, const char *name)
{
    size_t i = lrp_record_find_column(a, name);
    size_t k = lrp_record_find_column(b, name);
    return i != LRP_NO_COLUMN && k != LRP_NO_COLUMN &&
           memcmp(lrp_record_values(a, i), lrp_record_values(b, k),
                  lrp_record_rows(a) * sizeof(double)) == 0;
}

bool lrp_runs_are_same(const struct lrp_record *const *records, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (lrp_record_rows(records[i]) != lrp_record_rows(records[0]) ||
            !same_column(records[0], records[i], "loss") ||
            !same_column(records[0], records[i], "lr")) {
            return false;
        }
    }
    return n > 1 && lrp_record_rows(records[0]) >= FEWEST_ROWS;
}
