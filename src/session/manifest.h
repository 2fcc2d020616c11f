/* SPDX-License-Identifier: MIT */
/* The manifest sweep.json of a session's folder. */
#ifndef LRP_SESSION_MANIFEST_H
#define LRP_SESSION_MANIFEST_H

#include "folder.h"

/* sweep.json anew, whole. LRP_E_IO, LRP_E_NOMEM. */
enum lrp_status lrp_manifest_write(const struct lrp_session *session, struct lrp_error *err);
#endif
