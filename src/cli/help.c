/* SPDX-License-Identifier: MIT */
#include "help.h"

#include "number.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH = 80, INDENT = 28 };

static void option_head(const struct lrp_option *option, char *out, size_t size)
{
    char letter[8] = "    ";
    if (option->letter != 0) {
        (void)snprintf(letter, sizeof letter, "-%c, ", option->letter);
    }
    (void)snprintf(out, size, "  %s--%s%s%s%s", letter, option->negatable ? "[no-]" : "",
                   option->name, option->argument != NULL ? " " : "",
                   option->argument != NULL ? option->argument : "");
}

/* The sentence on an option: its help, its choices, unit and default. */
static void option_sentence(const struct lrp_option *option, struct lrp_text *out)
{
    lrp_text_append(out, option->help);
    if (option->type == LRP_OPTION_CHOICE) {
        lrp_text_printf(out, ": %s", option->choices);
    }
    if (option->type == LRP_OPTION_LIST) {
        lrp_text_append(out, " (may be repeated)");
    }
    bool unit = option->unit != NULL && option->unit[0] != '\0';
    if (option->default_text != NULL && option->type != LRP_OPTION_FLAG) {
        lrp_text_printf(out, " (default %s%s%s)", option->default_text, unit ? " " : "",
                        unit ? option->unit : "");
    } else if (unit) {
        lrp_text_printf(out, " (in %s)", option->unit);
    }
}

static void append_option(struct lrp_text *out, const struct lrp_option *option)
{
    char head[100];
    option_head(option, head, sizeof head);
    size_t length = strlen(head);
    lrp_text_append(out, head);
    if (length + 2 > INDENT) {
        lrp_text_printf(out, "\n%*s", INDENT, "");
    } else {
        lrp_text_printf(out, "%*s", (int)(INDENT - length), "");
    }
    struct lrp_text sentence;
    lrp_text_init(&sentence, 4096);
    option_sentence(option, &sentence);
    lrp_text_append_wrapped(out, lrp_text_string(&sentence), INDENT, INDENT, WIDTH);
    lrp_text_fini(&sentence);
}

static void help_command(const struct lrp_command *command, struct lrp_text *out)
{
    lrp_text_printf(out, "lrprobe %s [options]%s%s\n\n", command->name,
                    command->arguments[0] != '\0' ? " " : "", command->arguments);
    lrp_text_append_wrapped(out, command->description, 0, 0, WIDTH);
    const struct lrp_option_group *group = NULL;
    for (size_t g = 0; (group = lrp_command_group(command, g)) != NULL; g++) {
        lrp_text_printf(out, "\n%s:\n", group->heading);
        for (size_t i = 0; i < group->n_options; i++) {
            append_option(out, &group->options[i]);
        }
    }
    lrp_text_append(out, "\n  -h, --help                this text\n");
    if (command->examples != NULL) {
        lrp_text_printf(out, "\nExamples:\n%s", command->examples);
    }
}

static void help_program(struct lrp_text *out)
{
    lrp_text_append(out,
                    "lrprobe finds the learning-rate range in which a network trains, and says\n"
                    "why a training run fails.\n\n"
                    "usage: lrprobe COMMAND [options]\n\n");
    for (size_t i = 0; lrp_commands[i] != NULL; i++) {
        lrp_text_printf(out, "  %-10s", lrp_commands[i]->name);
        lrp_text_append_wrapped(out, lrp_commands[i]->summary, 12, 12, WIDTH);
    }
    lrp_text_append(out,
                    "\n  lrprobe COMMAND --help    the options of a command\n"
                    "  lrprobe --version         the version\n\n"
                    "exit codes: 0 clean, 1 findings or an outcome other than ok, 2 wrong usage,\n"
                    "3 bad input data, 4 system error, 5 gnuplot is missing, 130 interrupted\n");
}

void lrp_help(const struct lrp_command *command, struct lrp_text *out)
{
    if (command != NULL) {
        help_command(command, out);
    } else {
        help_program(out);
    }
}

/* Text for troff: a backslash, a leading dot or quote, and minus signs are commands there. */
void lrp_troff_append(struct lrp_text *out, const char *text)
{
    bool line_start = true;
    for (const char *at = text; *at != '\0'; at++) {
        if (line_start && (*at == '.' || *at == '\'')) {
            lrp_text_append(out, "\\&");
        }
        if (*at == '\\') {
            lrp_text_append(out, "\\e");
        } else if (*at == '-') {
            lrp_text_append(out, "\\-");
        } else {
            lrp_text_append_bytes(out, at, 1);
        }
        line_start = *at == '\n';
    }
}

static void man_option(const struct lrp_option *option, struct lrp_text *out)
{
    char head[100];
    option_head(option, head, sizeof head);
    lrp_text_append(out, ".TP\n.B ");
    lrp_troff_append(out, head + strspn(head, " "));
    lrp_text_append(out, "\n");
    struct lrp_text sentence;
    lrp_text_init(&sentence, 4096);
    option_sentence(option, &sentence);
    lrp_troff_append(out, lrp_text_string(&sentence));
    lrp_text_append(out, "\n");
    lrp_text_fini(&sentence);
}

static void man_command(const struct lrp_command *command, struct lrp_text *out)
{
    lrp_text_printf(out, ".TH LRPROBE-%s 1 \"\" \"lrprobe %s\"\n.SH NAME\nlrprobe\\-%s \\- ",
                    command->name, LRP_VERSION, command->name);
    lrp_troff_append(out, command->summary);
    lrp_text_printf(out, "\n.SH SYNOPSIS\n.B lrprobe %s\n[options] ", command->name);
    lrp_troff_append(out, command->arguments);
    lrp_text_append(out, "\n.SH DESCRIPTION\n");
    lrp_troff_append(out, command->description);
    lrp_text_append(out, "\n");
    const struct lrp_option_group *group = NULL;
    for (size_t g = 0; (group = lrp_command_group(command, g)) != NULL; g++) {
        lrp_text_printf(out, ".SH \"%s options\"\n", group->heading);
        for (size_t i = 0; i < group->n_options; i++) {
            man_option(&group->options[i], out);
        }
    }
    if (command->examples != NULL) {
        lrp_text_append(out, ".SH EXAMPLES\n.nf\n");
        lrp_troff_append(out, command->examples);
        lrp_text_append(out, ".fi\n");
    }
    if (command->man_section != NULL) {
        command->man_section(out);
    }
    lrp_text_append(out, ".SH \"SEE ALSO\"\n.BR lrprobe (1)\n");
}

void lrp_man_page(const struct lrp_command *command, struct lrp_text *out)
{
    if (command != NULL) {
        man_command(command, out);
        return;
    }
    lrp_text_printf(out,
                    ".TH LRPROBE 1 \"\" \"lrprobe %s\"\n.SH NAME\nlrprobe \\- find the "
                    "learning\\-rate range in which a network trains\n.SH SYNOPSIS\n.B lrprobe\n"
                    "COMMAND [options]\n.SH COMMANDS\n",
                    LRP_VERSION);
    for (size_t i = 0; lrp_commands[i] != NULL; i++) {
        lrp_text_printf(out, ".TP\n.BR lrprobe\\-%s (1)\n", lrp_commands[i]->name);
        lrp_troff_append(out, lrp_commands[i]->summary);
        lrp_text_append(out, "\n");
    }
    lrp_text_append(
        out, ".SH \"EXIT STATUS\"\n0 clean; 1 findings or an outcome other than ok; 2 wrong usage; "
             "3 bad input data; 4 system error; 5 gnuplot is missing when a plot was "
             "asked for; 130 interrupted.\n");
}

/* Operands that are words to choose from ("python|c|protocol") complete, files do so by default. */
static void append_choices(struct lrp_text *out, const char *arguments)
{
    if (arguments[strspn(arguments, "abcdefghijklmnopqrstuvwxyz|")] != '\0') {
        return;
    }
    for (const char *word = arguments; *word != '\0';) {
        size_t length = strcspn(word, "|");
        lrp_text_append_bytes(out, word, length);
        lrp_text_append(out, " ");
        word += length + (word[length] == '|' ? 1 : 0);
    }
}

void lrp_bash_completion(const struct lrp_command *command, struct lrp_text *out)
{
    (void)command;
    lrp_text_append(out, "# bash completion for lrprobe\n_lrprobe()\n{\n"
                         "    local word=${COMP_WORDS[COMP_CWORD]}\n    local words=\n"
                         "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        words=\"");
    for (size_t i = 0; lrp_commands[i] != NULL; i++) {
        lrp_text_printf(out, "%s ", lrp_commands[i]->name);
    }
    lrp_text_append(out, "--help --version\"\n    else\n        case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; lrp_commands[i] != NULL; i++) {
        lrp_text_printf(out, "        %s) words=\"", lrp_commands[i]->name);
        const struct lrp_option_group *group = NULL;
        for (size_t g = 0; (group = lrp_command_group(lrp_commands[i], g)) != NULL; g++) {
            for (size_t k = 0; k < group->n_options; k++) {
                lrp_text_printf(out, "--%s ", group->options[k].name);
            }
        }
        append_choices(out, lrp_commands[i]->arguments);
        lrp_text_append(out, "--help\" ;;\n");
    }
    lrp_text_append(out, "        esac\n    fi\n"
                         "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
                         "}\ncomplete -o default -F _lrprobe lrprobe\n");
}
