/* SPDX-License-Identifier: MIT */
#include "private_view.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A folder by its descriptor: its path may be long, hold what mount options do not, or lie under
 * what was mounted since. */
enum { DESCRIPTOR_PATH = 40 };
static const char PROBE_NAME[] = ".lrprobe-overlay";

/* printf is not async-signal-safe. Returns the end. */
static char *append(char *at, const char *text)
{
    while (*text != '\0') {
        *at++ = *text++;
    }
    *at = '\0';
    return at;
}

static char *append_number(char *at, unsigned long number)
{
    char digits[24];
    size_t first = sizeof digits - 1;
    digits[first] = '\0';
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return append(at, digits + first);
}

static char *append_descriptor(char *at, int fd)
{
    return append_number(append(at, "/proc/self/fd/"), (unsigned long)fd);
}

static bool write_line(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    const int number = errno;
    if (fd >= 0) {
        close(fd);
    }
    errno = number;
    return written;
}

/* "1000 1000 1": the id is the same on both sides. */
static bool map_id(const char *path, unsigned long id)
{
    char line[80];
    char *end = append_number(append(append_number(line, id), " "), id);
    (void)append(end, " 1\n");
    return write_line(path, line);
}

/* *user: mounts belong to a user namespace, which overlayfs has to know. */
static bool leave_namespaces(bool *user)
{
    const uid_t uid = geteuid();
    const gid_t gid = getegid();
    *user = false;
    if (unshare(CLONE_NEWNS) != 0) {
        *user = true;
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
            return false;
        }
        (void)write_line("/proc/self/setgroups", "deny"); /* without it gid_map is refused */
        if (!map_id("/proc/self/uid_map", uid) || !map_id("/proc/self/gid_map", gid)) {
            return false;
        }
    }
    /* what is mounted here stays here; what the system mounts later is still seen */
    return mount("none", "/", "none", MS_REC | MS_SLAVE, NULL) == 0;
}

static int open_folder(const char *path)
{
    return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static bool mount_cover(const struct lrp_cover *cover, int lower, bool user)
{
    char options[4 * DESCRIPTOR_PATH + 60];
    const int upper = open_folder(cover->upper);
    const int work = open_folder(cover->work);
    char *at = append_descriptor(append(options, "lowerdir="), lower);
    at = append_descriptor(append(at, ",upperdir="), upper);
    at = append_descriptor(append(at, ",workdir="), work);
    /* without redirect_dir folders that were there before cannot be renamed */
    (void)append(at, user ? ",userxattr" : ",redirect_dir=on");
    bool mounted =
        upper >= 0 && work >= 0 && mount("overlay", cover->folder, "overlay", 0, options) == 0;
    const int number = errno;
    close(upper);
    close(work);
    errno = number;
    return mounted;
}

static bool bind_back(int fd, const char *path)
{
    char source[DESCRIPTOR_PATH];
    (void)append_descriptor(source, fd);
    return mount(source, path, "none", MS_BIND | MS_REC, NULL) == 0;
}

static bool enter(const struct lrp_private_view *view)
{
    bool user = false;
    int lowers[LRP_COVERS_MAX];
    if (view->n_covers == 0) {
        return true;
    }
    if (view->n_covers > LRP_COVERS_MAX) {
        errno = E2BIG;
        return false;
    }
    if (!leave_namespaces(&user)) {
        return false;
    }
    /* all of them before the first is covered */
    const int kept = view->kept == NULL ? -1 : open_folder(view->kept);
    bool done = view->kept == NULL || kept >= 0;
    for (size_t i = 0; i < view->n_covers; i++) {
        lowers[i] = open_folder(view->covers[i].folder);
        done = done && lowers[i] >= 0;
    }
    for (size_t i = 0; i < view->n_covers && done; i++) {
        done = mount_cover(&view->covers[i], lowers[i], user);
    }
    return done && (view->kept == NULL || bind_back(kept, view->kept)); /* all close on exec */
}

int lrp_private_view_enter(const struct lrp_private_view *view)
{
    if (!enter(view) || (view->start != NULL && chdir(view->start) != 0)) {
        return errno != 0 ? errno : EIO;
    }
    return 0;
}

bool lrp_private_view_needs_namespace(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    memset(data, 0, sizeof data);
    return syscall(SYS_capget, &head, data) != 0 || (data[0].effective & 1U << CAP_SYS_ADMIN) == 0;
}

static int open_probe_file(const char *folder, int flags)
{
    const int place = open_folder(folder);
    const int fd = place < 0 ? -1 : openat(place, PROBE_NAME, flags | O_CLOEXEC, 0600);
    const int number = errno;
    if (place >= 0) {
        close(place);
    }
    errno = number;
    return fd;
}

/* In the process of lrp_private_view_check. */
static int try_out(const struct lrp_private_view *view)
{
    int number = lrp_private_view_enter(view);
    if (number != 0) {
        return number;
    }
    for (size_t i = 0; i < view->n_covers; i++) {
        int fd = open_probe_file(view->covers[i].folder, O_WRONLY | O_CREAT | O_EXCL);
        /* a folder that the user may not write needs no cover, and is none the worse for one */
        if (fd < 0 && errno != EACCES) {
            return errno;
        }
        if (fd >= 0 && (write(fd, "x", 1) != 1 || close(fd) != 0)) {
            return errno;
        }
    }
    return 0;
}

static enum lrp_status judge(const struct lrp_private_view *view, int status, struct lrp_error *err)
{
    for (size_t i = 0; i < view->n_covers; i++) {
        const char *folder = view->covers[i].folder;
        int fd = open_probe_file(view->covers[i].upper, O_RDONLY);
        if (fd >= 0) {
            close(fd);
        }
        const int place = open_folder(view->covers[i].upper);
        (void)unlinkat(place, PROBE_NAME, 0);
        close(place);
        int through = open_probe_file(folder, O_RDONLY);
        if (through >= 0) { /* it was written into the user's folder */
            close(through);
            const int wrong = open_folder(folder);
            (void)unlinkat(wrong, PROBE_NAME, 0);
            close(wrong);
            return lrp_fail(err, LRP_E_IO, 0, "an overlay of %.200s lets writing through", folder);
        }
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        char reason[128];
        const int number = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
        return lrp_fail(err, LRP_E_IO, 0, "this system allows no private overlay of %.200s: %s",
                        view->covers[0].folder, strerror_r(number, reason, sizeof reason));
    }
    return LRP_OK;
}

enum lrp_status lrp_private_view_check(const struct lrp_private_view *view, struct lrp_error *err)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t pid = fork();
    if (pid == 0) {
        _exit(try_out(view) & 0xff);
    }
    const int number = errno;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (pid < 0) {
        return lrp_fail_errno(err, number, "start a process for", "an overlay");
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return judge(view, status, err);
}
