/* SPDX-License-Identifier: MIT */
/* The rows of the checklist, each defined in the file of its family. */
#ifndef LRP_CHECKS_CHECKS_TABLE_H
#define LRP_CHECKS_CHECKS_TABLE_H

#include "checklist.h"
#include "diagnosis.h"

extern const struct lrp_check lrp_check_D1;
#endif
