/* SPDX-License-Identifier: MIT */
#include "copy_stand_in.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum talk_kind { TALK_BEGUN = 1, TALK_ENDED = 2, TALK_SIGNAL = 3 };
struct talk {
    int32_t kind;
    int32_t value;
};

/* The run's socket goes with it, and where its output goes. */
static bool ask(int template_socket, const char *request, size_t length, int talk)
{
    const int descriptors[] = {talk, STDOUT_FILENO, STDERR_FILENO};
    union { /* aligned as it must be */
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof descriptors)];
    } control;
    union { /* it is only read */
        const char *in;
        char *out;
    } data = {.in = request};
    struct iovec part = {.iov_base = data.out, .iov_len = length};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    memset(&control, 0, sizeof control);
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof descriptors);
    memcpy(CMSG_DATA(head), descriptors, sizeof descriptors);
    ssize_t sent = 0;
    do {
        sent = sendmsg(template_socket, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)length;
}

/* By the signal that has ended the copy, without a second core file. */
_Noreturn static void end_by(int number)
{
    const struct rlimit none = {0, 0};
    sigset_t own;
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)signal(number, SIG_DFL);
    (void)sigemptyset(&own);
    (void)sigaddset(&own, number);
    (void)sigprocmask(SIG_UNBLOCK, &own, NULL);
    (void)kill(getpid(), number);
    _exit(128 + number);
}

_Noreturn static void end_as(int status)
{
    if (WIFSIGNALED(status)) {
        end_by(WTERMSIG(status));
    }
    _exit(WEXITSTATUS(status));
}

/* Follows the copy to its end; returns where it has not begun. */
static void follow(int talk, int terminations)
{
    bool begun = false;
    for (;;) {
        struct pollfd fds[] = {{.fd = talk, .events = POLLIN},
                               {.fd = terminations, .events = POLLIN}};
        (void)poll(fds, 2, -1);
        struct signalfd_siginfo info;
        if (read(terminations, &info, sizeof info) == (ssize_t)sizeof info) {
            const struct talk wish = {TALK_SIGNAL, SIGTERM};
            if (!begun || send(talk, &wish, sizeof wish, MSG_NOSIGNAL) < 0) {
                end_by(SIGTERM);
            }
        }
        struct talk said;
        const ssize_t n = recv(talk, &said, sizeof said, MSG_DONTWAIT);
        if (n == (ssize_t)sizeof said && said.kind == TALK_BEGUN) {
            begun = true;
        } else if (n == (ssize_t)sizeof said) {
            end_as(said.value);
        } else if (n >= 0 || (errno != EAGAIN && errno != EINTR)) {
            if (begun) {
                end_by(SIGKILL); /* lost with its template */
            }
            return;
        }
    }
}

void lrp_copy_stand_in(int template_socket, const char *request, size_t length)
{
    int talk[2];
    sigset_t termination;
    sigset_t before;
    (void)sigemptyset(&termination);
    (void)sigaddset(&termination, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &termination, &before);
    const int terminations = signalfd(-1, &termination, SFD_CLOEXEC | SFD_NONBLOCK);
    if (terminations >= 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, talk) == 0) {
        const bool asked = ask(template_socket, request, length, talk[1]);
        close(talk[1]);
        if (asked) {
            follow(talk[0], terminations);
        }
        close(talk[0]);
    }
    if (terminations >= 0) {
        close(terminations);
    }
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
}
