#!/bin/bash
# SPDX-License-Identifier: MIT
# Help, version, and what is said to a wrong command line.
. "$(dirname "$0")/tap.sh"
begin "$@"

run --version
exits 0
says 'lrprobe 0.'
silent
run --help
exits 0
says 'usage: lrprobe COMMAND'
run
exits 2
check 'without a command the usage goes to standard error' grep -q usage err

for command in bounds client convert list sweep train; do
    run --help
    says "$command"
    run "$command" --help
    exits 0
    silent
    check "$shown: no line is wider than 80" test "$(wc -L <out)" -le 80
    check "$shown: no blank at the end of a line" test "$(grep -c ' $' out)" -eq 0
done

refused 2 'sweep' swep
refused 2 'bounds' bouds x
refused 2 'frobnicate' frobnicate
refused 2 'no-such' bounds --no-such x.csv
refused 2 'repeats' sweep --repets 3
refused 2 'lr-max' sweep --lr-max
refused 2 'steps' sweep --steps many
refused 2 'steps' sweep --steps 1.5
refused 2 'steps' sweep --steps -4
refused 2 'steps' sweep --steps 0
refused 2 'steps' sweep --steps 99999999999999999999
refused 2 'lr-min' sweep --lr-min nan
refused 2 'lr-min' sweep --lr-min 0
refused 2 'lr-min' sweep --lr-min -1
refused 2 'lr-min' sweep --lr-min 1 --lr-max 0.1
refused 2 'lr-min' sweep --lr-min 1 --lr-max 1
refused 2 'shape' sweep --shape cubic
refused 2 'val-split' sweep --val-split 1
refused 2 'val-split' sweep --val-split -0.1
refused 2 'seed' sweep --seed x
refused 2 'plot' sweep --plot jpeg
refused 2 'level' bounds --level 1 x.csv
refused 2 'level' bounds --level 0 x.csv
refused 2 'quiet' bounds --quiet=yes x.csv
refused 2 'needs one log' bounds
refused 2 'model' train --schedule constant:lr=1 --data spirals --model mlp:0
refused 2 'selu' train --schedule constant:lr=1 --data spirals --model mlp:8:selu
refused 2 'adamax' train --schedule constant:lr=1 --data spirals --optimizer adamax
refused 2 'momentum' train --schedule constant:lr=1 --data spirals --optimizer sgd:momentum=0.9
refused 2 'cosine' train --data spirals --schedule cosine:lr=1
refused 2 'max_lr' train --data spirals --schedule onecycle
refused 2 'lr' train --data spirals --schedule constant:lr=-1
refused 2 'format' bounds --format xml x.csv
refused 2 'there is no list of "colours"; there are checks, data' list colours
refused 2 'list needs one of' list
# one step beside a name: what was meant
refused 2 'did you mean optimizers?' list optimisers
refused 2 'there is no optimizer "adm"; did you mean adam?' train --data spirals --optimizer adm --schedule constant:lr=1 --steps 5
refused 2 'did you mean sgd?' train --data spirals --optimizer SGD --schedule constant:lr=1 --steps 5
refused 2 'did you mean rmsprop?' train --data spirals --optimizer rms --schedule constant:lr=1 --steps 5
refused 2 'has no option "momentun"; did you mean momentum?' train --data spirals --optimizer momentum:momentun=0.5 --schedule constant:lr=1 --steps 5
refused 2 'there is no model "mlpp"; did you mean mlp?' train --data spirals --model mlpp:4 --schedule constant:lr=1 --steps 5
refused 2 'one of cnn, mlp' train --data spirals --model forest:4 --schedule constant:lr=1 --steps 5
refused 3 'did you mean spirals?' train --data spiral --model mlp:4 --schedule constant:lr=1 --steps 5
refused 2 'did you mean onecycle?' train --data spirals --schedule one-cycle:max_lr=1 --steps 5
refused 2 'did you mean pytorch?' schedule constant:lr=1 --steps 5 --code pytorh
refused 2 'did you mean pytorch?' schedule constant:lr=1 --steps 5 --code PyTorch
refused 2 'did you mean diagnose?' diagnos
refused 2 'there are bounds, client' paint
refused 2 'did you mean jsonl?' diagnose x.csv --format jsonll
run list recipes
exits 0
says 'resnet-imagenet      lr 0.1'
check 'each recipe has a source' test "$(grep -c '^[a-z0-9-]*  *lr ' out)" -eq "$(grep -c '^    source: ' out)"
check 'recipes: no line is wider than 80' test -z "$(awk 'length > 80' out)"
run list recipes --json
exits 0
check 'recipes in JSON' python3 -c 'import json
recipes = json.load(open("out"))
assert len(recipes) > 20 and all(r["lr"] > 0 and r["source"] for r in recipes)
assert len({r["name"] for r in recipes}) == len(recipes)'
refused 2 'needs --schedule' train

# both ways to write a value, and the end of the options
run train --data=spirals --steps=3 --schedule=constant:lr=0.1 --model mlp:4 --plot none --quiet
exits 0
printf 'lr,loss\n' >--json
run bounds -- --json
check "$shown: the operand is a file" grep -qF -- '--json' err
for word in schedules optimizers formats models; do
    run list $word
    exits 0
    silent
    check "$shown: has lines" test "$(wc -l <out)" -ge 1
done

run list models
check "$shown: options with their defaults" grep -qE '^  kernel=3 ' out
sed -n 's/^  \$ lrprobe //p' out >examples
check "$shown: an example for each" test "$(wc -l <examples)" -eq "$(grep -c '^[a-z]' out)"
while read -r example; do
    # shellcheck disable=SC2086
    run $example --steps 3 --plot none
    exits 0
done <examples

# what is listed can be had, with the options that are listed
run list optimizers
check "$shown: options with their defaults" grep -qF 'beta2=0.999 eps=1e-08' out
check "$shown: what they mean" grep -qE '^  paper_bug: ' out
mv out optimizers
names=$(sed -n 's/^\([a-z][a-z_0-9]\{2,\}\) .*/\1/p' optimizers)
"$lrprobe" list optimizers --json >optimizers.json
check "$shown: all are tried below" python3 -c 'import json, sys
assert [row["name"] for row in json.load(open("optimizers.json"))] == sys.argv[1:]' $names
for name in $names; do
    settings=$(awk -v name="$name" '/^[a-zO]/ { mine = $1 == name } mine' optimizers | grep -oE '[a-z_0-9]+=[^ ]+' | xargs | tr ' ' ,)
    run train --data spirals --steps 3 --model mlp:4 --schedule constant:lr=0.001 --optimizer "$name:$settings"
    exits 0
done
# the optimizer's own weight decay goes before the general one
for words in sgd:weight_decay=0.5 'sgd:weight_decay=0.5 --weight-decay=0.1' 'sgd --weight-decay=0.5'; do
    # shellcheck disable=SC2086
    run train --data spirals --steps 50 --schedule constant:lr=0.1 --json --optimizer $words
    sed -n '/"loss"/p' out >>losses
done
check 'weight decay: the optimizer'"'"'s own, else the general one' test "$(sort -u losses | wc -l)" -eq 1
finish
