/* SPDX-License-Identifier: MIT */
/* The rows of the checklist, each defined in the file of its family. */
#ifndef LRP_CHECKS_CHECKS_TABLE_H
#define LRP_CHECKS_CHECKS_TABLE_H

#include "checklist.h"
#include "diagnosis.h"

extern const struct lrp_check lrp_check_L1;
extern const struct lrp_check lrp_check_L2;
extern const struct lrp_check lrp_check_L3;
extern const struct lrp_check lrp_check_L4;
extern const struct lrp_check lrp_check_S1;
extern const struct lrp_check lrp_check_S2;
extern const struct lrp_check lrp_check_S3;
extern const struct lrp_check lrp_check_S4;
extern const struct lrp_check lrp_check_S5;
extern const struct lrp_check lrp_check_S6;
extern const struct lrp_check lrp_check_D1;
extern const struct lrp_check lrp_check_D2;
extern const struct lrp_check lrp_check_D3;
extern const struct lrp_check lrp_check_D4;
extern const struct lrp_check lrp_check_D5;
extern const struct lrp_check lrp_check_K1;
extern const struct lrp_check lrp_check_K2;
extern const struct lrp_check lrp_check_O1;
extern const struct lrp_check lrp_check_O2;
extern const struct lrp_check lrp_check_O3;
extern const struct lrp_check lrp_check_O4;
extern const struct lrp_check lrp_check_O5;
extern const struct lrp_check lrp_check_O6;
extern const struct lrp_check lrp_check_P1;
extern const struct lrp_check lrp_check_P2;
extern const struct lrp_check lrp_check_P3;
extern const struct lrp_check lrp_check_P4;
extern const struct lrp_check lrp_check_P5;
extern const struct lrp_check lrp_check_R1;
extern const struct lrp_check lrp_check_R2;
extern const struct lrp_check lrp_check_R3;
extern const struct lrp_check lrp_check_R4;
extern const struct lrp_check lrp_check_R5;
extern const struct lrp_check lrp_check_G1;
extern const struct lrp_check lrp_check_G2;
extern const struct lrp_check lrp_check_G3;
extern const struct lrp_check lrp_check_G4;
extern const struct lrp_check lrp_check_G5;
extern const struct lrp_check lrp_check_A1;
extern const struct lrp_check lrp_check_A2;
extern const struct lrp_check lrp_check_C1;
#endif
