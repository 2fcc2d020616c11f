/* SPDX-License-Identifier: MIT */
/* The checklist. A new check is a row here; ids are stable: add, never renumber. */
#include "checks_table.h"

const struct lrp_check *const lrp_checks[] = {
    &lrp_check_D1,
    NULL,
};
const size_t lrp_n_checks = sizeof lrp_checks / sizeof lrp_checks[0] - 1;
