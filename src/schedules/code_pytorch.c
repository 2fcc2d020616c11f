/* SPDX-License-Identifier: MIT */
/* PyTorch's own class where it has one, with SequentialLR in front of it for a warm-up; else a
 * LambdaLR of the formula. */
#include "code.h"

#include "number.h"

#include <string.h>

/* PyTorch takes the rates as multiples of the group's own. */
static void append_first_rate(const struct lrp_code *code, const char *rate)
{
    lrp_text_printf(code->out,
                    "def make_scheduler(optimizer):\n"
                    "    \"\"\"Call step() of what it returns after every step of the optimizer."
                    "\"\"\"\n"
                    "    for group in optimizer.param_groups:\n"
                    "        group[\"lr\"] = group[\"initial_lr\"] = %s\n",
                    rate);
}

static void append_class(const struct lrp_code *code, const char *call)
{
    char number[LRP_NUMBER_SIZE];
    lrp_text_printf(code->out, "%simport torch\n\n\n",
                    strstr(call, "math.") != NULL ? "import math\n\n" : "");
    append_first_rate(code, lrp_format_double(code->schedule->values[0], number));
    if (code->warmup > 0) {
        lrp_text_printf(code->out,
                        "    scheduler = torch.optim.lr_scheduler.%s\n"
                        "    rise = torch.optim.lr_scheduler.LinearLR(\n"
                        "        optimizer, start_factor=1 / %.0f, total_iters=%.0f)\n"
                        "    return torch.optim.lr_scheduler.SequentialLR(\n"
                        "        optimizer, schedulers=[rise, scheduler], milestones=[%.0f])\n",
                        call, code->warmup + 1, code->warmup, code->warmup);
    } else {
        lrp_text_printf(code->out, "    return torch.optim.lr_scheduler.%s\n", call);
    }
}

enum lrp_status lrp_code_pytorch(const struct lrp_code *code, struct lrp_error *err)
{
    const struct lrp_schedule_row *row = code->schedule->row;
    struct lrp_text call;
    lrp_text_init(&call, 1 << 14);
    if (row->pytorch != NULL && row->pytorch(code->schedule, code->n_steps, &call)) {
        append_class(code, lrp_text_string(&call));
    } else if (code->momentum) {
        lrp_text_fini(&call);
        return lrp_fail(err, LRP_E_ARG, 0,
                        "PyTorch's own scheduler for %s cannot do this: a phase of so short a run "
                        "has no step",
                        row->name);
    } else {
        lrp_text_append(code->out, "import math\n\nimport torch\n\n\n");
        lrp_code_python_helpers(code);
        lrp_text_append(code->out, "def learning_rate(step):\n");
        lrp_code_body(code, "    ");
        lrp_text_append(code->out, "    return rate\n\n\n");
        append_first_rate(code, "1.0");
        lrp_text_append(code->out,
                        "    return torch.optim.lr_scheduler.LambdaLR(optimizer, learning_rate)\n");
    }
    enum lrp_status status = lrp_text_check(&call, err);
    lrp_text_fini(&call);
    return status;
}
