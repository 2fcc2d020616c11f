/* SPDX-License-Identifier: MIT */
#include "sweep_curves.h"

#include "random.h"
#include "test_main.h"

#include <math.h>
#include <string.h>

enum { REPEATS_MOST = 8 };

double healthy_curve(double x)
{
    return 0.3 + 2.0 / (1 + exp((x + 2.2) / 0.25)) + 0.05 * exp((x + 0.5) / 0.12);
}

double flat_then_rising(double x)
{
    return 1.39 + 0.1 * exp((x + 1.8) / 0.15);
}

struct lrp_record *empty_record(const char *const *names, size_t n)
{
    struct lrp_record *record = NULL;
    size_t column = 0;
    ck_assert_int_eq(lrp_record_new(0, &record, NULL), LRP_OK);
    for (size_t i = 0; i < n; i++) {
        ck_assert_int_eq(lrp_record_add_column(record, names[i], &column, NULL), LRP_OK);
    }
    return record;
}

struct lrp_record *sweep_record(const struct sweep_curve *curve, uint64_t seed)
{
    const char *const names[] = {"lr", curve->metric != NULL ? curve->metric : "loss"};
    struct lrp_record *record = empty_record(names, 2);
    struct lrp_random random;
    lrp_random_seed(&random, seed, 0);
    double low = log10(curve->lr_min);
    double high = log10(curve->lr_max);
    for (size_t k = 0; k < curve->steps; k++) {
        double x = low + (high - low) * (double)k / (double)(curve->steps - 1);
        double value = curve->clean(x) + curve->noise * lrp_random_normal(&random);
        double row[2] = {pow(10, x), value};
        ck_assert_int_eq(lrp_record_append_row(record, row, NULL, NULL), LRP_OK);
    }
    return record;
}

struct lrp_bounds sweep_bounds(const struct sweep_curve *curve, size_t repeats, uint64_t seed,
                               const struct lrp_bounds_options *options)
{
    struct lrp_record *records[REPEATS_MOST] = {NULL};
    struct lrp_bounds bounds;
    struct lrp_error err = {0};
    ck_assert_uint_le(repeats, REPEATS_MOST);
    for (size_t r = 0; r < repeats; r++) {
        records[r] = sweep_record(curve, seed + r);
    }
    ck_assert_msg(lrp_bounds_find((const struct lrp_record *const *)records, repeats, options,
                                  &bounds, &err) == LRP_OK,
                  "%s", err.message);
    for (size_t r = 0; r < repeats; r++) {
        lrp_record_free(records[r]);
    }
    return bounds;
}

bool has_warning(const struct lrp_bounds *bounds, const char *part)
{
    for (size_t i = 0; i < bounds->n_warnings; i++) {
        if (strstr(bounds->warnings[i], part) != NULL) {
            return true;
        }
    }
    return false;
}
