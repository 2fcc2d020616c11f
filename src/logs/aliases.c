/* SPDX-License-Identifier: MIT */
#include "formats.h"

#include <ctype.h>
#include <string.h>

/* What other tools call our columns, in small letters with every other sign as '_'. */
static const struct {
    const char *alias;
    const char *name;
} aliases[] = {
    {"_runtime", "time_s"},
    {"_step", "step"},
    {"acc", "accuracy"},
    {"batch_loss", "loss"},
    {"categorical_accuracy", "accuracy"},
    {"epochs", "epoch"},
    {"eval_accuracy", "val_accuracy"},
    {"eval_loss", "val_loss"},
    {"global_step", "step"},
    {"gradient_norm", "grad_norm"},
    {"gnorm", "grad_norm"},
    {"iter", "step"},
    {"iteration", "step"},
    {"iterations", "step"},
    {"learning_rate", "lr"},
    {"learning_rates", "lr"},
    {"learningrate", "lr"},
    {"loss_train", "loss"},
    {"losses", "loss"},
    {"lr_0", "lr"},
    {"lr_adam", "lr"},
    {"lr_adamw", "lr"},
    {"lr_pg0", "lr"},
    {"lr_sgd", "lr"},
    {"lrs", "lr"},
    {"sparse_categorical_accuracy", "accuracy"},
    {"num_updates", "step"},
    {"steps", "step"},
    {"test_accuracy", "val_accuracy"},
    {"test_loss", "val_loss"},
    {"total_loss", "loss"},
    {"train_acc", "accuracy"},
    {"train_accuracy", "accuracy"},
    {"train_grad_norm", "grad_norm"},
    {"train_loss", "loss"},
    {"train_loss_step", "loss"},
    {"train_lr", "lr"},
    {"train_num_updates", "step"},
    {"training_loss", "loss"},
    {"val_acc", "val_accuracy"},
    {"valid_accuracy", "val_accuracy"},
    {"valid_loss", "val_loss"},
    {"valid_num_updates", "step"},
    {"validation_accuracy", "val_accuracy"},
    {"validation_loss", "val_loss"},
};

static bool is_known(const char *name)
{
    for (size_t i = 0; lrp_column_table[i].name != NULL; i++) {
        if (strcmp(lrp_column_table[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

void lrp_canonical_column(const char *name, size_t length, char *out)
{
    if (length > LRP_COLUMN_NAME_MOST) {
        length = LRP_COLUMN_NAME_MOST;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)name[i];
        out[i] = c < 128 && isalnum(c) ? (char)tolower(c) : '_';
    }
    out[length] = '\0';
    if (is_known(out)) {
        return;
    }
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++) {
        if (strcmp(aliases[i].alias, out) == 0) {
            memcpy(out, aliases[i].name, strlen(aliases[i].name) + 1);
            return;
        }
    }
    memcpy(out, name, length);
}
