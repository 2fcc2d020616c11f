/* SPDX-License-Identifier: MIT */
/* What a session gives to trainers that are somebody else's programs: client files and variables.
 */
#ifndef LRP_SESSION_CHILD_SETUP_H
#define LRP_SESSION_CHILD_SETUP_H

#include "session.h"

/* Lays the Python client out in DIR/client, so that `import lrprobe` works in the child (which may
 * run on another machine that sees the folder) without an installation. LRP_E_IO. */
enum lrp_status lrp_child_files_write(const char *folder, struct lrp_error *err);
/* The variables beside the protocol's own: the module path, the hook, the columns on request, and
 * the share of the processors that each of several trainers at a time may take, unless the user has
 * set it. options: defaults filled in, folder a whole path. NULL-terminated, ended by
 * lrp_child_environment_free. */
enum lrp_status lrp_child_environment(const struct lrp_session_options *options, size_t processors,
                                      char ***out, struct lrp_error *err);
void lrp_child_environment_free(char **environment);
#endif
