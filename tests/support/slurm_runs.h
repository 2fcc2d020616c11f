/* SPDX-License-Identifier: MIT */
/* Runs by the Slurm launcher against fake_slurm, in a folder of their own. */
#ifndef LRP_TESTS_SLURM_RUNS_H
#define LRP_TESTS_SLURM_RUNS_H

#include "launcher.h"
#include "test_main.h"

#include <stdbool.h>
#include <sys/types.h>

#define ROWS                                                                                       \
    "echo step,lr,loss; i=0; while [ $i -lt $LRPROBE_STEPS ]; do echo $i,0.5,$i.25; i=$((i+1)); "  \
    "done"
#define REPORT " > $LRPROBE_REPORT"
#define GOOD   "{ " ROWS "; }" REPORT

enum { SLURM_RUNS_MOST = 3 };
struct slurm_runs {
    char place[64]; /* the working folder; "slurm" in it is the fake's store */
    char paths[SLURM_RUNS_MOST][4][96];
    const char *arguments[SLURM_RUNS_MOST][4];
    struct lrp_trainer_run runs[SLURM_RUNS_MOST];
    struct lrp_probe_limits limits;
    struct lrp_launch_options launch;
    volatile int stop;
    struct lrp_error err;
    size_t rows, enough_at; /* rows seen; row at which enough is known */
    int stop_at_row;        /* what each row sets stop to */
};
extern struct slurm_runs slurm;

void slurm_set_up(void);
/* Ends what a broken test left running, and takes the folder away. */
void slurm_tear_down(void);
/* The i-th run: a shell script, 5 steps, seed 40 + i, report 00i. */
void slurm_prepare(size_t i, const char *script);
enum lrp_status slurm_go(size_t n, size_t jobs);
/* A shell that does this in the meantime. */
pid_t slurm_do_beside(const char *deed);
void write_file(const char *path, const char *text);
/* Up to 4 KB, "" where there is none; overwritten by the next call. */
const char *read_file(const char *path);
bool exists(const char *path);
void wait_for(const char *path);
#endif
