/* SPDX-License-Identifier: MIT */
#include "csv_rows.h"

#include <string.h>

#include <stdbool.h>

char lrp_csv_guess_delimiter(const unsigned char *line, size_t length)
{
    static const char candidates[] = {',', ';', '\t'};
    char best = ' ';
    size_t most = 0;
    for (size_t i = 0; i < sizeof candidates; i++) {
        size_t count = 0;
        bool quoted = false;
        for (size_t k = 0; k < length; k++) {
            quoted = line[k] == '"' ? !quoted : quoted;
            count += !quoted && line[k] == (unsigned char)candidates[i] ? 1 : 0;
        }
        if (count > most) {
            most = count;
            best = candidates[i];
        }
    }
    return best;
}

int lrp_csv_first_line(const unsigned char *bytes, size_t length, size_t from, char comment,
                       int at_end, size_t *begin, size_t *end)
{
    size_t at = from;
    if (at == 0 && length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        at = 3; /* a byte order mark belongs to no line */
    }
    while (at < length) {
        size_t stop = at;
        while (stop < length && bytes[stop] != '\n' && bytes[stop] != '\r') {
            stop++;
        }
        if (stop == length && at_end == 0) {
            return 0;
        }
        if (stop > at && bytes[at] != (unsigned char)comment) {
            *begin = at;
            *end = stop;
            return 1;
        }
        at = stop + 1;
    }
    return 0;
}
