/* SPDX-License-Identifier: MIT */
#include "train_record.h"

#include <stdlib.h>

#define AT(member) offsetof(struct lrp_record_options, member)

const struct lrp_option lrp_record_option_table[LRP_RECORD_OPTIONS] = {
    {.name = "record",
     .type = LRP_OPTION_STRING,
     .offset = AT(record),
     .argument = "NAMES",
     .help = "what to record beside loss and accuracy: grad_norm, update_norm, weight_norm, "
             "grad_cosine, update_cosine, clipped, dead_fraction, sharpness, or usual (all but the "
             "cosines and sharpness, which cost time), all, none"},
    {.name = "record-every",
     .type = LRP_OPTION_SIZE,
     .offset = AT(record_every),
     .high = 1e9,
     .argument = "N",
     .default_text = "0",
     .unit = "steps",
     .help = "at every Nth step; 0 is each step with --record, every tenth without"},
    {.name = "inspect-every",
     .type = LRP_OPTION_SIZE,
     .offset = AT(inspect_every),
     .high = 1e9,
     .argument = "N",
     .default_text = "100",
     .unit = "steps",
     .help = "dead_fraction and sharpness, which need passes of their own, after every Nth step "
             "and at the end; 0 is never"},
};

enum { USUAL_EVERY = 10 };

enum lrp_status lrp_record_choose(const struct lrp_record_options *options, bool as_trainer,
                                  bool clips, struct lrp_record_choice *choice,
                                  struct lrp_error *err)
{
    const char *text = options->record;
    if (text == NULL && as_trainer) {
        text = getenv("LRPROBE_RECORD");
    }
    bool given = text != NULL && text[0] != '\0';
    choice->every = options->record_every > 0 ? options->record_every : given ? 1 : USUAL_EVERY;
    choice->inspect_every = options->inspect_every;
    enum lrp_status status = lrp_measures_parse(given ? text : "usual", &choice->set, err);
    if (!given && !clips) {
        choice->set.wanted[LRP_CLIPPED] = false;
    }
    if (!choice->set.wanted[LRP_DEAD_FRACTION] && !choice->set.wanted[LRP_SHARPNESS]) {
        choice->inspect_every = 0;
    }
    return status;
}

size_t lrp_record_names(const struct lrp_record_choice *choice, const char **names)
{
    size_t n = 0;
    for (size_t i = 0; i < LRP_MEASURES; i++) {
        if (choice->set.wanted[i]) {
            names[n] = lrp_measure_table[i].name;
            n++;
        }
    }
    return n;
}

void lrp_record_fill(const struct lrp_record_choice *choice, const struct lrp_measurements *update,
                     const struct lrp_measurements *inspection, double *cells,
                     unsigned char *present)
{
    size_t n = 0;
    for (size_t i = 0; i < LRP_MEASURES; i++) {
        if (!choice->set.wanted[i]) {
            continue;
        }
        bool inspected = inspection != NULL && inspection->present[i];
        cells[n] = inspected ? inspection->value[i] : update->value[i];
        present[n] = inspected || update->present[i] ? 1 : 0;
        n++;
    }
}
