#!/bin/bash
# SPDX-License-Identifier: MIT
# What `lrprobe convert` makes of the tables and documents that people have.
. "$(dirname "$0")/tap.sh"
begin "$@"

# reads FILE HEADER ROWS FIRST LAST: FIRST and LAST are what the rows begin with
reads() {
    run convert "$1"
    exits 0
    grep -v '^#' out >table
    check "$shown: columns $2" test "$(head -1 table)" = "$2"
    check "$shown: $3 rows" test "$(($(wc -l <table) - 1))" -eq "$3"
    check "$shown: first row $4" test "$(sed -n 2p table | cut -c1-${#4})" = "$4"
    check "$shown: last row $5" test "$(tail -1 table | cut -c1-${#5})" = "$5"
}
# series N FORMAT: numbers k = 0..N-1 through awk's printf, with x = 2 exp(-k / 20)
series() { awk -v n="$1" "BEGIN { for (k = 0; k < n; k++) { x = 2 * exp(-k / 20); $2 } }"; }

# several losses and no total: the generator's, the critic's, the sum
{ echo 'Epoch,Batch,Gen Loss,Disc Loss' && series 40 'printf "%d,%d,%.4f,%.4f\n", k / 10, k % 10, 1 + x, 1.4 - x / 4'; } >gan.csv
reads gan.csv 'epoch,loss,Batch,Disc Loss' 40 0,3, 3,1.2845,9
told "Gen Loss is taken as loss (the generator's"
{ echo 'D_A,G_A,cycle_A,idt_A,D_B,G_B,cycle_B,idt_B' && series 20 'printf "0.1,1,%.3f,0.5,0.2,2,%.3f,0.25\n", x, x'; } >cyclegan.csv
reads cyclegan.csv 'loss,D_A,G_A,cycle_A,idt_A,D_B,G_B,cycle_B,idt_B' 20 7.75 5.29
{ echo 'total/epochs,total/steps,rollout/return,train/loss_actor,train/loss_critic' &&
    series 30 'printf "%d,%d,%.2f,%.3f,%.3f\n", k + 1, 2000 * (k + 1), 30 + k, -5 - k / 10, 10 * x'; } >actor.csv
reads actor.csv 'step,loss,total/epochs,rollout/return,train/loss_actor' 30 2000,20 60000,4.691
told "train/loss_critic is taken as loss (the critic's"
printf 'Epoch\tAverageEpRet\tLossPi\tLossV\tDeltaLossPi\tTotalEnvInteracts\n' >progress.txt
series 30 'printf "%d\t%.3f\t%.4f\t%.4f\t%.5f\t%d\n", k, 20 + k, -0.01, 50 * x, -0.001, 4000 * (k + 1)' >>progress.txt
reads progress.txt step,epoch,loss,AverageEpRet,LossPi,DeltaLossPi 30 4000,0,100,20 120000,29,23.45
{ echo 'epoch, train/box_loss, train/obj_loss, val/box_loss, val/obj_loss, x/lr0, x/lr1' &&
    series 30 'printf "%d,%.4f,%.4f,%.4f,%.4f,%g,%g\n", k, x, x / 2, x, x / 4, 0.01 - k / 1e4, 0.01 - k / 1e4'; } >yolo.csv
reads yolo.csv epoch,lr,loss,val_loss,train/box_loss,train/obj_loss,val/box_loss,val/obj_loss,x/lr1 30 0,0.01,3,2.5 \
    29,0.0071,0.7037
{ echo 'step,loss_pde,loss_bc,loss_scale' && series 20 'printf "%d,%.3f,%.3f,1024\n", k, x, x'; } >parts.csv
reads parts.csv step,loss,loss_pde,loss_bc,loss_scale 20 0,4 19,1.546
{ echo 'step,loss_actor,Train/mean_loss,Test loss,val_mse' && series 20 'printf "%d,%.3f,%.3f,1,7\n", k, -x, x'; } >plain.csv
reads plain.csv step,loss,val_loss,loss_actor,val_mse 20 0,2,1,-2,7 19,0.773,1
# a loss in far fewer rows than another one that is as plain
{ echo 'step,loss,train/loss' && series 40 'printf "%d,%s,%.3f\n", k, k % 10 == 0 ? x : "", x'; } >fewer.csv
reads fewer.csv 'step,loss,loss (few)' 40 0,2,2 39,0.285
sed 1s/,loss,/,train_loss_step,/ fewer.csv >named.csv
reads named.csv step,loss,train_loss_step 40 0,2,2 39,0.285

# accuracies by their words; percent where one of two is
printf 'epoch\thours\ttop1Accuracy\n' >top1.tsv
series 30 'printf "%d\t%.2f\t%.2f\n", k + 1, k / 10, 90 - 20 * x' >>top1.tsv
reads top1.tsv epoch,accuracy,hours 30 1,0.5,0 30,0.8062
{ echo 'epoch,train/loss,val/loss,train/acc1,val/acc1' && series 30 'printf "%d,%.3f,4.6,%.2f,%.2f\n", k, x, 99 - 40 * x, 0.5 + k % 3 / 5'; } >percent.csv
reads percent.csv epoch,loss,val_loss,accuracy,val_accuracy 30 0,2,4.6,0.19,0.005 29,0.469,4.6,0.8023
told 'val_accuracy is in percent'
series 20 'printf "{\"lr\": 0.1, \"loss\": %.4f, \"time\": 0.1, \"epoch\": %d, \"iter\": %d, \"step\": %d}\n", x, k + 1, 96 * (k + 1), 96 * (k + 1)
    printf "{\"accuracy/top1\": %.3f, \"accuracy/top5\": 99.0, \"time\": 0.1, \"step\": %d}\n", 80 - 25 * x, k + 1' >scalars.json
reads scalars.json step,epoch,lr,loss,val_accuracy,time,accuracy/top5 20 96,1,0.1,2,0.3 1920,20,0.1,0.7735,0.6066

{ echo 'Prec@1,val Top-1 acc,loss' && series 20 'printf "50,60,%.3f\n", x'; } >first.csv
reads first.csv loss,accuracy,val_accuracy 20 2,0.5,0.6 0.773
series 20 'printf "{\"info\": {\"default_policy\": {\"total_loss\": %.3f, \"policy_loss\": -1, \"vf_loss\": 3}}}\n", x' >rllib.json
reads rllib.json loss,info.default_policy.policy_loss,info.default_policy.vf_loss 20 2,-1,3 0.773

# rows that were written twice, by one writer late, with other digits
series 40 'printf "Epoch: %d \tTraining Loss: %.4f\n{\"epoch\": %d, \"loss\": %.9f}\n", k, x, k, x' >twice.txt
reads twice.txt epoch,loss 40 0,2 39,0.2845
series 60 'if (k > 0) printf "{\"current_steps\": %d, \"total_steps\": 600, \"loss\": %.4f}\n", 10 * k, 2 * exp(-(k - 1) / 20)
    if (k > 9) printf "{\"current_steps\": %d, \"total_steps\": 600, \"loss\": %.4f}\n", 10 * (k - 9), 2 * exp(-(k - 10) / 20)' >writers.jsonl
reads writers.jsonl step,loss,total_steps 59 10,2,600 590,0.11
# running means of one step: the last; losses of one step that are none stay
awk 'BEGIN { srand(3); print "step,loss"; for (s = 1; s < 9; s++) { t = 0; for (k = 1; k < 60; k++) {
    t += 8 / s + rand() - 0.5; printf "%d,%.5f\n", s, t / k } } }' >means.csv
reads means.csv step,loss 8 1,7.9 8,0.9
awk 'BEGIN { srand(3); print "step,loss"; for (s = 1; s < 9; s++) for (k = 1; k < 60; k++) printf "%d,%.5f\n", s, 8 / s + rand() }' >single.csv
run convert single.csv
check 'single losses of one epoch all stay' test "$(grep -vc '^#' out)" -eq 473

# tables without names
series 20 'printf "%.4f\n", x' >loss.txt
reads loss.txt loss 20 2 0.7735
told 'the table has no names: its only column is taken as the loss'
series 20 'printf "%d %.4f\n", k, x' >pairs.txt
reads pairs.txt step,loss 20 0,2 19,0.7735
series 20 'printf "%d %.4f %.4f\n", k, x, x' >three.txt
reads three.txt 'column 1,column 2,column 3' 20 0,2,2 19,0.7735
run convert three.txt --map 'loss=column 3'
check '--map finds a column without a name' test "$(grep -v '^#' out | head -1)" = 'loss,column 1,column 2'
{ echo '# epoch train_loss val_loss' && cat three.txt; } >saved.txt
reads saved.txt epoch,loss,val_loss 20 0,2,2 19,0.7735
{ echo '# step, loss_train, loss_test, metrics_test' && series 20 'printf "%.18e %.4f %.4f %.4f %.4f\n", 1000 * k, x, x, x, 2 * x'; } >loss.dat
reads loss.dat step,loss,val_loss,train/loss_1,train/loss_2,test/loss_1,test/loss_2 20 0,4,6,2 19000,1.547,2.3205

# JSON: a nameless list, groups with steps of their own, runs, boosting
echo '[2.5, 1.5, 1.0]' >adam_minibatch.json
reads adam_minibatch.json loss 3 2.5 1
told 'the list has no name: it is taken as the loss'
cp adam_minibatch.json train_accuracy.json
reads train_accuracy.json accuracy 3 0.025 0.01
cat >groups.json <<'J'
{"config": {"betas": [0.9, 0.95]}, "history": {
  "train": {"iter": [50, 100, 150, 200], "train_loss": [4, 3, 2, 1], "train_lr": [1e-3, 1e-3, 5e-4, 0]},
  "val": {"iter": [100, 200], "val_loss": [3.5, 2.5], "val_acc": [0.1, 0.2]}}}
J
reads groups.json step,lr,loss,val_loss,val_accuracy 4 50,0.001,4,, 200,0,1,2.5,0.2
echo '{"a": {"loss": [3, 2, 1]}, "b": {"loss": [4, 3]}}' >objects.json
reads objects.json loss,repeat 2 4,2 3,2
told 'there are 2 runs in it: the last, is taken; --run N or --run all takes others'
run convert objects.json --run all
check 'all runs' test "$(grep -c '^[0-9]' out)" -eq 5
echo '[{"config": {"lr": 1}, "history": [{"epoch": 0, "loss": 3}, {"epoch": 1, "loss": 2}]},
    {"config": {"lr": 2}, "history": [{"epoch": 0, "loss": 5}, {"epoch": 1, "loss": 4}]}]' >list.json
reads list.json epoch,loss,repeat 2 0,5,2 1,4,2
run convert list.json --run last
check 'the last of several runs' test "$(tail -1 out)" = 1,4,2
echo '{"validation_0": {"logloss": [0.6, 0.5], "auc": [0.5, 0.6]}, "validation_1": {"logloss": [0.7, 0.6], "auc": [0.4, 0.5]}}' >xgb.json
reads xgb.json loss,val_loss,validation_0.auc,validation_1.auc 2 0.6,0.7 0.5,0.6
echo '{"meta": {}, "iterations": [{"learn": [0.69], "iteration": 0, "test": [0.7]}, {"learn": [0.5], "iteration": 1, "test": [0.6]}]}' >catboost.json
reads catboost.json step,loss,val_loss 2 0,0.69,0.7 1,0.5,0.6

# UTF-16, with a mark and without
for code in UTF-16 UTF-16LE UTF-16BE; do
    printf 'step,loss,\xf0\x9f\x98\x80x\n0,2,1\n1,1.5,3\n' | iconv -f UTF-8 -t $code >utf16.csv
    reads utf16.csv 'step,loss,😀x' 2 0,2,1 1,1.5,3
done

# no loss: what there is
printf '%s\n' dice,hausdorff 0.1,3 0.2,2 >none.csv
refused 3 'there are dice, hausdorff; --map loss=NAME says which it is' diagnose none.csv

# a rate that rises by equal factors is a sweep, by epochs too; by equal differences a warm-up unless the loss is driven up
lines() { series 40 'printf "{\"epoch\": %d, \"lr\": %.6e, \"loss\": %.4f}\n", k, '"$1, $2"; }
for sweep in '1e-6 * exp(k / 4), x' '1e-6 * (k + 1), k < 30 ? x : x + (k - 30)'; do
    lines "${sweep%%, *}" "${sweep#*, }" >sweep.jsonl
    run diagnose --plot none sweep.jsonl
    says 'this is a sweep: use bounds'
done
lines '1e-6 * (k + 1)' x >warmup.jsonl
run diagnose --plot none warmup.jsonl
says 'a run still warming up'

# columns that are called by rates are runs at these rates; by groups they are none
{ echo learning_rate_0.005,learning_rate_0.01,lr=1e-1 && series 30 'printf "%.4f,%.4f,%.4f\n", x, x / 2, 3'; } >rates.csv
reads rates.csv lr,loss 30 0.1,3 0.1,3
told 'there are 3 runs in it: the last, lr=1e-1, is taken'
run convert rates.csv --run 1
check 'the first run' test "$(sed -n '/^lr/,$p' out | sed -n 2p)" = 0.005,2
{ echo loss,lr_0,lr_1.5 && series 30 'printf "%.4f,0.1,0.2\n", x'; } >loss.csv
run convert loss.csv
check 'beside a loss they are rates' test "$(grep -v '^#' out | head -1)" = lr,loss,lr_0

# YOLOv5's results.txt has no names
series 20 'printf "%7s %8s %.4f 0.05 0.02 %.4f 11 320 0.1 0.9 0.2 0.1 %.4f 0.06 0.04\n", k "/19", "0.6G", x, x + 0.07, x' >results.txt
reads results.txt 'epoch,loss,val_loss,train/box,train/obj,train/cls,targets,img_size,precision,recall,mAP@.5,mAP@.5:.95,val/box_loss,val/obj_loss,val/cls_loss' \
    20 0,2.07,2.1 19,0.8435,0.873
finish
