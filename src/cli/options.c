/* SPDX-License-Identifier: MIT */
#include "options.h"

#include "alloc.h"
#include "number.h"
#include "suggest.h"
#include "text.h"

#include <getopt.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTIONS_MOST = LRP_OPTIONS_MOST,
    VALUE_BASE = 1000,
    HELP_VALUE = 999,
    NEGATED_BASE = 2000,
    SHOWN = 60,
    CHOICES_MOST = 32,
    CHOICES_LONGEST = 200
};

/* All options of a command in one list: getopt's value is VALUE_BASE + index. */
struct option_list {
    const struct lrp_option *option[OPTIONS_MOST];
    char *target[OPTIONS_MOST]; /* the option's place in the command's struct */
    char negated[OPTIONS_MOST][64];
    size_t n;
    struct option long_options[2 * OPTIONS_MOST + 2]; /* ends with zeros */
    size_t n_long;
    char letters[2 * OPTIONS_MOST + 4];
};

static void add_long(struct option_list *list, const char *name, bool argument, int value)
{
    list->long_options[list->n_long++] =
        (struct option){name, argument ? required_argument : no_argument, NULL, value};
}

static void collect(const struct lrp_command *command, void *options, struct option_list *list)
{
    const struct lrp_option_group *group = NULL;
    /* getopt tells a missing argument from others by the colon */
    size_t n_letters = (size_t)snprintf(list->letters, sizeof list->letters, ":h");
    add_long(list, "help", false, HELP_VALUE);
    for (size_t g = 0; (group = lrp_command_group(command, g)) != NULL; g++) {
        for (size_t i = 0; i < group->n_options && list->n < OPTIONS_MOST; i++) {
            const struct lrp_option *option = &group->options[i];
            bool argument = option->type != LRP_OPTION_FLAG;
            char *negated = list->negated[list->n];
            list->option[list->n] = option;
            list->target[list->n] = (char *)options + group->offset + option->offset;
            add_long(list, option->name, argument, VALUE_BASE + (int)list->n);
            if (option->negatable) {
                (void)snprintf(negated, sizeof list->negated[0], "no-%s", option->name);
                add_long(list, negated, false, NEGATED_BASE + (int)list->n);
            }
            if (option->letter != 0) {
                list->letters[n_letters++] = option->letter;
                if (argument) {
                    list->letters[n_letters++] = ':';
                }
            }
            list->n++;
        }
    }
}

/* A word as it was typed, made harmless and not too long. */
static void append_shown(struct lrp_text *out, const char *given, size_t length)
{
    lrp_text_append_clean(out, given, length < SHOWN ? length : (size_t)SHOWN);
}

/* "--lr-min is \"abc\", but ..." */
static enum lrp_status wrong_value(const struct lrp_option *option, const char *given,
                                   const char *expected, struct lrp_error *err)
{
    struct lrp_text shown;
    lrp_text_init(&shown, 1024);
    append_shown(&shown, given, strlen(given));
    enum lrp_status status = lrp_fail(err, LRP_E_ARG, 0, "--%s is \"%s\", but %s was expected",
                                      option->name, lrp_text_string(&shown), expected);
    lrp_text_fini(&shown);
    return status;
}

static enum lrp_status wrong_choice(const struct lrp_option *option, const char *given,
                                    struct lrp_error *err)
{
    char words[CHOICES_LONGEST];
    char expected[2 * CHOICES_LONGEST];
    const char *names[CHOICES_MOST];
    size_t n = 0;
    (void)snprintf(words, sizeof words, "%s", option->choices);
    for (char *at = words; *at != '\0' && n < CHOICES_MOST;) {
        names[n++] = at;
        at += strcspn(at, "|");
        if (*at == '|') {
            *at++ = '\0';
        }
    }
    const char *near = lrp_nearest_name(given, names, n);
    (void)snprintf(expected, sizeof expected, "one of %s%s%s%s", option->choices,
                   near != NULL ? " (did you mean " : "", near != NULL ? near : "",
                   near != NULL ? "?)" : "");
    return wrong_value(option, given, expected, err);
}

static void describe_range(const struct lrp_option *option, const char *kind, char *out,
                           size_t size)
{
    char low[LRP_NUMBER_SIZE];
    char high[LRP_NUMBER_SIZE];
    const char *unit = option->unit != NULL ? option->unit : "";
    /* whole numbers in full: 10000000 steps */
    int digits = option->type == LRP_OPTION_SIZE && option->high < 1e12 ? 12 : 6;
    (void)lrp_format_short(option->low, digits, low);
    (void)lrp_format_short(option->high, digits, high);
    bool open_end = option->high >= 1e300;
    (void)snprintf(out, size, "%s %s %s%s%s%s%s", kind, option->open_low ? "above" : "from", low,
                   open_end ? "" : " to ", open_end ? "" : high, unit[0] != '\0' ? " " : "", unit);
}

static enum lrp_status add_to_list(const struct lrp_option *option, struct lrp_option_list *list,
                                   const char *given, struct lrp_error *err)
{
    if (list->n == LRP_OPTION_LIST_MOST) {
        return lrp_fail(err, LRP_E_ARG, 0, "--%s is given more than %d times", option->name,
                        LRP_OPTION_LIST_MOST);
    }
    list->values[list->n] = given;
    list->n++;
    return LRP_OK;
}

static enum lrp_status set_value(const struct lrp_option *option, char *target, const char *given,
                                 struct lrp_error *err)
{
    char expected[200];
    size_t length = strlen(given);
    int64_t whole = 0;
    double real = 0;
    switch (option->type) {
    case LRP_OPTION_FLAG:
        *(bool *)(void *)target = strcmp(given, "true") == 0;
        return LRP_OK;
    case LRP_OPTION_SIZE:
        if (!lrp_parse_int64(given, length, (int64_t)option->low,
                             option->high >= 9e18 ? INT64_MAX : (int64_t)option->high, &whole)) {
            describe_range(option, "a whole number", expected, sizeof expected);
            return wrong_value(option, given, expected, err);
        }
        *(size_t *)(void *)target = (size_t)whole;
        return LRP_OK;
    case LRP_OPTION_SEED:
        if (!lrp_parse_int64(given, length, 0, INT64_MAX, &whole)) {
            return wrong_value(option, given, "a whole number from 0 on", err);
        }
        *(uint64_t *)(void *)target = (uint64_t)whole;
        return LRP_OK;
    case LRP_OPTION_REAL:
        if (!lrp_parse_double(given, length, &real) || !isfinite(real) || !(real >= option->low) ||
            !(real <= option->high) || (option->open_low && !(real > option->low))) {
            describe_range(option, "a number", expected, sizeof expected);
            return wrong_value(option, given, expected, err);
        }
        *(double *)(void *)target = real;
        return LRP_OK;
    case LRP_OPTION_STRING:
        *(const char **)(void *)target = given;
        return LRP_OK;
    case LRP_OPTION_CHOICE:
        if (lrp_word_index(option->choices, given, length) < 0) {
            return wrong_choice(option, given, err);
        }
        *(const char **)(void *)target = given;
        return LRP_OK;
    case LRP_OPTION_LIST:
        return add_to_list(option, (struct lrp_option_list *)(void *)target, given, err);
    default:
        return lrp_fail(err, LRP_E_ARG, 0, "--%s cannot be set", option->name);
    }
}

static enum lrp_status set_defaults(const struct option_list *list, struct lrp_error *err)
{
    for (size_t i = 0; i < list->n; i++) {
        if (list->option[i]->default_text != NULL) {
            LRP_TRY(
                set_value(list->option[i], list->target[i], list->option[i]->default_text, err));
        }
    }
    return LRP_OK;
}

static enum lrp_status unknown_option(const struct lrp_command *command,
                                      const struct option_list *list, const char *given,
                                      struct lrp_error *err)
{
    const char *names[2 * OPTIONS_MOST + 1];
    const char *near = NULL;
    struct lrp_text shown;
    for (size_t i = 0; i < list->n_long; i++) {
        names[i] = list->long_options[i].name;
    }
    lrp_text_init(&shown, 1024);
    append_shown(&shown, given, strcspn(given, "="));
    if (strncmp(given, "--", 2) == 0) {
        near = lrp_nearest_name(lrp_text_string(&shown) + 2, names, list->n_long);
    }
    enum lrp_status status =
        near != NULL ? lrp_fail(err, LRP_E_ARG, 0, "%s has no option %s; did you mean --%s?",
                                command->name, lrp_text_string(&shown), near)
                     : lrp_fail(err, LRP_E_ARG, 0, "%s has no option %s; see lrprobe %s --help",
                                command->name, lrp_text_string(&shown), command->name);
    lrp_text_fini(&shown);
    return status;
}

static void note_given(struct lrp_common_options *common, const struct lrp_option *option)
{
    for (size_t i = 0; i < common->n_given; i++) {
        if (common->given[i] == option) {
            return;
        }
    }
    if (common->n_given < LRP_OPTIONS_MOST) {
        common->given[common->n_given++] = option;
    }
}

static enum lrp_status take_option(const struct lrp_command *command, struct option_list *list,
                                   int value, char **argv, int before,
                                   struct lrp_common_options *common, bool *help,
                                   struct lrp_error *err)
{
    if (value == HELP_VALUE || value == 'h') {
        *help = true;
        return LRP_OK;
    }
    if (value == ':') {
        return lrp_fail(err, LRP_E_ARG, 0, "%.60s needs a value", argv[optind - 1]);
    }
    if (value >= NEGATED_BASE) {
        *(bool *)(void *)list->target[value - NEGATED_BASE] = false;
        note_given(common, list->option[value - NEGATED_BASE]);
        return LRP_OK;
    }
    for (size_t i = 0; i < list->n; i++) {
        const struct lrp_option *option = list->option[i];
        if (value == VALUE_BASE + (int)i || (option->letter != 0 && value == option->letter)) {
            note_given(common, option);
            return set_value(option, list->target[i],
                             option->type == LRP_OPTION_FLAG ? "true" : optarg, err);
        }
    }
    return unknown_option(command, list, argv[before < optind ? optind - 1 : before], err);
}

/* The place of the first "--", argc where there is none: what is behind it is no option of ours,
 * and getopt would move words that stand before it there. */
static int own_arguments(int argc, char **argv)
{
    int n = 1;
    while (n < argc && strcmp(argv[n], "--") != 0) {
        n++;
    }
    return n < argc ? n : argc;
}

/* The words behind "--", for commands that take a command. */
static enum lrp_status take_words(const struct lrp_command *command, int own, int argc, char **argv,
                                  char ***operands, size_t *n_operands, struct lrp_error *err)
{
    if (optind < own) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "%s takes options only, but '%.100s' is none; data go to --data, and the "
                        "command of a trainer behind --",
                        command->name, argv[optind]);
    }
    if (own == argc - 1) {
        return lrp_fail(err, LRP_E_ARG, 0, "there is no command behind --");
    }
    *operands = own < argc ? argv + own + 1 : argv + argc;
    *n_operands = own < argc ? (size_t)(argc - own - 1) : 0;
    return LRP_OK;
}

enum lrp_status lrp_options_parse(const struct lrp_command *command, int argc, char **argv,
                                  void *options, char ***operands, size_t *n_operands, bool *help,
                                  struct lrp_error *err)
{
    struct option_list *list = lrp_calloc_array(1, sizeof *list);
    LRP_TRY_MEMORY(list, err);
    memset(options, 0, command->options_size);
    collect(command, options, list);
    enum lrp_status status = set_defaults(list, err);
    int own = command->takes_command ? own_arguments(argc, argv) : argc;
    *help = false;
    opterr = 0;
    optind = 0; /* GNU: start anew */
    while (status == LRP_OK && !*help) {
        int before = optind == 0 ? 1 : optind;
        int value = getopt_long(own, argv, list->letters, list->long_options, NULL);
        if (value == -1) {
            break;
        }
        status = take_option(command, list, value, argv, before, options, help, err);
    }
    free(list);
    *operands = argv + optind;
    *n_operands = (size_t)(own - optind);
    if (status == LRP_OK && !*help && command->takes_command) {
        status = take_words(command, own, argc, argv, operands, n_operands, err);
    }
    return status;
}
