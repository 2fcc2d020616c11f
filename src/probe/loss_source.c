/* SPDX-License-Identifier: MIT */
#include "loss_source.h"

#include <errno.h>
#include <stdio.h>

enum lrp_status lrp_report_close(const char *path, struct lrp_error *err)
{
    FILE *file = fopen(path, "ae");
    if (file == NULL) {
        return lrp_fail_errno(err, errno, "write", path);
    }
    bool written = fputs("# " LRP_REPORT_END "\n", file) >= 0;
    if (fclose(file) != 0 || !written) {
        return lrp_fail_errno(err, errno, "write", path);
    }
    return LRP_OK;
}
