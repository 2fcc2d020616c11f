/* SPDX-License-Identifier: MIT */
#include "evidence.h"

#include <math.h>
#include <stdlib.h>

enum { FEWEST_ROWS = 5 };

void lrp_evidence_fini(struct lrp_evidence *evidence)
{
    for (size_t i = 0; i < evidence->n; i++) {
        lrp_record_free(evidence->records[i]);
    }
    free(evidence->records);
    free(evidence->runs);
    *evidence = (struct lrp_evidence){0};
}

bool lrp_same_column(const struct lrp_record *a, const struct lrp_record *b, const char *name)
{
    size_t column = lrp_record_find_column(a, name);
    size_t other = lrp_record_find_column(b, name);
    size_t rows = lrp_record_rows(a);
    if (column == LRP_NO_COLUMN || other == LRP_NO_COLUMN || rows != lrp_record_rows(b)) {
        return false;
    }
    const double *x = lrp_record_values(a, column);
    const double *y = lrp_record_values(b, other);
    for (size_t row = 0; row < rows; row++) {
        if (x[row] != y[row] && !(isnan(x[row]) && isnan(y[row]))) {
            return false;
        }
    }
    return true;
}

bool lrp_sweeps_are_same(struct lrp_record *const *records, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (!lrp_same_column(records[0], records[i], "loss") ||
            !lrp_same_column(records[0], records[i], "lr")) {
            return false;
        }
    }
    return n > 1 && lrp_record_rows(records[0]) >= FEWEST_ROWS;
}
