/* SPDX-License-Identifier: MIT */
#include "metric_direction.h"

#include "suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { WORD_SIZE = 40 };

enum meaning { NOTHING, HIGHER, LOWER, TURNED_OVER, NO_METRIC };

/* What a word of a name means. Left out on purpose, since both uses are common: elbo (maximised, or
 * minimised with its sign turned), entropy, energy, objective, similarity of losses. */
static const struct {
    enum meaning meaning;
    const char *words; /* also two neighbours in one: "cross_entropy" is crossentropy */
} vocabulary[] = {
    {HIGHER, "accuracy|accuracies|acc|bacc|top|correct|precision|recall|sensitivity|specificity|"
             "tpr|tnr|ppv|npv|f1|f2|fbeta|fscore|fmeasure|kappa|qwk|mcc|matthews|exactmatch|em"},
    {HIGHER, "dice|dsc|iou|miou|giou|jaccard|map|ap|ar|mar|pq|psnr|ssim|msssim|snr|sdr|sisdr|"
             "pesq|stoi|mos"},
    {HIGHER,
     "auc|auroc|rocauc|auprc|prauc|gini|mrr|ndcg|dcg|hit|hits|hitrate|r2|rsquared|pearson|pearsonr|"
     "spearman|spearmanr|kendall|ccc|corr|correlation|ari|nmi|ami|silhouette|purity"},
    {HIGHER, "bleu|sacrebleu|rouge|meteor|chrf|cider|spice|bertscore|comet|likelihood|"
             "loglikelihood|loglik|logprob"},
    {HIGHER, "return|returns|reward|rewards|rew|score|scores|success|successes|win|wins|winrate|"
             "elo|fitness|utility|profit|sharpe"},
    {LOWER, "loss|losses|logloss|error|errors|err|nll|ce|bce|xent|crossentropy|hinge|huber|focal|"
            "perplexity|ppl|bpb|bpc|bpd|deviance|risk|misclassification|fpr|fnr"},
    {LOWER, "mse|rmse|mae|mape|smape|wape|msle|rmsle|mase|nmse|nrmse|l1|l2|residual|residuals|"
            "ece|brier|crps"},
    {LOWER, "wer|cer|ter|mer|eer|der|distance|levenshtein|hausdorff|hd95|assd|chamfer|emd|"
            "wasserstein|fid|kid|lpips|kl|kld|divergence|regret|cost|costs|penalty|gap|violation"},
    {TURNED_OVER, "neg|negative|negated|minus"},
    {NO_METRIC, "scale|scaler|weight|weights|coef|std|var|variance|time|seconds|step|steps|epochs|"
                "count|threshold|norm|grad|length|len|lr"},
};
/* Ends of words that are written in one: "trainloss", "testaccuracy". */
static const struct {
    enum meaning meaning;
    const char *end;
} endings[] = {{LOWER, "loss"},    {LOWER, "error"},  {LOWER, "perplexity"}, {HIGHER, "accuracy"},
               {HIGHER, "reward"}, {HIGHER, "score"}, {HIGHER, "likelihood"}};

static enum meaning look_up(const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof vocabulary / sizeof vocabulary[0]; i++) {
        if (lrp_word_index(vocabulary[i].words, word, length) >= 0) {
            return vocabulary[i].meaning;
        }
    }
    return NOTHING;
}

/* A word in small letters: as it stands, without the digits at its end (top5, rouge2), by its end.
 */
static enum meaning meaning_of(const char *word, size_t length)
{
    enum meaning meaning = look_up(word, length);
    while (meaning == NOTHING && length > 1 && isdigit((unsigned char)word[length - 1])) {
        length--;
        meaning = look_up(word, length);
    }
    for (size_t i = 0; i < sizeof endings / sizeof endings[0] && meaning == NOTHING; i++) {
        size_t own = strlen(endings[i].end);
        if (length > own && strncmp(word + length - own, endings[i].end, own) == 0) {
            meaning = endings[i].meaning;
        }
    }
    return meaning;
}

/* What the words read so far say. */
struct sense {
    bool said[NO_METRIC + 1];
    char pair[2 * WORD_SIZE]; /* the word before, and room for one more */
    size_t before;            /* its length */
};

static bool add_word(struct sense *sense, const char *word, size_t length)
{
    char small[WORD_SIZE] = "";
    length = length < WORD_SIZE ? length : (size_t)WORD_SIZE;
    for (size_t i = 0; i < length; i++) {
        small[i] = (char)tolower((unsigned char)word[i]);
    }
    enum meaning own = meaning_of(small, length);
    memcpy(sense->pair + sense->before, small, length);
    enum meaning joined = look_up(sense->pair, sense->before + length);
    memcpy(sense->pair, small, length);
    sense->before = length;
    sense->said[own] = sense->said[joined] = true;
    return own != NOTHING;
}

/* Words of one that changes from small to capital letters: "evalLoss". */
static void add_parts(struct sense *sense, const char *word, size_t length)
{
    for (size_t begin = 0; begin < length;) {
        size_t end = begin + 1;
        while (end < length &&
               !(islower((unsigned char)word[end - 1]) && isupper((unsigned char)word[end]))) {
            end++;
        }
        (void)add_word(sense, word + begin, end - begin);
        begin = end;
    }
}

int lrp_metric_direction(const char *name)
{
    struct sense sense = {.before = 0};
    /* "1-dice", "1 - accuracy" */
    sense.said[TURNED_OVER] = name[0] == '1' && name[1 + strspn(name + 1, " ")] == '-';
    while (*name != '\0') {
        size_t length = 0;
        while (isalnum((unsigned char)name[length])) {
            length++;
        }
        if (length > 0 && !add_word(&sense, name, length)) {
            add_parts(&sense, name, length);
        }
        name += length > 0 ? length : 1;
    }
    if (sense.said[NO_METRIC] || (!sense.said[LOWER] && !sense.said[HIGHER])) {
        return 0;
    }
    int direction = sense.said[LOWER] ? -1 : 1;
    return sense.said[TURNED_OVER] ? -direction : direction;
}
