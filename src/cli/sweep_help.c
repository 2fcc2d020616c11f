/* SPDX-License-Identifier: MIT */
#include "sweep_help.h"

const char lrp_sweep_description[] =
    "Raises the learning rate from step to step in short trainings and reports between which "
    "rates the model trains: base_lr, from which on it starts to learn, and max_lr, above "
    "which the loss stops falling. With the rates left to lrprobe a scout of one short sweep "
    "finds the decades that matter, then repeats with different seeds run over them, in "
    "parallel. A range in which the loss does not diverge, or diverges at once, is moved and "
    "swept again; given ends are obeyed. --around RATE sweeps a decade on both sides of a rate "
    "that you have, and says whether to go up or down.\n"
    "The trainer is the built-in one, or the command behind --: a program that uses one of "
    "the clients (see lrprobe client) or follows the protocol of two files by itself, or "
    "with --hook torch a PyTorch script as it is. It is started anew for each repeat, with a "
    "seed of its own, and ended when enough is known.\n"
    "On a cluster, --launcher slurm gives each set of runs to Slurm as one job array. "
    "Ctrl-C, a closed terminal or the end of lrprobe leave the jobs to run on; --resume "
    "picks them up, and Ctrl-C twice ends them. The output folder, the trainer and its data, "
    "and for the built-in trainer the program lrprobe, must lie where the nodes see them.\n"
    "With --mode fresh each run has one rate instead, from new weights, at three rates a "
    "decade with three seeds; max_lr is then halfway between the rates whose runs end lowest "
    "and the one from which on they end higher, or blow up on their way. That works with any "
    "command that takes a rate: in its words {lr}, {seed}, {steps} and {dir}, a folder of "
    "the run's own, are filled in; all else, ${lr} and {{lr}} too, stays as it is. The loss "
    "is taken from the report of a client, or from what is printed (--loss-pattern), or from "
    "a log (--log); with none of them what is printed is read as lrprobe diagnose would read "
    "it.\n"
    "The output folder keeps every run record (runs), what the trainers printed (logs), the "
    "manifest sweep.json, bounds.json and the report. Ctrl-C keeps what there is and reports "
    "it; a second one ends at once. A sweep that was stopped, or killed at any moment, is "
    "gone on with by --resume: what was finished is kept, and what was not is run again.";

const char lrp_sweep_examples[] =
    "$ lrprobe sweep --data glyphs --model mlp:64 --optimizer momentum\n"
    "$ lrprobe sweep --data spirals --lr-min 1e-4 --lr-max 10 -o spirals\n"
    "$ lrprobe sweep --resume spirals\n"
    "$ lrprobe sweep --data glyphs --optimizer adam --around 1e-3 -o around\n"
    "$ lrprobe sweep --mode fresh --loss-pattern 'loss {loss}' -- ./train {lr}\n";
