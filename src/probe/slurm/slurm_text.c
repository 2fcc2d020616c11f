/* SPDX-License-Identifier: MIT */
#include "slurm_text.h"

#include "number.h"

#include <string.h>

static const char DIGITS[] = "0123456789";
static const char NAME_BYTES[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";

static const char TIME_LIMIT[] = "was ended by the time limit of its job (--time-limit)";
static const char NODE_FAILED[] = "was lost: the node of its job failed";
static const char PREEMPTED[] = "was ended to make room for another job (preempted)";
static const char CANCELLED[] = "was ended: its job was cancelled";
static const char NO_MEMORY[] =
    "was ended: it needed more memory than its job has (--sbatch=--mem=SIZE asks for more)";

/* squeue(1), "JOB STATE CODES". */
static const struct lrp_slurm_state states[] = {
    {"PENDING", true, NULL},
    {"RUNNING", true, NULL},
    {"CONFIGURING", true, NULL},
    {"SUSPENDED", true, NULL},
    {"STOPPED", true, NULL},
    {"SIGNALING", true, NULL},
    {"STAGE_OUT", true, NULL},
    {"RESIZING", true, NULL},
    {"REQUEUED", true, NULL},
    {"REQUEUE_FED", true, NULL},
    {"REQUEUE_HOLD", true, NULL},
    {"SPECIAL_EXIT", true, NULL},
    {"RESV_DEL_HOLD", true, NULL},
    {"COMPLETING", false, NULL}, /* its script has ended */
    {"COMPLETED", false, NULL},
    {"FAILED", false, NULL},
    {"REVOKED", false, NULL},
    {"CANCELLED", false, CANCELLED},
    {"TIMEOUT", false, TIME_LIMIT},
    {"DEADLINE", false, "was ended by the deadline of its job"},
    {"NODE_FAIL", false, NODE_FAILED},
    {"BOOT_FAIL", false, "did not begin: the node of its job did not start up"},
    {"LAUNCH_FAILED", false, "did not begin: Slurm could not start its job"},
    {"PREEMPTED", false, PREEMPTED},
    {"OUT_OF_MEMORY", false, NO_MEMORY},
};

const struct lrp_slurm_state *lrp_slurm_state_find(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (strlen(states[i].name) == length && memcmp(states[i].name, name, length) == 0) {
            return &states[i];
        }
    }
    return NULL;
}

bool lrp_slurm_parse_job(const char *text, char job[LRP_SLURM_JOB_SIZE])
{
    bool found = false;
    while (*text != '\0') {
        size_t length = strcspn(text, "\r\n");
        size_t end = strspn(text, DIGITS);
        bool number = end > 0 && end < 19;
        if (text[end] == ';') {
            size_t cluster = strspn(text + end + 1, NAME_BYTES);
            number = number && cluster > 0;
            end += 1 + cluster;
        }
        if (number && end == length && length < LRP_SLURM_JOB_SIZE) {
            memcpy(job, text, length);
            job[length] = '\0';
            found = true;
        }
        text += length + (text[length] != '\0' ? 1 : 0);
    }
    return found;
}

/* A number and the blank behind it; false where there is none. */
static bool take_number(const char **at, int64_t *value)
{
    size_t length = strspn(*at, DIGITS);
    if ((*at)[length] != ' ' || !lrp_parse_int64(*at, length, 0, LRP_SLURM_NUMBER_MOST, value)) {
        return false;
    }
    *at += length + 1;
    return true;
}

bool lrp_slurm_next_row(const char **text, struct lrp_slurm_row *row)
{
    while (**text != '\0') {
        const char *at = *text;
        const char *end = at + strcspn(at, "\n");
        *text = *end == '\n' ? end + 1 : end;
        int64_t job = 0;
        int64_t index = 0;
        if (!take_number(&at, &job) || !take_number(&at, &index)) {
            continue;
        }
        const char *blank = memchr(at, ' ', (size_t)(end - at));
        if (blank == NULL || blank == at) {
            continue;
        }
        *row = (struct lrp_slurm_row){.job = (unsigned long)job,
                                      .index = (size_t)index,
                                      .state = at,
                                      .state_length = (size_t)(blank - at),
                                      .name = blank + 1,
                                      .name_length = (size_t)(end - blank - 1)};
        return true;
    }
    return false;
}

const char *lrp_slurm_last_word(const char *log)
{
    static const struct {
        const char *sign, *meaning;
    } signs[] = {
        {"DUE TO TIME LIMIT", TIME_LIMIT},    {"DUE TO PREEMPTION", PREEMPTED},
        {"DUE TO NODE FAILURE", NODE_FAILED}, {"oom-kill event", NO_MEMORY},
        {"oom_kill event", NO_MEMORY},        {" CANCELLED AT ", CANCELLED},
    };
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (strstr(log, signs[i].sign) != NULL) {
            return signs[i].meaning;
        }
    }
    return NULL;
}
