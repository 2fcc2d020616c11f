/* SPDX-License-Identifier: MIT */
/* One trainer process under a small guard process.
 *
 *   lrprobe --socket-- guard (own group, all signals blocked) -- trainer (own group) -- ...
 *
 * The guard is forked, not executed. It is the trainer's parent and the reaper of all the trainer's
 * descendants, so it can end every one of them, those in sessions of their own included, and it
 * signals the group only while the trainer is not reaped: no process id is ever used after its
 * process. When lrprobe dies, by SIGKILL too, the socket closes and the guard ends everything; when
 * the guard dies, the kernel ends the trainer (PR_SET_PDEATHSIG). */
#ifndef LRP_PROBE_SUPERVISOR_H
#define LRP_PROBE_SUPERVISOR_H

#include "private_view.h"

#include <stdbool.h>
#include <sys/types.h>

struct lrp_command_line {
    const char *program;     /* path, already looked up */
    const char *const *argv; /* NULL-terminated */
    char *const *environment;
    const char *out_path; /* captured standard output and error (see capture.h); created or
                             truncated */
    const char *err_path;
    const struct lrp_private_view *view; /* that it is put into; NULL = none */
    int passed; /* a descriptor that the program inherits, and nobody keeps for it; 0 = none */
    int copies; /* see lrp_copy_stand_in; 0 = the program is executed */
    const char *copy_request;
    size_t copy_request_length;
    int lock; /* a descriptor that the guard keeps open to its end, 0 = none */
};
enum lrp_left { /* processes that were running when the trainer had ended by itself */
                LRP_LEFT_NONE,
                LRP_LEFT_ENDED,
                LRP_LEFT_ALIVE /* SIGKILL does not end them, or may not be sent to them */
};
struct lrp_guard {
    pid_t pid;  /* of the guard; -1 = none */
    int socket; /* becomes readable when the trainer has ended */
    /* from the guard, see lrp_guard_receive */
    bool ended;
    int wait_status; /* as from waitpid, of the trainer */
    int exec_error;  /* errno where the program could not be executed, else 0 */
    int view_error;  /* errno where it could not be put into its view, and was not executed */
    enum lrp_left left;
};

/* LRP_E_IO where the system gives no process, socket or file. */
enum lrp_status lrp_guard_start(const struct lrp_command_line *command, struct lrp_guard *guard,
                                struct lrp_error *err);
/* Ask for a signal (SIGTERM or SIGKILL) to the trainer's group; SIGKILL ends all descendants. */
void lrp_guard_signal(struct lrp_guard *guard, int signal_number);
/* Read the guard's messages, without waiting; true once the trainer and its descendants have
 * ended. */
bool lrp_guard_receive(struct lrp_guard *guard);
/* Closes the socket (which ends what still runs) and waits for the guard. */
void lrp_guard_close(struct lrp_guard *guard);
#endif
