/* SPDX-License-Identifier: MIT */
/* What a session gives to its trainers: client files and variables. */
#ifndef LRP_SESSION_CHILD_SETUP_H
#define LRP_SESSION_CHILD_SETUP_H

#include "session.h"

/* Lays the Python client out in DIR/client, so that `import lrprobe` works in the child (which may
 * run on another machine that sees the folder) without an installation. LRP_E_IO. */
enum lrp_status lrp_child_files_write(const char *folder, struct lrp_error *err);
/* The variables beside the protocol's own. For every trainer: the columns on request. For another's
 * program: the module path, the hook, and the share of the processors that each of several trainers
 * at a time may take. For the built-in one: one BLAS thread. A number of threads that the user has
 * set stands. options: defaults filled in, folder an absolute path. NULL where there is nothing to
 * set; ended by lrp_string_list_free. */
enum lrp_status lrp_child_environment(const struct lrp_session_options *options, size_t processors,
                                      char ***out, struct lrp_error *err);
#endif
