/* SPDX-License-Identifier: MIT */
#include "rates.h"

#include "rate_names.h"
#include "record_change.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN = 60, LISTED = 6 };
static const double E = 2.718281828459045;
/* A rate of 1e-12 trains nothing in any format of numbers: logarithms below are natural ones. */
static const double LOG10_LEAST = -12;

struct extent {
    double low, high; /* of the finite values; -inf as high: there is none */
};

static struct extent extent_of(const struct lrp_record *record, size_t column)
{
    const double *values = lrp_record_values(record, column);
    struct extent extent = {HUGE_VAL, -HUGE_VAL};
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        if (isfinite(values[row])) {
            extent.low = fmin(extent.low, values[row]);
            extent.high = fmax(extent.high, values[row]);
        }
    }
    return extent;
}

/* 1 where a column is faster than another one in more than half of the rows that have both, since a
 * group may have a warm-up of its own; -1 the other way round, 0 where they are alike. Without such
 * rows the highest rates decide. */
static int compare_rates(const struct lrp_record *record, size_t column, size_t other)
{
    const double *a = lrp_record_values(record, column);
    const double *b = lrp_record_values(record, other);
    size_t rows = 0;
    size_t faster = 0;
    size_t slower = 0;
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        if (isfinite(a[row]) && isfinite(b[row])) {
            rows++;
            faster += a[row] > b[row] * (1 + 1e-9) ? 1 : 0;
            slower += b[row] > a[row] * (1 + 1e-9) ? 1 : 0;
        }
    }
    if (rows == 0) {
        double difference = extent_of(record, column).high - extent_of(record, other).high;
        return difference > 0 ? 1 : difference < 0 ? -1 : 0;
    }
    return 2 * faster > rows ? 1 : 2 * slower > rows ? -1 : 0;
}

struct rate_columns {
    size_t taken; /* the fastest of those with a name of their own, or lr; LRP_NO_COLUMN */
    size_t n;     /* columns of rates with numbers in them */
    bool differ;  /* not all are alike */
    bool has_lr;
    struct lrp_text names;
};

static void look_at_columns(const struct lrp_record *record, struct rate_columns *seen)
{
    for (size_t c = 0; c < lrp_record_columns(record); c++) {
        const char *name = lrp_record_column_name(record, c);
        enum lrp_rate_name kind = lrp_rate_name_of(name);
        bool is_lr = strcmp(name, "lr") == 0;
        if (kind != LRP_RATE_NAME_PLAIN && kind != LRP_RATE_NAME_OWN) {
            continue;
        }
        if (extent_of(record, c).high == -HUGE_VAL && !is_lr) {
            continue;
        }
        int faster = seen->n > 0 ? compare_rates(record, c, seen->taken) : 1;
        seen->differ = seen->differ || (seen->n > 0 && faster != 0);
        if (is_lr || (!seen->has_lr && faster > 0)) {
            seen->taken = c;
        }
        seen->has_lr = seen->has_lr || is_lr;
        if (seen->n < LISTED) {
            lrp_text_printf(&seen->names, "%s%.*s", seen->n > 0 ? ", " : "", SHOWN, name);
        }
        seen->n++;
    }
}

static enum lrp_status take_rate(struct lrp_record *record, const struct rate_columns *seen,
                                 struct lrp_error *err)
{
    if (seen->n > 1 && seen->differ) {
        LRP_TRY(lrp_record_add_note(
            record, err,
            "there are %zu columns of rates, %s%s: %.*s%s is taken; --map lr=NAME "
            "takes another one",
            seen->n, lrp_text_string(&seen->names), seen->n > LISTED ? ", ..." : "", SHOWN,
            lrp_record_column_name(record, seen->taken), seen->has_lr ? "" : ", the fastest,"));
    }
    return seen->has_lr ? LRP_OK : lrp_record_rename_column(record, seen->taken, "lr", err);
}

/* The base of the logarithms in a column, 1 where they are rates; NaN where it is not known. */
static double base_of(const struct lrp_record *record, size_t column, enum lrp_rate_name kind)
{
    struct extent extent = extent_of(record, column);
    if (kind != LRP_RATE_NAME_LOG) {
        return kind == LRP_RATE_NAME_LOG10 ? 10 : E;
    }
    if (extent.low >= 0) {
        return 1; /* "log/lr" */
    }
    return extent.low < LOG10_LEAST ? E : (double)NAN;
}

static enum lrp_status take_logarithm(struct lrp_record *record, struct lrp_error *err)
{
    for (size_t c = 0; c < lrp_record_columns(record); c++) {
        char name[SHOWN + 1];
        (void)snprintf(name, sizeof name, "%s", lrp_record_column_name(record, c));
        enum lrp_rate_name kind = lrp_rate_name_of(lrp_record_column_name(record, c));
        if (kind < LRP_RATE_NAME_LOG10 || extent_of(record, c).high == -HUGE_VAL) {
            continue;
        }
        double base = base_of(record, c, kind);
        if (isnan(base)) {
            continue;
        }
        LRP_TRY(lrp_record_rename_column(record, c, "lr", err));
        if (base == 1) {
            return LRP_OK;
        }
        lrp_record_raise_column(record, c, base);
        return lrp_record_add_note(record, err, "%s holds %s logarithms: it was turned into rates",
                                   name, base == E ? "natural" : "decimal");
    }
    return LRP_OK;
}

enum lrp_status lrp_settle_rate(struct lrp_record *record, bool chosen, struct lrp_error *err)
{
    struct rate_columns seen = {.taken = LRP_NO_COLUMN};
    lrp_text_init(&seen.names, (SHOWN + 2) * (LISTED + 1));
    look_at_columns(record, &seen);
    seen.differ = seen.differ && !chosen;
    enum lrp_status status = lrp_text_check(&seen.names, err);
    if (status == LRP_OK) {
        status = seen.n > 0 ? take_rate(record, &seen, err) : take_logarithm(record, err);
    }
    lrp_text_fini(&seen.names);
    return status;
}
