/* SPDX-License-Identifier: MIT */
#include "column_map.h"

#include "aliases.h"

#include <string.h>

enum { SHOWN = 24, NO_MAP = -1 };

const struct lrp_log_hints lrp_no_hints = {NULL, NULL, 0, NULL};

void lrp_column_names_init(struct lrp_column_names *names, const struct lrp_log_hints *hints)
{
    names->hints = hints != NULL ? hints : &lrp_no_hints;
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
    for (size_t i = 0; i < hints->n_maps; i++) {
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
    for (size_t i = 0; i < hints->n_maps; i++) {
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
    for (size_t i = 0; i < hints->n_maps; i++) {
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
        lrp_copy_column_name(chosen->to, strlen(chosen->to), out);
        return is_spelt(chosen->from, name, length);
    }
    if (is_taken(hints, out)) {
        lrp_copy_column_name(name, length, out);
        if (is_taken(hints, out)) {
            out[0] = '\0';
        }
    }
    return is_spelt(out, name, length);
}

bool lrp_column_map_name(const struct lrp_log_hints *hints, const char *name, size_t length,
                         char *out)
{
    int map = NO_MAP;
    (void)name_column(hints, name, length, out, &map);
    return map != NO_MAP;
}

bool lrp_column_names_take(struct lrp_column_names *names, const char *name, size_t length,
                           char *out)
{
    int map = NO_MAP;
    bool exact = name_column(names->hints, name, length, out, &map);
    if (map != NO_MAP) {
        names->used |= (uint64_t)1 << map;
    }
    if (names->hints->n_maps > 0 && names->seen < LRP_COLUMN_NAMES_SHOWN) {
        lrp_text_append(&names->names, names->seen > 0 ? ", " : "");
        lrp_text_append_clean(&names->names, name, length < SHOWN ? length : (size_t)SHOWN);
    }
    names->seen++;
    return exact;
}

enum lrp_status lrp_column_names_check(const struct lrp_column_names *names, struct lrp_error *err)
{
    for (size_t i = 0; i < names->hints->n_maps; i++) {
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
        for (size_t k = 0; k < i; k++) {
            if (strcmp(maps[k].to, maps[i].to) == 0) {
                return lrp_fail(err, LRP_E_ARG, 0,
                                "two columns are mapped to %.60s: %.60s and %.60s", maps[i].to,
                                maps[k].from, maps[i].from);
            }
        }
    }
    return LRP_OK;
}

enum lrp_status lrp_column_maps_parse(const char *const *texts, size_t n,
                                      struct lrp_column_maps *out, struct lrp_error *err)
{
    size_t begin[LRP_COLUMN_MAPS_MOST];
    out->n = 0;
    lrp_text_init(&out->names, 1 << 20);
    for (size_t i = 0; i < n && i < LRP_COLUMN_MAPS_MOST; i++) {
        const char *equals = strchr(texts[i], '=');
        if (equals == NULL || equals == texts[i] || equals[1] == '\0') {
            return lrp_fail(err, LRP_E_ARG, 0,
                            "--map is \"%.60s\", but NEW=OLD was expected, as in loss=my_loss",
                            texts[i]);
        }
        begin[i] = out->names.length;
        lrp_text_append_bytes(&out->names, texts[i], (size_t)(equals - texts[i]));
        lrp_text_append_bytes(&out->names, "", 1);
        out->list[i].from = equals + 1;
        out->n++;
    }
    LRP_TRY(lrp_text_check(&out->names, err));
    for (size_t i = 0; i < out->n; i++) {
        out->list[i].to = lrp_text_string(&out->names) + begin[i];
    }
    return lrp_check_maps(out->list, n, err);
}

void lrp_column_maps_fini(struct lrp_column_maps *maps)
{
    lrp_text_fini(&maps->names);
}
