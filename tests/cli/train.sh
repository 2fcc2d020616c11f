#!/bin/bash
# SPDX-License-Identifier: MIT
# `lrprobe train`: data of all kinds, schedules, and what cannot be trained on.
. "$(dirname "$0")/tap.sh"
begin "$@"
constant='constant:lr=0.05'

# every optimizer, activation, schedule; each leaves a record
for optimizer in sgd momentum nesterov adam adamw:weight_decay=0.1; do
    run train --data spirals --model mlp:8 --optimizer $optimizer --schedule $constant --steps 20 --plot none -o "o-${optimizer%%:*}"
    exits 0
    check "$shown: a record of 20 rows" test "$(grep -c '^[0-9]' "o-${optimizer%%:*}/run.csv")" -eq 20
done
for model in mlp: mlp:8 mlp:8:tanh mlp:8,8,8:gelu; do
    run train --data regression --model $model --schedule constant:lr=0.01 --steps 20 --plot none
    exits 0
done
# models for images and text, with all that can be done to the examples
for model in cnn:4 cnn:4,8:bn:dense=16 cnn:4:ln:average:gelu:kernel=5 resnet:4,8 resnet:4:blocks=2:tanh mlp:16:bn; do
    run train --data glyphs --model $model --schedule constant:lr=0.02 --steps 15 --plot none --quiet
    exits 0
done
run train --data glyphs --model cnn:4 --dropout 0.3 --input-noise 0.1 --shift 2 --label-smoothing 0.1 \
    --schedule constant:lr=0.02 --steps 15 --plot none -o changed
exits 0
for fact in 'dropout: 0.3' 'input_noise: 0.1' 'shift: 2' 'label_smoothing: 0.1'; do
    check "$shown: the record tells of $fact" grep -qx "# $fact" changed/run.csv
done
says 'validation accuracy'
run train --data sentences --model transformer:layers=1,heads=2,width=16,context=16 --optimizer adam \
    --schedule constant:lr=0.01 --steps 30 --plot none
exits 0
says 'validation accuracy'
printf 'the cat sat on the mat. %.0s' $(seq 40) >cats.txt
run train --data cats.txt --model transformer:layers=1,heads=2,width=16,context=16 --optimizer adam \
    --schedule constant:lr=0.01 --steps 30 --plot none
exits 0
for schedule in constant:lr=0.01 triangular:base_lr=0.01,max_lr=0.1,step_size=5 onecycle:max_lr=0.1; do
    run train --data glyphs --schedule $schedule --steps 20 --plot none --json
    exits 0
done
# a schedule's rates are in the record
"$lrprobe" train --data spirals --schedule triangular:base_lr=0.01,max_lr=0.1,step_size=5 --steps 11 \
    --plot none --quiet -o tri >/dev/null 2>err
lr=$(awk -F, '!/^#/ { if (!n++) { for (i = 1; i <= NF; i++) if ($i == "lr") c = i } else print $c }' tri/run.csv | sed -n '1p;6p;11p' | tr '\n' ' ')
shown='train with triangular'
check "$shown: rates 0.01, 0.1, 0.01 at steps 0, 5, 10 (found $lr)" test "$lr" = '0.01 0.1 0.01 '

# the same seed gives the same bits
columns() { # without the time
    awk -F, '/^#/ { next } !n++ { for (i = 1; i <= NF; i++) if ($i == "time_s") t = i }
             { for (i = 1; i <= NF; i++) if (i != t) printf "%s,", $i; print "" }' "$1"
}
for k in a b c; do
    seed=7
    [ $k = c ] && seed=8
    "$lrprobe" train --data glyphs --schedule $constant --steps 40 --seed $seed --plot none --quiet -o seed-$k >/dev/null 2>err
    columns seed-$k/run.csv >seed-$k.txt
done
shown='train --seed'
check 'the same seed, the same bits' cmp -s seed-a.txt seed-b.txt
check 'another seed, another run' test "$(cmp -s seed-a.txt seed-c.txt; echo $?)" -eq 1

# what is recorded: the usual at every tenth step, what is asked for at each, and the run stays the same
cells() { # FILE COLUMN: how many are not empty; -1: there is no such column
    awk -F, -v name="$2" '/^#/ { next }
        !n++ { for (i = 1; i <= NF; i++) if ($i == name) c = i; next }
        c && $c != "" { k++ } END { print c ? k + 0 : -1 }' "$1"
}
counts() { # FILE NUMBER COLUMN...
    local file=$1 want=$2 column
    shift 2
    for column in "$@"; do
        check "$shown: $want cells of $column" test "$(cells "$file" "$column")" -eq "$want"
    done
}
record() { # FOLDER OPTIONS...
    local folder=$1
    shift
    run train --data glyphs --schedule $constant --steps 41 --plot none --quiet -o "$folder" "$@"
    exits 0
}
record usual
counts usual/run.csv 5 grad_norm update_norm weight_norm
counts usual/run.csv 2 dead_fraction # after the first and the last step
counts usual/run.csv -1 clipped grad_cosine sharpness
counts usual/run.csv 41 momentum
record clips --clip-norm 0.5
counts clips/run.csv 5 grad_norm clipped
record all --record all --inspect-every 20
counts all/run.csv 41 grad_norm update_norm weight_norm clipped
counts all/run.csv 40 grad_cosine update_cosine
counts all/run.csv 3 dead_fraction sharpness
record some --record sharpness,grad_norm --record-every 4 --inspect-every 0
counts some/run.csv 11 grad_norm
counts some/run.csv 0 sharpness
counts some/run.csv -1 weight_norm
record none --record none --optimizer sgd
counts none/run.csv -1 grad_norm dead_fraction
counts none/run.csv 0 momentum
record again --record none
for folder in usual all again; do cut -d, -f1,2,4-9 $folder/run.csv | grep '^[0-9]' >$folder.txt; done
check 'whatever is recorded, the run is the same' eval 'cmp -s usual.txt all.txt && cmp -s usual.txt again.txt'
refused 2 '"loss" cannot be recorded' train --schedule $constant --record grad_norm,loss
refused 2 '"loss" cannot be recorded' sweep --record grad_norm,loss
refused 2 '--hook' sweep --hook torch
refused 2 'python -I keeps the hook out' sweep --hook torch -- python3 -I train.py
refused 2 'python -uE keeps the hook out' sweep --hook torch -- /usr/bin/python3 -X dev -uE train.py
refused 2 'python -Sm keeps the hook out' sweep --hook torch -- python -Sm train
# the checks that go by these columns are made
run train --data glyphs --schedule $constant --epochs 5 --clip-norm 1 --plot none --quiet -o checked
run diagnose --plot none --json checked/run.csv
for id in A1 A2 R1 R5; do
    check "$id is assessed" test "$(sed -n "/\"id\":\"$id\"/,/\"status\"/s/.*\"status\":\"\(.*\)\".*/\1/p" out)" = pass
done
# the trainer of a sweep records them too
run sweep --data spirals --steps 40 --lr-min 1e-3 --lr-max 1 --repeats 1 --plot none --quiet -o swept
counts swept/runs/000.csv 4 grad_norm
run sweep --data spirals --steps 40 --lr-min 1e-3 --lr-max 1 --repeats 1 --plot none --quiet --record grad_cosine -o asked
counts asked/runs/000.csv 39 grad_cosine

# tables
table() { awk 'BEGIN { srand(1); for (k = 0; k < 60; k++) { x = rand(); printf "%g,%g,%s\n", x, rand(), (x > 0.5 ? "high" : "low") } }'; }
table >plain.csv
{ echo x,y,class; table; } >header.csv
{ echo '60,2,high,low'; table; } >sklearn.csv
{ echo '# by hand'; table; } >comment.csv
table | gzip >table.csv.gz
for options in 'plain.csv --no-header' header.csv 'header.csv --target class' 'header.csv --target 3' \
    'sklearn.csv --skip-lines 1 --no-header' comment.csv 'table.csv.gz --no-header'; do
    # shellcheck disable=SC2086
    run train --data $options --schedule $constant --steps 30 --batch-size 16 --plot none
    exits 0
    says 'accuracy'
done
# tables as people have them: what is decided about the columns is noted on standard error, in the
# record and in the report of a sweep
awk 'BEGIN { srand(2); print ",Age,Sex,Ticket,Fare,Survived,"
    for (k = 0; k < 240; k++) { y = rand() > 0.5; age = (k % 6 ? sprintf("%.1f", 20 + 20 * rand()) : "")
        printf "%d,%s,%s,T%d,%.2f,%s,\n", k, age, (rand() < 0.9 ? y : 1 - y) ? "female" : "male", k % 70, 30 * y + 20 * rand(), k % 40 ? y : "" } }' >people.csv
for command in train sweep; do
    rm -rf noted
    if [ $command = train ]; then
        run train --data people.csv --schedule $constant --epochs 20 --plot none -o noted
        exits 0
        accuracy=$(sed -n 's/.*validation accuracy \([0-9.]*\) .*/\1/p' out)
        check "$shown: is learnt ($accuracy %)" awk "BEGIN { exit !($accuracy > 85) }"
        record=noted/run.csv
    else
        run sweep --data people.csv --plot none -o noted
        check "$shown: ends in order ($code)" test "$code" -le 1
        record=$(find noted/runs -name '*.csv' | sort | tail -1)
    fi
    for note in 'people.csv: 234 rows, 4 inputs, target Survived (2 classes)' \
        'missing, replaced by the median of the training rows and marked: Age 38 (' \
        'left out, no target: 6 rows' 'left out, empty: column 7' 'differs in every row: column 1' \
        'left out, more than 32 different words: Ticket' 'words, an input of 0 and 1 each: Sex (2)'; do
        check "$shown: notes '$note'" grep -qF "$note" err
        check "$shown: the record has it" eval "grep '^# data_note: ' $record | grep -qF \"$note\""
        [ $command = train ] || check "$shown: the report has it" grep -qF "$note" noted/report.md
    done
done
run train --data people.csv --schedule $constant --steps 5 --plot none --quiet
check "$shown: no notes" test ! -s err
for drop in '--drop Age --drop Fare' '--drop age,FARE' '--drop=2,5'; do
    # shellcheck disable=SC2086
    run train --data people.csv $drop --schedule $constant --steps 5 --plot none
    exits 0
    check "$shown: one input" grep -qF '234 rows, 1 input, target' err
    check "$shown: says so" grep -qxF 'data      dropped: Age, Fare' err
done
run sweep --data people.csv --drop Age --drop Fare --steps 30 --lr-min 1e-3 --lr-max 1 --repeats 1 --plot none --quiet -o dropped
check "$shown: its trainer leaves them out" grep -q '# data_note: .*dropped: Age, Fare' dropped/runs/000.csv
# semicolons and decimal commas: the same training
awk 'BEGIN { srand(4); print "a;b;y"; for (k = 0; k < 90; k++) printf "%.2f;%.1f;%d\n", 9 * rand(), 100 * rand(), k % 3 }' >point.csv
tr . , <point.csv >comma.csv
for mark in point comma; do
    run train --data $mark.csv --schedule $constant --steps 40 --plot none -o $mark
    exits 0
    columns $mark/run.csv >$mark.txt
done
check "$shown: the same training as with points" cmp -s point.txt comma.txt
check "$shown: says so" grep -qxF 'data      decimal commas: a, b' err

# networks are saved and gone on with, by train and by sweep
run train --data glyphs --model cnn:4 --schedule constant:lr=0.05 --steps 60 --plot none --save net.safetensors
exits 0
says 'validation loss'
want=$(sed 's/.*validation/validation/' out)
run train --data glyphs --model cnn:4 --schedule constant:lr=1e-30 --steps 1 --plot none --init net.safetensors
exits 0
check "$shown: begins where the other one ended ($want)" grep -qF "$want" out
run train --data glyphs --model cnn:4 --schedule constant:lr=1e-30 --steps 1 --plot none --init net.safetensors -o init-run
check "$shown: the record tells of it" grep -qx '# init: net.safetensors' init-run/run.csv
run sweep --data glyphs --model cnn:4 --init net.safetensors --lr-min 1e-5 --lr-max 1 --steps 20 --repeats 1 --plot none \
    --quiet -o init-sweep
check "$shown: ends in order ($code)" test "$code" -le 1
first() { awk -F, '/^#/ { next } !n++ { for (i = 1; i <= NF; i++) if ($i == "loss") c = i } n == 2 { print $c }' "$1"; }
low=$(first "$(find init-sweep/runs -name '*.csv' | sort | head -1)")
check "$shown: the first loss is a trained one ($low)" awk "BEGIN { exit !($low < 1.5) }"
run train --data spirals --model mlp:16 --schedule constant:lr=0.05 --steps 5 --plot none --save arms
run train --data table.csv.gz --no-header --model mlp:16 --schedule constant:lr=0.05 --steps 5 --plot none --init arms --fresh-last
exits 0

train() { run train --schedule $constant --steps 20 --plot none "$@"; }
bad() { # CODE TEXT OPTIONS...: refused by train and sweep in the same words, and no folder is left
    local want=$1 text=$2
    shift 2
    rm -rf made
    refused "$want" "$text" train --schedule $constant --steps 20 --plot none -o made "$@"
    mv err train-err
    refused "$want" "$text" sweep --plot none -o made "$@"
    check "$shown: the same words as train" cmp -s err train-err
    check "$shown: no folder" test ! -e made
}
bad 3 'No such file' --data missing.csv
mkdir folder
bad 3 'directory' --data folder
bad 2 'saved by --model cnn:4' --data glyphs --model cnn:5 --init net.safetensors
bad 2 'layers.1.weight of 16 x 2' --data header.csv --model mlp:16 --init arms
bad 3 'safetensors' --data glyphs --init header.csv
bad 3 'No such file' --data glyphs --init nothing
bad 2 'images' --data spirals --model cnn:4
bad 2 'too small' --data glyphs --model cnn:4,4,4,4
bad 2 'needs a model for text' --data sentences
bad 2 'glyphs is not text' --data glyphs --model transformer
bad 2 'heads' --data sentences --model transformer:heads=5
bad 2 'shift' --data spirals --shift 2
bad 2 'no "bm"' --data glyphs --model cnn:4:bm
bad 2 'fit' --data header.csv --image 8x8
: >empty.csv
bad 3 'empty.csv: the file has no row' --data empty.csv
printf '1,2,a\n3,b\n' >ragged.csv
bad 3 'ragged.csv:2' --data ragged.csv --no-header
printf '1,2,a\n3,four,b\n' >text.csv
bad 3 'text.csv:2: ' --data text.csv --no-header
printf '1,2,a\n3,inf,b\n' >inf.csv
bad 3 'finite' --data inf.csv --no-header
bad 2 'no target column "nothing"; the columns are x, y, class' --data header.csv --target nothing
bad 2 'did you mean "class"' --data header.csv --target clas
bad 2 'drop: there is no column "zone"; the columns are x, y, class' --data header.csv --drop zone
bad 2 'is the target' --data header.csv --drop class
awk 'BEGIN { print "a,b,y"; for (k = 0; k < 40; k++) print k / 3 "," (k == 7 ? "four" : k * 5 % 7) "," k % 2 }' >typo.csv
bad 3 'typo.csv:9: column 2 (b): "four" is not a number' --data typo.csv
printf '1,2,a\n3,4,a\n5,6,a\n' >one.csv
bad 3 'one class' --data one.csv --no-header
head -c 120 table.csv.gz >cut.csv.gz
bad 3 'cut.csv.gz' --data cut.csv.gz --no-header
bad 2 'words' --data header.csv --loss squared_error
# IDX
printf '\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x02\1\2\3' >short-images-idx3-ubyte
printf '\0\0\x08\x01\0\0\0\x02\0\1' >short-labels-idx1-ubyte
bad 3 'short-images-idx3-ubyte: the header promises' --data short-images-idx3-ubyte
printf '\0\0\x0d\x03\0\0\0\x01\0\0\0\x01\0\0\0\x01\1' >magic-images
bad 3 'magic' --data magic-images --labels short-labels-idx1-ubyte
printf '\0\0\x08\x03\0\0\0\x03\0\0\0\x01\0\0\0\x01\1\2\3' >three-images
bad 3 '3 images, but 2 labels' --data three-images --labels short-labels-idx1-ubyte
bad 3 'three-labels' --data three-images
printf '\0\0\x08\x01\0\0\0\x02\0' >cut-labels
printf '\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x01\1\2' >cut-images
bad 3 'cut-images: its labels cut-labels: the header promises 2 bytes' --data cut-images

# float32 takes its time to overflow: a loss of 1e9 is no training, though it is finite
awk 'BEGIN { srand(3); for (k = 0; k < 400; k++) { x = rand(); y = rand(); print x "," y "," 3 * x - y } }' >line.csv
for lr in 0.05 1.5; do
    run train --data line.csv --no-header --model mlp: --optimizer sgd --schedule constant:lr=$lr --steps 100 --json
    cp out line-$lr
    exits "$([ $lr = 0.05 ] && echo 0 || echo 1)"
done
shown='train with a rate that is too high'
check "$shown: diverged" grep -q '"diverged":true' line-1.5
check "$shown: the loss is finite" eval '! grep -q "\"loss\":null" line-1.5'
check "$shown: it says so" grep -q 'the training diverged: the loss ended at .*, and it began at' err
# one that ends far above its start has diverged, however short it is and though its loss is finite;
# one that is only noisy, overfits, or starts from a trained network has not
ends() { # WANT OPTIONS...
    local want=$1
    shift
    run train --plot none --json "$@"
    exits "$([ "$want" = true ] && echo 1 || echo 0)"
    check "$shown: diverged is $want" grep -q "\"diverged\":$want" out
}
for steps in 2 5 12 100; do
    ends true --data glyphs --optimizer sgd --schedule constant:lr=1e6 --steps $steps
    ends true --data regression --optimizer adam --schedule constant:lr=1e3 --steps $steps
done
check "$shown: it says so" grep -q 'diverged: the loss ended at .*, and it began at' err
ends true --data glyphs --optimizer sgd --schedule constant:lr=1e3 --steps 1
check "$shown: by the validation" grep -q 'diverged: the validation loss ended at .*, and the loss began at' err
ends true --data spirals --optimizer adam --schedule constant:lr=1e3 --steps 100
for steps in 1 5 100; do
    ends false --data glyphs --optimizer sgd --schedule constant:lr=1 --steps $steps
done
ends false --data glyphs --model cnn:4 --init net.safetensors --schedule constant:lr=0.3 --steps 60
awk 'BEGIN { srand(6); for (k = 0; k < 60; k++) { for (i = 0; i < 30; i++) printf "%.3f,", rand(); print k % 2 } }' >noise.csv
ends false --data noise.csv --no-header --model mlp:64 --optimizer adam --schedule constant:lr=0.03 --epochs 300
check "$shown: overfits" awk -F'[:,]' '/"loss"/ { l = $2 } /"val_loss"/ { v = $2 } END { exit !(v > 1.5 && l < 0.1) }' out
# a sweep over so few rows that they are memorised: fewer steps
awk 'BEGIN { srand(3); for (k = 0; k < 90; k++) { c = k % 3; for (i = 0; i < 9; i++) printf "%.3f,", 2 * (i % 3 == c) + rand(); print "class" c } }' >easy.csv
run sweep --data easy.csv --no-header --optimizer sgd --batch-size 32 --plot none -o heart --json
check "$shown: exit 0 or 1" test "$code" -le 1
check "$shown: fewer steps were taken" grep -qE 'memorise them|were memorised' heart/sweep.json

# a training that diverges: exit 1, and its rows are kept
run train --data regression --schedule constant:lr=1e6 --optimizer sgd --steps 200 --plot none -o diverged
exits 1
check "$shown: the record is kept" test "$(grep -c '^[0-9]' diverged/run.csv)" -ge 1
# no folder can be made, a full disk
train --data spirals -o /proc/nothing
exits 4
one_line '/proc/nothing'
"$lrprobe" train --data spirals --schedule $constant --steps 5 --plot none >/dev/full 2>err
code=$?
shown='train to a full disk'
exits 4
# interrupted: what there is stays
env --default-signal=INT "$lrprobe" train --data glyphs --schedule $constant --steps 100000000 --plot none --quiet -o stopped >out 2>err &
pid=$!
for _ in $(seq 200); do
    [ "$(cat stopped/run.csv 2>/dev/null | wc -l)" -gt 50 ] && break
    sleep 0.05
done
kill -INT $pid
wait $pid
code=$?
shown='train, interrupted'
exits 130
check "$shown: rows are kept" test "$(grep -c '^[0-9]' stopped/run.csv)" -gt 40
finish
