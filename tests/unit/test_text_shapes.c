/* SPDX-License-Identifier: MIT */
/* Printed logs, told apart by the shape of their lines: what tools and people print, one case a
 * row. Each expects a series of one column; a case may have several rows. */
#include "log_read.h"
#include "test_main.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char mixed[] = "Train Epoch: 1 [0/500 (0%)]   Loss: 2.5\n"
                            "Train Epoch: 1 [250/500 (50%)]   Loss: 2.25\n"
                            "Training: Average loss: 1.5, Accuracy: 256/500 (51%)\n"
                            "Test: Average loss: 1.75, Accuracy: 47/100 (47%)\n"
                            "Train Epoch: 2 [0/500 (0%)]   Loss: 2\n"
                            "Train Epoch: 2 [250/500 (50%)]   Loss: 1.75\n"
                            "Training: Average loss: 1.25, Accuracy: 300/500 (60%)\n"
                            "Test: Average loss: 1.5, Accuracy: 50/100 (50%)\n";
static const char flair[] =
    "2019-05-18 18:14:34,628 epoch 1 - iter 0/20 - loss 0.5\n"
    "2019-05-18 18:15:34,628 epoch 1 - iter 10/20 - loss 0.4\n"
    "2019-05-18 18:20:50,086 EPOCH 1 done: loss 0.375 - lr 0.1000 - bad epochs 0\n"
    "2019-05-18 18:21:34,154 DEV  : loss 0.25 - f-score 0.0000 - acc 0.5\n"
    "2019-05-18 18:22:20,747 TEST : loss 0.75 - f-score 0.0515 - acc 0.25\n"
    "2019-05-18 18:22:33,832 epoch 2 - iter 0/20 - loss 0.35\n"
    "2019-05-18 18:23:34,628 epoch 2 - iter 10/20 - loss 0.3\n"
    "2019-05-18 18:30:50,086 EPOCH 2 done: loss 0.125 - lr 0.1000 - bad epochs 0\n"
    "2019-05-18 18:31:34,154 DEV  : loss 0.5 - f-score 0.0000 - acc 0.75\n"
    "2019-05-18 18:32:20,747 TEST : loss 1 - f-score 0.0515 - acc 0.25\n";
static const char logger_table[] =
    "[2026/01/01 10:00:00] - Namespace(batch_size=128, epochs=60, lr=0.5)\n"
    "[2026/01/01 10:00:07] - Epoch \t Train Time \t LR \t Train Loss \t Train Acc \t Test Loss\n"
    "[2026/01/01 10:00:08] - Epoch \t Train Time \t LR \t Train Loss \t Train Acc \t Test Loss\n"
    "[2026/01/01 10:00:30] - 0 \t 170.0 \t \t 0.1000 \t 2.0005 \t 0.3000 \t 1.5917\n"
    "[2026/01/01 10:01:30] - 1 \t 170.1 \t \t 0.0100 \t 1.8320 \t 0.3571 \t 1.5800\n";
static const char yolo_table[] =
    "     Epoch   gpu_mem       box       obj       cls    labels  img_size\n"
    "      0/63     4.89G      0.25     0.125         0         1      1280: 50%|#####     | 1/2\r"
    "      0/63     4.89G       0.5      0.25         0         1      1280: 100%|#####| 2/2\n"
    "               Class     Images     Labels          P          R     mAP@.5: 100%|##| 17/17\n"
    "                 all        677       2449      0.132      0.179     0.0661\n"
    "\n     Epoch   gpu_mem       box       obj       cls    labels  img_size\n"
    "      1/63     4.89G     0.375     0.125         0         1      1280: 100%|#####| 2/2\n";
static const char lightning[] =
    "Epoch 0:   0%|          | 0/2 [00:00<?, ?it/s, v_num=1]\n"
    "Epoch 0:  50%|#####     | 1/2 [00:01<00:10,  2.6it/s, v_num=1, train/loss_step=4.500]\n"
    "Epoch 0: 100%|##########| 2/2 [00:02<00:00,  2.6it/s, v_num=1, train/loss_step=4.000, "
    "val/loss=5.000]\n"
    "Epoch 0:   0%|          | 0/2 [00:00<?, ?it/s, v_num=1, train/loss_step=4.000, "
    "val/loss=5.000]\n"
    "Epoch 1:  50%|#####     | 1/2 [00:01<00:10,  2.6it/s, v_num=1, train/loss_step=3.500, "
    "val/loss=5.000]\n"
    "Epoch 1: 100%|##########| 2/2 [00:02<00:00,  2.6it/s, v_num=1, train/loss_step=3.000, "
    "val/loss=4.500]\n";
static const char evaluated[] = "Epoch 0 | Step    0/20 | Loss: 8 | LR: 3e-05 | Grad: 20.6\n"
                                "Epoch 0 | Step   10/20 | Loss: 7 | LR: 5e-05 | Grad: 25.3\n"
                                "Evaluation results:\n"
                                "   Loss: 6.5\n"
                                "   Perplexity: 1.70\n"
                                "Epoch 0 completed in 4729.23s | Avg Loss: 7.5\n"
                                "Epoch 1 | Step   20/20 | Loss: 6 | LR: 1e-05 | Grad: 2.3\n";
static const char matlab[] = "|==================================================|\n"
                             "|  Epoch  |  Iteration  |  Mini-batch  | Validation |\n"
                             "|         |             |     Loss     |    Loss    |\n"
                             "|==================================================|\n"
                             "|       1 |           1 |       2.5000 |     2.2500 |\n"
                             "|       2 |          50 |       1.5000 |            |\n"
                             "|       3 |         100 |       1.2500 |     1.5000 |\n";
static const char tacotron[] = "Train loss 0 5.25 Grad Norm 1.5 3.25s/it\n"
                               "Train loss 1 5.125 Grad Norm 1.25 3.5s/it\n"
                               "Validation loss 1: 5.5\n"
                               "Train loss 2 4.5 Grad Norm 1 3.5s/it\n";
static const char box[] =
    "Logging to logs\n--------------------------\n| grad_norm  | 81        |\n"
    "| loss       | 16.2      |\n| step       | 990       |\n"
    "--------------------------\n--------------------------\n"
    "| grad_norm  | 77.1      |\n| loss       | 15.4      |\n"
    "| step       | 1e+03     |\n--------------------------\n"
    "| loss       | 15.1      |\n| step       | 1.01e+03  |\n"
    "--------------------------\n";
static const char sections[] =
    "------------------------------------\n| rollout/           |      |\n"
    "|    ep_rew_mean     | 21.5 |\n| time/              |      |\n"
    "|    total_timesteps | 2048 |\n| train/             |      |\n"
    "|    loss            | 9.5  |\n------------------------------------\n"
    "------------------------------------\n| rollout/           |      |\n"
    "|    ep_rew_mean     | 25   |\n| time/              |      |\n"
    "|    total_timesteps | 4096 |\n| train/             |      |\n"
    "|    loss            | 8.5  |\n"
    "------------------------------------\n";
static const char twice[] = "Epoch: 1 \tTraining Loss: 2.9822 \tValidation Loss: 2.3721\n"
                            "{'Epoch': 1, 'loss': 2.982191568221395, 'valid_loss': 2.37213407}\n"
                            "kind 0 of the data was seen 7 times\n"
                            "Epoch: 2 \tTraining Loss: 2.5 \tValidation Loss: 2.25\n"
                            "{'Epoch': 2, 'loss': 2.500000001, 'valid_loss': 2.250000001}\n";
static const char skorch[] = "  epoch    train_loss    valid_acc    valid_loss     dur\n"
                             "-------  ------------  -----------  ------------  ------\n"
                             "      1        0.6907       0.5450        0.6791  0.0121\n"
                             "      2        0.6500       0.5550        0.6250  0.0121\n";
static const char markdown[] = "| epoch | train loss | val loss |\n|---|---|---|\n"
                               "| 1 | 0.5 | 0.75 |\n| 2 | 0.25 | 0.5 |\n";
static const char marian[] =
    "[2018-01-01 10:00:00] Ep. 1 : Up. 1000 : Sen. 12,345 : Cost 4.5 : Time 12.3s : 34.5 words/s\n"
    "[2018-01-01 10:00:10] Ep. 1 : Up. 2000 : Sen. 22,345 : Cost 4.25 : Time 12.3s : 34 words/s\n"
    "[2018-01-01 10:00:20] [valid] Ep. 1 : Up. 2000 : cross-entropy : 60.5 : new best\n"
    "[2018-01-01 10:00:30] Ep. 1 : Up. 3000 : Sen. 32,345 : Cost 4 : Time 12.3s : 3.5 words/s\n";
static const char resumed[] = "**** Epoch 1 (1/128) ****\nTraining mean loss: 0.75\n"
                              "Eval mean loss: 0.875\n**** Epoch 2 (2/128) ****\n"
                              "Training mean loss: 0.5\nEval mean loss: 0.625\n"
                              "**** Epoch 1 (3/128) ****\nTraining mean loss: 0.25\n"
                              "Eval mean loss: 0.5\n";

static const char wordlm[] =
    "| epoch   1 |   200/ 2983 batches | lr 5.00 | ms/batch 24.51 | loss  8.50 | ppl  300.00\n"
    "| epoch   1 |   400/ 2983 batches | lr 5.00 | ms/batch 24.51 | loss  8.00 | ppl  200.00\n"
    "| end of epoch   1 | time: 12.3s | valid loss  8.25 | valid ppl   300.1\n"
    "| epoch   2 |   200/ 2983 batches | lr 5.00 | ms/batch 24.51 | loss  7.50 | ppl  100.00\n"
    "| end of epoch   2 | time: 12.3s | valid loss  7.25 | valid ppl   200.1\n";

static const struct {
    const char *what;
    const char *text;
    const char *column;
    size_t cells;
    double first, last;
} cases[] = {
    {"one shape of three is the training", mixed, "loss", 4, 2.5, 1.75},
    {"a test is its validation", mixed, "val_loss", 2, 1.75, 1.5},
    {"a rate beside the loss outweighs means since the epoch began", flair, "loss", 2, 0.375,
     0.125},
    {"a development set goes before a test", flair, "val_loss", 2, 0.25, 0.5},
    {"a table of a logger", logger_table, "loss", 2, 2.0005, 1.832},
    {"with its rate", logger_table, "lr", 2, 0.1, 0.01},
    {"and its test", logger_table, "val_loss", 2, 1.5917, 1.58},
    {"rows that are written over; the parts are summed", yolo_table, "loss", 2, 0.75, 0.5},
    {"a bar's steps", lightning, "loss", 4, 4.5, 3},
    {"a bar shows the validation again and again", lightning, "val_loss", 2, 5, 4.5},
    {"a heading says what is evaluated", evaluated, "val_loss", 1, 6.5, 6.5},
    {"and it is not the training", evaluated, "loss", 3, 8, 6},
    {"boxes", box, "loss", 3, 16.2, 15.1},
    {"steps of three digits", box, "step", 3, 990, 1010},
    {"boxes with sections", sections, "loss", 2, 9.5, 8.5},
    {"boxes with sections, their steps", sections, "step", 2, 2048, 4096},
    {"a second writer of the same epochs", twice, "loss", 2, 2.9822, 2.5},
    {"a table below dashes", skorch, "val_loss", 2, 0.6791, 0.625},
    {"a heading of two lines", matlab, "loss", 3, 2.5, 1.25},
    {"a heading of two lines: validation", matlab, "val_loss", 2, 2.25, 1.5},
    {"a step between the loss and its value", tacotron, "loss", 3, 5.25, 4.5},
    {"that step", tacotron, "step", 3, 0, 2},
    {"that step of the validation", tacotron, "val_loss", 1, 5.5, 5.5},
    {"glued names",
     "trainloss: 2.5 valloss: 2.75 testacc: 0.25\ntrainloss: 1.5 valloss: 2 testacc: 0.5\n", "loss",
     2, 2.5, 1.5},
    {"glued names: validation",
     "trainloss: 2.5 valloss: 2.75 testacc: 0.25\ntrainloss: 1.5 valloss: 2 testacc: 0.5\n",
     "val_loss", 2, 2.75, 2},
    {"German",
     "Epoche 1: Trainingsverlust 2.5, Validierungsverlust 2.75\n"
     "Epoche 2: Trainingsverlust 1.5, Validierungsverlust 2\n",
     "loss", 2, 2.5, 1.5},
    {"a Markdown table", markdown, "val_loss", 2, 0.75, 0.5},
    {"Marian", marian, "loss", 3, 4.5, 4},
    {"Marian's validation", marian, "val_loss", 1, 60.5, 60.5},
    {"Marian's steps", marian, "step", 3, 1000, 3000},
    {"a count of the whole run in brackets", resumed, "epoch", 3, 1, 3},
    {"with the losses of all", resumed, "val_loss", 3, 0.875, 0.5},
    {"step, kind, value", "0 val 10.9\n0 train 10.5\n1 train 10.25\n2 train 10\n2 val 9.5\n",
     "loss", 3, 10.5, 10},
    {"step, kind, value: validation",
     "0 val 10.9\n0 train 10.5\n1 train 10.25\n2 train 10\n2 val 9.5\n", "val_loss", 2, 10.9, 9.5},
    {"the loss of a generator",
     "[0/5][0/1583]\tLoss_D: 1.75\tLoss_G: 4.5\tD(x): 0.5\tD(G(z)): 0.5 / 0.1\n"
     "[0/5][50/1583]\tLoss_D: 0.75\tLoss_G: 4.25\tD(x): 0.8\tD(G(z)): 0.01 / 0.01\n",
     "loss", 2, 4.5, 4.25},
    {"networks without the word",
     "(epoch: 1, iters: 100, time: 0.8, data: 0) D_A: 0.5 G_A: 0.25 cycle_A: 1.5 idt_A: 0.5\n"
     "(epoch: 1, iters: 200, time: 0.8, data: 0) D_A: 0.25 G_A: 0.5 cycle_A: 1.25 idt_A: 0.5\n"
     "(epoch: 2, iters: 100, time: 0.8, data: 0) D_A: 0.25 G_A: 0.5 cycle_A: 1 idt_A: 0.5\n",
     "loss", 3, 2.25, 2},
    {"two losses of one name with words in front",
     "Iteration: 1, Generator Loss : 1.5, Discriminator Loss : 1.25\n"
     "Iteration: 2, Generator Loss : 0.5, Discriminator Loss : 1.5\n",
     "loss", 2, 1.5, 0.5},
    {"a total goes before its parts",
     "[Epoch 0/30, Batch 0/7] [Losses: x 0.25, y 0.5, total 15.5, recall: 0.1]\n"
     "[Epoch 0/30, Batch 1/7] [Losses: x 0.25, y 0.5, total 12.5, recall: 0.1]\n",
     "loss", 2, 15.5, 12.5},
    {"XGBoost's first set is the training's",
     "[0]\tvalidation_0-logloss:2.5\tvalidation_1-logloss:2.75\n"
     "[1]\tvalidation_0-logloss:2.25\tvalidation_1-logloss:2.5\n",
     "loss", 2, 2.5, 2.25},
    {"XGBoost's second set",
     "[0]\tvalidation_0-logloss:2.5\tvalidation_1-logloss:2.75\n"
     "[1]\tvalidation_0-logloss:2.25\tvalidation_1-logloss:2.5\n",
     "val_loss", 2, 2.75, 2.5},
    {"LightGBM",
     "[10]\ttraining's l2: 0.5\tvalid_1's l2: 0.75\n[20]\ttraining's l2: 0.25\t"
     "valid_1's l2: 0.5\n",
     "loss", 2, 0.5, 0.25},
    {"CatBoost",
     "0:\tlearn: 0.75\ttest: 0.875\tbest: 0.875 (0)\ttotal: 60ms\tremaining: 1m\n"
     "1:\tlearn: 0.5\ttest: 0.625\tbest: 0.625 (1)\ttotal: 70ms\tremaining: 1m\n",
     "val_loss", 2, 0.875, 0.625},
    {"DL4J",
     "06:36:51.403 [main] INFO org.x.ScoreIterationListener - Score at iteration 0 is 1.5\n"
     "06:36:52.403 [main] INFO org.x.ScoreIterationListener - Score at iteration 100 is 1\n",
     "loss", 2, 1.5, 1},
    {"a position within the name",
     "Cost after iteration 0: 0.6931\nCost after iteration 100: 0.5\n", "step", 2, 0, 100},
    {"Chinese",
     "第1组 训练损失：2.5，验证损失：2.75，学习率：0.1\n第2组 训练损失：2.25，验证损失：2.5，"
     "学习率：0.1\n",
     "val_loss", 2, 2.75, 2.5},
    {"Korean", "에폭: 1 손실: 2.5 검증 손실: 2.75\n에폭: 2 손실: 2.25 검증 손실: 2.5\n", "val_loss",
     2, 2.75, 2.5},
    {"the best so far is no measurement",
     "Epoch 1 Val Loss: 0.5\nSave best model, loss: 0.5\n"
     "Epoch 2 train loss: 0.25 Val Loss: 0.375\n"
     "Epoch 3 train loss: 0.125 Val Loss: 0.25\n",
     "loss", 2, 0.25, 0.125},
    {"tensors", "epoch 1 loss: tensor(0.5, device='cuda:0')\nepoch 2 loss: tensor(0.25)\n", "loss",
     2, 0.5, 0.25},
    {"models one after the other",
     "LSTM_e1 Epoch 1: Loss = 4.5\nLSTM_e1 Epoch 2: Loss = 4.375\n"
     "LSTM_e2 Epoch 1: Loss = 4.25\n"
     "LSTM_e2 Epoch 2: Loss = 4\n",
     "loss", 2, 4.25, 4},
    {"lines of a source file are no steps",
     "I0412 10:00:00.5 1 train.py:48] [100] accuracy=0.5, loss=0.75\n"
     "I0412 10:00:01.5 1 train.py:49] [200] accuracy=0.5, loss=0.5\n",
     "step", 2, 100, 200},
    {"a loss that is none any more",
     "step 1 loss 0.5 lr 0.1\nstep 2 loss 0.25 lr 0.1\n"
     "step 3 loss nan lr 0.1\nstep 4 loss 0.125 lr 0.1\n",
     "loss", 4, 0.5, 0.125},
    {"BasicSR",
     "24-01-01 10:00:00.0 - INFO: <epoch: 0, iter: 1,000, lr:1.000e-04> l_pix: 5.0000e-01 \n"
     "24-01-01 10:00:01.0 - INFO: <epoch: 0, iter: 2,000, lr:1.000e-04> l_pix: 2.5000e-01 \n",
     "loss", 2, 0.5, 0.25},
    {"accuracies beside a loss are no losses",
     "Epoch: 1, Loss: 2.5, Train: 0.5, Val: 0.25\nEpoch: 2, Loss: 2, Train: 0.6, Val: 0.5\n", "Val",
     2, 0.25, 0.5},
    {"rows of a language model", wordlm, "loss", 3, 8.5, 7.5},
    {"and its validation", wordlm, "val_loss", 2, 8.25, 7.25},
    {"a progress within a validation",
     "Epoch: [0][ 10/50] Loss 6.5 (7.0)\nTest: [ 1/5] Loss 9 (9)\nTest: [ 5/5] Loss 3 (6.25)\n"
     "Epoch: [1][ 10/50] Loss 5.5 (6.0)\nTest: [ 1/5] Loss 8 (8)\nTest: [ 5/5] Loss 3 (5.25)\n",
     "val_loss", 2, 6.25, 5.25},
};
enum { N_CASES = sizeof cases / sizeof cases[0] };

START_TEST(shapes_are_told_apart)
{
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    char path[] = "/tmp/lrp_shapes_XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    FILE *file = fdopen(fd, "w");
    ck_assert_ptr_nonnull(file);
    (void)fputs(cases[_i].text, file);
    ck_assert_int_eq(fclose(file), 0);
    enum lrp_status status = lrp_log_read_one(path, NULL, &record, &err);
    (void)remove(path);
    ck_assert_msg(status == LRP_OK, "%s: %s", cases[_i].what, err.message);
    ck_assert_str_eq(lrp_record_format(record), "text");
    size_t column = lrp_record_find_column(record, cases[_i].column);
    ck_assert_msg(column != LRP_NO_COLUMN, "%s: no %s", cases[_i].what, cases[_i].column);
    size_t cells = 0;
    double first = (double)NAN;
    double last = (double)NAN;
    for (size_t row = 0; row < lrp_record_rows(record); row++) {
        if (lrp_record_present(record, column, row) != 0) {
            last = lrp_record_values(record, column)[row];
            first = cells == 0 ? last : first;
            cells++;
        }
    }
    ck_assert_msg(cells == cases[_i].cells, "%s: %zu cells of %s", cases[_i].what, cells,
                  cases[_i].column);
    ck_assert_msg(fabs(first - cases[_i].first) < 1e-9 && fabs(last - cases[_i].last) < 1e-9,
                  "%s: %s from %g to %g", cases[_i].what, cases[_i].column, first, last);
    lrp_record_free(record);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("text_shapes");
    TCase *tests = tcase_create("text_shapes");
    tcase_add_loop_test(tests, shapes_are_told_apart, 0, N_CASES);
    suite_add_tcase(suite, tests);
    return suite;
}
