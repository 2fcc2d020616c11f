/* SPDX-License-Identifier: MIT */
/* The checklist. A new check is a row here; ids are stable: add, never renumber. */
#include "checks_table.h"

const struct lrp_check *const lrp_checks[] = {
    &lrp_check_D1, &lrp_check_D3, &lrp_check_D4, &lrp_check_D5, &lrp_check_O1, &lrp_check_O4,
    &lrp_check_O5, &lrp_check_O6, &lrp_check_P1, &lrp_check_P4, NULL,
};
const size_t lrp_n_checks = sizeof lrp_checks / sizeof lrp_checks[0] - 1;
