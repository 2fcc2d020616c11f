/* SPDX-License-Identifier: MIT */
#include "metric_direction.h"
#include "test_main.h"

static void each(const char *const *names, size_t n, int wanted)
{
    for (size_t i = 0; i < n; i++) {
        ck_assert_msg(lrp_metric_direction(names[i]) == wanted, "%s: %d, wanted %d", names[i],
                      lrp_metric_direction(names[i]), wanted);
    }
}
#define EACH(wanted, ...)                                                                          \
    do {                                                                                           \
        static const char *const names[] = {__VA_ARGS__};                                          \
        each(names, sizeof names / sizeof names[0], wanted);                                       \
    } while (0)

START_TEST(scores_rise)
{
    EACH(1, "accuracy", "val_accuracy", "acc", "top1", "top-5", "acc@1", "Acc", "train/acc_epoch");
    EACH(1, "f1", "test_macro_f1", "eval/F1-score", "dice", "IoU", "mIoU", "miou", "jaccard", "mAP",
         "metrics/mAP50-95(B)", "val.mAP_0.5", "AP50", "bbox_mAP", "psnr", "SSIM", "dsc");
    EACH(1, "auc", "AUROC", "roc_auc", "hits@10", "ndcg@5", "precision", "recall_macro", "r2", "R2",
         "r2_score", "pearson", "spearmanr", "mcc", "cohen_kappa", "MRR");
    EACH(1, "bleu", "BLEU-4", "rouge1", "rougeL", "eval_rouge2", "meteor", "exact_match");
    EACH(1, "return", "episode_return", "rollout/ep_rew_mean", "episode_reward", "avgReward",
         "score", "win_rate", "success rate", "elo");
    EACH(1, "valAccuracy", "testaccuracy", "log_likelihood");
}
END_TEST

START_TEST(losses_fall)
{
    EACH(-1, "loss", "val_loss", "train/loss", "evalLoss", "trainloss", "loss_epoch", "box_loss");
    EACH(-1, "error", "top1_err", "error_rate", "mse", "val-RMSE", "MAE", "nll", "bce",
         "cross_entropy", "cross-entropy", "CrossEntropy", "log_loss", "mape");
    EACH(-1, "perplexity", "eval/ppl", "bpb", "bits bpc", "wer", "test.cer", "FID", "kl", "regret",
         "episode_cost", "edit_distance", "l1", "l2", "LPIPS");
}
END_TEST

START_TEST(what_falls_decides_over_what_rises)
{
    EACH(-1, "dice_loss", "accuracy_error", "loss/iou", "fid_score", "brier_score", "reward_loss");
}
END_TEST

START_TEST(negated_metrics_turn_over)
{
    EACH(1, "neg_mean_squared_error", "neg_log_loss", "negative_mae", "minus_loss");
    EACH(-1, "neg_log_likelihood", "1-dice", "1 - accuracy", "one_minus_iou");
}
END_TEST

START_TEST(other_names_are_not_known)
{
    EACH(0, "", "x", "metric", "quality", "foo_bar", "elbo", "entropy", "objective", "grad_norm",
         "loss_scale", "accuracy_std", "reward_weight", "ep_len_mean", "time", "1", "_/.-",
         "glossy", "bossy", "scoreboard", "mapping");
    EACH(0, "a_very_long_word_without_a_meaning_that_goes_on_and_on_beyond_any_size_of_a_buffer",
         "averylongwordwithoutameaningthatgoesonandonbeyondanysizeofabufferofwords_"
         "averylongwordwithoutameaningthatgoesonandonbeyondanysizeofabufferofwords");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("metric_direction");
    TCase *tests = tcase_create("metric_direction");
    tcase_add_test(tests, scores_rise);
    tcase_add_test(tests, losses_fall);
    tcase_add_test(tests, what_falls_decides_over_what_rises);
    tcase_add_test(tests, negated_metrics_turn_over);
    tcase_add_test(tests, other_names_are_not_known);
    suite_add_tcase(suite, tests);
    return suite;
}
