/* SPDX-License-Identifier: MIT */
/* The options of sweep for one run per rate. */
#ifndef LRP_CLI_FRESH_OPTIONS_H
#define LRP_CLI_FRESH_OPTIONS_H

#include "options.h"
#include "session.h"

struct lrp_fresh_options {
    const char *mode; /* inline|fresh */
    size_t rates;
    const char *loss_pattern;
    const char *log;
};
enum { LRP_FRESH_OPTIONS = 4 }; /* a constant, since the groups of sweep are const tables */
extern const struct lrp_option lrp_fresh_option_table[LRP_FRESH_OPTIONS];

/* To the session, which has its range options and its command already: what was not given gets the
 * defaults of the mode. LRP_E_ARG where options or the command belong to the other mode. */
enum lrp_status lrp_fresh_options_take(const struct lrp_fresh_options *options,
                                       const struct lrp_common_options *common,
                                       struct lrp_session_options *session, struct lrp_error *err);
#endif
