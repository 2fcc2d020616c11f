/* SPDX-License-Identifier: MIT */
#include "text_table.h"

#include "number.h"
#include "text_scan.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct cell {
    const char *text;
    size_t length;
};
struct cells {
    struct cell list[LRP_TABLE_CELLS_MOST + 1];
    size_t n;
};
/* Cells are parted by bars, by tabs, by two blanks or more, or by any blank. */
enum parting { BARS, TABS, GAPS, BLANKS };

static size_t parting_at(const char *at, enum parting parting)
{
    switch (parting) {
    case BARS:
        return *at == '|' ? 1 : 0;
    case TABS:
        return strspn(at, "\t");
    case GAPS: {
        size_t blanks = strspn(at, " \t");
        return blanks > 1 || *at == '\t' ? blanks : 0;
    }
    case BLANKS:
        return strspn(at, " \t");
    }
    return 0;
}

static void add_cell(struct cells *cells, const char *begin, const char *end, bool empty_too)
{
    while (begin < end && (*begin == ' ' || *begin == '\t')) {
        begin++;
    }
    while (end > begin && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    if ((end > begin || empty_too) && cells->n <= LRP_TABLE_CELLS_MOST) {
        cells->list[cells->n] = (struct cell){begin, (size_t)(end - begin)};
        cells->n++;
    }
}

static void split(const char *text, enum parting parting, struct cells *cells)
{
    cells->n = 0;
    text += strspn(text, " \t");
    text += parting == BARS && *text == '|' ? 1 : 0;
    const char *begin = text;
    const char *at = text;
    while (*at != '\0') {
        size_t length = parting_at(at, parting);
        if (length == 0) {
            at++;
            continue;
        }
        add_cell(cells, begin, at, parting == BARS);
        at += length;
        begin = at;
    }
    add_cell(cells, begin, at, false);
}

static bool is_bars(const char *text)
{
    const char *bar = strchr(text, '|');
    return bar != NULL && strchr(bar + 1, '|') != NULL && strstr(text, "%|") == NULL;
}

/* "------", "+----+----+", "|---|---|" */
static bool is_rule(const char *text)
{
    size_t length = strspn(text, " \t-=+|:");
    return text[length] == '\0' && strpbrk(text, "-=") != NULL;
}

/* The number of a cell: "0.5", "1/63" (of 63), "1280:", "85%". False where it is none. */
static bool cell_number(const struct cell *cell, double *value, double *of)
{
    size_t length = lrp_number_length(cell->text);
    *of = (double)NAN;
    if (length == 0 || length > cell->length || !lrp_parse_double(cell->text, length, value)) {
        return false;
    }
    const char *rest = cell->text + length;
    size_t left = cell->length - length;
    if (left > 1 && *rest == '/') {
        return lrp_parse_double(rest + 1, left - 1, of);
    }
    return left == 0 || (left == 1 && (*rest == ':' || *rest == '%' || *rest == '*'));
}

/* ---- headings and rows ---------------------------------------------------------------------- */

static void copy_name(char *out, const char *text, size_t length)
{
    length = length < LRP_TABLE_NAME_MOST ? length : (size_t)LRP_TABLE_NAME_MOST;
    memcpy(out, text, length);
    out[length] = '\0';
}

/* YOLOv5 and its descendants call the parts of their loss so in a table of the training. */
static void name_parts(struct lrp_text_table *table)
{
    static const char *const parts[] = {"box",  "obj",      "cls",      "dfl",      "giou",
                                        "GIoU", "box_loss", "obj_loss", "cls_loss", "dfl_loss"};
    size_t found[LRP_TABLE_CELLS_MOST];
    size_t n = 0;
    for (size_t i = 0; i < table->n_heading; i++) {
        for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) {
            if (strcmp(table->heading[i], parts[k]) == 0) {
                found[n] = i;
                n++;
                break;
            }
        }
    }
    for (size_t i = 0; n > 1 && i < n; i++) {
        char name[LRP_TABLE_NAME_MOST + 1];
        char *heading = table->heading[found[i]];
        int length = (int)strcspn(heading, "_");
        (void)snprintf(name, sizeof name, "train/%.*s_loss", length, heading);
        memcpy(heading, name, sizeof name);
    }
}

/* Whether a word begins with a digit. */
static bool has_numbers(const char *text)
{
    bool blank = true;
    for (; *text != '\0'; text++) {
        if (blank && *text >= '0' && *text <= '9') {
            return true;
        }
        blank = *text == ' ' || *text == '\t' || *text == '|';
    }
    return false;
}

/* Names alone, one of them a position or a loss. */
static bool take_heading(struct lrp_text_table *table, const struct lrp_text_names *names,
                         const char *text)
{
    struct cells cells;
    if (has_numbers(text)) {
        return false;
    }
    bool gaps = strstr(text, "  ") != NULL && strchr(text, '\t') == NULL;
    enum parting parting = is_bars(text)                ? BARS
                           : strchr(text, '\t') != NULL ? TABS
                           : gaps                       ? GAPS
                                                        : BLANKS;
    split(text, parting, &cells);
    bool known = false;
    for (size_t i = 0; i < cells.n; i++) {
        double value = 0;
        double of = 0;
        const struct cell *cell = &cells.list[i];
        if (cell->length > LRP_TABLE_NAME_MOST || cell->length == 0 ||
            !isalpha((unsigned char)cell->text[0]) || cell_number(cell, &value, &of)) {
            return false;
        }
        enum lrp_text_kind kind =
            known ? LRP_TEXT_OTHER : lrp_text_kind_of(names, cell->text, cell->length);
        known = known || kind == LRP_TEXT_POSITION || kind == LRP_TEXT_LOSS;
    }
    if (!known || cells.n < 2 || cells.n > LRP_TABLE_CELLS_MOST) {
        return false;
    }
    for (size_t i = 0; i < cells.n; i++) {
        copy_name(table->heading[i], cells.list[i].text, cells.list[i].length);
    }
    table->n_heading = cells.n;
    name_parts(table);
    return true;
}

/* The second line of a heading between bars: "Mini-batch" above "Loss". */
static bool continue_heading(struct lrp_text_table *table, const char *text)
{
    struct cells cells;
    if (!table->open || !is_bars(text) || has_numbers(text)) {
        return false;
    }
    split(text, BARS, &cells);
    bool words = false;
    for (size_t i = 0; i < cells.n; i++) {
        words = words || (cells.list[i].length > 0 && isalpha((unsigned char)*cells.list[i].text));
    }
    if (cells.n != table->n_heading || !words) {
        return false;
    }
    for (size_t i = 0; i < cells.n; i++) {
        char name[LRP_TABLE_NAME_MOST + 1];
        if (cells.list[i].length > 0 && isalpha((unsigned char)*cells.list[i].text)) {
            (void)snprintf(name, sizeof name, "%s %.*s", table->heading[i],
                           (int)cells.list[i].length, cells.list[i].text);
            memcpy(table->heading[i], name, sizeof name);
        }
    }
    return true;
}

static bool take_row(const struct lrp_text_table *table, struct lrp_text_names *names,
                     const char *text, struct lrp_text_fields *fields)
{
    struct cells cells;
    double values[LRP_TABLE_CELLS_MOST];
    double of[LRP_TABLE_CELLS_MOST];
    bool present[LRP_TABLE_CELLS_MOST];
    size_t n = 0;
    split(text, is_bars(text) ? BARS : BLANKS, &cells);
    bool bar = strstr(text, "%|") != NULL;
    if (table->n_heading == 0 || cells.n < table->n_heading ||
        (cells.n > table->n_heading && !bar)) {
        return false;
    }
    for (size_t i = 0; i < table->n_heading; i++) {
        present[i] = cell_number(&cells.list[i], &values[i], &of[i]);
        n += present[i] ? 1 : 0;
    }
    if (!present[0] || 2 * n < table->n_heading) {
        return false;
    }
    *fields = (struct lrp_text_fields){.bar = bar};
    for (size_t i = 0; i < table->n_heading; i++) {
        if (present[i]) {
            lrp_text_add_field(names, fields, table->heading[i], strlen(table->heading[i]),
                               values[i], of[i]);
        }
    }
    return true;
}

/* ---- boxes ---------------------------------------------------------------------------------- */

/* "| name | 0.5 |", "| train/ | |": false where it is neither. *value NaN for the latter. */
static bool box_line(const char *text, struct cell *name, double *value, bool *section)
{
    struct cells cells;
    double of = 0;
    text += strspn(text, " \t");
    if (*text != '|') {
        return false;
    }
    split(text, BARS, &cells);
    if (cells.n != 2 || cells.list[0].length == 0 ||
        cells.list[0].length > LRP_TABLE_NAME_MOST / 2 || cell_number(&cells.list[0], value, &of)) {
        return false;
    }
    *name = cells.list[0];
    *section = cells.list[1].length == 0;
    return *section || cell_number(&cells.list[1], value, &of);
}

bool lrp_text_table_ends(const struct lrp_text_table *table, const char *text)
{
    struct cell name;
    double value = 0;
    bool section = false;
    return table->n_box > 0 && !box_line(text, &name, &value, &section);
}

void lrp_text_table_give(struct lrp_text_table *table, struct lrp_text_names *names,
                         struct lrp_text_fields *fields)
{
    *fields = (struct lrp_text_fields){.box = true};
    for (size_t i = 0; i < table->n_box; i++) {
        lrp_text_add_field(names, fields, table->box[i], strlen(table->box[i]), table->values[i],
                           (double)NAN);
    }
    table->n_box = 0;
    table->section[0] = '\0';
}

static bool take_box(struct lrp_text_table *table, const char *text)
{
    struct cell name;
    double value = 0;
    bool section = false;
    if (!box_line(text, &name, &value, &section)) {
        return false;
    }
    if (section) {
        copy_name(table->section, name.text, name.length);
        return true;
    }
    if (table->n_box < LRP_TEXT_FIELDS_MOST) {
        bool within =
            table->section[0] != '\0' && table->section[strlen(table->section) - 1] == '/';
        (void)snprintf(table->box[table->n_box], sizeof table->box[0], "%.*s%.*s",
                       LRP_TABLE_NAME_MOST / 2, within ? table->section : "", (int)name.length,
                       name.text);
        table->values[table->n_box] = value;
        table->n_box++;
    }
    return true;
}

enum lrp_table_line lrp_text_table_take(struct lrp_text_table *table, struct lrp_text_names *names,
                                        const char *text, struct lrp_text_fields *fields)
{
    text = lrp_text_skip_prefix(text);
    if (is_rule(text)) {
        return LRP_TABLE_HEADING;
    }
    if (continue_heading(table, text)) {
        table->open = false;
        return LRP_TABLE_HEADING;
    }
    table->open = false;
    if (table->n_heading > 0 && take_row(table, names, text, fields)) {
        return LRP_TABLE_ROW;
    }
    if (take_box(table, text)) {
        return LRP_TABLE_BOX;
    }
    table->open = take_heading(table, names, text);
    return table->open ? LRP_TABLE_HEADING : LRP_TABLE_NONE;
}
