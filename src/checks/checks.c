/* SPDX-License-Identifier: MIT */
/* The checklist. A new check is a row here; ids are stable: add, never renumber. */
#include "checks_table.h"

#include <string.h>

const struct lrp_check *const lrp_checks[] = {
    /* the log */
    &lrp_check_L1,
    &lrp_check_L2,
    &lrp_check_L3,
    &lrp_check_L4,
    /* the start */
    &lrp_check_S1,
    &lrp_check_S2,
    &lrp_check_S3,
    &lrp_check_S4,
    &lrp_check_S5,
    &lrp_check_S6,
    /* divergence */
    &lrp_check_D1,
    &lrp_check_D2,
    &lrp_check_D3,
    &lrp_check_D4,
    &lrp_check_D5,
    /* spikes */
    &lrp_check_K1,
    &lrp_check_K2,
    /* oscillation */
    &lrp_check_O1,
    &lrp_check_O2,
    &lrp_check_O3,
    &lrp_check_O4,
    &lrp_check_O5,
    &lrp_check_O6,
    /* progress */
    &lrp_check_P1,
    &lrp_check_P2,
    &lrp_check_P3,
    &lrp_check_P4,
    &lrp_check_P5,
    /* the rate */
    &lrp_check_R1,
    &lrp_check_R2,
    &lrp_check_R3,
    &lrp_check_R4,
    &lrp_check_R5,
    /* generalisation */
    &lrp_check_G1,
    &lrp_check_G2,
    &lrp_check_G3,
    &lrp_check_G4,
    &lrp_check_G5,
    /* gradients */
    &lrp_check_A1,
    &lrp_check_A2,
    /* against a baseline */
    &lrp_check_C1,
    /* the end */
    NULL,
};
const size_t lrp_n_checks = sizeof lrp_checks / sizeof lrp_checks[0] - 1;

size_t lrp_check_index(const char *id, size_t length)
{
    size_t c = 0;
    while (c < lrp_n_checks &&
           (strlen(lrp_checks[c]->id) != length || memcmp(lrp_checks[c]->id, id, length) != 0)) {
        c++;
    }
    return c;
}
