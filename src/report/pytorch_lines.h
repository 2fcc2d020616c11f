/* SPDX-License-Identifier: MIT */
#ifndef LRP_REPORT_PYTORCH_LINES_H
#define LRP_REPORT_PYTORCH_LINES_H

#include "text.h"

#include "lrprobe/lrprobe.h"

/* Lines of Python with the rates: PyTorch's own schedulers, each parameter group at its ratio and
 * with no momentum that was not swept. */
void lrp_append_pytorch(struct lrp_text *out, const struct lrp_bounds *bounds);
#endif
