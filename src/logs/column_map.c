/* SPDX-License-Identifier: MIT */
#include "column_map.h"

#include "formats.h"

#include <string.h>

enum { SHOWN = 24, NO_MAP = -1 };

void lrp_column_names_init(struct lrp_column_names *names, const struct lrp_log_hints *hints)
{
    names->hints = hints;
    names->used = 0;
    names->seen = 0;
    lrp_text_init(&names->names, (SHOWN * 3 + 2) * LRP_COLUMN_NAMES_SHOWN);
}

void lrp_column_names_fini(struct lrp_column_names *names)
{
    lrp_text_fini(&names->names);
}

static bool is_spelt(const char *word, const char *name, size_t length)
{
    return strlen(word) == length && memcmp(word, name, length) == 0;
}

bool lrp_column_is_mapped(const struct lrp_log_hints *hints, const char *name, size_t length)
{
    for (size_t i = 0; hints != NULL && i < hints->n_maps; i++) {
        if (is_spelt(hints->maps[i].from, name, length)) {
            return true;
        }
    }
    return false;
}

/* The map for a name of the log; one that has its spelling goes before one in our words. */
static int find_map(const struct lrp_log_hints *hints, const char *name, size_t length,
                    const char *canonical)
{
    int found = NO_MAP;
    for (size_t i = 0; hints != NULL && i < hints->n_maps; i++) {
        if (is_spelt(hints->maps[i].from, name, length)) {
            return (int)i;
        }
        if (found == NO_MAP && strcmp(hints->maps[i].from, canonical) == 0) {
            found = (int)i;
        }
    }
    return found;
}

static bool is_taken(const struct lrp_log_hints *hints, const char *column)
{
    for (size_t i = 0; hints != NULL && i < hints->n_maps; i++) {
        if (strcmp(hints->maps[i].to, column) == 0) {
            return true;
        }
    }
    return false;
}

static bool name_column(const struct lrp_log_hints *hints, const char *name, size_t length,
                        char *out, int *map)
{
    lrp_canonical_column(name, length, out);
    *map = find_map(hints, name, length, out);
    if (*map != NO_MAP) {
        const struct lrp_column_map *chosen = &hints->maps[*map];
        size_t to_length = strlen(chosen->to);
        to_length = to_length < LRP_COLUMN_NAME_MOST ? to_length : (size_t)LRP_COLUMN_NAME_MOST;
        memcpy(out, chosen->to, to_length);
        out[to_length] = '\0';
        return is_spelt(chosen->from, name, length);
    }
    if (is_taken(hints, out)) {
        size_t kept = length < LRP_COLUMN_NAME_MOST ? length : (size_t)LRP_COLUMN_NAME_MOST;
        memcpy(out, name, kept);
        out[kept] = '\0';
        if (is_taken(hints, out)) {
            out[0] = '\0';
        }
    }
    return is_spelt(out, name, length);
}

bool lrp_column_names_take(struct lrp_column_names *names, const char *name, size_t length,
                           char *out)
{
    int map = NO_MAP;
    bool exact = name_column(names->hints, name, length, out, &map);
    if (map != NO_MAP) {
        names->used |= (uint64_t)1 << map;
    }
    if (names->hints != NULL && names->hints->n_maps > 0 && names->seen < LRP_COLUMN_NAMES_SHOWN) {
        lrp_text_append(&names->names, names->seen > 0 ? ", " : "");
        lrp_text_append_clean(&names->names, name, length < SHOWN ? length : (size_t)SHOWN);
    }
    names->seen++;
    return exact;
}

enum lrp_status lrp_column_names_check(const struct lrp_column_names *names, struct lrp_error *err)
{
    for (size_t i = 0; names->hints != NULL && i < names->hints->n_maps; i++) {
        if ((names->used >> i & 1U) != 0) {
            continue;
        }
        struct lrp_text from;
        lrp_text_init(&from, SHOWN * 3);
        lrp_text_append_clean(&from, names->hints->maps[i].from,
                              strnlen(names->hints->maps[i].from, SHOWN));
        enum lrp_status status =
            lrp_fail(err, LRP_E_NODATA, 0, "no column is called \"%s\"; there are %s%s",
                     lrp_text_string(&from), lrp_text_string(&names->names),
                     names->seen > LRP_COLUMN_NAMES_SHOWN ? ", ..." : "");
        lrp_text_fini(&from);
        return status;
    }
    return LRP_OK;
}

enum lrp_status lrp_check_maps(const struct lrp_column_map *maps, size_t n_maps,
                               struct lrp_error *err)
{
    if (n_maps > LRP_COLUMN_MAPS_MOST) {
        return lrp_fail(err, LRP_E_ARG, 0, "%zu columns are mapped, the limit is %d", n_maps,
                        LRP_COLUMN_MAPS_MOST);
    }
    for (size_t i = 0; i < n_maps; i++) {
        if (maps[i].to[0] == '\0' || maps[i].from[0] == '\0') {
            return lrp_fail(err, LRP_E_ARG, 0, "an empty name where --map new=old was expected");
        }
    }
    return LRP_OK;
}
