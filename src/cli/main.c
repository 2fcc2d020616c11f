/* SPDX-License-Identifier: MIT */
#include "alloc.h"
#include "help.h"
#include "options.h"
#include "suggest.h"
#include "text.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 1 << 20 };

enum lrp_exit lrp_exit_code(enum lrp_status status)
{
    switch (status) {
    case LRP_OK:
        return LRP_EXIT_OK;
    case LRP_E_ARG:
        return LRP_EXIT_USAGE;
    case LRP_E_FORMAT:
    case LRP_E_LIMIT:
    case LRP_E_NODATA:
        return LRP_EXIT_DATA;
    case LRP_E_TOOL:
        return LRP_EXIT_TOOL;
    case LRP_E_INTERRUPTED:
        return LRP_EXIT_INTERRUPTED;
    case LRP_E_NOMEM:
    case LRP_E_IO:
    case LRP_E_CHILD:
    default:
        return LRP_EXIT_SYSTEM;
    }
}

int lrp_exit_worse(int a, int b)
{
    static const int order[] = {LRP_EXIT_INTERRUPTED, LRP_EXIT_USAGE,    LRP_EXIT_SYSTEM,
                                LRP_EXIT_DATA,        LRP_EXIT_FINDINGS, LRP_EXIT_TOOL};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (a == order[i] || b == order[i]) {
            return order[i];
        }
    }
    return LRP_EXIT_OK;
}

int lrp_report_error(const struct lrp_error *err, const char *source)
{
    struct lrp_text line;
    lrp_text_init(&line, TEXT_MOST);
    lrp_text_append(&line, "lrprobe: ");
    if (source != NULL) {
        lrp_text_append_clean(&line, source, strlen(source));
        if (err->line > 0) {
            lrp_text_printf(&line, ":%zu", err->line);
        }
        lrp_text_append(&line, ": ");
    }
    lrp_text_append_clean(&line, err->message, strlen(err->message));
    lrp_text_append(&line, "\n");
    (void)fputs(lrp_text_string(&line), stderr);
    lrp_text_fini(&line);
    return (int)lrp_exit_code(err->status);
}

int lrp_report_reference(struct lrp_error *err, const char *path)
{
    const char *source = err->status == LRP_E_IO || err->status == LRP_E_ARG ? NULL : path;
    err->status = err->status == LRP_E_IO ? LRP_E_NODATA : err->status;
    return lrp_report_error(err, source);
}

static const struct lrp_command *find_command(const char *name)
{
    for (size_t i = 0; lrp_commands[i] != NULL; i++) {
        if (strcmp(lrp_commands[i]->name, name) == 0) {
            return lrp_commands[i];
        }
    }
    return NULL;
}

static int unknown_command(const char *name)
{
    const char *names[64];
    size_t n = 0;
    for (; lrp_commands[n] != NULL && n < 64; n++) {
        names[n] = lrp_commands[n]->name;
    }
    struct lrp_error err = {0};
    (void)lrp_fail_unknown("there is no command", name, strlen(name), names, n, "there are", &err);
    return lrp_report_error(&err, NULL);
}

/* Prints what a writer of help.h says on a command, NULL = on the program. */
static int print_page(void (*page)(const struct lrp_command *command, struct lrp_text *out),
                      const struct lrp_command *command, FILE *where)
{
    struct lrp_text text;
    lrp_text_init(&text, TEXT_MOST);
    page(command, &text);
    (void)fputs(lrp_text_string(&text), where);
    lrp_text_fini(&text);
    return LRP_EXIT_OK;
}

static int run_command(const struct lrp_command *command, int argc, char **argv)
{
    struct lrp_error err = {0};
    char **operands = NULL;
    size_t n_operands = 0;
    bool help = false;
    int code = LRP_EXIT_OK;
    void *options = lrp_calloc_array(1, command->options_size);
    enum lrp_status status =
        options != NULL
            ? lrp_options_parse(command, argc, argv, options, &operands, &n_operands, &help, &err)
            : lrp_fail_memory(&err, command->options_size);
    if (status != LRP_OK) {
        code = lrp_report_error(&err, NULL);
    } else if (help) {
        code = print_page(lrp_help, command, stdout);
    } else {
        code = command->run(options, operands, n_operands);
    }
    free(options);
    return code;
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        (void)print_page(lrp_help, NULL, stderr);
        return LRP_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)puts("lrprobe " LRP_VERSION);
        return LRP_EXIT_OK;
    }
    /* the pages that are installed; not for people, so not in the help */
    if (argc == 3 && strcmp(argv[1], "--man-page") == 0) {
        return print_page(lrp_man_page, find_command(argv[2]), stdout);
    }
    if (argc == 3 && strcmp(argv[1], "--completion") == 0) {
        return print_page(lrp_bash_completion, NULL, stdout);
    }
    bool help = strcmp(argv[1], "help") == 0;
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || (help && argc == 2)) {
        return print_page(lrp_help, NULL, stdout);
    }
    const char *name = help ? argv[2] : argv[1];
    const struct lrp_command *command = find_command(name);
    if (command == NULL) {
        return unknown_command(name);
    }
    return help ? print_page(lrp_help, command, stdout) : run_command(command, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    /* A reader that went away (head, less) is no error of ours: end quietly. */
    (void)signal(SIGPIPE, SIG_DFL);
    int code = dispatch(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        struct lrp_error err = {0};
        (void)lrp_fail_errno(&err, errno != 0 ? errno : EIO, "write", "standard output");
        code = lrp_exit_worse(code, lrp_report_error(&err, NULL));
    }
    return code;
}
