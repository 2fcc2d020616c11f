/* SPDX-License-Identifier: MIT */
/* One option table for parsing, help, man pages and completions. */
#ifndef LRP_CLI_OPTIONS_H
#define LRP_CLI_OPTIONS_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>

enum lrp_option_type {
    LRP_OPTION_FLAG,   /* bool; "--[no-]x" where negatable */
    LRP_OPTION_SIZE,   /* size_t */
    LRP_OPTION_SEED,   /* uint64_t */
    LRP_OPTION_REAL,   /* double */
    LRP_OPTION_STRING, /* const char *, borrowed from argv */
    LRP_OPTION_CHOICE, /* const char *, one of choices ("a|b|c") */
    LRP_OPTION_LIST    /* struct lrp_option_list: may be given again and again */
};
enum { LRP_OPTION_LIST_MOST = 64 };
struct lrp_option_list {
    const char *values[LRP_OPTION_LIST_MOST]; /* borrowed from argv */
    size_t n;
};
struct lrp_option {
    const char *name; /* "lr-min" */
    char letter;      /* 'o', 0 = none */
    enum lrp_option_type type;
    size_t offset;            /* in the command's options struct */
    double low, high;         /* allowed, both ends; for SIZE and REAL */
    const char *argument;     /* "RATE", NULL for flags */
    const char *unit;         /* "steps", "" */
    const char *default_text; /* as shown and as parsed before the arguments; NULL = leave zeroed */
    const char *choices;      /* CHOICE only */
    const char *help;         /* one sentence, small letter, no full stop */
    bool open_low;            /* low itself is not allowed */
    bool negatable;
};
/* Rows of an option table. Before the table stands the struct that its members are of, and a row is
 * one to three lines:
 *
 *     #define LRP_OPTIONS_OF struct my_options
 *     static const struct lrp_option my_table[] = {
 *         LRP_FLAG("no-header", no_header, "the first row is data"),
 *         LRP_SIZE("steps", steps, 2, 1e6, "N", "200", "length of a run", .unit = "steps"),
 *         LRP_SEED("seed", seed, "N", "1", "seed of the weights"),
 *         LRP_REAL("step-limit", step_limit, 0, 1e7, "X", NULL, "longest step", .open_low = true),
 *         LRP_STRING("model", model, "SPEC", "mlp:64", "mlp:256,128, ...", .letter = 'm'),
 *         LRP_CHOICE("shape", shape, "SHAPE", "exp|linear", "exp", "how the rate rises"),
 *         LRP_LIST("map", maps, "NEW=OLD", "column NEW is the log's OLD"),
 *     };
 *
 * The arguments are name, member, least and greatest value (SIZE and REAL), name of the argument,
 * choices (CHOICE), default (NULL = none), help, and then what few options have, by its name:
 * .letter, .unit, .open_low, .negatable. A file with a second table has an #undef before it.
 * LRP_OPTION_GROUP(heading, table, struct, member) is the row of a table in a list of groups: the
 * place of the table's struct in the command's. */
#define LRP_FLAG(name, member, ...)                                                                \
    LRP_OPTION_ROW(LRP_OPTION_FLAG, name, member, 0, 0, NULL, NULL, NULL, __VA_ARGS__)
#define LRP_SIZE(name, member, low, high, argument, fallback, ...)                                 \
    LRP_OPTION_ROW(LRP_OPTION_SIZE, name, member, low, high, argument, NULL, fallback, __VA_ARGS__)
#define LRP_SEED(name, member, argument, fallback, ...)                                            \
    LRP_OPTION_ROW(LRP_OPTION_SEED, name, member, 0, 0, argument, NULL, fallback, __VA_ARGS__)
#define LRP_REAL(name, member, low, high, argument, fallback, ...)                                 \
    LRP_OPTION_ROW(LRP_OPTION_REAL, name, member, low, high, argument, NULL, fallback, __VA_ARGS__)
#define LRP_STRING(name, member, argument, fallback, ...)                                          \
    LRP_OPTION_ROW(LRP_OPTION_STRING, name, member, 0, 0, argument, NULL, fallback, __VA_ARGS__)
#define LRP_CHOICE(name, member, argument, choices, fallback, ...)                                 \
    LRP_OPTION_ROW(LRP_OPTION_CHOICE, name, member, 0, 0, argument, choices, fallback, __VA_ARGS__)
#define LRP_LIST(name, member, argument, ...)                                                      \
    LRP_OPTION_ROW(LRP_OPTION_LIST, name, member, 0, 0, argument, NULL, NULL, __VA_ARGS__)
/* For the rows above: the help, and what follows it, are in the last argument. */
#define LRP_OPTION_ROW(kind, name_, member, low_, high_, argument_, choices_, default_, ...)       \
    {                                                                                              \
        .name = (name_), .type = (kind), .offset = offsetof(LRP_OPTIONS_OF, member),               \
        .low = (low_), .high = (high_), .argument = (argument_), .choices = (choices_),            \
        .default_text = (default_), .help = __VA_ARGS__                                            \
    }
#define LRP_OPTION_GROUP(heading, table, of, member)                                               \
    {                                                                                              \
        (heading), (table), sizeof(table) / sizeof(table)[0], offsetof(of, member)                 \
    }

/* A group of options with a heading and the offset of its struct inside the command's struct, so
 * that sweep and train share the trainer's options. */
struct lrp_option_group {
    const char *heading; /* "Trainer", "Output" */
    const struct lrp_option *options;
    size_t n_options;
    size_t offset;
};
enum lrp_exit {
    LRP_EXIT_OK = 0,
    LRP_EXIT_FINDINGS = 1,
    LRP_EXIT_USAGE = 2,
    LRP_EXIT_DATA = 3,
    LRP_EXIT_SYSTEM = 4,
    LRP_EXIT_TOOL = 5,
    LRP_EXIT_INTERRUPTED = 130
};
struct lrp_command {
    const char *name;
    const char *arguments; /* "FILE..." */
    const char *summary;
    const char *description; /* paragraphs for help and the man page */
    const char *examples;    /* lines "$ lrprobe ..." with what they do; run by the tests */
    void (*man_section)(struct lrp_text *out); /* more for the man page (troff); NULL = none */
    const struct lrp_option_group *groups;
    size_t n_groups;
    size_t options_size;
    bool takes_command; /* operands are the words behind "--", and only there */
    /* options: parsed struct; operands: what is left, NULL-terminated. Returns an exit code. */
    int (*run)(const void *options, char **operands, size_t n_operands);
};
extern const struct lrp_command *const lrp_commands[]; /* NULL-terminated, sorted by name */

/* Fills *options (zeroed, options_size bytes) with defaults, then from argv by getopt_long.
 * LRP_E_ARG with a sentence that names the option and what was expected. *help: --help was there.
 */
enum lrp_status lrp_options_parse(const struct lrp_command *command, int argc, char **argv,
                                  void *options, char ***operands, size_t *n_operands, bool *help,
                                  struct lrp_error *err);
/* "lrprobe: ..." on standard error with control bytes cleaned; returns the exit code that the
 * status calls for. source: file name or NULL. */
int lrp_report_error(const struct lrp_error *err, const char *source);
/* The same for a file that an option names and that could not be used, which is bad input, not a
 * broken system. */
int lrp_report_reference(struct lrp_error *err, const char *path);
enum lrp_exit lrp_exit_code(enum lrp_status status);
/* Of two exit codes the one that wins: 2, 4, 3, 1, 5, 0; 130 above all. */
int lrp_exit_worse(int a, int b);

/* Group g of a command: its own first, then the one that all have; NULL past the end. */
const struct lrp_option_group *lrp_command_group(const struct lrp_command *command, size_t g);

/* Options that every command has (first member of each command's options struct). */
enum { LRP_OPTIONS_MOST = 128 }; /* of one command */
struct lrp_common_options {
    const char *output; /* -o DIR */
    bool json;
    bool quiet;
    const char *plot; /* dumb|svg|png|pdf|sixel|none */
    /* what was given by name, for options that do not go together */
    const struct lrp_option *given[LRP_OPTIONS_MOST];
    size_t n_given;
};
extern const struct lrp_option_group lrp_common_group; /* offset 0 */
#endif
