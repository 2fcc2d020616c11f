/* SPDX-License-Identifier: MIT */
#include "explain.h"

const struct lrp_term lrp_terms[] = {
    {"annealing", "a learning rate that falls while the training goes on",
     "With a constant rate the weights end in a cloud about the minimum: gradients of mini-batches "
     "are noisy, and the rate says how far each one throws them. A falling rate lets the cloud "
     "shrink.",
     "Nearly always, over the last part of a training: half a cosine, a straight line, or steps "
     "when the loss stands still. Compare trainings only where both were annealed.",
     "lr(t) = lr_end + (lr - lr_end) (1 + cos(pi t / T)) / 2",
     "Robbins, Monro 1951 (rates whose sum diverges and whose squares' sum does not); Loshchilov, "
     "Hutter, arXiv 1608.03983, equation 5",
     "cosine step exponential warm-restarts batch-size", lrp_picture_annealing},
    {"base-lr", "the smallest rate at which the model demonstrably starts to learn",
     "Below it a sweep's loss lies on its first value: the steps are too small for the noise to "
     "let them be seen. lrprobe takes the rate at which the pooled curve has made 5 % of its whole "
     "fall, where that is more than the noise.",
     "The lower end of a cyclical schedule. Smith also gives a rule of thumb: a third or a quarter "
     "of max_lr, and a tenth or a twentieth for a single cycle.",
     NULL, "Smith, arXiv 1506.01186, section 3.3; arXiv 1803.09820, section 4.1",
     "range-test max-lr thresholds", lrp_picture_thresholds},
    {"batch-size", "how many examples a gradient is the mean of",
     "Twice the batch halves the variance of the gradient. Up to a size that depends on the task "
     "the rate may then rise with the batch; beyond it larger batches bring nothing.",
     "As large as fits. When it changes by a factor, change the rate of SGD by the same factor, "
     "that of Adam by its square root, and warm up; then a range test.",
     "variance of the mean = variance of one / batch size",
     "Goyal et al., arXiv 1706.02677, section 2.1; McCandlish et al., arXiv 1812.06162",
     "warm-up range-test", lrp_picture_batch_size},
    {"bias-variance", "two reasons for errors on new data",
     "A model too simple for the task errs in the same way whatever it was trained on (bias). One "
     "that follows every example errs differently with each training set (variance). The error on "
     "new data is their sum and the noise of the data.",
     "High training loss: bias, so a larger model, longer training, less regularisation. Low "
     "training loss and high validation loss: variance, so more data, augmentation, weight decay, "
     "dropout, an earlier end.",
     "E (y - f)^2 = noise + (E f - truth)^2 + E (f - E f)^2", "Geman, Bienenstock, Doursat 1992",
     "overfitting underfitting G1 G2", lrp_picture_bias_variance},
    {"clipping", "gradients longer than a limit are shortened to it",
     "One bad batch, or a cliff of the loss, gives a gradient that throws the weights away. "
     "Clipping by norm keeps its direction and bounds the step.",
     "Recurrent networks and transformers, with a limit near the usual norm. Where most steps are "
     "clipped the limit acts as a smaller rate: lower the rate instead.",
     "g <- g min(1, limit / |g|)", "Pascanu, Mikolov, Bengio, arXiv 1211.5063, algorithm 1",
     "spikes divergence", lrp_picture_clipping},
    {"cyclical-rates", "a rate that goes up and down between two bounds (CLR)",
     "High rates cross plateaus and saddles, low ones settle; going to and fro the training has "
     "both, and the exact rate matters less. The bounds come from a range test.",
     "A first training on a new task, ensembles of snapshots. A step size of 2 to 10 epochs, three "
     "cycles or more, and the end at the end of a cycle, when the rate is low.",
     "lr = base + (max - base) max(0, 1 - |t / step_size - 2 cycle + 1|)",
     "Smith, arXiv 1506.01186, section 3.1", "triangular triangular2 exp_range range-test sgdr",
     lrp_picture_cyclical},
    {"divergence", "the loss rises without end",
     "On a curve of curvature c each step multiplies the distance to the minimum by 1 - lr c. "
     "Beyond lr = 2 / c that is less than -1: every step overshoots by more than the last.",
     "Lower the rate (a third), warm up, clip gradients. If it diverges at any rate, look for a "
     "mistake in the loss or in the data.",
     "lr < 2 / curvature; with momentum m: lr < 2 (1 + m) / curvature",
     "LeCun, Bottou, Orr, Mueller 1998, section 5.1; Goh, Distill 2017",
     "D1 max-lr clipping oscillation", lrp_picture_divergence},
    {"dropout", "units are left out at random in each training step",
     "No unit can rely on a particular other one, and the network behaves like the mean of many "
     "thinned ones. In a linear model it is a weight decay that is strongest on inputs of large "
     "variance: the picture shows its weight against the share left out.",
     "Overfitting, on dense layers above all: 0.1 to 0.5. It slows training, bears higher rates, "
     "and makes the training loss look worse than the validation loss.",
     "out = mask / (1 - p) in, with mask 1 at probability 1 - p",
     "Srivastava et al., JMLR 15, 2014; section 9.1 for the linear model",
     "overfitting robustness weight-decay", lrp_picture_dropout},
    {"early-stopping", "the weights of the best validation loss are kept",
     "The first steps learn what is common to all data, later ones what is particular to the "
     "training set. The validation loss says when the second begins.",
     "Small data sets. With an annealed schedule rather shorten the whole schedule, so that the "
     "rate has fallen where the training ends.",
     NULL, "Prechelt, Early stopping - but when?, 1998", "overfitting bias-variance G1",
     lrp_picture_early_stopping},
    {"fine-tuning", "a trained model goes on with new data",
     "From good weights nearly every small rate gives a loss that falls smoothly, so the training "
     "loss says little: too small a rate stays near the start for the whole run, too large a one "
     "forgets what the model knew. Validation accuracy tells them apart.",
     "A tenth to a hundredth of the rate of the first training, with warm-up, few epochs; a range "
     "test that starts from the checkpoint (--init) and looks at validation.",
     NULL, "Howard, Ruder, arXiv 1801.06146, section 3.2; Devlin et al., arXiv 1810.04805, A.3",
     "range-test base-lr G5", lrp_picture_fine_tuning},
    {"flat-loss", "the loss stands still for long and falls later",
     "Near a saddle or on a flat part gradients are tiny: a step is the rate times nearly nothing. "
     "The way out grows exponentially, so it looks like nothing for long.",
     "A higher rate (range test), momentum, normalisation, other initial weights. A plateau at the "
     "end of a training, at a high rate, calls for annealing instead.",
     NULL, "Dauphin et al., arXiv 1406.2572; Saxe et al., arXiv 1312.6120",
     "P3 plateau slow-convergence cyclical-rates", lrp_picture_plateau},
    {"learning-rate", "how far a step goes along the gradient",
     "The most important number of a training. Too small: it does not arrive. Too large: it jumps "
     "about, or diverges. Between them lie one or two decades in which it works, and the best is "
     "near their upper end.",
     "A range test gives the bounds; recipes (lrprobe list recipes) give starting points of known "
     "networks.",
     "w <- w - lr gradient", "Bengio, arXiv 1206.5533, section 3.1.1",
     "range-test base-lr max-lr divergence slow-convergence", lrp_picture_learning_rate},
    {"max-lr", "the largest rate before the loss stops falling",
     "Above it a sweep's loss stands still, turns ragged or rises. It is measured in a short "
     "sweep, and a long run bears less: see one_cycle and suggested_lr, and --steps-planned.",
     "The upper end of a cyclical schedule; a constant rate lies below it by 2 to 4.", NULL,
     "Smith, arXiv 1506.01186, section 3.3; arXiv 1803.09820, section 4.1",
     "range-test base-lr thresholds one-cycle", lrp_picture_thresholds},
    {"momentum", "steps follow a running mean of the gradients",
     "In a long valley the gradients point from wall to wall and only a little along it. Summed "
     "up, the parts across cancel and the parts along add.",
     "0.9 nearly always with SGD; 0.95 to 0.99 for noisy gradients. The rate that suits goes with "
     "1 - momentum, so change both together; one-cycle lowers it while the rate is high.",
     "v <- m v + g; w <- w - lr v",
     "Polyak 1964; Sutskever et al. 2013; Goh, Distill 2017 (rates and curvatures)",
     "zigzag nesterov one-cycle", lrp_picture_momentum},
    {"one-cycle", "one rise of the rate to a high value and a long fall far below the start",
     "The rise lets a high rate be used, the high rate regularises and crosses flat parts quickly, "
     "and the fall settles. Momentum goes the other way.",
     "A training of known length that shall be short. max_lr from a range test with "
     "--steps-planned, start at a tenth to a twenty-fifth of it.",
     NULL, "Smith, arXiv 1803.09820, section 4.1; Smith, Topin, arXiv 1708.07120",
     "onecycle super-convergence range-test", lrp_picture_one_cycle},
    {"oscillation", "the loss goes up and down at a rate near its limit",
     "Between 1 / c and 2 / c of a curvature c the weights jump from one wall of the valley to the "
     "other; near 2 / c they hardly come down.",
     "Halve the rate, or anneal it. A period of one epoch comes from data that are not shuffled.",
     "factor of a step: 1 - lr curvature", "Cohen et al., arXiv 2103.00065 (edge of stability)",
     "O3 O4 divergence zigzag", lrp_picture_oscillation},
    {"overfitting", "the training loss falls and the validation loss rises",
     "The model learns what is particular to the training examples. Here the nearest neighbours of "
     "noisy points: with one neighbour the training error is 0 and that on new points is high.",
     "More data or augmentation, weight decay, dropout, label smoothing, a higher rate (it "
     "regularises), a smaller model, an earlier end.",
     NULL, "Geman, Bienenstock, Doursat 1992", "underfitting bias-variance G1 dropout",
     lrp_picture_bias_variance},
    {"range-test", "a short training with a rate that rises from step to step",
     "Too small a rate changes nothing, a good one lets the loss fall, too large a one lets it "
     "rise: one sweep passes through all three, and the loss against the rate shows where. "
     "lrprobe pools several with other seeds and gives intervals.",
     "Before a training, and again when model, data, optimizer, batch size or regularisation "
     "change: lrprobe sweep; for logs that are there: lrprobe bounds.",
     "lr(k) = lr_min (lr_max / lr_min)^(k / (n - 1))",
     "Smith, arXiv 1506.01186, section 3.3; exponential form: Gugger 2018",
     "base-lr max-lr thresholds cyclical-rates one-cycle", lrp_picture_range_test},
    {"robustness", "how accuracy falls when inputs are perturbed",
     "A point is still classified rightly while the noise along the weights is smaller than its "
     "margin. Training with noise, dropout or augmentation widens margins; the picture shows a "
     "wide and a narrow one.",
     "Inputs in use that differ from the training set: measure accuracy against noise, not at "
     "noise 0 alone.",
     "P(right) = Phi(margin / noise)", "Bishop 1995 (noise is Tikhonov regularisation)",
     "dropout sharp-minima overfitting", lrp_picture_robustness},
    {"sharp-minima", "sharp and flat minima",
     "Where the loss rises steeply around a minimum small changes of weights or data cost much. "
     "High rates cannot stay in minima sharper than 2 / lr, so they end in flatter ones.",
     "A hint, not a law: sharpness depends on how weights are scaled. Compare runs of one network "
     "only.",
     "sharpness = largest eigenvalue of the Hessian < 2 / lr for gradient descent to stay",
     "Hochreiter, Schmidhuber 1997; Keskar et al., arXiv 1609.04836; against: Dinh et al., "
     "arXiv 1703.04933",
     "super-convergence batch-size robustness", lrp_picture_minima},
    {"slow-convergence", "the rate is too small for the length of the run",
     "Each step shortens the distance by lr times the curvature. A tenth of the rate takes ten "
     "times the steps, and looks healthy all the way: smooth and falling.",
     "Raise the rate by 3 and again, up to the bound of a range test; momentum or Adam for "
     "curvatures that differ much.",
     "loss ~ exp(-2 lr curvature steps)", "LeCun, Bottou, Orr, Mueller 1998, section 5",
     "P1 learning-rate range-test", lrp_picture_slow},
    {"spikes", "the loss jumps up and comes back",
     "One batch, or one cliff, threw the weights far. Adam is prone to it: after calm steps its "
     "denominator is small when a large gradient comes.",
     "Lower the rate by 2 to 3, warm up longer, clip, beta2 0.95 to 0.98; look at the batch of the "
     "step if it is always the same.",
     NULL, "Chowdhery et al., arXiv 2204.02311, section 5.1; Molybog et al., arXiv 2304.09871",
     "K1 K2 clipping warm-up", lrp_picture_spikes},
    {"super-convergence", "high rates train in a fraction of the steps",
     "With one cycle up to a very high rate some networks reach in 10,000 steps what takes "
     "80,000 with a constant rate. The high rate regularises, so other regularisation has to "
     "be reduced. The picture is a noisy valley, not a network.",
     "Residual networks on image data, other networks now and then: try one-cycle with the largest "
     "rate that a range test bears, and compare at equal steps.",
     NULL, "Smith, Topin, arXiv 1708.07120", "one-cycle sharp-minima range-test",
     lrp_picture_super_convergence},
    {"thresholds", "what a range test's bounds rest on",
     "base_lr: 5 % of the whole fall of the pooled curve, where that is more than the noise. "
     "max_lr: the last rate before it stops falling, turns ragged or rises. Scale, offset, "
     "density and a NaN tail of the loss change neither.",
     "Where validation is measured it decides. Other tools' rules are listed beside them: most "
     "take the steepest point or the lowest point divided by 10.",
     NULL, "Smith, arXiv 1506.01186 and 1803.09820; lrprobe's reports/spread.md",
     "range-test base-lr max-lr", lrp_picture_thresholds},
    {"underfitting", "training and validation loss both stay high",
     "The model cannot, or was not given time to, follow the data. Here nearest neighbours again: "
     "with very many neighbours both errors are high.",
     "A larger model, longer training, a better rate, less regularisation, better inputs.", NULL,
     "Geman, Bienenstock, Doursat 1992", "overfitting bias-variance G2 slow-convergence",
     lrp_picture_bias_variance},
    {"warm-restarts", "the rate falls along a cosine and jumps back up (SGDR)",
     "Each restart leaves the minimum that was found, each fall settles in a better or another "
     "one. Ends of cycles are good places to stop, and their weights make an ensemble.",
     "When the length of the training is not known in advance: stop at the end of any cycle. "
     "T_0 of 1 to 10 epochs, T_mult 2.",
     "lr = min + (max - min) (1 + cos(pi T_cur / T_i)) / 2",
     "Loshchilov, Hutter, arXiv 1608.03983, equation 5", "sgdr cosine cyclical-rates",
     lrp_picture_restarts},
    {"warm-up", "the rate rises from nearly 0 over the first steps",
     "At the start gradients are large and point nowhere for long, and Adam's denominator rests "
     "on few values. Small first steps avoid a bad beginning that is not made good.",
     "Large batches, transformers, Adam: 1 to 5 % of the steps, or some hundreds.",
     "lr(k) = lr (k + 1) / (W + 1) for the first W steps",
     "Goyal et al., arXiv 1706.02677, section 2.2; Liu et al., arXiv 1908.03265",
     "radam one-cycle spikes", lrp_picture_warmup},
    {"weight-decay", "weights shrink a little at each step",
     "As a term of the loss (coupled) it goes through the optimizer: Adam then divides it by the "
     "size of the gradients, so weights with large gradients hardly decay. Decoupled (AdamW) all "
     "shrink alike.",
     "SGD 1e-4 to 5e-4, AdamW 0.01 to 0.1. Rate times decay counts, so with a higher rate take "
     "less; redo the range test for each value.",
     "w <- (1 - lr decay) w - lr step", "Loshchilov, Hutter, arXiv 1711.05101",
     "adamw overfitting super-convergence", lrp_picture_weight_decay},
    {"zigzag", "steps that go from wall to wall of a valley",
     "Where curvatures differ by a hundred the rate has to suit the steepest direction, and along "
     "the valley it is far too small. Successive gradients point against each other: their cosine "
     "is near -1. Momentum damps it.",
     "Momentum, normalisation of inputs and layers, Adam; a look at the column grad_cosine.",
     "cosine = g(k) g(k - 1) / (|g(k)| |g(k - 1)|)", "Goh, Distill 2017", "momentum oscillation",
     lrp_picture_zigzag},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
