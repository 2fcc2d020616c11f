# SPDX-License-Identifier: MIT
"""The training scripts of other people (scripts/) and what is right for each.

kind "bounds": outcome ok, base_lr and max_lr within the interval that the oracle gives (see oracle.py).
kind "reason": no bounds are right; what is printed matches `says`, and never matches `never`.
kind "either": the loss of these (GANs, policy gradients) does not measure success: a refusal with a reason, or bounds by
whose advice the training ends well (regret).
"""
from collections import namedtuple

Script = namedtuple("Script", "name style kind updates score higher centre says never setup options arguments command file")

PYTHON = ("{python}", "{script}")
# its defaults are broken in PyTorch 1.13 under Python 3.11
TORCHRUN = ("{python}", "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", "--redirects=1", "--tee=1",
            "--log_dir=logs", "{script}")
TRAINER_ENDED = r"second training|new optimizer|another optimizer|(ended|stopped|ends|stops) (by )?itself"


def row(name, style, kind="bounds", updates=0, score="train loss", centre=None, says=None, never=None, setup=None,
        options=(), arguments=(), command=PYTHON, file=None):
    """updates: of a complete training with --schedule; score: words after "final" in its last line; centre: log10 of the
    rate in the middle of the oracle's grid, None where there is nothing to train with; setup: arguments of a run that
    makes the files which the user has before the sweep; file: of the script, where it is not the name."""
    higher = score.split()[-1] in ("accuracy", "dice", "return")
    return Script(name, style, kind, updates, score, higher, centre, says, never, setup, tuple(options), tuple(arguments),
                  command, (file or name) + ".py")


SCRIPTS = [
    row("hf_trainer", "Trainer class with callbacks, accumulation, trainer_state.json", updates=384,
        score="val accuracy", centre=-2.5, setup=()),
    row("lightning_like", "module with training_step, Trainer, CSV logger with versions", updates=400,
        score="val accuracy", centre=-2.5, setup=()),
    row("argparse_ema_resume", "argparse, EMA, resumes checkpoints/last.pt", updates=625, score="val accuracy", centre=-1),
    row("amp_bf16", "autocast in bf16 and a GradScaler that is off; RMSprop", updates=504, centre=-2.5),
    row("early_stopping", "EarlyStopping helper with best.pt", updates=600, score="val loss", centre=-2.5, setup=()),
    row("dcgan", "DCGAN, two optimizers", "either", never=r"rate is too high for"),
    row("ddp_torchrun", "DistributedDataParallel by torchrun, two ranks", updates=400, score="val accuracy", centre=-1,
        command=TORCHRUN),
    row("ddp_spawn", "DistributedDataParallel by mp.spawn, two ranks", updates=400, centre=-2),
    row("iterable_workers", "IterableDataset read by two workers", updates=500, centre=-2.5),
    row("kfold", "five folds, each with a new optimizer", "reason", says=TRAINER_ENDED),
    row("two_phase", "frozen, then unfrozen with a second optimizer", "reason", says=TRAINER_ENDED),
    row("resume_last", "continues from the user's last.pt", updates=400, centre=-2.5, setup=("--updates", "60")),
    row("sam", "SAM with first_step and second_step", updates=350, score="val accuracy", centre=-1),
    row("step_in_backward", "an optimizer for each parameter, stepped in backward()", updates=600, centre=-1),
    row("bert_layerwise", "fine-tuning with layer-wise rates and no-decay groups", updates=360, centre=-2.5, setup=()),
    row("lion", "Lion as a class of the script", updates=512, score="val loss", centre=-3),
    row("lars", "LARS with large batches", updates=300, centre=0.5),
    row("adafactor_relative", "Adafactor with a relative step: the rate has no effect", "reason",
        says=r"no effect|do(es)? not depend on the (learning )?rate|do not change with the (learning )?rate"),
    row("own_rate_kept", "optimizer that keeps its own rate: the rate has no effect", "reason",
        says=r"no effect|do(es)? not depend on the (learning )?rate|do not change with the (learning )?rate"),
    row("reinforce", "REINFORCE with returns", "either", updates=300, score="train return", centre=-2),
    row("ppo_lite", "PPO: clipped objective, value head, entropy", "either", updates=640, score="train return",
        centre=-2.5),
    row("actor_critic", "actor and critic with an optimizer each", "either", updates=500, score="train return",
        centre=-2),
    row("lbfgs", "LBFGS with a closure", updates=600, centre=-1),
    row("swa", "weight averaging (swa_utils)", updates=750, score="val accuracy", centre=-1),
    row("mixup", "mixup with numpy's random numbers", updates=500, score="val loss", centre=-1.5),
    row("weighted_sampler", "rare classes by WeightedRandomSampler; Adagrad", updates=468, score="val accuracy",
        centre=-1.5),
    row("vae", "variational autoencoder, summed losses", updates=560, centre=-2.5),
    row("infonce", "contrastive loss over the batch", updates=384, centre=-2.5),
    row("transformer_lm", "character transformer, warm-up and cosine by hand", updates=300, score="val loss",
        centre=-2.5),
    row("lstm_tagging", "LSTM tagger with packed sequences", updates=400, score="val accuracy", centre=-2),
    row("unet_dice", "U-Net with a Dice loss", updates=300, score="val dice", centre=-2),
    row("diffusion", "noise prediction with EMA", updates=600, score="val loss", centre=-2.5),
    row("gnn_dense", "graph convolution, one batch", updates=500, score="val accuracy", centre=-2),
    row("huge_targets", "regression on targets near 300,000", updates=400, score="val loss", centre=-1),
    row("thousands_logger", "no PyTorch; prints 12,816.11", "reason", says=r"max_lr +0?\.[1-9]|thousands|\d,\d",
        never=r"diverged-at-start|lowest rate is too high",
        options=("--mode", "fresh", "--lr-min", "1e-4", "--lr-max", "10", "--loss-pattern", "Loss {loss}"),
        arguments=("{lr}", "{steps}", "{seed}")),
    row("nan_exit", "ends by sys.exit at a loss that is not finite", updates=480, centre=-1.5),
    row("nan_raise", "raises at a loss that is not finite", updates=600, centre=-1.5),
    row("nan_skip", "skips batches whose loss is not finite", updates=500, centre=-1.5),
    row("clipping_rnn", "recurrent network with clipped gradients", updates=600, centre=-2),
    row("functional_params", "no nn.Module: a dict of tensors", updates=500, centre=-0.5),
    row("notebook", "exported notebook with globals; NAdam", updates=600, centre=-2.5),
    row("config_experiment", "configuration file, next free folder runs/expN", updates=640, centre=-1, setup=()),
    row("rmtree_output", "deletes its output folder and makes it anew", updates=500, centre=-1.5, setup=()),
    row("absolute_paths", "writes below the home folder; Adamax", updates=400, centre=-1.5, setup=()),
    row("loader_workers2", "DataLoader with two workers and augmentation", updates=500, score="val accuracy",
        centre=-1.5),
    row("fused_step", "one fused update over all tensors (torch._foreach)", updates=500, centre=-2.5),
    row("meta_learning", "MAML: inner steps by autograd.grad", updates=400, centre=-2.5),
    row("memorised", "few examples: the loss goes to zero", "either", updates=600, centre=-0.5,
        says=r"memori[sz]ed|reache[sd] zero|near zero|max_lr +0?\.", never=r"weep higher rates"),
    row("partial_window", "accumulation whose last window is shorter", updates=300, centre=-1),
    row("partial_window_right", "the same, divided by what the window has", updates=300, centre=-1, arguments=("right",),
        file="partial_window"),
    row("tiny", "thirty updates in all", "either", updates=30, centre=-1, options=("--steps", "30"),
        never=r"fewer --steps|with fewer"),
    row("plain_sgd", "SGD without momentum", updates=600, centre=-0.5),
    row("two_groups", "two groups at 1 : 50", updates=625, centre=-1),
    row("plateau_first", "learns only after hundreds of updates", "either", updates=625, centre=-1.5,
        says=r"no learning|more steps|longer|max_lr +[0-9]"),
    row("short_patience", "early stopping after at most 100 updates", updates=100, score="val loss", centre=-2,
        never=r"fewer --steps|with fewer"),
]

# Their optimizers could have momentum, and have none.
NO_MOMENTUM = {"plain_sgd": "SGD", "functional_params": "SGD", "amp_bf16": "RMSprop"}
# What is known to be wrong still; these do not fail the suite, and the report names them.
KNOWN = {
    "ddp_torchrun": "right on 1.13; the PyTorch 2.6 of Debian has no libuv, and its torchrun starts nothing",
}
QUICK = ["plain_sgd", "resume_last", "own_rate_kept", "rmtree_output", "nan_exit", "tiny"]


def find(name):
    return next(script for script in SCRIPTS if script.name == name)
