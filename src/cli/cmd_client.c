/* SPDX-License-Identifier: MIT */
/* lrprobe client: the files that trainers load, out of the program itself. */
#include "client_files.h"
#include "commands.h"

#include "files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *word;
    const char *file;
} clients[] = {
    {"python", "python/lrprobe.py"},
    {"c", "c/lrprobe_client.h"},
    {"protocol", "PROTOCOL.md"},
};

static const struct lrp_client_file *find(const char *word)
{
    for (size_t i = 0; i < sizeof clients / sizeof clients[0]; i++) {
        if (strcmp(clients[i].word, word) == 0) {
            return lrp_client_file(clients[i].file);
        }
    }
    return NULL;
}

/* Writes it into the folder of -o and prints its path. */
static enum lrp_status write_file(const struct lrp_client_file *file,
                                  const struct lrp_common_options *options, struct lrp_error *err)
{
    const char *slash = strrchr(file->name, '/');
    LRP_TRY(lrp_make_folder(options->output, err));
    char *path = lrp_path_join(options->output, slash != NULL ? slash + 1 : file->name);
    LRP_TRY_MEMORY(path, err);
    enum lrp_status status = lrp_write_whole(path, file->text, file->length, err);
    if (status == LRP_OK && !options->quiet) {
        (void)puts(path);
    }
    free(path);
    return status;
}

static int run(const void *given, char **operands, size_t n_operands)
{
    const struct lrp_common_options *options = given;
    struct lrp_error err = {0};
    const struct lrp_client_file *file = n_operands == 1 ? find(operands[0]) : NULL;
    enum lrp_status status = LRP_OK;
    if (file == NULL) {
        status = lrp_fail(&err, LRP_E_ARG, 0, "client needs one of python, c, protocol");
    } else if (options->output != NULL) {
        status = write_file(file, options, &err);
    } else if (options->json) {
        status =
            lrp_fail(&err, LRP_E_ARG, 0, "client prints the file itself, there is no JSON of it");
    } else {
        (void)fwrite(file->text, 1, file->length, stdout);
    }
    return status == LRP_OK ? LRP_EXIT_OK : lrp_report_error(&err, NULL);
}

const struct lrp_command lrp_command_client = {
    .name = "client",
    .arguments = "python|c|protocol",
    .summary = "print the client file for your own trainer",
    .description =
        "Prints what makes a trainer of your own one that lrprobe sweep -- COMMAND can drive. "
        "With -o DIR the file is written there instead.\n"
        "python: lrprobe.py, one module, standard library only. In a sweep \"import lrprobe\" "
        "works "
        "without it, because lrprobe lays it out for the trainer; put it beside a script that "
        "also runs outside of sweeps, where it does nothing.\n"
        "c: lrprobe_client.h, one header for C99 and C++11 that needs nothing but libc. It begins "
        "with an example; outside a sweep its calls do nothing.\n"
        "protocol: one page for every other language: two files, the plan in and the report out, "
        "with whole trainers in awk and in shell as examples.",
    .examples =
        "$ lrprobe client python -o .\n$ lrprobe client c -o include\n$ lrprobe client protocol\n",
    .options_size = sizeof(struct lrp_common_options),
    .run = run,
};
