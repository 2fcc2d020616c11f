/* SPDX-License-Identifier: MIT */
#include "tool.h"

#include "clock.h"
#include "string_list.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const double PATIENCE_AFTER_STOP = 5;
enum { WAIT_MS = 10, WORDS_MOST = 300, LINE_MOST = 160 };

static bool filters_jobs(const char *entry)
{
    return strncmp(entry, "SQUEUE_", 7) == 0 || strncmp(entry, "SCANCEL_", 8) == 0;
}

/* Our own environment without those. */
static enum lrp_status plain_environment(char ***environment, struct lrp_error *err)
{
    for (char **entry = environ; *entry != NULL; entry++) {
        if (!filters_jobs(*entry)) {
            LRP_TRY(lrp_string_list_add(environment, err, "%s", *entry));
        }
    }
    return LRP_OK;
}

/* The error number of the attempt. */
static int spawn(struct lrp_tool *tool, char *const *argv, char *const *environment)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int reason = posix_spawn_file_actions_init(&actions);
    if (reason != 0) {
        return reason;
    }
    reason = posix_spawnattr_init(&attributes);
    if (reason == 0) {
        (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
        reason = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", 0, 0);
        reason = reason != 0 ? reason
                             : posix_spawn_file_actions_adddup2(&actions, tool->out, STDOUT_FILENO);
        reason = reason != 0 ? reason
                             : posix_spawn_file_actions_adddup2(&actions, tool->err, STDERR_FILENO);
        reason = reason != 0
                     ? reason
                     : posix_spawnp(&tool->pid, argv[0], &actions, &attributes, argv, environment);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return reason;
}

enum lrp_status lrp_tool_start(struct lrp_tool *tool, char *const *argv, struct lrp_error *err)
{
    char **environment = NULL;
    *tool = (struct lrp_tool){.started = lrp_clock_seconds()};
    (void)snprintf(tool->name, sizeof tool->name, "%s", argv[0]);
    tool->out = memfd_create("out", MFD_CLOEXEC);
    tool->err = memfd_create("err", MFD_CLOEXEC);
    int reason = tool->out < 0 || tool->err < 0 ? errno : 0;
    if (reason == 0) {
        bool complete = plain_environment(&environment, err) == LRP_OK;
        reason = complete ? spawn(tool, argv, environment) : ENOMEM;
        lrp_string_list_free(environment);
    }
    if (reason == 0) {
        return LRP_OK;
    }
    tool->pid = 0;
    lrp_tool_close(tool);
    if (reason == ENOENT) {
        return lrp_fail(err, LRP_E_TOOL, 0,
                        "%s is not installed, so nothing can be run by Slurm (it needs sbatch, "
                        "squeue and scancel in PATH)",
                        argv[0]);
    }
    return lrp_fail_errno(err, reason, "start", argv[0]);
}

static void take(int file, struct lrp_text *text)
{
    char buffer[8192];
    off_t at = 0;
    ssize_t n = 0;
    while ((n = pread(file, buffer, sizeof buffer, at)) > 0) {
        lrp_text_append_bytes(text, buffer, (size_t)n);
        at += n;
    }
}

/* Its lines as one sentence, without the "sbatch: error: " before each. */
static void sentence(const struct lrp_tool *tool, struct lrp_text *words)
{
    char said[4000];
    ssize_t n = pread(tool->err, said, sizeof said - 1, 0);
    said[n > 0 ? n : 0] = '\0';
    const char *line = said;
    while (*line != '\0') {
        size_t length = strcspn(line, "\n");
        const char *next = line + length + (line[length] == '\n' ? 1 : 0);
        const char *const before[] = {tool->name, ": ", "error: "};
        for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
            size_t skipped = strlen(before[i]);
            if (length >= skipped && strncmp(line, before[i], skipped) == 0) {
                line += skipped;
                length -= skipped;
            }
        }
        if (length > 0 && words->length < WORDS_MOST) {
            lrp_text_append(words, words->length > 0 ? "; " : "");
            lrp_text_append_clean(words, line, length < LINE_MOST ? length : LINE_MOST);
        }
        line = next;
    }
}

static enum lrp_status judge(struct lrp_tool *tool, int wait_status, struct lrp_text *out,
                             struct lrp_error *err)
{
    if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0) {
        take(tool->out, out);
        return lrp_text_check(out, err);
    }
    struct lrp_text words;
    lrp_text_init(&words, 4000);
    sentence(tool, &words);
    if (words.length == 0 && WIFSIGNALED(wait_status)) {
        lrp_text_printf(&words, "it was ended by signal %d", WTERMSIG(wait_status));
    } else if (words.length == 0) {
        lrp_text_printf(&words, "exit status %d", WEXITSTATUS(wait_status));
    }
    enum lrp_status status =
        lrp_fail(err, LRP_E_TOOL, 0, "%s failed: %.350s", tool->name, lrp_text_string(&words));
    lrp_text_fini(&words);
    return status;
}

enum lrp_status lrp_tool_poll(struct lrp_tool *tool, double seconds, bool *ended,
                              struct lrp_text *out, struct lrp_error *err)
{
    int wait_status = 0;
    pid_t got = waitpid(tool->pid, &wait_status, WNOHANG);
    bool lost = got < 0 && errno != EINTR;
    bool late = !lost && got <= 0 && lrp_clock_seconds() - tool->started > seconds;
    *ended = got == tool->pid || lost || late;
    if (!*ended) {
        return LRP_OK;
    }
    enum lrp_status status = LRP_OK;
    if (lost) {
        status = lrp_fail(err, LRP_E_IO, 0, "what became of %s is not known", tool->name);
    } else if (late) {
        status = lrp_fail(err, LRP_E_TOOL, 0, "%s gave no answer within %g seconds", tool->name,
                          seconds);
    } else {
        status = judge(tool, wait_status, out, err);
    }
    tool->pid = late ? tool->pid : 0; /* what is late is still to be ended */
    lrp_tool_close(tool);
    return status;
}

enum lrp_status lrp_tool_run(char *const *argv, double seconds, const volatile int *stop,
                             struct lrp_text *out, struct lrp_error *err)
{
    const struct timespec pause = {0, WAIT_MS * 1000000L};
    struct lrp_tool tool;
    bool ended = false;
    double stopped = 0;
    LRP_TRY(lrp_tool_start(&tool, argv, err));
    while (!ended) {
        (void)nanosleep(&pause, NULL);
        LRP_TRY(lrp_tool_poll(&tool, seconds, &ended, out, err)); /* an error is an end, too */
        if (ended || stop == NULL || *stop == 0) {
            continue;
        }
        stopped = stopped > 0 ? stopped : lrp_clock_seconds();
        if (lrp_clock_seconds() - stopped > PATIENCE_AFTER_STOP) {
            lrp_tool_close(&tool);
            return lrp_fail(err, LRP_E_INTERRUPTED, 0, "stopped on request while %s was at work",
                            argv[0]);
        }
    }
    return LRP_OK;
}

void lrp_tool_close(struct lrp_tool *tool)
{
    if (tool->pid > 0) {
        (void)kill(-tool->pid, SIGKILL);
        while (waitpid(tool->pid, NULL, 0) < 0 && errno == EINTR) {
        }
        tool->pid = 0;
    }
    if (tool->out >= 0) {
        close(tool->out);
    }
    if (tool->err >= 0) {
        close(tool->err);
    }
    tool->out = tool->err = -1;
}
