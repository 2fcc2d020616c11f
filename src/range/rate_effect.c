/* SPDX-License-Identifier: MIT */
#include "rate_effect.h"

#include "alloc.h"
#include "robust.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { LEAST_VALUES = 12 };
/* float32, printed with six digits: what differs by less is rounding. */
static const double ROUNDING = 5e-6;
/* Rates that differ by less, as a factor, count as one rate. */
static const double PARTED = 1.5;
static const double APART = 10;
static const double SAME_SHARE = 0.95;
static const double DIFFERENT_SHARE = 0.5;
static const double MOVE_ERRORS = 5;
/* sqrt(pi / 2): a median of normal values is that much less sharp than their mean. */
static const double MEDIAN_ERROR = 1.2533;

struct run_pair {
    const double *rate[2];
    const double *value[2];
    size_t rows;
};

static bool pair_of(const struct lrp_record *first, const struct lrp_record *second,
                    const char *metric, struct run_pair *pair)
{
    const struct lrp_record *records[2] = {first, second};
    pair->rows = (size_t)-1;
    for (size_t i = 0; i < 2; i++) {
        size_t lr = lrp_record_find_column(records[i], "lr");
        size_t column = lrp_record_find_column(records[i], metric);
        if (lr == LRP_NO_COLUMN || column == LRP_NO_COLUMN) {
            return false;
        }
        size_t rows = lrp_record_rows(records[i]);
        pair->rate[i] = lrp_record_values(records[i], lr);
        pair->value[i] = lrp_record_values(records[i], column);
        pair->rows = rows < pair->rows ? rows : pair->rows;
    }
    return true;
}

static bool same_value(double a, double b)
{
    return fabs(a - b) <= ROUNDING * fmax(fabs(a), fabs(b));
}

/* Whether values change from their first to their last third by more than their noise. scratch: n
 * values. */
static bool has_moved(const double *values, size_t n, double *scratch)
{
    size_t third = n / 3;
    double before = lrp_median_of(values, third, scratch);
    double after = lrp_median_of(values + n - third, third, scratch);
    for (size_t i = 1; i < n; i++) {
        scratch[i - 1] = fabs(values[i] - values[i - 1]);
    }
    double error = MEDIAN_ERROR * lrp_sigma_of_changes(scratch, n - 1) / sqrt((double)third);
    /* the root of 2: two medians are compared */
    return fabs(before - after) > MOVE_ERRORS * 1.4142 * error &&
           fabs(before - after) > 100 * ROUNDING * fmax(fabs(before), fabs(after));
}

/* kept, scratch: room for all rows. */
static enum lrp_rate_effect compare(const struct run_pair *pair, double *kept, double *scratch)
{
    size_t n = 0;
    size_t same = 0;
    bool parted = false;
    bool apart = false;
    for (size_t k = 0; k < pair->rows; k++) {
        double a = pair->value[0][k];
        double b = pair->value[1][k];
        if (isfinite(a) && isfinite(b)) {
            bool alike = same_value(a, b);
            if (!parted && !alike) {
                return LRP_EFFECT_UNDECIDED; /* no rate can have done that: another seed */
            }
            kept[n] = a;
            n += parted ? 1 : 0;
            same += parted && alike ? 1 : 0;
        }
        /* the value of a row is measured before its rate is used */
        double factor =
            fmax(pair->rate[0][k] / pair->rate[1][k], pair->rate[1][k] / pair->rate[0][k]);
        parted = parted || factor > PARTED;
        apart = apart || (factor >= APART && 2 * k < pair->rows);
    }
    if (n < LEAST_VALUES) {
        return LRP_EFFECT_UNDECIDED;
    }
    if ((double)same < DIFFERENT_SHARE * (double)n) {
        return LRP_EFFECT_SEEN;
    }
    bool none = apart && (double)same >= SAME_SHARE * (double)n && has_moved(kept, n, scratch);
    return none ? LRP_EFFECT_NONE : LRP_EFFECT_UNDECIDED;
}

enum lrp_status lrp_compare_rate_effect(const struct lrp_record *first,
                                        const struct lrp_record *second, const char *metric,
                                        enum lrp_rate_effect *effect, struct lrp_error *err)
{
    struct run_pair pair;
    *effect = LRP_EFFECT_UNDECIDED;
    if (!pair_of(first, second, metric, &pair)) {
        return LRP_OK;
    }
    double *kept = lrp_calloc_array(pair.rows + 1, 2 * sizeof *kept);
    LRP_TRY_MEMORY(kept, err);
    *effect = compare(&pair, kept, kept + pair.rows + 1);
    free(kept);
    return LRP_OK;
}

enum lrp_status lrp_common_rate_effect(const struct lrp_record *const *records, size_t n_records,
                                       const char *metric, enum lrp_rate_effect *effect,
                                       struct lrp_error *err)
{
    *effect = LRP_EFFECT_UNDECIDED;
    for (size_t r = 1; r < n_records && *effect != LRP_EFFECT_SEEN; r++) {
        enum lrp_rate_effect own = LRP_EFFECT_UNDECIDED;
        LRP_TRY(lrp_compare_rate_effect(records[0], records[r], metric, &own, err));
        *effect = own != LRP_EFFECT_UNDECIDED ? own : *effect;
    }
    return LRP_OK;
}
