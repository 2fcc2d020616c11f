/* SPDX-License-Identifier: MIT */
#include "tool.h"

#include "alloc.h"
#include "clock.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
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

/* Our own environment without those; the array is heap memory, the strings are borrowed. */
static char **plain_environment(void)
{
    size_t n = 0;
    while (environ[n] != NULL) {
        n++;
    }
    char **entries = lrp_calloc_array(n + 1, sizeof *entries);
    size_t kept = 0;
    for (size_t i = 0; entries != NULL && i < n; i++) {
        if (!filters_jobs(environ[i])) {
            entries[kept++] = environ[i];
        }
    }
    return entries;
}

/* The error number of the attempt. */
static int spawn(struct lrp_tool *tool, const char *const *argv, char **environment)
{
    union { /* posix_spawn takes char *const *, but changes nothing */
        const char *const *in;
        char *const *out;
    } words = {.in = argv};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int reason = posix_spawn_file_actions_init(&actions);
    if (reason != 0) {
        return reason;
    }
    reason = posix_spawnattr_init(&attributes);
    if (reason != 0) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return reason;
    }
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    reason = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", 0, 0);
    if (reason == 0) {
        reason = posix_spawn_file_actions_adddup2(&actions, tool->out, STDOUT_FILENO);
    }
    if (reason == 0) {
        reason = posix_spawn_file_actions_adddup2(&actions, tool->err, STDERR_FILENO);
    }
    if (reason == 0) {
        reason = posix_spawnp(&tool->pid, argv[0], &actions, &attributes, words.out, environment);
    }
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return reason;
}

enum lrp_status lrp_tool_start(struct lrp_tool *tool, const char *const *argv,
                               struct lrp_error *err)
{
    *tool = (struct lrp_tool){.name = argv[0], .started = lrp_clock_seconds()};
    tool->out = memfd_create("out", MFD_CLOEXEC);
    tool->err = memfd_create("err", MFD_CLOEXEC);
    char **environment = plain_environment();
    int reason = ENOMEM;
    if (tool->out < 0 || tool->err < 0) {
        reason = errno;
    } else if (environment != NULL) {
        reason = spawn(tool, argv, environment);
    }
    free(environment);
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
    *ended = true;
    if (got == tool->pid) {
        tool->pid = 0;
        enum lrp_status status = judge(tool, wait_status, out, err);
        lrp_tool_close(tool);
        return status;
    }
    if (got < 0 && errno != EINTR) {
        tool->pid = 0;
        lrp_tool_close(tool);
        return lrp_fail(err, LRP_E_IO, 0, "what became of %s is not known", tool->name);
    }
    if (lrp_clock_seconds() - tool->started > seconds) {
        lrp_tool_close(tool);
        return lrp_fail(err, LRP_E_TOOL, 0, "%s gave no answer within %g seconds", tool->name,
                        seconds);
    }
    *ended = false;
    return LRP_OK;
}

enum lrp_status lrp_tool_run(const char *const *argv, double seconds, const volatile int *stop,
                             struct lrp_text *out, struct lrp_error *err)
{
    const struct timespec pause = {0, WAIT_MS * 1000000L};
    struct lrp_tool tool;
    bool ended = false;
    double stopped = 0;
    enum lrp_status status = lrp_tool_start(&tool, argv, err);
    while (status == LRP_OK && !ended) {
        (void)nanosleep(&pause, NULL);
        status = lrp_tool_poll(&tool, seconds, &ended, out, err);
        if (ended || stop == NULL || *stop == 0) {
            continue;
        }
        stopped = stopped > 0 ? stopped : lrp_clock_seconds();
        if (lrp_clock_seconds() - stopped > PATIENCE_AFTER_STOP) {
            lrp_tool_close(&tool);
            status = lrp_fail(err, LRP_E_INTERRUPTED, 0, "stopped on request while %s was at work",
                              argv[0]);
        }
    }
    return status;
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
