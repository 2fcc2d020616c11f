/* SPDX-License-Identifier: MIT */
#include "supervisor.h"

#include "capture.h"
#include "clock.h"
#include "copy_stand_in.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The parent may have threads (a BLAS starts some when it is loaded), so between fork and exec, and
 * in the guard, only async-signal-safe functions are called (the clock is one). */

enum message_kind {
    MESSAGE_EXEC_ERROR = 1,
    MESSAGE_ENDED = 2,
    MESSAGE_LEFT = 3,
    MESSAGE_VIEW_ERROR = 4
};
struct message {
    int32_t kind;
    int32_t value;
};
enum { OUT, ERR, N_OUTPUTS };
struct guard_state {
    int socket;
    int children; /* signalfd for SIGCHLD */
    pid_t trainer;
    struct lrp_capture outputs[N_OUTPUTS];
};
/* Processes that the trainer has left running have this long to end by themselves (Python's helpers
 * do, when their pipe closes), and SIGKILL this long to end them: what is stuck in the kernel, or
 * belongs to another user, must not hold up everything. */
static const double PATIENCE_SECONDS = 0.3;
static const double KILL_SECONDS = 5;
enum { POLL_MS = 20 };

static void send_message(int socket_fd, enum message_kind kind, int value)
{
    struct message message = {.kind = (int32_t)kind, .value = value};
    ssize_t sent;
    do {
        sent = send(socket_fd, &message, sizeof message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
}

/* Whether the guard's child is still there; a zombie is reaped, but not the trainer. */
static bool is_running(const struct guard_state *guard, pid_t pid)
{
    return pid != guard->trainer && waitpid(pid, NULL, WNOHANG) == 0;
}

/* Goes through the guard's children: the trainer, and orphans that fell to it. With kill_them each
 * gets SIGKILL. Returns how many but the trainer were running; what does not fit into the list
 * comes in the next round. */
static size_t visit_children(const struct guard_state *guard, bool kill_them)
{
    char list[4096];
    int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, list, sizeof list);
    if (fd >= 0) {
        close(fd);
    }
    while (n > 0 && list[n - 1] != ' ') { /* a number cut in half */
        n--;
    }
    size_t running = 0;
    pid_t pid = 0;
    for (ssize_t i = 0; i < n; i++) {
        if (list[i] >= '0' && list[i] <= '9') {
            pid = pid * 10 + (list[i] - '0');
            continue;
        }
        bool runs = pid > 1 && is_running(guard, pid); /* if not, it is reaped by now */
        if (kill_them && (runs || pid == guard->trainer)) {
            (void)kill(pid, SIGKILL);
        }
        running += runs ? 1 : 0;
        pid = 0;
    }
    return running;
}

static void drain_signals(int fd)
{
    struct signalfd_siginfo info;
    while (read(fd, &info, sizeof info) == (ssize_t)sizeof info) {
    }
}

/* Ends the trainer and all its descendants; returns the trainer's wait status. */
static int end_everything(struct guard_state *guard)
{
    int trainer_status = SIGKILL;
    const double deadline = lrp_clock_seconds() + KILL_SECONDS;
    /* Safe: the trainer is not reaped yet, so its number still names this group. */
    (void)kill(-guard->trainer, SIGKILL);
    (void)kill(guard->trainer, SIGKILL);
    while (lrp_clock_seconds() < deadline) {
        int status = 0;
        pid_t pid = 0;
        (void)visit_children(guard, true);
        drain_signals(guard->children); /* before the look, so that no end is missed */
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
            trainer_status = pid == guard->trainer ? status : trainer_status;
        }
        if (pid < 0 && errno == ECHILD) {
            return trainer_status;
        }
        struct pollfd fd = {.fd = guard->children, .events = POLLIN};
        (void)poll(&fd, 1, POLL_MS);
    }
    send_message(guard->socket, MESSAGE_LEFT, LRP_LEFT_ALIVE);
    return trainer_status;
}

/* The trainer's own end, seen without reaping it. */
static bool trainer_has_ended(pid_t trainer)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    return waitid(P_PID, (id_t)trainer, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == trainer;
}

/* What lrprobe asks for; false when it is gone or asks for the end. */
static bool obey(struct guard_state *guard)
{
    char wanted = 0;
    ssize_t n = recv(guard->socket, &wanted, 1, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return true;
    }
    if (n <= 0 || wanted == SIGKILL) {
        return false;
    }
    (void)kill(-guard->trainer, wanted);
    return true;
}

static void reap_orphans(pid_t trainer)
{
    for (;;) {
        siginfo_t info;
        memset(&info, 0, sizeof info);
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0 ||
            info.si_pid == trainer) {
            return; /* a zombie listed behind the trainer is reaped at the end */
        }
        (void)waitpid(info.si_pid, NULL, WNOHANG);
    }
}

/* True while the trainer runs, or what it left has time to end. */
static bool has_work(struct guard_state *guard, double *patience)
{
    if (!trainer_has_ended(guard->trainer)) {
        return true;
    }
    if (visit_children(guard, false) == 0) {
        return false;
    }
    *patience = *patience > 0 ? *patience : lrp_clock_seconds() + PATIENCE_SECONDS;
    if (lrp_clock_seconds() < *patience) {
        return true;
    }
    send_message(guard->socket, MESSAGE_LEFT, LRP_LEFT_ENDED);
    return false;
}

/* Until lrprobe has closed its end: a socket that is closed with something unread takes with it
 * what was said last. */
static void wait_for_close(int socket_fd)
{
    char ignored = 0;
    ssize_t n = 0;
    do {
        n = recv(socket_fd, &ignored, 1, 0);
    } while (n > 0 || (n < 0 && errno == EINTR));
}

static void guard_loop(struct guard_state *guard)
{
    double patience = 0; /* its end; 0 = the trainer runs */
    while (has_work(guard, &patience)) {
        struct pollfd fds[] = {
            {.fd = guard->socket, .events = POLLIN},
            {.fd = guard->children, .events = POLLIN},
            {.fd = guard->outputs[OUT].pipe, .events = POLLIN}, /* -1 is passed over */
            {.fd = guard->outputs[ERR].pipe, .events = POLLIN},
        };
        (void)poll(fds, sizeof fds / sizeof fds[0], patience > 0 ? POLL_MS : -1);
        drain_signals(guard->children);
        reap_orphans(guard->trainer);
        lrp_capture_copy(&guard->outputs[OUT]);
        lrp_capture_copy(&guard->outputs[ERR]);
        if (!obey(guard)) {
            break;
        }
    }
    int status = end_everything(guard);
    lrp_capture_finish(&guard->outputs[OUT]);
    lrp_capture_finish(&guard->outputs[ERR]);
    send_message(guard->socket, MESSAGE_ENDED, status);
    wait_for_close(guard->socket);
}

static void redirect(int from, int to)
{
    if (from != to) {
        (void)dup2(from, to); /* the copy is open across exec */
    } else {
        (void)fcntl(to, F_SETFD, 0);
    }
}

_Noreturn static void become_trainer(const struct lrp_command_line *command, int socket_fd,
                                     pid_t guard, const int *writers, const sigset_t *mask)
{
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != guard) {
        _exit(127); /* the guard died before the line above */
    }
    redirect(writers[OUT], STDOUT_FILENO);
    redirect(writers[ERR], STDERR_FILENO);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)sigprocmask(SIG_SETMASK, mask, NULL);
    if (command->copies > 0) {
        lrp_copy_stand_in(command->copies, command->copy_request, command->copy_request_length);
    }
    if (command->passed > 0) {
        (void)fcntl(command->passed, F_SETFD, 0);
    }
    int number = command->view == NULL ? 0 : lrp_private_view_enter(command->view);
    if (number != 0) {
        send_message(socket_fd, MESSAGE_VIEW_ERROR, number);
        _exit(127);
    }
    union { /* execve takes char *const *, but changes nothing */
        const char *const *in;
        char *const *out;
    } argv = {.in = command->argv};
    execve(command->program, argv.out, command->environment);
    send_message(socket_fd, MESSAGE_EXEC_ERROR, errno);
    _exit(127);
}

/* Every descriptor but the standard ones and these is closed: the guard must not keep another
 * guard's socket open, nor the reader of a pipe waiting. */
static void keep_only(const int *keep, size_t n)
{
    for (unsigned first = 3, next = 0; next < UINT_MAX; first = next + 1) {
        next = UINT_MAX; /* the lowest from first on that is kept */
        for (size_t i = 0; i < n; i++) {
            unsigned fd = (unsigned)keep[i];
            next = fd >= first && fd < next ? fd : next;
        }
        if (next > first) {
            (void)close_range(first, next - 1, 0);
        }
    }
}

_Noreturn static void become_guard(const struct lrp_command_line *command, int socket_fd,
                                   const int *files, const sigset_t *mask)
{
    (void)setpgid(0, 0);                       /* Ctrl-C is for lrprobe */
    (void)prctl(PR_SET_NAME, "trainer-guard"); /* `pkill lrprobe` must not take it as well */
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; i < 3 && null >= 0; i++) {
        redirect(null, i);
    }
    const int passed[] = {command->lock, command->passed, command->copies};
    int kept[6] = {socket_fd, files[0], files[1]};
    size_t n_kept = 3;
    for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++) {
        if (passed[i] > 0) {
            kept[n_kept++] = passed[i];
        }
    }
    keep_only(kept, n_kept);

    struct guard_state guard;
    memset(&guard, 0, sizeof guard);
    guard.socket = socket_fd;
    int writers[N_OUTPUTS] = {-1, -1};
    for (int i = 0; i < N_OUTPUTS; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) {
            send_message(socket_fd, MESSAGE_EXEC_ERROR, errno);
            _exit(1);
        }
        (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
        guard.outputs[i].pipe = ends[0];
        guard.outputs[i].file = files[i];
        writers[i] = ends[1];
    }
    sigset_t children;
    (void)sigemptyset(&children);
    (void)sigaddset(&children, SIGCHLD);
    guard.children = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    pid_t self = getpid();
    guard.trainer = fork();
    if (guard.trainer == 0) {
        become_trainer(command, socket_fd, self, writers, mask);
    }
    if (guard.trainer < 0 || guard.children < 0) {
        send_message(socket_fd, MESSAGE_EXEC_ERROR, errno);
        _exit(1);
    }
    (void)setpgid(guard.trainer, guard.trainer); /* in both: whichever comes first */
    close(writers[OUT]);
    close(writers[ERR]);
    if (command->passed > 0) {
        close(command->passed);
    }
    if (command->copies > 0) {
        close(command->copies);
    }
    guard_loop(&guard);
    _exit(0);
}

/* Forks the guard; -1 with errno. */
static pid_t fork_guard(const struct lrp_command_line *command, int socket_fd, const int *files)
{
    /* Blocked from before the fork: no handler of the parent's ever runs in the guard. */
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        become_guard(command, socket_fd, files, &before);
    }
    int error_number = errno;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error_number;
    return pid;
}

static void close_pair(const int *fds)
{
    for (int i = 0; i < 2; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
}

static enum lrp_status open_and_fork(const struct lrp_command_line *command,
                                     struct lrp_guard *guard, int *files, int *sockets,
                                     struct lrp_error *err)
{
    const char *const paths[N_OUTPUTS] = {[OUT] = command->out_path, [ERR] = command->err_path};
    for (int i = 0; i < N_OUTPUTS; i++) {
        files[i] = open(paths[i], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (files[i] < 0) {
            return lrp_fail_errno(err, errno, "write", paths[i]);
        }
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) {
        return lrp_fail_errno(err, errno, "open a socket for", command->program);
    }
    guard->pid = fork_guard(command, sockets[1], files);
    if (guard->pid < 0) {
        return lrp_fail_errno(err, errno, "start a process for", command->program);
    }
    guard->socket = sockets[0];
    sockets[0] = -1;
    return LRP_OK;
}

enum lrp_status lrp_guard_start(const struct lrp_command_line *command, struct lrp_guard *guard,
                                struct lrp_error *err)
{
    int files[N_OUTPUTS] = {-1, -1};
    int sockets[2] = {-1, -1};
    *guard = (struct lrp_guard){.pid = -1, .socket = -1};
    enum lrp_status status = open_and_fork(command, guard, files, sockets, err);
    close_pair(sockets);
    close_pair(files);
    return status;
}

void lrp_guard_signal(struct lrp_guard *guard, int signal_number)
{
    char wanted = (char)signal_number;
    (void)send(guard->socket, &wanted, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool lrp_guard_receive(struct lrp_guard *guard)
{
    while (!guard->ended) {
        struct message message;
        ssize_t n = recv(guard->socket, &message, sizeof message, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && errno == EAGAIN) {
            return false;
        }
        if (n != (ssize_t)sizeof message) { /* the guard itself was killed */
            guard->wait_status = SIGKILL;
            guard->ended = true;
        } else if (message.kind == MESSAGE_EXEC_ERROR) {
            guard->exec_error = message.value;
        } else if (message.kind == MESSAGE_VIEW_ERROR) {
            guard->view_error = message.value;
        } else if (message.kind == MESSAGE_LEFT) {
            guard->left = (enum lrp_left)message.value;
        } else {
            guard->wait_status = message.value;
            guard->ended = true;
        }
    }
    return true;
}

void lrp_guard_close(struct lrp_guard *guard)
{
    if (guard->socket >= 0) {
        close(guard->socket);
        guard->socket = -1;
    }
    while (guard->pid > 0 && waitpid(guard->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    guard->pid = -1;
}
