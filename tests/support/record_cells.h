/* SPDX-License-Identifier: MIT */
/* Looking into records, for tests. */
#ifndef LRP_TESTS_RECORD_CELLS_H
#define LRP_TESTS_RECORD_CELLS_H

#include "record.h"
#include "test_main.h"

#include <string.h>

/* A cell by name; missing gives NaN. */
static inline double cell(const struct lrp_record *record, const char *name, size_t row)
{
    size_t column = lrp_record_find_column(record, name);
    ck_assert_msg(column != LRP_NO_COLUMN, "no column %s", name);
    ck_assert_uint_lt(row, lrp_record_rows(record));
    return lrp_record_values(record, column)[row];
}

static inline bool has_column(const struct lrp_record *record, const char *name)
{
    return lrp_record_find_column(record, name) != LRP_NO_COLUMN;
}

static inline bool has_note(const struct lrp_record *record, const char *part)
{
    for (size_t i = 0; lrp_record_note(record, i) != NULL; i++) {
        if (strstr(lrp_record_note(record, i), part) != NULL) {
            return true;
        }
    }
    return false;
}

static inline void check_same(const struct lrp_record *a, const struct lrp_record *b)
{
    ck_assert_uint_eq(lrp_record_rows(a), lrp_record_rows(b));
    ck_assert_uint_eq(lrp_record_columns(a), lrp_record_columns(b));
    for (size_t c = 0; c < lrp_record_columns(a); c++) {
        ck_assert_str_eq(lrp_record_column_name(a, c), lrp_record_column_name(b, c));
        for (size_t k = 0; k < lrp_record_rows(a); k++) {
            ck_assert_int_eq(lrp_record_present(a, c, k), lrp_record_present(b, c, k));
            ck_assert_close(lrp_record_values(a, c)[k], lrp_record_values(b, c)[k], 0, 0);
        }
    }
}
#endif
