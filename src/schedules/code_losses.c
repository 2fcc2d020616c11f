/* SPDX-License-Identifier: MIT */
/* Schedules that go by losses, as code: a class with rate(step) and observe(step, value). */
#include "code.h"

#include "number.h"

#include <string.h>

static const char torch_python[] =
    "class PlateauTorch:\n"
    "    \"\"\"rate(step) before a step, observe(step, value) after it, steps from 0.\"\"\"\n\n"
    "    def __init__(self):\n"
    "        self.now = lr\n"
    "        self.best = -math.inf if maximise else math.inf\n"
    "        self.bad = self.waits = 0\n"
    "        self.values = []\n\n"
    "    def rate(self, step):\n"
    "        return self.now * min(1, (step + 1) / (warmup + 1))\n\n"
    "    def better(self, value):\n"
    "        if maximise:\n"
    "            bound = self.best * (threshold + 1) if relative else self.best + threshold\n"
    "            return value > bound\n"
    "        return value < (self.best * (1 - threshold) if relative else self.best - "
    "threshold)\n\n"
    "    def observe(self, step, value):\n"
    "        if step < warmup:\n"
    "            return\n"
    "        self.values.append(value)\n"
    "        if len(self.values) < every:\n"
    "            return\n"
    "        value = sum(self.values) / every\n"
    "        self.values = []\n"
    "        if self.better(value):\n"
    "            self.best = value\n"
    "            self.bad = 0\n"
    "        else:\n"
    "            self.bad += 1\n"
    "        if self.waits > 0:\n"
    "            self.waits -= 1\n"
    "            self.bad = 0\n"
    "        if self.bad > patience:\n"
    "            lower = max(self.now * factor, min_lr)\n"
    "            if self.now - lower > eps:\n"
    "                self.now = lower\n"
    "            self.waits = cooldown\n"
    "            self.bad = 0\n";

static const char statistics_python[] =
    "class Plateau:\n"
    "    \"\"\"rate(step) before a step, observe(step, value) after it, steps from 0.\"\"\"\n\n"
    "    def __init__(self):\n"
    "        self.now = lr\n"
    "        self.restart()\n\n"
    "    def restart(self):\n"
    "        self.length = max(1, patience // 20)\n"
    "        self.blocks = []\n"
    "        self.values = []\n\n"
    "    def rate(self, step):\n"
    "        return self.now * min(1, (step + 1) / (warmup + 1))\n\n"
    "    def observe(self, step, value):\n"
    "        if step < warmup or not math.isfinite(value):\n"
    "            return\n"
    "        self.values.append(-value if maximise else value)\n"
    "        if len(self.values) < self.length:\n"
    "            return\n"
    "        chunk = -(-self.length // 128)\n"
    "        parts = [self.values[i:i + chunk] for i in range(0, self.length, chunk)]\n"
    "        self.blocks.append(statistics.median(sum(part) / len(part) for part in parts))\n"
    "        self.values = []\n"
    "        if len(self.blocks) == 256:\n"
    "            pairs = zip(self.blocks[::2], self.blocks[1::2])\n"
    "            self.blocks = [(a + b) / 2 for a, b in pairs]\n"
    "            self.length *= 2\n"
    "        if self.flat():\n"
    "            self.now = min(self.now, max(self.now * factor, min_lr))\n"
    "            self.restart()\n\n"
    "    def flat(self):\n"
    "        blocks, n = self.blocks, len(self.blocks)\n"
    "        window = max(10, math.ceil(min(patience / self.length, 20)))\n"
    "        if n < 2 * window:\n"
    "            return False\n"
    "        first = statistics.median(blocks[:window])\n"
    "        width = window\n"
    "        while width <= n // 2:\n"
    "            last = blocks[-width:]\n"
    "            speed, error = self.fall(last)\n"
    "            average = (first - statistics.median(last)) / (n - width / 2 - window / 2)\n"
    "            if average > 0 and 0.75 * average >= 5 * error:\n"
    "                return speed < 0.25 * average\n"
    "            width += width // 4 + 1\n"
    "        if n < 3 * window:\n"
    "            return False\n"
    "        pairs = sum((a > b) - (a < b) for i, a in enumerate(blocks) for b in blocks[i + 1:])\n"
    "        return pairs / math.sqrt(n * (n - 1) * (2 * n + 5) / 18) < 1\n\n"
    "    @staticmethod\n"
    "    def fall(y):\n"
    "        w, mean = len(y), sum(y) / len(y)\n"
    "        x = [i - (w - 1) / 2 for i in range(w)]\n"
    "        xx = sum(a * a for a in x)\n"
    "        slope = sum(a * (b - mean) for a, b in zip(x, y)) / xx\n"
    "        rest = sum((b - mean - slope * a) ** 2 for a, b in zip(x, y))\n"
    "        return -slope, math.sqrt(rest / (w - 2) / xx)\n";

static const char torch_c[] =
    "#include <math.h>\n\n"
    "struct plateau {\n"
    "    double rate, best, bad, waits, sum, n;\n"
    "};\n\n"
    "void plateau_begin(struct plateau *plateau)\n"
    "{\n"
    "    *plateau = (struct plateau){lr, maximise ? -HUGE_VAL : HUGE_VAL, 0, 0, 0, 0};\n"
    "}\n\n"
    "/* The rate of a step, from 0 on. */\n"
    "double plateau_rate(const struct plateau *plateau, double step)\n"
    "{\n"
    "    return plateau->rate * fmin(1, (step + 1) / (warmup + 1));\n"
    "}\n\n"
    "static int plateau_better(const struct plateau *plateau, double value)\n"
    "{\n"
    "    double best = plateau->best;\n"
    "    if (maximise) {\n"
    "        return value > (relative ? best * (threshold + 1) : best + threshold);\n"
    "    }\n"
    "    return value < (relative ? best * (1 - threshold) : best - threshold);\n"
    "}\n\n"
    "/* To be called after the step with its value. */\n"
    "void plateau_observe(struct plateau *plateau, double step, double value)\n"
    "{\n"
    "    if (step < warmup) {\n"
    "        return;\n"
    "    }\n"
    "    plateau->sum += value;\n"
    "    plateau->n++;\n"
    "    if (plateau->n < every) {\n"
    "        return;\n"
    "    }\n"
    "    value = plateau->sum / plateau->n;\n"
    "    plateau->sum = plateau->n = 0;\n"
    "    if (plateau_better(plateau, value)) {\n"
    "        plateau->best = value;\n"
    "        plateau->bad = 0;\n"
    "    } else {\n"
    "        plateau->bad++;\n"
    "    }\n"
    "    if (plateau->waits > 0) {\n"
    "        plateau->waits--;\n"
    "        plateau->bad = 0;\n"
    "    }\n"
    "    if (plateau->bad > patience) {\n"
    "        double lower = fmax(plateau->rate * factor, min_lr);\n"
    "        if (plateau->rate - lower > eps) {\n"
    "            plateau->rate = lower;\n"
    "        }\n"
    "        plateau->waits = cooldown;\n"
    "        plateau->bad = 0;\n"
    "    }\n"
    "}\n";

/* What the classes know by name: keys, warm-up, and what the row adds. */
static void append_constants(const struct lrp_code *code)
{
    const struct lrp_schedule *schedule = code->schedule;
    bool c = code->language == LRP_CODE_C;
    const char *type = c ? "static const double " : "";
    const char *end = c ? ";\n" : "\n";
    char number[LRP_NUMBER_SIZE];
    for (size_t k = 0; k < schedule->row->n_keys; k++) {
        if (schedule->row->keys[k].words == NULL) {
            lrp_text_printf(code->out, "%s%s = %s%s", type, schedule->row->keys[k].name,
                            lrp_format_double(schedule->values[k], number), end);
        }
    }
    lrp_text_printf(code->out, "%swarmup = %.0f%s", type, code->warmup, end);
    for (const char *line = lrp_text_string(&code->formula); *line != '\0';) {
        size_t length = strcspn(line, "\n");
        lrp_text_append(code->out, c ? "static const int " : "");
        lrp_text_append_bytes(code->out, line, length);
        lrp_text_append(code->out, end);
        line += length + 1;
    }
}

/* The library does it: the rule is more than a page of C. */
static void append_library_c(const struct lrp_code *code)
{
    struct lrp_text spec;
    double steps = code->n_steps + code->warmup;
    lrp_text_init(&spec, 1 << 12);
    lrp_schedule_spec(code->schedule, &spec);
    lrp_text_printf(
        code->out,
        "/* cc ... $(pkg-config --cflags --libs lrprobe) */\n"
        "#include <lrprobe/lrprobe.h>\n\n"
        "struct plateau {\n    struct lrp_schedule_run *run;\n};\n\n"
        "/* 0, or what went wrong (enum lrp_status). lrp_schedule_run_free(plateau->run) "
        "at the end. */\n"
        "int plateau_begin(struct plateau *plateau)\n{\n"
        "    return (int)lrp_schedule_run_new(\"%s\",\n"
        "                                     0, %.0f, 0, &plateau->run, 0);\n}\n\n"
        "/* The rate of a step, from 0 on. */\n"
        "double plateau_rate(const struct plateau *plateau, double step)\n{\n"
        "    return lrp_schedule_run_at(plateau->run, (size_t)step).lr;\n}\n\n"
        "/* To be called after the step with its value. */\n"
        "void plateau_observe(struct plateau *plateau, double step, double value)\n{\n"
        "    lrp_schedule_run_observe(plateau->run, (size_t)step, value);\n}\n",
        lrp_text_string(&spec), steps);
    lrp_text_fini(&spec);
}

static void append_keras(const struct lrp_code *code, const char *name)
{
    enum lrp_schedule_metric metric = lrp_schedule_metric(code->schedule);
    bool each_step = metric == LRP_SCHEDULE_BY_LOSS || metric == LRP_SCHEDULE_BY_ACCURACY;
    const char *key = lrp_schedule_metric_name(metric);
    lrp_text_printf(code->out,
                    "\n\nclass Schedule(keras.callbacks.Callback):\n"
                    "    \"\"\"model.fit(..., callbacks=[Schedule()]).\"\"\"\n\n"
                    "    def __init__(self):\n"
                    "        super().__init__()\n"
                    "        self.step = 0\n"
                    "        self.before = 0\n"
                    "        self.plateau = %s()\n\n"
                    "    def on_train_batch_begin(self, batch, logs=None):\n"
                    "        self.model.optimizer.learning_rate = self.plateau.rate(self.step)\n"
                    "        if batch == 0:\n"
                    "            self.before = 0\n\n"
                    "    def on_train_batch_end(self, batch, logs=None):\n",
                    name);
    if (each_step) {
        lrp_text_printf(code->out,
                        "        # what Keras tells is the mean of the epoch so far\n"
                        "        total = logs[\"%s\"] * (batch + 1)\n"
                        "        self.plateau.observe(self.step, total - self.before)\n"
                        "        self.before = total\n"
                        "        self.step += 1\n",
                        key);
    } else {
        lrp_text_printf(code->out,
                        "        self.step += 1\n\n"
                        "    def on_epoch_end(self, epoch, logs=None):\n"
                        "        self.plateau.observe(self.step - 1, logs[\"%s\"])\n",
                        key);
    }
}

static void append_pytorch(const struct lrp_code *code, const char *name)
{
    lrp_text_printf(
        code->out,
        "\n\nclass Scheduler:\n"
        "    \"\"\"Call step(value) after every step of the optimizer, without a value where there "
        "is none.\"\"\"\n\n"
        "    def __init__(self, optimizer):\n"
        "        self.optimizer = optimizer\n"
        "        self.steps = 0\n"
        "        self.plateau = %s()\n"
        "        self.set_rate()\n\n"
        "    def set_rate(self):\n"
        "        for group in self.optimizer.param_groups:\n"
        "            group[\"lr\"] = self.plateau.rate(self.steps)\n\n"
        "    def step(self, value=None):\n"
        "        if value is not None:\n"
        "            self.plateau.observe(self.steps, float(value))\n"
        "        self.steps += 1\n"
        "        self.set_rate()\n\n\n"
        "def make_scheduler(optimizer):\n"
        "    return Scheduler(optimizer)\n",
        name);
}

/* ReduceLROnPlateau itself, where it can do it all. */
static bool append_reduce_on_plateau(const struct lrp_code *code)
{
    const struct lrp_schedule *schedule = code->schedule;
    char number[LRP_NUMBER_SIZE];
    double every = 1;
    for (size_t k = 0; k < schedule->row->n_keys; k++) {
        every = strcmp(schedule->row->keys[k].name, "every") == 0 ? schedule->values[k] : every;
    }
    if (schedule->row->pytorch == NULL || code->warmup > 0 || every > 1) {
        return false;
    }
    lrp_text_printf(code->out,
                    "import torch\n\n\ndef make_scheduler(optimizer):\n"
                    "    \"\"\"Call step(value) of what it returns with every value.\"\"\"\n"
                    "    for group in optimizer.param_groups:\n"
                    "        group[\"lr\"] = %s\n"
                    "    return torch.optim.lr_scheduler.",
                    lrp_format_double(schedule->values[0], number));
    (void)schedule->row->pytorch(schedule, code->n_steps, code->out);
    lrp_text_append(code->out, "\n");
    return true;
}

enum lrp_status lrp_code_losses(const struct lrp_code *code, struct lrp_error *err)
{
    bool torch = code->schedule->row == &lrp_schedule_plateau_torch;
    const char *name = torch ? "PlateauTorch" : "Plateau";
    if (code->language == LRP_CODE_C) {
        if (torch) {
            append_constants(code);
            lrp_text_append(code->out, "\n");
            lrp_text_append(code->out, torch_c);
        } else {
            append_library_c(code);
        }
        return lrp_text_check(code->out, err);
    }
    if (code->language == LRP_CODE_PYTORCH && append_reduce_on_plateau(code)) {
        return lrp_text_check(code->out, err);
    }
    lrp_text_printf(code->out, "import math\n%s\n%s", torch ? "" : "import statistics\n",
                    code->language == LRP_CODE_KERAS ? "import keras\n\n" : "");
    append_constants(code);
    lrp_text_append(code->out, "\n\n");
    lrp_text_append(code->out, torch ? torch_python : statistics_python);
    if (code->language == LRP_CODE_KERAS) {
        append_keras(code, name);
    } else if (code->language == LRP_CODE_PYTORCH) {
        append_pytorch(code, name);
    } else {
        lrp_text_printf(
            code->out,
            "\n\n# A schedule of optax sees the step alone, so the rate is set from outside:\n"
            "#   optimizer = optax.inject_hyperparams(optax.sgd)(learning_rate=plateau.rate(0))\n"
            "# and around every step, which compiled code must not contain:\n"
            "#   opt_state.hyperparams[\"learning_rate\"] = plateau.rate(step)\n"
            "#   plateau.observe(step, float(loss))\n"
            "plateau = %s()\n",
            name);
    }
    return lrp_text_check(code->out, err);
}
