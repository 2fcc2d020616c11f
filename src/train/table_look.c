/* SPDX-License-Identifier: MIT */
/* The first look at all rows of a table: header, names, decimal marks, target, columns to drop. */
#include "table.h"

#include "alloc.h"
#include "number.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static struct lrp_csv_field first_cell(const struct lrp_table *table, size_t column)
{
    size_t place = table->shifted ? column - 1 : column;
    const char *text =
        column < (table->shifted ? 1U : 0U) || place >= table->n_first ? "" : table->first[place];
    return (struct lrp_csv_field){text, strlen(text)};
}

enum lrp_status lrp_table_begin(struct lrp_table *table, const struct lrp_csv_field *fields,
                                size_t n, struct lrp_error *err)
{
    table->first = lrp_calloc_array(n, sizeof *table->first);
    LRP_TRY_MEMORY(table->first, err);
    table->columns = lrp_calloc_array(n + 1, sizeof *table->columns); /* one more, see shifted */
    LRP_TRY_MEMORY(table->columns, err);
    table->n_columns = n;
    for (size_t i = 0; i < n; i++) {
        struct lrp_csv_field cell = lrp_cell_bare(&fields[i]);
        LRP_TRY(lrp_table_copy_text(&cell, &table->first[i], err));
        table->n_first++;
    }
    return LRP_OK;
}

static bool is_number(const struct lrp_csv_field *cell)
{
    double number = 0;
    return lrp_cell_read(cell, false, &number) == LRP_CELL_NUMBER ||
           lrp_cell_read(cell, true, &number) == LRP_CELL_NUMBER;
}

/* R's write.table gives the column of row names no place in the header. */
void lrp_table_look_for_shift(struct lrp_table *table, const struct lrp_csv_field *fields, size_t n)
{
    bool words = n == table->n_first + 1 && !table->options->no_header && fields[n - 1].length > 0;
    for (size_t i = 0; words && i < table->n_first; i++) {
        struct lrp_csv_field cell = first_cell(table, i);
        words = cell.length > 0 && !is_number(&cell);
    }
    table->shifted = words;
    table->n_columns += words ? 1 : 0;
}

/* Fields behind those of the first row have to be empty, and only unnamed ones may be missing. */
enum lrp_status lrp_table_check_width(const struct lrp_table *table, size_t line,
                                      const struct lrp_csv_field *fields, size_t n,
                                      struct lrp_error *err)
{
    bool fits = true;
    for (size_t i = table->n_columns; i < n; i++) {
        fits = fits && fields[i].length == 0;
    }
    for (size_t i = n; i < table->n_columns; i++) {
        fits = fits && first_cell(table, i).length == 0;
    }
    return fits ? LRP_OK
                : lrp_fail(err, LRP_E_FORMAT, line, "%zu fields, but the first row has %zu", n,
                           table->n_first);
}

static void look_at_cell(struct lrp_table *table, size_t i, const struct lrp_csv_field *cell,
                         bool is_first)
{
    struct lrp_table_column *column = &table->columns[i];
    double number = 0;
    column->cells[lrp_cell_read(cell, false, &number)]++;
    column->commas[lrp_cell_comma_meaning(cell)]++;
    column->decimal_points = column->decimal_points || lrp_cell_has_decimal_point(cell);
    column->first_again =
        column->first_again || (!is_first && lrp_table_is_text(cell, first_cell(table, i).text));
}

static bool is_column_of_numbers(const struct lrp_table_column *column)
{
    return column->cells[LRP_CELL_NUMBER] + column->commas[LRP_COMMA_DECIMAL] > 0 &&
           column->cells[LRP_CELL_WORD] <= column->commas[LRP_COMMA_DECIMAL];
}

/* Whether the cells of the first row that are numbers count its columns: pandas' own names. */
static bool are_positions(const struct lrp_table *table, size_t n_numbers)
{
    bool positions = n_numbers >= 3 && table->n_columns >= 4;
    size_t next = 0;
    for (size_t i = 0; positions && i < table->n_columns; i++) {
        struct lrp_csv_field cell = first_cell(table, i);
        double number = 0;
        if (lrp_cell_read(&cell, false, &number) == LRP_CELL_NUMBER) {
            positions = number == (double)next;
            next++;
        }
    }
    return positions;
}

/* The first row is a header if it has words above columns of numbers, and more of them than numbers
 * above columns of numbers, which speak for a row of data; where neither is to be seen, if its
 * words do not stand in the rows below. */
static bool has_header(struct lrp_table *table)
{
    size_t names = 0; /* above numbers */
    size_t numbers = 0;
    size_t all_numbers = 0;
    size_t words = 0; /* of the first row */
    size_t again = 0;
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct lrp_table_column *column = &table->columns[i];
        struct lrp_csv_field cell = first_cell(table, i);
        double number = 0;
        bool above = is_column_of_numbers(column);
        if (is_number(&cell)) {
            numbers += above ? 1 : 0;
            all_numbers++;
        } else if (lrp_cell_read(&cell, false, &number) == LRP_CELL_WORD) {
            names += above ? 1 : 0;
            words++;
            again += column->first_again ? 1 : 0;
        }
    }
    if (table->options->no_header) {
        return false;
    }
    table->has_positions = are_positions(table, all_numbers) && words == 0;
    if (table->has_positions || (names > 0 && are_positions(table, all_numbers))) {
        return true;
    }
    if (words == 0) {
        return false;
    }
    return names >= 2 || names > numbers || (names == numbers && 2 * again <= words);
}

struct header_name {
    const char *text;
    size_t column;
};

static int compare_names(const void *left, const void *right)
{
    const struct header_name *a = left;
    const struct header_name *b = right;
    int order = strcmp(a->text, b->text);
    return order != 0 ? order : (a->column > b->column) - (a->column < b->column);
}

/* before: how many columns have had the name already. */
static enum lrp_status name_column(struct lrp_table *table, const struct header_name *own,
                                   size_t before, struct lrp_error *err)
{
    struct lrp_table_column *column = &table->columns[own->column];
    struct lrp_text name;
    lrp_text_init(&name, LRP_CSV_FIELD_MAX + LRP_NUMBER_SIZE);
    column->unnamed = own->text[0] == '\0';
    column->renamed = before > 0 && !column->unnamed;
    if (column->unnamed) {
        lrp_text_printf(&name, "column %zu", own->column + 1);
    } else {
        lrp_text_append(&name, own->text);
    }
    if (column->renamed) { /* as pandas does it */
        lrp_text_printf(&name, ".%zu", before);
    }
    column->name = lrp_strdup(lrp_text_string(&name));
    lrp_text_fini(&name);
    LRP_TRY_MEMORY(column->name, err);
    return LRP_OK;
}

/* Sorted, since a table of genes has tens of thousands of columns. */
static enum lrp_status name_columns(struct lrp_table *table, struct lrp_error *err)
{
    struct header_name *names = lrp_calloc_array(table->n_columns, sizeof *names);
    enum lrp_status status = LRP_OK;
    size_t before = 0;
    LRP_TRY_MEMORY(names, err);
    for (size_t i = 0; i < table->n_columns; i++) {
        const char *text = table->has_header ? first_cell(table, i).text : "";
        names[i] = (struct header_name){text, i};
    }
    qsort(names, table->n_columns, sizeof *names, compare_names);
    for (size_t i = 0; i < table->n_columns && status == LRP_OK; i++) {
        before = i > 0 && strcmp(names[i].text, names[i - 1].text) == 0 ? before + 1 : 0;
        status = name_column(table, &names[i], before, err);
    }
    free(names);
    return status;
}

/* Commas mean the same in all columns that do not show it themselves; where none does, they are
 * decimal marks beside semicolons, as spreadsheets of such countries write them, unless points are.
 */
static void settle_commas(struct lrp_table *table, char delimiter)
{
    size_t total[LRP_COMMA_MEANINGS] = {0};
    bool points = false;
    for (size_t i = 0; i < table->n_columns; i++) {
        points = points || table->columns[i].decimal_points;
        for (size_t k = 0; k < LRP_COMMA_MEANINGS; k++) {
            total[k] += table->columns[i].commas[k];
        }
    }
    bool decimal = total[LRP_COMMA_DECIMAL] > total[LRP_COMMA_THOUSANDS] ||
                   (total[LRP_COMMA_DECIMAL] == 0 && total[LRP_COMMA_THOUSANDS] == 0 &&
                    total[LRP_COMMA_EITHER] > 0 && delimiter == ';' && !points);
    for (size_t i = 0; i < table->n_columns; i++) {
        struct lrp_table_column *column = &table->columns[i];
        size_t thousands = column->commas[LRP_COMMA_THOUSANDS];
        size_t own = column->commas[LRP_COMMA_DECIMAL];
        column->decimal_comma =
            own > thousands || (decimal && thousands == 0 && !column->decimal_points);
    }
}

static enum lrp_status fail_column(const struct lrp_table *table, const char *problem,
                                   const char *wanted, struct lrp_error *err)
{
    struct lrp_text offer;
    lrp_text_init(&offer, 1024);
    lrp_table_offer(table, wanted, &offer);
    enum lrp_status status =
        lrp_fail(err, LRP_E_ARG, 0, "%s \"%.60s\"%s", problem, wanted, lrp_text_string(&offer));
    lrp_text_fini(&offer);
    return status;
}

/* The column that is asked for, else the last one that is not empty. */
static enum lrp_status choose_target(struct lrp_table *table, struct lrp_error *err)
{
    const char *wanted = table->options->target;
    if (table->n_columns < 2) {
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "a table of one column: inputs and a target were expected");
    }
    table->target = wanted != NULL ? lrp_table_find(table, wanted) : table->n_columns - 1;
    if (table->target == LRP_NO_TABLE_COLUMN) {
        return fail_column(table, "there is no target column", wanted, err);
    }
    for (size_t i = table->n_columns; wanted == NULL && i > 0; i--) {
        const size_t *cells = table->columns[i - 1].cells;
        if (cells[LRP_CELL_NUMBER] + cells[LRP_CELL_WORD] + cells[LRP_CELL_PERHAPS_MISSING] > 0) {
            table->target = i - 1;
            break;
        }
    }
    table->columns[table->target].use = LRP_USE_TARGET;
    return LRP_OK;
}

static enum lrp_status drop(struct lrp_table *table, const char *wanted, struct lrp_error *err)
{
    size_t found = lrp_table_find(table, wanted);
    if (found == LRP_NO_TABLE_COLUMN) {
        return fail_column(table, "--drop: there is no column", wanted, err);
    }
    if (found == table->target) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "--drop %.60s is the target; --target names another column", wanted);
    }
    table->columns[found].use = LRP_USE_DROPPED;
    return LRP_OK;
}

/* A name with a comma in it goes before a list of names. */
static enum lrp_status drop_listed(struct lrp_table *table, const char *given,
                                   struct lrp_error *err)
{
    if (strchr(given, ',') == NULL || lrp_table_find(table, given) != LRP_NO_TABLE_COLUMN) {
        return drop(table, given, err);
    }
    char *copy = lrp_strdup(given);
    LRP_TRY_MEMORY(copy, err);
    char *rest = copy;
    enum lrp_status status = LRP_OK;
    for (char *name = strsep(&rest, ","); name != NULL && status == LRP_OK;
         name = strsep(&rest, ",")) {
        name += strspn(name, " ");
        status = name[0] == '\0' ? LRP_OK : drop(table, name, err);
    }
    free(copy);
    return status;
}

/* What the first look says: header, names, decimal marks, target, columns to drop. */
enum lrp_status lrp_table_settle(struct lrp_table *table, char delimiter, struct lrp_error *err)
{
    table->has_header = has_header(table);
    for (size_t i = 0; i < table->n_columns; i++) {
        struct lrp_csv_field cell = first_cell(table, i);
        if (!table->has_header) {
            look_at_cell(table, i, &cell, true);
        }
    }
    LRP_TRY(name_columns(table, err));
    settle_commas(table, delimiter);
    LRP_TRY(choose_target(table, err));
    for (size_t i = 0; i < table->options->n_drop; i++) {
        LRP_TRY(drop_listed(table, table->options->drop[i], err));
    }
    for (size_t i = 0; i < table->n_columns; i++) {
        struct lrp_table_column *column = &table->columns[i];
        /* the first look took decimal commas for words */
        size_t commas = column->decimal_comma ? column->commas[LRP_COMMA_DECIMAL] : 0;
        column->takes_words = column->cells[LRP_CELL_WORD] > commas;
        column->takes_hashes = column->takes_words || lrp_table_is_id_name(table, i);
        memset(column->cells, 0, sizeof column->cells); /* from now on rows with a target */
    }
    return LRP_OK;
}

void lrp_table_look(struct lrp_table *table, const struct lrp_csv_field *fields, size_t n)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        struct lrp_csv_field cell = lrp_table_cell(fields, n, i);
        look_at_cell(table, i, &cell, false);
    }
}
