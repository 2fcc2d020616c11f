/* SPDX-License-Identifier: MIT */
#include "plot.h"

#include "alloc.h"
#include "files.h"
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

enum {
    NAME_MOST = 256,
    SCRIPT_MOST = 1 << 26,
    PICTURE_MOST = 1 << 26,
    SECONDS_MOST = 60,
    WAIT_MS = 4
};

extern char **environ;

/* An anonymous file with the text, positioned at its start; -1 with errno set. */
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

/* Waits for the child, at most SECONDS_MOST; its wait status, or -1 when it had to be killed. */
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

/* files: its standard input, output and errors. */
static enum lrp_status spawn_gnuplot(const int files[3], struct lrp_error *err)
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
    for (int file = STDIN_FILENO; file <= STDERR_FILENO && reason == 0; file++) {
        reason = posix_spawn_file_actions_adddup2(&actions, files[file], file);
    }
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
        ssize_t length = pread(files[STDERR_FILENO], said, sizeof said - 1, 0);
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
    LRP_TRY_MEMORY(picture, err);
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
    const int files[3] = {file_of_text(script), memfd_create("picture", MFD_CLOEXEC),
                          memfd_create("messages", MFD_CLOEXEC)};
    enum lrp_status status = LRP_OK;
    if (files[0] < 0 || files[1] < 0 || files[2] < 0) {
        status = lrp_fail_errno(err, errno, "make", "a file for gnuplot");
    } else {
        status = spawn_gnuplot(files, err);
        status = status == LRP_OK ? take_output(files[1], bytes, length, err) : status;
    }
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
    /* The data go along in the script: no file is left in a temporary folder. */
    lrp_text_append(&script, "$data << LRPROBE_END\n");
    lrp_gnuplot_data(figure, &script);
    lrp_text_append(&script, "LRPROBE_END\n");
    enum lrp_status status =
        lrp_gnuplot_script(figure, format, width, height, "$data", NULL, &script, err);
    status = status == LRP_OK ? run_gnuplot(&script, bytes, length, err) : status;
    lrp_text_fini(&script);
    return status;
}

static enum lrp_status write_named(const char *folder, const char *name, const char *extension,
                                   const void *bytes, size_t length, struct lrp_error *err)
{
    struct lrp_text path;
    lrp_text_init(&path, 1 << 16);
    lrp_text_printf(&path, "%s/%s.%s", folder, name, extension);
    enum lrp_status status = lrp_text_check(&path, err);
    if (status == LRP_OK) {
        status = lrp_write_whole(lrp_text_string(&path), bytes, length, err);
    }
    lrp_text_fini(&path);
    return status;
}

static enum lrp_status save_sources(const struct lrp_figure *figure, const char *folder,
                                    struct lrp_text *data, struct lrp_text *script,
                                    struct lrp_error *err)
{
    char data_name[NAME_MOST];
    char picture_name[NAME_MOST];
    (void)snprintf(data_name, sizeof data_name, "'%s.dat'", figure->name);
    (void)snprintf(picture_name, sizeof picture_name, "%s.svg", figure->name);
    lrp_gnuplot_data(figure, data);
    LRP_TRY(lrp_text_check(data, err));
    lrp_text_printf(script, "# draw it again: gnuplot %s.gp\n", figure->name);
    LRP_TRY(lrp_gnuplot_script(figure, LRP_PLOT_SVG, 0, 0, data_name, picture_name, script, err));
    LRP_TRY(write_named(folder, figure->name, "dat", data->bytes, data->length, err));
    return write_named(folder, figure->name, "gp", script->bytes, script->length, err);
}

enum lrp_status lrp_plot_save(const struct lrp_figure *figure, const char *folder,
                              struct lrp_error *err)
{
    struct lrp_text data;
    struct lrp_text script;
    char *picture = NULL;
    size_t length = 0;
    lrp_text_init(&data, SCRIPT_MOST);
    lrp_text_init(&script, SCRIPT_MOST);
    enum lrp_status status = save_sources(figure, folder, &data, &script, err);
    lrp_text_fini(&data);
    lrp_text_fini(&script);
    LRP_TRY(status);
    LRP_TRY(lrp_plot_draw(figure, LRP_PLOT_SVG, 0, 0, &picture, &length, err));
    status = write_named(folder, figure->name, "svg", picture, length, err);
    free(picture);
    return status;
}
