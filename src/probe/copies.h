/* SPDX-License-Identifier: MIT */
/* Runs that are copies of one process: the command is started once, as a template (see
 * lrprobe_copies.py), and each run asks it for a copy of itself. What lrprobe starts for the run
 * under a guard of its own, to be its trainer, stands in for the copy: it passes its output on to
 * it, signals too, and ends as the copy ends. Where there is no template any more it executes the
 * command. */
#ifndef LRP_PROBE_COPIES_H
#define LRP_PROBE_COPIES_H

#include "probe.h"

/* Starts the command of a run as a template, with the run's environment; its paths are those of the
 * template alone. LRP_E_IO; a program that cannot be started is no error here. */
enum lrp_status lrp_copies_start(const struct lrp_trainer_run *run, bool one_thread,
                                 struct lrp_copies **copies, struct lrp_error *err);
/* Ends the template and all copies. NULL allowed. */
void lrp_copies_free(struct lrp_copies *copies);
/* The socket on which it is asked. */
int lrp_copies_socket(const struct lrp_copies *copies);
/* The request of a run with that environment, in heap memory of *length bytes; NULL when memory is
 * short. */
char *lrp_copy_request(char *const *environment, size_t *length);
#endif
