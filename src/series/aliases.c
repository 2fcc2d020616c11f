/* SPDX-License-Identifier: MIT */
#include "aliases.h"

#include "rate_names.h"
#include "record.h"

#include <ctype.h>
#include <string.h>

/* What other tools call our columns, in small letters with every other sign as '_' and without the
 * words for training in front ("train_loss", "loss/train"). */
static const struct {
    const char *name;
    const char *aliases; /* words between blanks */
} aliases_of[] = {
    {"accuracy", " acc acc1 acc_1 acc_avg accuracy_score avg_acc avg_accuracy batch_accuracy"
                 " binary_accuracy categorical_accuracy class_acc epoch_acc epoch_accuracy"
                 " model_accuracy sparse_categorical_accuracy top1 top1_acc top_1_accuracy "},
    {"loss", " avg_loss batch_loss cur_loss current_loss epoch_loss lm_loss loss_avg loss_mean"
             " loss_total losses mean_loss running_loss step_loss tot_loss total_loss "},
    {"batch_size", " bs global_batch_size "},
    {"time_s", " elapsed elapsed_time runtime time_elapsed time_time_elapsed "},
    {"epoch", " ep epochs "},
    {"step", " global_iteration global_step iter iter_num iteration iterations iters itr"
             " n_iter n_updates num_steps num_updates optimizer_step steps"
             " time_total_timesteps total_timesteps trainer_global_step update updates "},
    {"grad_norm", " gnorm grad_norm_total grad_2_0_norm_total grad_l2_norm gradient_norm gradnorm"
                  " total_grad_norm "},
    {"momentum", " mom "},
};

/* Words before or after a name that say which data it was measured on. */
static const char training_words[] = " training train tr trn ";
static const char validation_words[] = " validation valid val evaluation eval test dev testing ";

/* Whether a list of words has that one. */
static bool has_word(const char *words, const char *word, size_t length)
{
    char spaced[LRP_COLUMN_NAME_MOST + 3];
    spaced[0] = ' ';
    memcpy(spaced + 1, word, length);
    memcpy(spaced + 1 + length, " ", 2);
    return length > 0 && strstr(words, spaced) != NULL;
}

/* Our own name for a column, as it stands in the table; NULL where it is none. */
static const char *known_column(const char *name)
{
    for (size_t i = 0; lrp_column_table[i].name != NULL; i++) {
        if (strcmp(lrp_column_table[i].name, name) == 0) {
            return lrp_column_table[i].name;
        }
    }
    return NULL;
}

bool lrp_is_known_column(const char *name)
{
    return known_column(name) != NULL;
}

/* Our column for a name without words for data; NULL where it is none of ours. */
static const char *plain_name(const char *word)
{
    const char *known = known_column(word);
    for (size_t i = 0; known == NULL && i < sizeof aliases_of / sizeof aliases_of[0]; i++) {
        known = has_word(aliases_of[i].aliases, word, strlen(word)) ? aliases_of[i].name : NULL;
    }
    return known;
}

/* Takes one of the words off the beginning or the end; false, and name as it was, if none is there.
 */
static bool take_off(char *name, const char *words)
{
    char *first = strchr(name, '_');
    char *last = strrchr(name, '_');
    if (first == NULL) {
        return false;
    }
    if (first[1] != '\0' && has_word(words, name, (size_t)(first - name))) {
        memmove(name, first + 1, strlen(first + 1) + 1);
        return true;
    }
    if (last > name && has_word(words, last + 1, strlen(last + 1))) {
        *last = '\0';
        return true;
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
    const char *name = lrp_rate_name_of(word) == LRP_RATE_NAME_PLAIN ? "lr" : plain_name(word);
    if (name == NULL && strncmp(word, "metrics_", 8) == 0) {
        memmove(word, word + 8, strlen(word + 8) + 1);
        name = plain_name(word);
    }
    if (name != NULL) {
        memcpy(out, name, strlen(name) + 1);
        return true;
    }
    enum rate rate = take_off_rate(word);
    bool validation = take_off(word, validation_words);
    bool training = !validation && take_off(word, training_words);
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
