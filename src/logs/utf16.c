/* SPDX-License-Identifier: MIT */
#include "utf16.h"

enum { MARK = 0xFEFF, UNKNOWN = 0xFFFD, PROBED = 16 };

bool lrp_utf16_begin(struct lrp_utf16 *state, const unsigned char *bytes, size_t length)
{
    *state = (struct lrp_utf16){.big_endian = false};
    if (length < 2) {
        return false;
    }
    bool little = bytes[0] == 0xFF && bytes[1] == 0xFE;
    state->big_endian = bytes[0] == 0xFE && bytes[1] == 0xFF;
    if (little || state->big_endian || length < PROBED) {
        return little || state->big_endian;
    }
    size_t zeros[2] = {0, 0};
    for (size_t i = 0; i < PROBED; i++) {
        zeros[i % 2] += bytes[i] == 0 ? 1 : 0;
    }
    state->big_endian = zeros[0] == PROBED / 2 && zeros[1] == 0;
    return state->big_endian || (zeros[1] == PROBED / 2 && zeros[0] == 0);
}

static size_t put(uint32_t c, unsigned char *out)
{
    if (c < 0x80) {
        out[0] = (unsigned char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (unsigned char)(0xC0 | c >> 6);
        out[1] = (unsigned char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (unsigned char)(0xE0 | c >> 12);
        out[1] = (unsigned char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (unsigned char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (unsigned char)(0xF0 | c >> 18);
    out[1] = (unsigned char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (unsigned char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (unsigned char)(0x80 | (c & 0x3F));
    return 4;
}

static size_t take_unit(struct lrp_utf16 *state, uint32_t unit, unsigned char *out)
{
    size_t n = 0;
    bool second = unit >= 0xDC00 && unit < 0xE000;
    if (state->high != 0 && second) {
        n = put(0x10000 + ((state->high - 0xD800) << 10) + (unit - 0xDC00), out);
        state->high = 0;
        return n;
    }
    n = state->high != 0 ? put(UNKNOWN, out) : 0;
    state->high = unit >= 0xD800 && unit < 0xDC00 ? unit : 0;
    if (state->high != 0 || unit == MARK) {
        return n;
    }
    return n + put(second ? (uint32_t)UNKNOWN : unit, out + n);
}

size_t lrp_utf16_take(struct lrp_utf16 *state, const unsigned char *bytes, size_t length,
                      unsigned char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < length; i++) {
        if (!state->has_odd) {
            state->odd = bytes[i];
            state->has_odd = true;
            continue;
        }
        uint32_t unit = state->big_endian ? (uint32_t)state->odd << 8 | bytes[i]
                                          : (uint32_t)bytes[i] << 8 | state->odd;
        state->has_odd = false;
        n += take_unit(state, unit, out + n);
    }
    return n;
}
