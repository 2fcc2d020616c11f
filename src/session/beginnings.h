/* SPDX-License-Identifier: MIT */
/* Whether runs begin alike: a trainer that resumes what the run before it had saved makes no
 * repeats. */
#ifndef LRP_SESSION_BEGINNINGS_H
#define LRP_SESSION_BEGINNINGS_H

#include "evidence.h"
#include "folder.h"

/* Takes out of the evidence what does not begin as the session's first run did, with an event for
 * each: its first loss, and the median of its first ones, are lower than the other's by more than
 * 0.7 of the whole fall (from the first run's start to the lowest level of any), or higher by more
 * than twice that fall, beyond the noise, or not finite; or it alone says that it has loaded a
 * checkpoint ("start" in the head of its record). Where nothing is left the first run is the
 * evidence, a scout, too. Where nothing was learnt there is no measure, and all stay.
 * evidence->unlike: how many were taken out. LRP_E_NOMEM. */
enum lrp_status lrp_drop_other_beginnings(struct lrp_session *session,
                                          struct lrp_evidence *evidence, struct lrp_error *err);
#endif
