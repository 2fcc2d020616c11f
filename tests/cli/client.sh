#!/bin/bash
# SPDX-License-Identifier: MIT
# lrprobe client, and the C client that it prints.
. "$(dirname "$0")/tap.sh"
begin "$@"
clients=$sources/src/clients

same_as() { # WORD FILE
    run client "$1"
    exits 0
    silent
    check "$shown: is $2 to the byte" cmp -s out "$clients/$2"
}
same_as python python/lrprobe.py
same_as c c/lrprobe_client.h
same_as python python/lrprobe.py
same_as protocol PROTOCOL.md
run client c -o made/include
exits 0
says made/include/lrprobe_client.h
check "$shown: writes the file" cmp -s made/include/lrprobe_client.h "$clients/c/lrprobe_client.h"
run client c --quiet -o made/quiet
check "$shown: prints nothing" test ! -s out
refused 2 'JSON' client protocol --json
refused 2 'python, c, protocol' client
refused 2 'python, c, protocol' client rust
refused 2 'python, c, protocol' client c c
: >file
refused 4 'file' client c -o file

# the examples of the page are the trainers that the integration tests run
example() { # LANGUAGE FILE
    sed -n '/^```'"$1"'$/,/^```$/{/^```/!p}' "$clients/PROTOCOL.md" >shown_example
    grep -v SPDX "$sources/tests/integration/trainers/$2" >file_example
    check "PROTOCOL.md shows $2" diff file_example shown_example
    check "$2 is not empty" test -s shown_example
}
shown=PROTOCOL.md
code=
example awk trainer.awk
example sh trainer.sh

# strict compilers take the header
shown='compilers'
program=$sources/tests/support/client_probe.c
warnings='-Wall -Wextra -pedantic -Wshadow -Wconversion -Werror'
# shellcheck disable=SC2086
{
    check 'C99' ${CC:-cc} -std=c99 $warnings ${LRPROBE_LINK_ARGS:-} -I"$clients/c" "$program" -lm -o in_c 2>err
    check 'C11' ${CC:-cc} -std=c11 -O2 $warnings -I"$clients/c" -c "$program" -o in_c11.o 2>err
    if command -v "${CXX:-c++}" >/dev/null; then
        check 'C++11' ${CXX:-c++} -std=c++11 $warnings ${LRPROBE_LINK_ARGS:-} -x c++ -I"$clients/c" "$program" -o in_cpp 2>err
    else
        skip 'no C++ compiler'
    fi
}

plain() { # PLAN: as a sweep's, with LRPROBE_ variables set for `probe`
    printf '%b' "$1" >plan.csv
    : >report.csv
}
probe() { # ARGUMENT...: the program in a sweep; [language] is the binary
    shown="$language $*"
    env LRPROBE_PLAN=plan.csv LRPROBE_REPORT=report.csv LRPROBE_SEED=18446744073709551615 LRPROBE_STEPS=4 \
        "${more[@]}" "./$language" "$@" >out 2>err
    code=$?
    exits 0
    silent
}
report_is() { # TEXT
    printf '%b' "$1" >expected
    check "$shown: the report is as it should be" diff expected report.csv
}
four='step,lr\n0,1e-07\n1,0.0010970281354187152\n2,0.25\n3,10\n'
facts='# model: two lines\n# note: the optimizer is Rprop\n'
for language in in_c in_cpp; do
    [ -x $language ] || continue
    more=()
    # outside of a sweep: nothing but one's own values, and no file
    shown="$language outside"
    env -u LRPROBE_PLAN LRPROBE_REPORT=untouched ./$language - 6 1 >out 2>err
    code=$?
    exits 0
    says 'open 0'
    says 'active 0 reports 0 seed 77 steps 6'
    says 'steps 6 rate after the end 42 first momentum 25%'
    says 'writes 0'
    says 'close 0'
    check "$shown: writes no file" test ! -e untouched

    plain "$four"
    probe - 1 2.5 nan inf -inf
    says 'active 1 reports 1 seed 18446744073709551615 steps 4'
    says 'steps 4 rate after the end 42 first momentum 25%'
    says 'beyond 0'
    grep -q 'writes -1' out || says 'writes 5' # the header and four rows
    report_is "${facts}step,lr,loss\n0,9.9999999999999995e-08,2.5\n1,0.0010970281354187152,nan\n2,0.25,inf\n3,10,-inf\n"
    says 'unknown column -1'
    says 'error lrprobe client: no such column was named at open: nowhere'

    # further columns, momentum, comments, blank lines, carriage returns, no newline at the end
    plain 'momentum,step,lr\r\n# made by hand\r\n\r\n0.5,0,1\r\n,1,2\r\n0.75,2,4'
    probe val_loss,accuracy 9 3
    says 'steps 3 rate after the end 42 first momentum 50%'
    report_is "${facts}step,lr,momentum,loss,val_loss,accuracy\n0,1,0.5,3,,\n1,2,,3,,\n2,4,0.75,3,3,\n"

    plain "$four"
    probe val_loss 9 nan
    report_is "${facts}step,lr,loss,val_loss\n0,9.9999999999999995e-08,nan,\n1,0.0010970281354187152,nan,\n2,0.25,nan,3\n3,10,nan,\n"

    # who reports
    plain "$four"
    for rank in RANK=1 OMPI_COMM_WORLD_RANK=3 PMIX_RANK=1 PMI_RANK=10 MV2_COMM_WORLD_RANK=2 SLURM_PROCID=07; do
        more=("$rank" SLURM_STEP_NUM_TASKS=8)
        probe - 1 1
        says 'active 1 reports 0'
        says 'steps 4'
        check "$shown with $rank: no report" test ! -s report.csv
    done
    for rank in RANK=0 SLURM_PROCID=1 RANK= RANK=-1 PMI_RANK=x; do
        plain "$four"
        more=("$rank")
        probe - 1 1
        says 'active 1 reports 1'
        check "$shown with $rank: reports" test "$(wc -l <report.csv)" -eq 7
    done
    plain "$four"
    more=(RANK=0 SLURM_PROCID=1 SLURM_STEP_NUM_TASKS=2)
    probe - 1 1
    says 'reports 1'
    more=()
    cp report.csv begun.csv
    probe - 1 1
    says 'active 1 reports 0'
    check "$shown: a report that another process has begun is left alone" cmp -s begun.csv report.csv
    plain "$four"
    more=(LRPROBE_STEPS=2)
    probe - 9 1
    says 'steps 2 rate after the end 42'
    more=()

    # the report is opened anew with each second
    if [ $language = in_c ]; then
        plain "$four"
        probe - 9 1 wait 2
        report_is "${facts}step,lr,loss\n0,9.9999999999999995e-08,1\n1,0.0010970281354187152,0\n2,0.25,2\n3,10,1\n"
    fi

    # plans that are none: a sentence, no step, no crash
    for plan in '' 'step,lr\n' 'step,rate\n0,1\n' 'step,lr\n0\n' 'step,lr\n0,\n' 'step,lr\n0,nan\n' \
        'step,lr\n0,inf\n' 'step,lr\n0,1e999\n' 'step,lr\n0,-1\n' 'step,lr\n0,0x10\n' 'step,lr\n0,1 2\n' 'step,lr\n0,"1"\n' \
        'step,lr\n0,1.2.3\n' 'step,lr\n0,1\n1,one\n' 'step,lr,momentum\n0,1,high\n' 'step,lr,momentum\n0,1\n' '\0\0\0\0' \
        'step,lr\n0,.................................................................\n' "step,lr\n0,1$(printf '%0300d' 0)\n" "step,lr\n0,1$(printf '%03000d' 0)\n" \
        "$(printf '%05000d' 0)"; do
        plain "$plan"
        probe - 5 1
        says 'open -1 lrprobe client: '
        says 'steps 0 '
        says 'close -1'
        check "$shown: nothing is reported of a bad plan" test ! -s report.csv
    done
    plain "$four"
    more=(LRPROBE_PLAN=nowhere.csv)
    probe - 5 1
    says 'open -1 lrprobe client: cannot read the plan: No such file'
    more=(LRPROBE_REPORT=)
    probe - 5 1
    says 'open -1 lrprobe client: LRPROBE_PLAN is set, but not LRPROBE_REPORT'
    more=(LRPROBE_REPORT=nowhere/report.csv)
    probe - 5 1
    says 'open -1 lrprobe client: cannot write the report: No such file'
    if [ -w /dev/full ]; then
        more=(LRPROBE_REPORT=/dev/full)
        probe - 5 1
        says 'error lrprobe client: cannot write the report: No space left'
        says 'close -1'
    fi
    more=()
    # columns that cannot be
    for columns in loss step a,a 'a b' ,a 'a"' a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q "$(printf '%0600d' 0)"; do
        plain "$four"
        probe "$columns" 5 1
        says 'open -1'
        says 'steps 0 '
    done

    # where the locale has a decimal comma
    if [ ! -d comma ]; then
        printf '%s\n' 'comment_char %' 'escape_char /' LC_NUMERIC 'decimal_point "<U002C>"' 'thousands_sep ""' 'grouping -1' 'END LC_NUMERIC' >numeric
        localedef -c -i ./numeric -f ANSI_X3.4-1968 ./comma >made_locale 2>&1
    fi
    plain 'step,lr,momentum\n0,0.015625,0.5\n1,1.5e-3,\n'
    more=(LC_ALL=comma LOCPATH="$place")
    probe - 1 0,5
    if grep -q 'locale comma 1,5' out; then
        report_is "${facts}step,lr,momentum,loss\n0,0.015625,0.5,0.5\n1,0.0015,,0.5\n"
    else
        skip 'no locale with a decimal comma'
    fi
done
finish
