/* SPDX-License-Identifier: MIT */
/* Which column of a record is the learning rate. */
#ifndef LRP_LOGS_RATES_H
#define LRP_LOGS_RATES_H

#include "record.h"

/* Without a column lr: the one that is a rate by its name (lrp_rate_name_of); of several the
 * fastest one, as the rate of a sweep is that of the fastest parameter group, with a note
 * that names them. Else a logarithm of the rate is turned into rates, with a note; one whose base
 * its name does not say is left as it is, unless its values tell. chosen: the user has said which
 * column lr is, and needs no note. LRP_E_NOMEM.
 */
enum lrp_status lrp_settle_rate(struct lrp_record *record, bool chosen, struct lrp_error *err);
#endif
