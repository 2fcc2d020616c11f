/* SPDX-License-Identifier: MIT */
#include "bounds_file.h"

#include "gz.h"
#include "options.h"
#include "range_report.h"

#include <stdlib.h>

enum { BOUNDS_MOST = 1 << 24 };

enum lrp_status lrp_read_bounds_file(const char *path, struct lrp_bounds *out,
                                     struct lrp_error *err)
{
    unsigned char *bytes = NULL;
    size_t length = 0;
    enum lrp_status status = lrp_read_whole(path, BOUNDS_MOST, &bytes, &length, err);
    if (status == LRP_OK) {
        status = lrp_bounds_from_json((const char *)bytes, length, out, err);
    }
    free(bytes);
    return status;
}

int lrp_report_reference(struct lrp_error *err, const char *path)
{
    const char *source = err->status == LRP_E_IO || err->status == LRP_E_ARG ? NULL : path;
    err->status = err->status == LRP_E_IO ? LRP_E_NODATA : err->status;
    return lrp_report_error(err, source);
}
