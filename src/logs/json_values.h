/* SPDX-License-Identifier: MIT */
/* The numbers of a nested JSON object, for the readers of JSON. */
#ifndef LRP_LOGS_JSON_VALUES_H
#define LRP_LOGS_JSON_VALUES_H

#include "json.h"
#include "rows.h"

/* Called with each number of an object; name is borrowed. */
typedef enum lrp_status lrp_on_number(void *user, const char *name, size_t length, double value,
                                      struct lrp_error *err);
/* The numbers of an object in the file's order, strings that are numbers among them. Those of inner
 * objects are named "outer.inner", down to a depth of 5; a list of one number is that number,
 * other lists are passed over. "3/90" as an epoch or a step is 3. */
enum lrp_status lrp_json_numbers(const struct lrp_json *object, lrp_on_number *on_number,
                                 void *user, struct lrp_error *err);
/* lrp_on_number for rows: user is a struct lrp_rows. */
enum lrp_status lrp_json_number_into_rows(void *user, const char *name, size_t length, double value,
                                          struct lrp_error *err);
/* Offset of the first byte that is no blank and no byte order mark; length if there is none. */
size_t lrp_json_begin(const unsigned char *bytes, size_t length);
#endif
