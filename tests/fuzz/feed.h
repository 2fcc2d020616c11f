/* SPDX-License-Identifier: MIT */
/* What fuzz targets and the replayer of the corpus ask of a reader; what does not hold aborts. */
#ifndef LRP_TESTS_FEED_H
#define LRP_TESTS_FEED_H

#include "formats.h"

/* The bytes in one piece, byte by byte and in slices: the same record, or the same error with a
 * message. Gives whether they were read. */
bool feed_every_way(const struct lrp_log_format *format, const unsigned char *bytes, size_t length);
/* Stitching keeps the promises of stitch.h, and the diagnosis says something. */
void judge_record(const struct lrp_record *record);
#endif
