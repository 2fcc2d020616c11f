/* SPDX-License-Identifier: MIT */
#include "table.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

enum { LISTED = 100, NAME_MOST = 40, FEWEST_RISING = 10 };

/* A line "LEAD: NAME, NAME, NAME and 5 more" that grows by a name at a time. */
struct note {
    struct lrp_text *out;
    const char *lead;
    size_t begin, n, left_out;
};

static void add_name(struct note *note, const char *name)
{
    if (note->n + note->left_out == 0) {
        lrp_text_printf(note->out, "%s: ", note->lead);
        note->begin = note->out->length;
    }
    if (note->left_out > 0 || note->out->length - note->begin > LISTED) {
        note->left_out++;
        return;
    }
    lrp_text_append(note->out, note->n > 0 ? ", " : "");
    lrp_text_append_clean(note->out, name,
                          strlen(name) < NAME_MOST ? strlen(name) : (size_t)NAME_MOST);
    note->n++;
}

static bool has_room(const struct note *note)
{
    return note->left_out == 0;
}

static void end_note(struct note *note)
{
    if (note->left_out > 0) {
        lrp_text_printf(note->out, " and %zu more", note->left_out);
    }
    if (note->n > 0) {
        lrp_text_append(note->out, "\n");
    }
}

static void note_use(const struct lrp_table *table, enum lrp_table_use use, const char *lead,
                     struct lrp_text *out)
{
    struct note note = {.out = out, .lead = lead};
    for (size_t i = 0; i < table->n_columns; i++) {
        if (table->columns[i].use == use) {
            add_name(&note, table->columns[i].name);
        }
    }
    end_note(&note);
}

static void note_words(const struct lrp_table *table, struct lrp_text *out)
{
    struct note note = {.out = out, .lead = "words, an input of 0 and 1 each"};
    struct note gaps = {.out = out, .lead = "missing words are a word of their own"};
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct lrp_table_column *column = &table->columns[i];
        if (column->use == LRP_USE_WORDS) {
            add_name(&note, column->name);
            if (has_room(&note)) {
                lrp_text_printf(out, " (%zu)", column->n_words);
            }
        }
    }
    end_note(&note);
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct lrp_table_column *column = &table->columns[i];
        if (column->use == LRP_USE_WORDS && lrp_table_missing_of(column) > 0) {
            add_name(&gaps, column->name);
            if (has_room(&gaps)) {
                lrp_text_printf(out, " (%zu)", lrp_table_missing_of(column));
            }
        }
    }
    end_note(&gaps);
}

static void note_header(const struct lrp_table *table, struct lrp_text *out)
{
    struct note renamed = {.out = out, .lead = "a name that stands in the header before"};
    if (table->has_positions) {
        lrp_text_printf(out, "the first row, 0 to %zu, is taken as the header\n",
                        table->n_columns - (table->columns[0].unnamed ? 2 : 1));
    }
    for (size_t i = 0; i < table->n_columns; i++) {
        if (table->columns[i].renamed && table->columns[i].use <= LRP_USE_TARGET) {
            add_name(&renamed, table->columns[i].name);
        }
    }
    end_note(&renamed);
}

static bool is_read(const struct lrp_table_column *column)
{
    return column->use == LRP_USE_NUMBER || column->use == LRP_USE_TARGET;
}

static bool has_decimal_commas(const struct lrp_table *table, size_t i)
{
    const struct lrp_table_column *column = &table->columns[i];
    size_t commas = column->commas[LRP_COMMA_DECIMAL] + column->commas[LRP_COMMA_EITHER];
    return is_read(column) && column->decimal_comma && commas > 0;
}

static bool is_dressed(const struct lrp_table *table, size_t i)
{
    return is_read(&table->columns[i]) && table->columns[i].dressed > 0;
}

/* A pixel may be. */
static bool is_constant(const struct lrp_table *table, size_t i)
{
    const struct lrp_table_column *column = &table->columns[i];
    return column->use == LRP_USE_NUMBER && !column->varies && lrp_table_missing_of(column) == 0 &&
           table->options->image == NULL;
}

static bool repeats_under_id_name(const struct lrp_table *table, size_t i)
{
    const struct lrp_table_column *column = &table->columns[i];
    return column->use == LRP_USE_NUMBER && column->whole && lrp_table_is_id_name(table, i);
}

/* Whole numbers that rise may be the time as well as an id. */
static bool may_be_id(const struct lrp_table *table, size_t i)
{
    const struct lrp_table_column *column = &table->columns[i];
    return column->use == LRP_USE_NUMBER && column->whole && column->rises &&
           column->cells[LRP_CELL_NUMBER] == table->n_rows && table->n_rows >= FEWEST_RISING;
}

static void note_numbers(const struct lrp_table *table, struct lrp_text *out)
{
    static const struct {
        const char *lead;
        bool (*holds)(const struct lrp_table *table, size_t i);
    } kinds[] = {
        {"decimal commas", has_decimal_commas},
        {"read without signs and thousands separators", is_dressed},
        {"the same in every row", is_constant},
        {"kept, though named like an id, since values repeat (see --drop)", repeats_under_id_name},
        {"kept, but rises from row to row (if an id: --drop)", may_be_id},
    };
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        struct note note = {.out = out, .lead = kinds[k].lead};
        for (size_t i = 0; i < table->n_columns; i++) {
            if (kinds[k].holds(table, i)) {
                add_name(&note, table->columns[i].name);
            }
        }
        end_note(&note);
    }
}

void lrp_table_notes(const struct lrp_table *table, struct lrp_text *notes)
{
    char many[60];
    if (table->n_without_target > 0) {
        lrp_text_printf(notes, "left out, no target: %zu rows\n", table->n_without_target);
    }
    note_header(table, notes);
    note_use(table, LRP_USE_DROPPED, "dropped", notes);
    note_use(table, LRP_USE_EMPTY, "left out, empty", notes);
    note_use(table, LRP_USE_ID, "left out, an id: differs in every row", notes);
    (void)snprintf(many, sizeof many, "left out, more than %d different words",
                   (int)LRP_TABLE_WORDS_MOST);
    note_use(table, LRP_USE_MANY_WORDS, many, notes);
    note_use(table, LRP_USE_DATES, "left out, dates", notes);
    note_use(table, LRP_USE_ONE_WORD, "left out, one word only", notes);
    note_words(table, notes);
    note_numbers(table, notes);
}
