/* SPDX-License-Identifier: MIT */
/* What Slurm's programs print, and what it means. */
#ifndef LRP_PROBE_SLURM_TEXT_H
#define LRP_PROBE_SLURM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LRP_SLURM_JOB_SIZE = 64 };
#define LRP_SLURM_NUMBER_MOST INT64_C(999999999999999999)

/* The job in what `sbatch --parsable` printed: "123", or "123;cluster" where there are several
 * clusters. Sites let sbatch print lines of their own: the last line that is one counts. */
bool lrp_slurm_parse_job(const char *text, char job[LRP_SLURM_JOB_SIZE]);

struct lrp_slurm_state {
    const char *name;
    bool under_way;    /* queued or running; it may still write */
    const char *ended; /* "was cancelled": what the trainer of such a job was; NULL = nothing is
                          meant by it, or it is under way */
};
/* NULL for a state that is not known. */
const struct lrp_slurm_state *lrp_slurm_state_find(const char *name, size_t length);

struct lrp_slurm_row { /* of squeue, LRP_SLURM_QUEUE_FORMAT */
    unsigned long job; /* of the array */
    size_t index;      /* in the array */
    const char *state; /* not terminated */
    size_t state_length;
    const char *name; /* of the job, not terminated */
    size_t name_length;
};
#define LRP_SLURM_QUEUE_FORMAT "%F %K %T %j"
/* The next row of a text, which is moved on; false at its end. Other lines (headings of clusters,
 * jobs that are not arrays) are skipped. */
bool lrp_slurm_next_row(const char **text, struct lrp_slurm_row *row);

/* What the log of a job has from Slurm about its end ("*** JOB 7 ON n1 CANCELLED AT ... DUE TO TIME
 * LIMIT ***"): "was ended by the time limit of its job"; NULL where there is nothing. */
const char *lrp_slurm_last_word(const char *log);
#endif
