/* SPDX-License-Identifier: MIT */
/* UTF-16, as a redirection in PowerShell writes it, turned into UTF-8 while it is read. */
#ifndef LRP_LOGS_UTF16_H
#define LRP_LOGS_UTF16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lrp_utf16 {
    bool big_endian;
    unsigned char odd; /* first byte of a unit that the bytes so far cut in two */
    bool has_odd;
    uint32_t high; /* first half of a pair that waits for the second; 0 = none */
};
/* Whether a text is UTF-16, by its mark, or where every other one of its first bytes is zero. */
bool lrp_utf16_begin(struct lrp_utf16 *state, const unsigned char *bytes, size_t length);
/* Room for lrp_utf16_take of so many bytes. */
#define LRP_UTF16_ROOM(length) (3 * ((length) / 2 + 2))
/* Writes the UTF-8 of the next bytes and returns its length. Half a pair becomes U+FFFD. */
size_t lrp_utf16_take(struct lrp_utf16 *state, const unsigned char *bytes, size_t length,
                      unsigned char *out);
#endif
