/* SPDX-License-Identifier: MIT */
/* A table of a file before it is a data set: what its columns hold, and what becomes of each. */
#ifndef LRP_TRAIN_TABLE_H
#define LRP_TRAIN_TABLE_H

#include "dataset.h"
#include "table_cell.h"

/* More different words than that are not made into inputs. */
enum { LRP_TABLE_WORDS_MOST = 32 };
/* A few values are classes or categories if each stands in so many rows on average. */
enum { LRP_TABLE_ROWS_A_VALUE = 4 };
#define LRP_NO_TABLE_COLUMN ((size_t)-1)

enum lrp_table_use {                 /* what becomes of a column */
                     LRP_USE_NUMBER, /* one input, and where cells are missing one more that marks
                                        them */
                     LRP_USE_WORDS,  /* an input of 0 and 1 for each word, or one for two words */
                     LRP_USE_TARGET,
                     LRP_USE_DROPPED, /* --drop; the following are left out, too */
                     LRP_USE_EMPTY,
                     LRP_USE_ID, /* another number or word in each row, by which nothing can be
                                    learnt */
                     LRP_USE_MANY_WORDS, /* more than LRP_TABLE_WORDS_MOST */
                     LRP_USE_DATES,
                     LRP_USE_ONE_WORD /* the same in each row */
};
struct lrp_table_word {
    char *text;
    size_t rows;
    bool is_number;
};
struct lrp_table_column {
    char *name;            /* of the header, or "column 3" */
    bool unnamed, renamed; /* renamed: "x.1", the header having had an x before */
    bool decimal_comma;
    enum lrp_table_use use;
    size_t cells[LRP_CELL_KINDS]; /* how many are of each kind */
    /* of the first look at all rows */
    size_t commas[LRP_COMMA_MEANINGS];
    bool decimal_points;
    bool first_again; /* the cell of the first row stands in another row, too */
    /* of the rows that have a target */
    bool takes_words, takes_hashes;
    struct lrp_table_word *words; /* distinct ones, up to one more than the most */
    size_t n_words, words_capacity;
    uint64_t *hashes; /* of cells that are not missing */
    size_t n_hashes, hashes_capacity;
    size_t dates, dressed; /* cells; dressed: numbers with signs or thousands separators */
    double first, last;    /* numbers */
    /* numbers: all whole; each is one more than the last; each is greater; not all equal */
    bool whole, counts, rises, varies;
};
struct lrp_table {
    const struct lrp_data_options *options;
    struct lrp_table_column *columns;
    size_t n_columns, target;
    size_t n_rows;           /* with a target */
    size_t n_without_target; /* left out */
    bool has_header;
    bool has_positions; /* the header is 0, 1, 2, ..., as pandas writes it for want of names */
    char **first;       /* cells of the first row */
    size_t n_first;
    bool shifted; /* the header does not name the first column, as R writes it */
};

/* The cell of a row, bare; empty where the row ends before the column. */
struct lrp_csv_field lrp_table_cell(const struct lrp_csv_field *fields, size_t n, size_t column);
bool lrp_table_is_text(const struct lrp_csv_field *cell, const char *text);
/* *out is heap memory of the caller; LRP_E_NOMEM. */
enum lrp_status lrp_table_copy_text(const struct lrp_csv_field *cell, char **out,
                                    struct lrp_error *err);

/* The first look, at all rows. begin: with the first row, a header or not. look_for_shift: with the
 * second row, where R's write.table may show that its header has no name for the row names; then
 * look with each row but the first. check_width: LRP_E_FORMAT where a row does not fit, but fields
 * at its end may be too many or too few where they are empty and unnamed. settle: decides about the
 * header, names, decimal marks, target and columns to drop, and starts the count of the rows that
 * have a target. LRP_E_ARG: no such target or column to drop; LRP_E_FORMAT, LRP_E_NOMEM. */
enum lrp_status lrp_table_begin(struct lrp_table *table, const struct lrp_csv_field *fields,
                                size_t n, struct lrp_error *err);
void lrp_table_look_for_shift(struct lrp_table *table, const struct lrp_csv_field *fields,
                              size_t n);
void lrp_table_look(struct lrp_table *table, const struct lrp_csv_field *fields, size_t n);
enum lrp_status lrp_table_check_width(const struct lrp_table *table, size_t line,
                                      const struct lrp_csv_field *fields, size_t n,
                                      struct lrp_error *err);
enum lrp_status lrp_table_settle(struct lrp_table *table, char delimiter, struct lrp_error *err);

/* One more cell of a column, in a row that has a target. LRP_E_NOMEM. */
enum lrp_status lrp_table_count(struct lrp_table_column *column, const struct lrp_csv_field *cell,
                                struct lrp_error *err);
/* Index of a column by its exact name, else by its name in any case if only one has that, else by
 * its number from 1; LRP_NO_TABLE_COLUMN if there is none. */
size_t lrp_table_find(const struct lrp_table *table, const char *wanted);
/* "; did you mean \"Age\"? The columns are ..." for a name that is not there, cut where the list is
 * long. The text is initialised and ended by the caller. */
void lrp_table_offer(const struct lrp_table *table, const char *wanted, struct lrp_text *out);
/* Whether the name is one that people give to what numbers the rows: id, PassengerId, customer_id,
 * Unnamed: 0; or of a first column that the header does not name. */
bool lrp_table_is_id_name(const struct lrp_table *table, size_t column);
/* Whether words and whole numbers in one column are few and each often there: values like 0, 1, 2
 * and "3+", not numbers with a mistake among them. */
bool lrp_table_are_categories(const struct lrp_table_column *column);
/* Decides what becomes of each column that is neither target nor dropped, after all were counted.
 */
void lrp_table_decide(struct lrp_table *table);
/* How many inputs the column makes, by its use. */
size_t lrp_table_inputs_of(const struct lrp_table_column *column);
/* Cells of the column that are missing under its use. */
size_t lrp_table_missing_of(const struct lrp_table_column *column);
/* Place of a cell's word among the sorted words of a column; n_words for a missing one. */
size_t lrp_table_word_index(const struct lrp_table_column *column,
                            const struct lrp_csv_field *cell);
void lrp_table_fini(struct lrp_table *table);

/* What was decided, a line each, without a summary; nothing for a complete table of numbers. The
 * numbers that are missing are not in it: what replaces them is known when the rows are split. */
void lrp_table_notes(const struct lrp_table *table, struct lrp_text *notes);
#endif
