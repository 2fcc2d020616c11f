/* SPDX-License-Identifier: MIT */
/* The records of tests/data/checks: FOLDER is a check's id, what goes with a record (bounds, a
 * baseline, siblings) stands in its meta lines. */
#ifndef LRP_TESTS_CHECK_FIXTURES_H
#define LRP_TESTS_CHECK_FIXTURES_H

#include "checks_table.h"
#include "record.h"

#include <stdbool.h>

enum { SIBLINGS_MOST = 16, PATH_MOST = 1000 };

struct check_fixture {
    const struct lrp_check *check;
    char folder[PATH_MOST - 300];
    char path[PATH_MOST];
    struct lrp_record *record;
    struct lrp_record *baseline;
    struct lrp_record *zero_input;
    struct lrp_record *siblings[SIBLINGS_MOST];
    struct lrp_bounds bounds;
    struct lrp_diagnose_options options;
};

/* Ends the test where something cannot be read. name: of the file in the check's folder. */
struct check_fixture *open_fixture(const struct lrp_check *check, const char *name);
void close_fixture(struct check_fixture *fixture);
/* The diagnosis of a record with the fixture's options; the caller frees it. */
struct lrp_diagnosis *diagnose(const struct check_fixture *fixture,
                               const struct lrp_record *record);
const struct lrp_finding *finding_of(const struct lrp_diagnosis *diagnosis, const char *id);

typedef void visit_fixture(const struct check_fixture *fixture, const char *name);
/* Calls visit for each fixture of a check whose name begins so, by name; returns how many there
 * were. */
size_t each_fixture(const struct lrp_check *check, const char *prefix, visit_fixture *visit);
#endif
