/* SPDX-License-Identifier: MIT */
#include "plot.h"

#include "alloc.h"
#include "gnuplot_text.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SCRIPT_MOST = 1 << 26, PICTURE_MOST = 1 << 26, SECONDS_MOST = 60, WAIT_MS = 4 };

extern char **environ;

bool lrp_plot_format_parse(const char *name, enum lrp_plot_format *out)
{
    static const struct {
        const char *name;
        enum lrp_plot_format format;
    } formats[] = {{"none", LRP_PLOT_NONE}, {"dumb", LRP_PLOT_DUMB}, {"svg", LRP_PLOT_SVG},
                   {"png", LRP_PLOT_PNG},   {"pdf", LRP_PLOT_PDF},   {"sixel", LRP_PLOT_SIXEL}};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(name, formats[i].name) == 0) {
            *out = formats[i].format;
            return true;
        }
    }
    return false;
}

/* An anonymous file that holds the text, read from its beginning; -1 with errno set. */
static int file_of_text(const struct lrp_text *text)
{
    int file = memfd_create("gnuplot", MFD_CLOEXEC);
    size_t done = 0;
    while (file >= 0 && done < text->length) {
        ssize_t wrote = write(file, text->bytes + done, text->length - done);
        if (wrote < 0 && errno != EINTR) {
            (void)close(file);
            return -1;
        }
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    if (file >= 0) {
        (void)lseek(file, 0, SEEK_SET);
    }
    return file;
}

/* Waits for the child, at most SECONDS_MOST; its wait status, or -1 when it had to be ended. */
static int wait_for(pid_t child)
{
    const struct timespec pause = {0, WAIT_MS * 1000000L};
    int status = 0;
    for (int i = 0; i < SECONDS_MOST * 1000 / WAIT_MS; i++) {
        pid_t got = waitpid(child, &status, WNOHANG);
        if (got == child) {
            return status;
        }
        if (got < 0 && errno != EINTR) {
            return -1;
        }
        (void)nanosleep(&pause, NULL);
    }
    (void)kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return -1;
}

static enum lrp_status spawn_gnuplot(int in, int out, int messages, struct lrp_error *err)
{
    char program[] = "gnuplot";
    char no_startup_files[] = "-d";
    char script[] = "/dev/stdin";
    char *const argv[] = {program, no_startup_files, script, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child = 0;
    int reason = posix_spawn_file_actions_init(&actions);
    if (reason != 0) {
        return lrp_fail_errno(err, reason, "start", "gnuplot");
    }
    reason = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    reason = reason == 0 ? posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) : reason;
    reason =
        reason == 0 ? posix_spawn_file_actions_adddup2(&actions, messages, STDERR_FILENO) : reason;
    reason = reason == 0 ? posix_spawnp(&child, program, &actions, NULL, argv, environ) : reason;
    (void)posix_spawn_file_actions_destroy(&actions);
    if (reason == ENOENT) {
        return lrp_fail(err, LRP_E_TOOL, 0,
                        "gnuplot is not installed, so there is no plot (Debian package "
                        "gnuplot-nox)");
    }
    if (reason != 0) {
        return lrp_fail(err, LRP_E_TOOL, 0, "gnuplot could not be started: %s", strerror(reason));
    }
    int status = wait_for(child);
    if (status < 0) {
        return lrp_fail(err, LRP_E_TOOL, 0, "gnuplot did not end within %d seconds", SECONDS_MOST);
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        char said[200] = "";
        ssize_t length = pread(messages, said, sizeof said - 1, 0);
        said[length > 0 ? length : 0] = '\0';
        return lrp_fail(err, LRP_E_TOOL, 0, "gnuplot failed: %s", said);
    }
    return LRP_OK;
}

static enum lrp_status take_output(int file, char **bytes, size_t *length, struct lrp_error *err)
{
    struct stat facts;
    if (fstat(file, &facts) != 0 || facts.st_size <= 0 || facts.st_size > PICTURE_MOST) {
        return lrp_fail(err, LRP_E_TOOL, 0, "gnuplot drew nothing");
    }
    size_t size = (size_t)facts.st_size;
    char *picture = lrp_calloc_array(size + 1, 1);
    if (picture == NULL) {
        return lrp_fail_memory(err, size);
    }
    if (pread(file, picture, size, 0) != (ssize_t)size) {
        free(picture);
        return lrp_fail(err, LRP_E_TOOL, 0, "the picture that gnuplot drew could not be read");
    }
    *bytes = picture;
    *length = size;
    return LRP_OK;
}

static enum lrp_status run_gnuplot(const struct lrp_text *script, char **bytes, size_t *length,
                                   struct lrp_error *err)
{
    int in = file_of_text(script);
    int out = memfd_create("picture", MFD_CLOEXEC);
    int messages = memfd_create("messages", MFD_CLOEXEC);
    enum lrp_status status = LRP_OK;
    if (in < 0 || out < 0 || messages < 0) {
        status = lrp_fail_errno(err, errno, "make", "a file for gnuplot");
    }
    status = status == LRP_OK ? spawn_gnuplot(in, out, messages, err) : status;
    status = status == LRP_OK ? take_output(out, bytes, length, err) : status;
    const int files[] = {in, out, messages};
    for (size_t i = 0; i < 3; i++) {
        if (files[i] >= 0) {
            (void)close(files[i]);
        }
    }
    return status;
}

enum lrp_status lrp_plot_draw(const struct lrp_figure *figure, enum lrp_plot_format format,
                              unsigned width, unsigned height, char **bytes, size_t *length,
                              struct lrp_error *err)
{
    struct lrp_text script;
    lrp_text_init(&script, SCRIPT_MOST);
    /* The data go along in the script: nothing of ours lies around in a temporary folder. */
    lrp_text_append(&script, "$data << LRPROBE_END\n");
    lrp_gnuplot_data(figure, &script);
    lrp_text_append(&script, "LRPROBE_END\n");
    enum lrp_status status =
        lrp_gnuplot_script(figure, format, width, height, "$data", NULL, &script, err);
    status = status == LRP_OK ? run_gnuplot(&script, bytes, length, err) : status;
    lrp_text_fini(&script);
    return status;
}
