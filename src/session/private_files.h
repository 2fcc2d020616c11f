/* SPDX-License-Identifier: MIT */
/* What trainers of the user's write during a sweep is kept from the user's own files: by overlays
 * over the folder of work, by Python's own functions (lrprobe_files.py), by a copy of the folder,
 * or at least by a look at whether its files have changed. Each run has private folders of its own,
 * so that all begin alike; they go when it has ended. */
#ifndef LRP_SESSION_PRIVATE_FILES_H
#define LRP_SESSION_PRIVATE_FILES_H

#include "session.h"

#include <limits.h>

struct lrp_session;
struct lrp_private_files; /* of a session */
struct lrp_run_files;     /* of a run */

/* Decides how, by the option --files, the command and what the system allows; adds the variables
 * for all runs to *environment and says what is protected in the session's result. *files stays
 * NULL for the built-in trainer, which writes its report alone. LRP_E_ARG, LRP_E_IO: what was asked
 * for cannot be had. */
enum lrp_status lrp_private_files_new(struct lrp_session *session, char ***environment,
                                      struct lrp_private_files **files, struct lrp_error *err);
/* Removes all that it made. files may be NULL. */
void lrp_private_files_free(struct lrp_private_files *files);
/* Whether the command starts Python, as far as its name says. */
bool lrp_runs_python(const struct lrp_session_options *options);
/* Whether several runs may be copies of one process: they would share a copy of the folder of work.
 */
bool lrp_private_files_are_for_copies(const struct lrp_session *session);
/* Private folders of that name, put into the run; *own stays NULL where none are needed. Release in
 * any case. */
enum lrp_status lrp_private_files_lend(const struct lrp_session *session, const char *name,
                                       struct lrp_trainer_run *run, struct lrp_run_files **own,
                                       struct lrp_error *err);
void lrp_private_files_release(struct lrp_run_files *own); /* removes them; NULL allowed */
/* Gives a run that is about to start its private folders. */
enum lrp_status lrp_private_files_prepare(struct lrp_session *session, size_t run,
                                          struct lrp_error *err);
/* Removes those of a run that has ended, or that will not start. */
void lrp_private_files_end(struct lrp_session *session, size_t run);
/* After the runs of a phase: LRP_E_CHILD where one has changed a file of the user's. */
enum lrp_status lrp_private_files_verify(const struct lrp_session *session, struct lrp_error *err);
/* Where a file is that a run writes under that path (a pattern for glob is a path, too), in heap
 * memory. LRP_E_NOMEM. */
enum lrp_status lrp_private_files_find(const struct lrp_session *session, size_t run,
                                       const char *path, char **found, struct lrp_error *err);
#endif
