/* SPDX-License-Identifier: MIT */
#include "commands.h"

#include "list_rows.h"
#include "suggest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MOST = 1 << 20, LISTINGS_MOST = 16 };

static enum lrp_status print_json(const struct lrp_listing *listing, struct lrp_error *err)
{
    struct lrp_json *root = lrp_json_array();
    char *text = NULL;
    for (size_t row = 0; listing->has(row); row++) {
        struct lrp_json *object = lrp_json_object();
        listing->json(row, object);
        lrp_json_add(root, object);
    }
    enum lrp_status status = lrp_json_text(root, &text, err);
    if (status == LRP_OK) {
        (void)fputs(text, stdout);
    }
    free(text);
    lrp_json_free(root);
    return status;
}

static enum lrp_status print_words(const struct lrp_listing *listing, struct lrp_error *err)
{
    struct lrp_text words;
    lrp_text_init(&words, WORDS_MOST);
    for (size_t row = 0; listing->has(row); row++) {
        listing->words(row, &words);
    }
    if (listing->end != NULL) {
        listing->end(&words);
    }
    (void)fputs(lrp_text_string(&words), stdout);
    enum lrp_status status = lrp_text_check(&words, err);
    lrp_text_fini(&words);
    return status;
}

static int run(const void *given, char **operands, size_t n_operands)
{
    const struct lrp_common_options *options = given;
    struct lrp_error err = {0};
    const struct lrp_listing *listing = lrp_listings;
    while (n_operands == 1 && listing->name != NULL && strcmp(listing->name, operands[0]) != 0) {
        listing++;
    }
    enum lrp_status status = LRP_OK;
    if (n_operands != 1) {
        status = lrp_fail(
            &err, LRP_E_ARG, 0,
            "list needs one of checks, data, formats, models, optimizers, recipes, schedules");
    } else if (listing->name == NULL) {
        const char *names[LISTINGS_MOST];
        size_t n = 0;
        for (; lrp_listings[n].name != NULL && n < LISTINGS_MOST; n++) {
            names[n] = lrp_listings[n].name;
        }
        status = lrp_fail_unknown("there is no list of", operands[0], strlen(operands[0]), names, n,
                                  "there are", &err);
    } else {
        status = options->json ? print_json(listing, &err) : print_words(listing, &err);
    }
    return status == LRP_OK ? LRP_EXIT_OK : lrp_report_error(&err, NULL);
}

const struct lrp_command lrp_command_list = {
    .name = "list",
    .arguments = "checks|data|formats|models|optimizers|recipes|schedules",
    .summary = "what there is to choose from",
    .description =
        "Lists the checks of diagnose with their parameters, data sets that need no "
        "file and kinds of files, log formats, models and optimizers with their options, "
        "schedules with their keys, or recipes: published learning rates of known "
        "networks, with their sources.",
    .examples = "$ lrprobe list optimizers\n$ lrprobe list checks\n",
    .options_size = sizeof(struct lrp_common_options),
    .run = run,
};
