/* SPDX-License-Identifier: MIT */
#include "old_ends.h"

#include "collect.h"
#include "json.h"
#include "manifest.h"
#include "record_reader.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct lrp_json *lrp_old_manifest(const struct lrp_session *session)
{
    struct lrp_json *json = NULL;
    struct lrp_error why;
    if (lrp_manifest_read(session->options.folder, &json, &why) != LRP_OK) {
        return NULL;
    }
    return json;
}

static bool has_rows(const struct lrp_run_entry *item, size_t rows)
{
    struct lrp_record *record = NULL;
    struct lrp_error why;
    bool same = lrp_run_record_read(item->report_path, &record, &why) == LRP_OK &&
                lrp_record_rows(record) == rows;
    lrp_record_free(record);
    return same;
}

bool lrp_old_end_take(const struct lrp_json *manifest, size_t run, struct lrp_run_entry *item)
{
    const struct lrp_json *old = lrp_json_element(lrp_json_member(manifest, "runs"), run);
    const char *end = lrp_json_string(lrp_json_member(old, "end"));
    const char *reason = lrp_json_string(lrp_json_member(old, "reason"));
    const double rows = lrp_json_number(lrp_json_member(old, "rows"));
    const double steps = lrp_json_number(lrp_json_member(old, "steps"));
    const bool is_short = end != NULL && strcmp(end, "short") == 0;
    const bool failed = end != NULL && strcmp(end, "failed") == 0;
    if (!(is_short || failed) || !isnan(item->lr) || !(rows > 0) ||
        steps != (double)item->run.steps ||
        lrp_json_integer(lrp_json_member(old, "seed")) != item->run.seed ||
        !has_rows(item, (size_t)rows)) {
        return false;
    }
    item->run.end = is_short ? LRP_RUN_SHORT : LRP_RUN_FAILED;
    item->run.rows = (size_t)rows;
    (void)snprintf(item->run.reason, sizeof item->run.reason, "%s", reason != NULL ? reason : "");
    if (lrp_run_is_usable(item, false)) {
        return true;
    }
    item->run.end = LRP_RUN_NOT_STARTED;
    item->run.rows = 0;
    item->run.reason[0] = '\0';
    return false;
}
