/* SPDX-License-Identifier: MIT */
/* The manifest sweep.json of a session's folder. */
#ifndef LRP_SESSION_MANIFEST_H
#define LRP_SESSION_MANIFEST_H

#include "folder.h"

/* sweep.json anew, whole. LRP_E_IO, LRP_E_NOMEM. */
enum lrp_status lrp_manifest_write(const struct lrp_session *session, struct lrp_error *err);
/* The parsed manifest of a sweep's folder; the caller frees it. The statuses of lrp_read_whole and
 * lrp_json_parse; LRP_E_NOMEM. */
struct lrp_json;
enum lrp_status lrp_manifest_read(const char *folder, struct lrp_json **out, struct lrp_error *err);
#endif
