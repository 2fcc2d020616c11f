/* SPDX-License-Identifier: MIT */
#include "aliases.h"

#include "record.h"

#include <ctype.h>
#include <string.h>

/* What other tools call our columns, in small letters with every other sign as '_' and without the
 * words for training in front ("train_loss", "loss/train"). In the order of the alphabet. */
static const struct {
    const char *alias;
    const char *name;
} aliases[] = {
    {"acc", "accuracy"},
    {"acc1", "accuracy"},
    {"acc_1", "accuracy"},
    {"acc_avg", "accuracy"},
    {"accuracy_score", "accuracy"},
    {"avg_acc", "accuracy"},
    {"avg_accuracy", "accuracy"},
    {"avg_loss", "loss"},
    {"batch_accuracy", "accuracy"},
    {"batch_loss", "loss"},
    {"binary_accuracy", "accuracy"},
    {"bs", "batch_size"},
    {"categorical_accuracy", "accuracy"},
    {"class_acc", "accuracy"},
    {"cur_loss", "loss"},
    {"current_loss", "loss"},
    {"current_lr", "lr"},
    {"elapsed", "time_s"},
    {"elapsed_time", "time_s"},
    {"ep", "epoch"},
    {"epoch_acc", "accuracy"},
    {"epoch_accuracy", "accuracy"},
    {"epoch_learning_rate", "lr"},
    {"epoch_loss", "loss"},
    {"epochs", "epoch"},
    {"global_batch_size", "batch_size"},
    {"global_iteration", "step"},
    {"global_step", "step"},
    {"gnorm", "grad_norm"},
    {"grad_norm_total", "grad_norm"},
    {"grad_2_0_norm_total", "grad_norm"},
    {"grad_l2_norm", "grad_norm"},
    {"gradient_norm", "grad_norm"},
    {"gradnorm", "grad_norm"},
    {"iter", "step"},
    {"iter_num", "step"},
    {"iteration", "step"},
    {"iterations", "step"},
    {"iters", "step"},
    {"itr", "step"},
    {"last_lr", "lr"},
    {"learn_rate", "lr"},
    {"learning_rate", "lr"},
    {"learning_rate_0", "lr"},
    {"learning_rates", "lr"},
    {"learningrate", "lr"},
    {"lm_loss", "loss"},
    {"loss_avg", "loss"},
    {"loss_mean", "loss"},
    {"loss_total", "loss"},
    {"losses", "loss"},
    {"lr_0", "lr"},
    {"lr_adam", "lr"},
    {"lr_adam_pg1", "lr"},
    {"lr_adamw", "lr"},
    {"lr_adamw_pg1", "lr"},
    {"lr_group0", "lr"},
    {"lr_pg0", "lr"},
    {"lr_rmsprop", "lr"},
    {"lr_sgd", "lr"},
    {"lr_sgd_pg1", "lr"},
    {"lrs", "lr"},
    {"mean_loss", "loss"},
    {"model_accuracy", "accuracy"},
    {"mom", "momentum"},
    {"n_iter", "step"},
    {"n_updates", "step"},
    {"num_steps", "step"},
    {"num_updates", "step"},
    {"optimizer_step", "step"},
    {"running_loss", "loss"},
    {"runtime", "time_s"},
    {"sparse_categorical_accuracy", "accuracy"},
    {"step_loss", "loss"},
    {"steps", "step"},
    {"time_elapsed", "time_s"},
    {"time_time_elapsed", "time_s"},
    {"time_total_timesteps", "step"},
    {"top1", "accuracy"},
    {"top1_acc", "accuracy"},
    {"top_1_accuracy", "accuracy"},
    {"tot_loss", "loss"},
    {"total_grad_norm", "grad_norm"},
    {"total_loss", "loss"},
    {"total_timesteps", "step"},
    {"trainer_global_step", "step"},
    {"update", "step"},
    {"updates", "step"},
};

/* Words before or after a name that say which data it was measured on. */
static const char *const training_words[] = {"training", "train", "tr", "trn"};
static const char *const validation_words[] = {"validation", "valid", "val", "evaluation",
                                               "eval",       "test",  "dev", "testing"};
enum {
    N_TRAINING = sizeof training_words / sizeof training_words[0],
    N_VALIDATION = sizeof validation_words / sizeof validation_words[0]
};

bool lrp_is_known_column(const char *name)
{
    for (size_t i = 0; lrp_column_table[i].name != NULL; i++) {
        if (strcmp(lrp_column_table[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Our column for a name without words for data; NULL where it is none of ours. */
static const char *plain_name(const char *word)
{
    for (size_t i = 0; lrp_column_table[i].name != NULL; i++) {
        if (strcmp(lrp_column_table[i].name, word) == 0) {
            return lrp_column_table[i].name;
        }
    }
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++) {
        if (strcmp(aliases[i].alias, word) == 0) {
            return aliases[i].name;
        }
    }
    return NULL;
}

/* Takes one of the words off the beginning or the end; false, and word as it was, if none is there.
 */
static bool take_off(char *word, const char *const *words, size_t n)
{
    size_t length = strlen(word);
    for (size_t i = 0; i < n; i++) {
        size_t part = strlen(words[i]);
        if (length <= part + 1) {
            continue;
        }
        if (strncmp(word, words[i], part) == 0 && word[part] == '_') {
            memmove(word, word + part + 1, length - part);
            return true;
        }
        if (word[length - part - 1] == '_' && strcmp(word + length - part, words[i]) == 0) {
            word[length - part - 1] = '\0';
            return true;
        }
    }
    return false;
}

static bool is_metric(const char *name)
{
    return strcmp(name, "loss") == 0 || strcmp(name, "accuracy") == 0;
}

/* Lightning logs a value twice, as "_step" and as the mean "_epoch". */
enum rate { ONCE, STEP, EPOCH };

static enum rate take_off_rate(char *word)
{
    size_t length = strlen(word);
    if (length > 5 && strcmp(word + length - 5, "_step") == 0) {
        word[length - 5] = '\0';
        return STEP;
    }
    if (length > 6 && strcmp(word + length - 6, "_epoch") == 0) {
        word[length - 6] = '\0';
        return EPOCH;
    }
    return ONCE;
}

/* word: the name with '_' for signs, is changed; out gets our name. False where it is none of ours.
 */
static bool our_name(char *word, char *out)
{
    const char *name = plain_name(word);
    if (name == NULL && strncmp(word, "metrics_", 8) == 0) {
        memmove(word, word + 8, strlen(word + 8) + 1);
        name = plain_name(word);
    }
    if (name != NULL) {
        memcpy(out, name, strlen(name) + 1);
        return true;
    }
    enum rate rate = take_off_rate(word);
    bool validation = take_off(word, validation_words, N_VALIDATION);
    bool training = !validation && take_off(word, training_words, N_TRAINING);
    name = plain_name(word);
    if (name == NULL || (rate != ONCE && !is_metric(name)) || (validation && !is_metric(name)) ||
        (validation && rate == STEP) || (rate == ONCE && !validation && !training)) {
        return false;
    }
    size_t length = strlen(name);
    size_t at = validation ? 4 : 0;
    memcpy(out, "val_", at);
    memcpy(out + at, name, length + 1);
    if (rate == EPOCH && !validation) {
        memcpy(out + at + length, "_epoch", 7);
    }
    return true;
}

void lrp_copy_column_name(const char *name, size_t length, char *out)
{
    size_t kept = length < LRP_COLUMN_NAME_MOST ? length : (size_t)LRP_COLUMN_NAME_MOST;
    memcpy(out, name, kept);
    out[kept] = '\0';
}

void lrp_canonical_column(const char *name, size_t length, char *out)
{
    char word[LRP_COLUMN_NAME_MOST + 1];
    while (length > 0 && (*name == ' ' || *name == '\t')) {
        name++;
        length--;
    }
    while (length > 0 && (name[length - 1] == ' ' || name[length - 1] == '\t')) {
        length--;
    }
    size_t kept = length < LRP_COLUMN_NAME_MOST ? length : (size_t)LRP_COLUMN_NAME_MOST;
    size_t n = 0;
    for (size_t i = 0; i < kept; i++) {
        unsigned char c = (unsigned char)name[i];
        bool sign = c >= 128 || !isalnum(c);
        if (!sign) {
            word[n] = (char)tolower(c);
            n++;
        } else if (n > 0 && word[n - 1] != '_') { /* a run of signs is one, none in front */
            word[n] = '_';
            n++;
        }
    }
    n -= n > 0 && word[n - 1] == '_' ? 1 : 0;
    word[n] = '\0';
    if (!our_name(word, out)) {
        lrp_copy_column_name(name, kept, out);
    }
}
