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
    SHOWN = 60
};

/* All options of a command in one list: getopt's value is VALUE_BASE + index. */
struct option_list {
    const struct lrp_option *option[OPTIONS_MOST];
    char *target[OPTIONS_MOST]; /* the option's place in the command's struct */
    char negated[OPTIONS_MOST][64];
    size_t n;
    struct option long_options[2 * OPTIONS_MOST + 2];
    char letters[2 * OPTIONS_MOST + 4];
};

static void add_letter(struct option_list *list, size_t *length, char letter, bool argument)
{
    list->letters[*length] = letter;
    *length += 1;
    if (argument) {
        list->letters[*length] = ':';
        *length += 1;
    }
}

static void collect(const struct lrp_command *command, void *options, struct option_list *list)
{
    size_t n_long = 0;
    size_t n_letters = 0;
    memset(list, 0, sizeof *list);
    add_letter(list, &n_letters, ':', false); /* getopt tells a missing argument from others */
    add_letter(list, &n_letters, 'h', false);
    list->long_options[n_long++] = (struct option){"help", no_argument, NULL, HELP_VALUE};
    const struct lrp_option_group *group = NULL;
    for (size_t g = 0; (group = lrp_command_group(command, g)) != NULL; g++) {
        for (size_t i = 0; i < group->n_options && list->n < OPTIONS_MOST; i++) {
            const struct lrp_option *option = &group->options[i];
            int value = VALUE_BASE + (int)list->n;
            bool flag = option->type == LRP_OPTION_FLAG;
            list->option[list->n] = option;
            list->target[list->n] = (char *)options + group->offset + option->offset;
            list->long_options[n_long++] =
                (struct option){option->name, flag ? no_argument : required_argument, NULL, value};
            if (option->negatable) {
                (void)snprintf(list->negated[list->n], sizeof list->negated[0], "no-%s",
                               option->name);
                list->long_options[n_long++] = (struct option){list->negated[list->n], no_argument,
                                                               NULL, NEGATED_BASE + (int)list->n};
            }
            if (option->letter != 0) {
                add_letter(list, &n_letters, option->letter, !flag);
            }
            list->n++;
        }
    }
}

/* "--lr-min is \"abc\", but ..." with the given text made harmless. */
static enum lrp_status wrong_value(const struct lrp_option *option, const char *given,
                                   const char *expected, struct lrp_error *err)
{
    struct lrp_text clean;
    size_t length = strlen(given);
    lrp_text_init(&clean, 1024);
    lrp_text_append_clean(&clean, given, length < SHOWN ? length : (size_t)SHOWN);
    enum lrp_status status = lrp_fail(err, LRP_E_ARG, 0, "--%s is \"%s\", but %s was expected",
                                      option->name, lrp_text_string(&clean), expected);
    lrp_text_fini(&clean);
    return status;
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
    const char *blank = unit[0] != '\0' ? " " : "";
    if (option->high >= 1e300) {
        (void)snprintf(out, size, "%s %s %s%s%s", kind, option->open_low ? "above" : "from", low,
                       blank, unit);
    } else {
        (void)snprintf(out, size, "%s %s %s to %s%s%s", kind, option->open_low ? "above" : "from",
                       low, high, blank, unit);
    }
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
            (void)snprintf(expected, sizeof expected, "one of %s", option->choices);
            return wrong_value(option, given, expected, err);
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
            enum lrp_status status =
                set_value(list->option[i], list->target[i], list->option[i]->default_text, err);
            if (status != LRP_OK) {
                return status;
            }
        }
    }
    return LRP_OK;
}

static enum lrp_status unknown_option(const struct lrp_command *command,
                                      const struct option_list *list, const char *given,
                                      struct lrp_error *err)
{
    const char *names[2 * OPTIONS_MOST + 1];
    size_t n = 0;
    for (; list->long_options[n].name != NULL; n++) {
        names[n] = list->long_options[n].name;
    }
    struct lrp_text clean;
    size_t length = strcspn(given, "=");
    lrp_text_init(&clean, 1024);
    lrp_text_append_clean(&clean, given, length < SHOWN ? length : (size_t)SHOWN);
    const char *near = given[0] == '-' && given[1] == '-'
                           ? lrp_nearest_name(lrp_text_string(&clean) + 2, names, n)
                           : NULL;
    enum lrp_status status =
        near != NULL ? lrp_fail(err, LRP_E_ARG, 0, "%s has no option %s; did you mean --%s?",
                                command->name, lrp_text_string(&clean), near)
                     : lrp_fail(err, LRP_E_ARG, 0, "%s has no option %s; see lrprobe %s --help",
                                command->name, lrp_text_string(&clean), command->name);
    lrp_text_fini(&clean);
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
    if (list == NULL) {
        return lrp_fail_memory(err, sizeof *list);
    }
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
