/* SPDX-License-Identifier: MIT */
#include "fresh_options.h"

#include "template.h"

#include <stddef.h>
#include <string.h>

#define AT(member) offsetof(struct lrp_fresh_options, member)
const struct lrp_option lrp_fresh_option_table[LRP_FRESH_OPTIONS] = {
    {.name = "mode",
     .type = LRP_OPTION_CHOICE,
     .offset = AT(mode),
     .argument = "MODE",
     .default_text = "inline",
     .choices = "inline|fresh",
     .help = "inline: the rate rises within each run; fresh: one short run per rate, each from new "
             "weights. With fresh --steps is the length of each run, and 100 where it is left out; "
             "--repeats is the number of runs at each rate, and 3 where it is left out"},
    {.name = "rates",
     .type = LRP_OPTION_SIZE,
     .offset = AT(rates),
     .low = 4,
     .high = 1000,
     .argument = "N",
     .help = "rates from the lowest to the highest; left out, three a decade"},
    {.name = "loss-pattern",
     .type = LRP_OPTION_STRING,
     .offset = AT(loss_pattern),
     .argument = "REGEX",
     .help = "where the loss is in what the trainer prints, a POSIX extended regular expression "
             "for a line: 'step {step} .*loss {loss}', where {loss} is any number, nan and inf "
             "too; or with groups: one is the loss, two are step and loss"},
    {.name = "log",
     .type = LRP_OPTION_STRING,
     .offset = AT(log),
     .argument = "FILE",
     .help = "log that the trainer writes, in a format that diagnose reads, as in "
             "'{dir}/log.csv'; * and ? as in a shell"},
};

static bool is_given(const struct lrp_common_options *common, const char *name)
{
    for (size_t i = 0; i < common->n_given; i++) {
        if (strcmp(common->given[i]->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static enum lrp_status refuse(const struct lrp_common_options *common, const char *const *names,
                              size_t n, const char *mode, struct lrp_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (is_given(common, names[i])) {
            return lrp_fail(err, LRP_E_ARG, 0, "--%s is for --mode %s", names[i], mode);
        }
    }
    return LRP_OK;
}

enum lrp_status lrp_fresh_options_take(const struct lrp_fresh_options *options,
                                       const struct lrp_common_options *common,
                                       struct lrp_session_options *session, struct lrp_error *err)
{
    static const char *const of_fresh[] = {"rates", "loss-pattern", "log"};
    static const char *const of_inline[] = {"shape", "scout-steps"};
    if (strcmp(options->mode, "fresh") != 0) {
        if (session->external && lrp_template_any_has(session->argv, "lr")) {
            return lrp_fail(err, LRP_E_ARG, 0,
                            "{lr} in the command asks for one run per rate; add --mode fresh");
        }
        return refuse(common, of_fresh, sizeof of_fresh / sizeof of_fresh[0], "fresh", err);
    }
    session->strategy = &lrp_strategy_fresh;
    session->rates = options->rates;
    session->loss_pattern = options->loss_pattern;
    session->log = options->log;
    session->steps = is_given(common, "steps") ? session->steps : 0;
    session->repeats = is_given(common, "repeats") ? session->repeats : 0;
    return refuse(common, of_inline, sizeof of_inline / sizeof of_inline[0], "inline", err);
}
