/* SPDX-License-Identifier: MIT */
#include "slurm.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* A word of POSIX shell that stands for these bytes, whatever they are. It needs the variable cr,
 * since sbatch refuses scripts that have a carriage return before a newline. */
static void quote(struct lrp_text *text, const char *bytes)
{
    lrp_text_append(text, "'");
    while (*bytes != '\0') {
        size_t plain = strcspn(bytes, "'\r");
        lrp_text_append_bytes(text, bytes, plain);
        bytes += plain;
        if (*bytes != '\0') {
            lrp_text_append(text, *bytes == '\'' ? "'\\''" : "'\"$cr\"'");
            bytes++;
        }
    }
    lrp_text_append(text, "'");
}

static void assign(struct lrp_text *text, const char *name, const char *value)
{
    lrp_text_printf(text, "    %s=", name);
    quote(text, value);
    lrp_text_append(text, "\n");
}

static bool can_be_set(const char *entry, size_t length)
{
    static const char bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    bool begins = strcspn(entry, "0123456789") > 0;
    return begins && length > 0 && strspn(entry, bytes) == length;
}

static enum lrp_status set_variables(struct lrp_text *text, const char *const *entries,
                                     struct lrp_error *err)
{
    for (size_t i = 0; entries != NULL && entries[i] != NULL; i++) {
        size_t length = strcspn(entries[i], "=");
        if (entries[i][length] == '\0' || !can_be_set(entries[i], length)) {
            return lrp_fail(err, LRP_E_ARG, 0, "a shell cannot set the trainer's variable '%.100s'",
                            entries[i]);
        }
        lrp_text_printf(text, "    export %.*s=", (int)length, entries[i]);
        quote(text, entries[i] + length + 1);
        lrp_text_append(text, "\n");
    }
    return LRP_OK;
}

static void set_command(struct lrp_text *text, const char *const *argv)
{
    lrp_text_append(text, "    set --");
    for (size_t i = 0; argv[i] != NULL; i++) {
        lrp_text_append(text, " ");
        quote(text, argv[i]);
    }
    lrp_text_append(text, "\n");
}

static enum lrp_status add_run(struct lrp_text *text, const struct lrp_slurm_task *task,
                               const struct lrp_trainer_run *run, struct lrp_error *err)
{
    lrp_text_printf(text, "%zu)\n    lrprobe_file=$lrprobe_folder/%s\n", task->index, task->name);
    LRP_TRY(set_variables(text, run->environment, err));
    assign(text, "LRPROBE_PLAN", run->plan_path);
    assign(text, "LRPROBE_REPORT", run->told_report != NULL ? run->told_report : run->report_path);
    lrp_text_printf(text, "    LRPROBE_SEED=%" PRIu64 "\n    LRPROBE_STEPS=%zu\n", run->seed,
                    run->steps);
    assign(text, "lrprobe_out", run->out_path);
    assign(text, "lrprobe_err", run->err_path);
    set_command(text, run->argv);
    lrp_text_append(text, "    ;;\n");
    return LRP_OK;
}

/* Its own variables have long names: one that the user's environment has as well would be changed
 * for the trainer, too. As many threads as the task has processors, unless the user has said. */
static const char body[] =
    "export LRPROBE_PLAN LRPROBE_REPORT LRPROBE_SEED LRPROBE_STEPS\n"
    "lrprobe_cpus=${SLURM_CPUS_PER_TASK:-${SLURM_CPUS_ON_NODE:-1}}\n"
    "export OMP_NUM_THREADS=\"${OMP_NUM_THREADS:-$lrprobe_cpus}\"\n"
    "export OPENBLAS_NUM_THREADS=\"${OPENBLAS_NUM_THREADS:-$lrprobe_cpus}\"\n"
    "\n"
    "leave() { # FILE WORDS: appears only when whole\n"
    "    printf '%s\\n' \"$lrprobe_token $2\" >\"$lrprobe_file.$1.$$\" &&\n"
    "        mv -f \"$lrprobe_file.$1.$$\" \"$lrprobe_file.$1\"\n"
    "}\n"
    "# Whether lrprobe still wants this run from this job.\n"
    "wanted() {\n"
    "    lrprobe_owner=\n"
    "    read -r lrprobe_owner lrprobe_rest <\"$lrprobe_file.id\"\n"
    "    [ \"$lrprobe_owner\" = \"$lrprobe_token\" ]\n"
    "}\n"
    "wanted || exit 0\n"
    "if [ \"${SLURM_RESTART_COUNT:-0}\" -gt 0 ]; then # its report has rows already\n"
    "    leave status '1 requeued'\n"
    "    exit 1\n"
    "fi\n"
    "leave started \"${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID $(uname -n)\"\n"
    "wanted || exit 0\n"
    "\n"
    "lrprobe_trainer=\n"
    "lrprobe_how=ended\n"
    "stop() {\n"
    "    lrprobe_how=stopped\n"
    "    [ -n \"$lrprobe_trainer\" ] || return\n"
    "    kill -TERM \"$lrprobe_trainer\"\n"
    "    { sleep \"$lrprobe_grace\"; kill -KILL \"$lrprobe_trainer\"; } &\n"
    "}\n"
    "trap stop TERM INT\n"
    "# appended to: lrprobe shortens what grows too large\n"
    ": >\"$lrprobe_out\"\n"
    ": >\"$lrprobe_err\"\n"
    "\"$@\" </dev/null >>\"$lrprobe_out\" 2>>\"$lrprobe_err\" &\n"
    "lrprobe_trainer=$!\n"
    "[ \"$lrprobe_how\" = ended ] || stop\n"
    "while :; do\n"
    "    wait \"$lrprobe_trainer\"\n"
    "    lrprobe_code=$?\n"
    "    # a signal to this shell ends the wait, not the trainer\n"
    "    kill -0 \"$lrprobe_trainer\" 2>/dev/null || break\n"
    "done\n"
    "trap '' TERM INT\n"
    "kill -TERM 0 # what the trainer left behind; Slurm ends what does not heed this\n"
    "leave status \"$lrprobe_code $lrprobe_how\"\n"
    "exit \"$lrprobe_code\"\n";

enum lrp_status lrp_slurm_script_write(struct lrp_text *text, const struct lrp_slurm *slurm,
                                       const char *token, struct lrp_error *err)
{
    lrp_text_append(text, "#!/bin/sh\n"
                          "# Made by lrprobe for sbatch: each task of the array is one run of the "
                          "trainer.\n"
                          "cr=$(printf '\\r')\n");
    lrp_text_printf(text, "lrprobe_token=%s\nlrprobe_grace=%u\nlrprobe_folder=", token,
                    (unsigned)ceil(slurm->set->grace_seconds));
    quote(text, slurm->folder);
    lrp_text_append(text, "\ncase $SLURM_ARRAY_TASK_ID in\n");
    for (size_t i = 0; i < slurm->set->n_runs; i++) {
        if (strcmp(slurm->tasks[i].token, token) == 0) {
            LRP_TRY(add_run(text, &slurm->tasks[i], &slurm->set->runs[i], err));
        }
    }
    lrp_text_append(text, "*)\n    exit 1\n    ;;\nesac\n");
    lrp_text_append(text, body);
    return lrp_text_check(text, err);
}
