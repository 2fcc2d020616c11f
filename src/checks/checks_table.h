/* SPDX-License-Identifier: MIT */
/* The rows of the checklist, each defined in the file of its family. */
#ifndef LRP_CHECKS_CHECKS_TABLE_H
#define LRP_CHECKS_CHECKS_TABLE_H

#include "checklist.h"
#include "diagnosis.h"

extern const struct lrp_check lrp_check_D1;
extern const struct lrp_check lrp_check_D3;
extern const struct lrp_check lrp_check_D4;
extern const struct lrp_check lrp_check_D5;
extern const struct lrp_check lrp_check_O1;
extern const struct lrp_check lrp_check_O4;
extern const struct lrp_check lrp_check_O5;
extern const struct lrp_check lrp_check_O6;
extern const struct lrp_check lrp_check_P1;
extern const struct lrp_check lrp_check_P4;
#endif
