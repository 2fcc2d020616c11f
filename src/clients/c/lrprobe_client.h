/* SPDX-License-Identifier: MIT */
/* lrprobe_client.h - lets lrprobe sweep the learning rate of a trainer in C or C++.
 *
 *   #include "lrprobe_client.h"
 *
 *   struct lrp_client probe;
 *   if (lrp_client_open(&probe, NULL) != 0) {
 *       fprintf(stderr, "%s\n", probe.error);
 *       return 1;
 *   }
 *   srand((unsigned)lrp_client_seed(&probe, 1));
 *   for (long step = 0; lrp_client_going(&probe, step < my_steps); step++) {
 *       double loss = my_training_step(lrp_client_rate(&probe, my_rate));
 *       lrp_client_report(&probe, loss);
 *   }
 *   lrp_client_close(&probe);
 *
 * then: lrprobe sweep -- ./my_trainer
 *
 * Outside a sweep (LRPROBE_PLAN is not set) each call is a test of one flag and gives back your own
 * value, so the calls can stay in the program. C99 or C++11 and libc, nothing else; `static inline`
 * functions whose only state is the struct, so any number of source files may include this.
 * Numbers have a decimal point in the files whatever setlocale() says. A struct is used by one
 * thread at a time and is not copied or moved while open.
 *
 * loss: the one that the step's update was computed from, that is, before the update. With gradient
 * accumulation call report once for each update, with the mean loss of its parts. Parameter groups
 * keep their ratios when each one's rate is multiplied by lrp_client_rate(&probe, r) / r, r being
 * your own base rate. With several processes (torchrun, mpirun, srun) all of them make the same
 * calls: all follow the plan, the one of rank 0 reports, and none writes into a report that another
 * has begun. The files behind it: `lrprobe client
 * protocol`. */
#ifndef LRPROBE_CLIENT_H
#define LRPROBE_CLIENT_H

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LRP_CLIENT_COLUMNS 16 /* extra columns at most */
#define LRP_CLIENT_NUMBER  32 /* bytes for a number as text */

/* All members are for reading only. */
struct lrp_client {
    int active;      /* 1 in a sweep, 0 outside one */
    size_t step;     /* updates reported so far = the next row of the plan */
    size_t n_steps;  /* rows of the plan */
    char error[256]; /* one sentence; "" = all is well */
    unsigned long long seed;
    int has_seed;
    double *rates;   /* n_steps, owned */
    double *momenta; /* n_steps, owned; NaN = not planned */
    int with_momentum;
    int has_header;
    FILE *report;  /* NULL in processes that do not report */
    time_t opened; /* when it was */
    size_t n_columns;
    char names[512]; /* the columns argument with NUL in place of each comma */
    const char *columns[LRP_CLIENT_COLUMNS];
    double values[LRP_CLIENT_COLUMNS];
    int given[LRP_CLIENT_COLUMNS];
};

/* ---- what a trainer does not call ------------------------------------------------------------ */

static inline int lrp_client_fail_(struct lrp_client *client, const char *what, const char *detail)
{
    if (client->error[0] == '\0') { /* the first one is the cause */
        (void)snprintf(client->error, sizeof client->error, "lrprobe client: %.120s %.100s", what,
                       detail);
    }
    return -1;
}

static inline const char *lrp_client_variable_(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* Whether this process has a rank other than 0, by the variables of the usual launchers. Slurm's is
 * set in batch scripts too: it is a rank in a job step of several tasks only. */
static inline int lrp_client_is_silent_(void)
{
    static const char *const names[] = {"RANK",     "OMPI_COMM_WORLD_RANK", "PMIX_RANK",
                                        "PMI_RANK", "MV2_COMM_WORLD_RANK",  "SLURM_PROCID"};
    const char *tasks = lrp_client_variable_("SLURM_STEP_NUM_TASKS");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = lrp_client_variable_(names[i]);
        int alone =
            strcmp(names[i], "SLURM_PROCID") == 0 && (tasks == NULL || strcmp(tasks, "1") == 0);
        if (value != NULL && !alone && strspn(value, "0123456789") == strlen(value)) {
            return strspn(value, "0") < strlen(value);
        }
    }
    return 0;
}

/* A decimal number; not nan, inf or hexadecimal. 1 if the whole text is one. strtod wants the
 * decimal point of the locale, which is one byte or more. */
static inline int lrp_client_parse_(const char *text, size_t length, double *out)
{
    char sample[32];
    char copy[128];
    char *end;
    size_t n = 0;
    size_t point = (size_t)snprintf(sample, sizeof sample, "%.1f", 1.5) - 2;
    if (length == 0 || length > 64 || point > 16) {
        return 0;
    }
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '.' && n + point < sizeof copy - 64) {
            memcpy(copy + n, sample + 1, point);
            n += point;
        } else if (strchr("0123456789+-eE", text[i]) != NULL && text[i] != '\0') {
            copy[n++] = text[i];
        } else {
            return 0;
        }
    }
    copy[n] = '\0';
    *out = strtod(copy, &end);
    return *end == '\0';
}

/* A double as text that reads back as the same one; returns its length. */
static inline size_t lrp_client_format_(double value, char *out)
{
    char text[64];
    size_t n = 0;
    if (isnan(value) || isinf(value)) {
        const char *word = isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
        memcpy(out, word, strlen(word) + 1);
        return strlen(word);
    }
    (void)snprintf(text, sizeof text, "%.17g", value);
    for (const char *at = text; *at != '\0' && n < LRP_CLIENT_NUMBER - 1; at++) {
        if (strchr("0123456789+-e", *at) != NULL) {
            out[n++] = *at;
        } else if (n == 0 || out[n - 1] != '.') { /* the locale's decimal point */
            out[n++] = '.';
        }
    }
    out[n] = '\0';
    return n;
}

/* Field number `wanted` of a line without its newline. 1 if there is one. */
static inline int lrp_client_field_(const char *line, size_t wanted, const char **field,
                                    size_t *length)
{
    while (wanted-- > 0) {
        line = strchr(line, ',');
        if (line == NULL) {
            return 0;
        }
        line++;
    }
    *field = line;
    *length = strcspn(line, ",");
    return 1;
}

/* Where the column is in the header; -1 = nowhere. */
static inline int lrp_client_find_(const char *header, const char *name)
{
    const char *field;
    size_t length;
    for (int i = 0; i < 64 && lrp_client_field_(header, (size_t)i, &field, &length); i++) {
        if (length == strlen(name) && memcmp(field, name, length) == 0) {
            return i;
        }
    }
    return -1;
}

static inline int lrp_client_add_step_(struct lrp_client *client, size_t *capacity, double rate,
                                       double momentum)
{
    if (client->n_steps == *capacity) {
        size_t more = *capacity == 0 ? 256 : 2 * *capacity;
        double *rates = (double *)realloc(client->rates, more * sizeof *rates);
        if (rates == NULL) {
            return lrp_client_fail_(client, "no memory for", "the plan");
        }
        client->rates = rates;
        double *momenta = (double *)realloc(client->momenta, more * sizeof *momenta);
        if (momenta == NULL) {
            return lrp_client_fail_(client, "no memory for", "the plan");
        }
        client->momenta = momenta;
        *capacity = more;
    }
    client->rates[client->n_steps] = rate;
    client->momenta[client->n_steps] = momentum;
    client->n_steps++;
    return 0;
}

static inline int lrp_client_read_plan_(struct lrp_client *client, FILE *plan)
{
    char line[1024];
    const char *field;
    size_t length;
    size_t capacity = 0;
    int lr = -1;
    int momentum = -1;
    int has_header = 0;
    while (fgets(line, (int)sizeof line, plan) != NULL) {
        double rate = 0;
        double planned = (double)NAN;
        if (strlen(line) == sizeof line - 1) {
            return lrp_client_fail_(client, "not a plan, its lines are too long:", "LRPROBE_PLAN");
        }
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] == '\0' || line[0] == '#') {
            continue;
        }
        if (!has_header) {
            has_header = 1;
            lr = lrp_client_find_(line, "lr");
            momentum = lrp_client_find_(line, "momentum");
            if (lr < 0) {
                return lrp_client_fail_(client, "the plan's header has no column lr:", line);
            }
            continue;
        }
        if (!lrp_client_field_(line, (size_t)lr, &field, &length) ||
            !lrp_client_parse_(field, length, &rate) || !(rate >= 0) || isinf(rate)) {
            return lrp_client_fail_(client, "the plan has a row without a learning rate:", line);
        }
        if (momentum >= 0 && (!lrp_client_field_(line, (size_t)momentum, &field, &length) ||
                              (length > 0 && !lrp_client_parse_(field, length, &planned)))) {
            return lrp_client_fail_(client, "the plan has a row with a bad momentum:", line);
        }
        if (lrp_client_add_step_(client, &capacity, rate, planned) != 0) {
            return -1;
        }
    }
    if (ferror(plan) || client->n_steps == 0) {
        return lrp_client_fail_(client, "the plan cannot be read or has no rows:", "LRPROBE_PLAN");
    }
    return 0;
}

static inline int lrp_client_take_columns_(struct lrp_client *client, const char *columns)
{
    static const char *const own[] = {"step", "lr", "momentum", "loss"};
    if (strlen(columns) >= sizeof client->names) {
        return lrp_client_fail_(client, "too long a list of columns:", columns);
    }
    (void)snprintf(client->names, sizeof client->names, "%s", columns);
    for (char *name = client->names; name != NULL && *name != '\0';) {
        char *comma = strchr(name, ',');
        int refused = client->n_columns == LRP_CLIENT_COLUMNS || *name == ',';
        if (comma != NULL) {
            *comma = '\0';
        }
        refused = refused || strpbrk(name, " \t\r\n\"#") != NULL;
        for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
            refused = refused || strcmp(name, own[i]) == 0;
        }
        for (size_t i = 0; i < client->n_columns; i++) {
            refused = refused || strcmp(name, client->columns[i]) == 0;
        }
        if (refused) {
            return lrp_client_fail_(client, "not a column that can be added:", name);
        }
        client->columns[client->n_columns++] = name;
        name = comma != NULL ? comma + 1 : NULL;
    }
    return 0;
}

/* Opens the report to append to it: lrprobe has made it and reads it. */
static inline int lrp_client_open_report_(struct lrp_client *client)
{
    const char *path = lrp_client_variable_("LRPROBE_REPORT");
    if (path == NULL) {
        return lrp_client_fail_(client, "LRPROBE_PLAN is set, but not", "LRPROBE_REPORT");
    }
    client->report = fopen(path, "a");
    if (client->report == NULL) {
        return lrp_client_fail_(client, "cannot write the report:", strerror(errno));
    }
    (void)setvbuf(client->report, NULL, _IOFBF, 4096);
    client->opened = time(NULL);
    return 0;
}

/* One line in one write(2): lrprobe sees whole rows, and a killed trainer leaves whole rows. Once a
 * second the file is closed and opened again, because on a folder of another machine (NFS) rows are
 * sent when a file is closed. */
static inline int lrp_client_write_(struct lrp_client *client, const char *text, size_t length)
{
    if (time(NULL) != client->opened) {
        FILE *before = client->report;
        client->report = NULL;
        if (fclose(before) != 0) {
            return lrp_client_fail_(client, "cannot write the report:", strerror(errno));
        }
        if (lrp_client_open_report_(client) != 0) {
            return -1;
        }
    }
    if (fwrite(text, 1, length, client->report) != length || fflush(client->report) != 0) {
        return lrp_client_fail_(client, "cannot write the report:", strerror(errno));
    }
    return 0;
}

static inline int lrp_client_write_header_(struct lrp_client *client)
{
    char line[64 + sizeof client->names + LRP_CLIENT_COLUMNS];
    int n = snprintf(line, sizeof line, "step,lr,%sloss", client->with_momentum ? "momentum," : "");
    for (size_t i = 0; i < client->n_columns; i++) {
        n += snprintf(line + n, sizeof line - (size_t)n, ",%s", client->columns[i]);
    }
    line[n++] = '\n';
    client->has_header = 1;
    return lrp_client_write_(client, line, (size_t)n);
}

/* ---- what a trainer calls -------------------------------------------------------------------- */

/* Begins. columns: names of further columns of the run record, with commas between ("val_loss,
 * accuracy" without the blank), or NULL. Returns 0, outside a sweep too; -1 with a sentence in
 * client->error where the plan or the report cannot be used: then going answers 0. */
static inline int lrp_client_open(struct lrp_client *client, const char *columns)
{
    const char *plan_path = lrp_client_variable_("LRPROBE_PLAN");
    const char *seed = lrp_client_variable_("LRPROBE_SEED");
    const char *steps = lrp_client_variable_("LRPROBE_STEPS");
    FILE *plan;
    int status;
    memset(client, 0, sizeof *client);
    if (plan_path == NULL) {
        return 0;
    }
    client->active = 1;
    if (seed != NULL) {
        client->seed = strtoull(seed, NULL, 10);
        client->has_seed = 1;
    }
    if (columns != NULL && lrp_client_take_columns_(client, columns) != 0) {
        return -1;
    }
    plan = fopen(plan_path, "r");
    if (plan == NULL) {
        return lrp_client_fail_(client, "cannot read the plan:", strerror(errno));
    }
    status = lrp_client_read_plan_(client, plan);
    (void)fclose(plan);
    if (steps != NULL && strtoul(steps, NULL, 10) > 0 &&
        strtoul(steps, NULL, 10) < client->n_steps) {
        client->n_steps = (size_t)strtoul(steps, NULL, 10);
    }
    if (status != 0 || lrp_client_is_silent_()) {
        return status;
    }
    if (lrp_client_open_report_(client) != 0) {
        return -1;
    }
    if (fseek(client->report, 0, SEEK_END) == 0 && ftell(client->report) > 0) {
        (void)fclose(client->report); /* another process has begun it, and goes on reporting */
        client->report = NULL;
    }
    return 0;
}

/* Whether there is another step to do: in a sweep the plan decides, outside one `own`. */
static inline int lrp_client_going(const struct lrp_client *client, int own)
{
    if (!client->active) {
        return own;
    }
    return client->error[0] == '\0' && client->step < client->n_steps;
}

/* The learning rate of the step that comes next; outside a sweep `own`. */
static inline double lrp_client_rate(const struct lrp_client *client, double own)
{
    return client->active && client->step < client->n_steps ? client->rates[client->step] : own;
}

/* The momentum of the step that comes next; `own` outside a sweep and where the plan has none. Ask
 * for it before the first report to have it recorded. */
static inline double lrp_client_momentum(struct lrp_client *client, double own)
{
    if (!client->active || client->step >= client->n_steps ||
        isnan(client->momenta[client->step])) {
        return own;
    }
    client->with_momentum = client->with_momentum || !client->has_header;
    return client->momenta[client->step];
}

/* The seed for weights, dropout and the order of the data: each repeat has its own. Outside a sweep
 * `own`. */
static inline unsigned long long lrp_client_seed(const struct lrp_client *client,
                                                 unsigned long long own)
{
    return client->active && client->has_seed ? client->seed : own;
}

/* How many steps the run has: those of the plan; outside a sweep `own`. */
static inline size_t lrp_client_steps(const struct lrp_client *client, size_t own)
{
    return client->active ? client->n_steps : own;
}

/* Keeps a value of a column named at open for the row that report writes next; a column without one
 * has an empty cell there ("not measured"). -1: there is no such column. */
static inline int lrp_client_set(struct lrp_client *client, const char *column, double value)
{
    if (!client->active) {
        return 0;
    }
    for (size_t i = 0; i < client->n_columns; i++) {
        if (strcmp(column, client->columns[i]) == 0) {
            client->values[i] = value;
            client->given[i] = 1;
            return 0;
        }
    }
    return lrp_client_fail_(client, "no such column was named at open:", column);
}

/* Ends the step: writes its row, and the rate goes on to the next. NaN and infinities are data: do
 * not stop at them, lrprobe decides. Calls beyond the plan do nothing. -1: the row could not be
 * written, with a sentence in client->error. */
static inline int lrp_client_report(struct lrp_client *client, double loss)
{
    char row[32 + (3 + LRP_CLIENT_COLUMNS) * (LRP_CLIENT_NUMBER + 1)];
    size_t n;
    size_t step = client->step;
    if (!client->active || step >= client->n_steps || client->error[0] != '\0') {
        return client->error[0] == '\0' ? 0 : -1;
    }
    client->step++;
    if (client->report == NULL) {
        return 0;
    }
    if (!client->has_header && lrp_client_write_header_(client) != 0) {
        return -1;
    }
    n = (size_t)snprintf(row, 32, "%lu,", (unsigned long)step);
    n += lrp_client_format_(client->rates[step], row + n);
    row[n++] = ',';
    if (client->with_momentum) {
        if (!isnan(client->momenta[step])) {
            n += lrp_client_format_(client->momenta[step], row + n);
        }
        row[n++] = ',';
    }
    n += lrp_client_format_(loss, row + n);
    for (size_t i = 0; i < client->n_columns; i++) {
        row[n++] = ',';
        if (client->given[i]) {
            n += lrp_client_format_(client->values[i], row + n);
            client->given[i] = 0;
        }
    }
    row[n++] = '\n';
    return lrp_client_write_(client, row, n);
}

/* Writes a fact of the run ("model", "mlp 784-128-10") at the top of the record, before the first
 * report; later ones are left out. */
static inline int lrp_client_fact(struct lrp_client *client, const char *key, const char *value)
{
    char line[512];
    if (client->report == NULL || client->error[0] != '\0' ||
        (client->has_header && strcmp(key, "note") != 0)) {
        return client->error[0] == '\0' ? 0 : -1;
    }
    int n = snprintf(line, sizeof line - 1, "# %.60s: %.400s", key, value);
    for (int i = 0; i < n; i++) {
        if ((unsigned char)line[i] < 0x20) {
            line[i] = ' ';
        }
    }
    line[n++] = '\n';
    return lrp_client_write_(client, line, (size_t)n);
}

/* A sentence that lrprobe shows to the user among the events of the sweep; at any time. */
static inline int lrp_client_note(struct lrp_client *client, const char *sentence)
{
    return lrp_client_fact(client, "note", sentence);
}

/* Ends, and is needed to free what open took. -1 with a sentence in client->error if anything went
 * wrong since open. */
static inline int lrp_client_close(struct lrp_client *client)
{
    if (client->report != NULL && fclose(client->report) != 0) {
        (void)lrp_client_fail_(client, "cannot write the report:", strerror(errno));
    }
    free(client->rates);
    free(client->momenta);
    client->report = NULL;
    client->rates = client->momenta = NULL;
    client->n_steps = client->step = 0;
    return client->error[0] == '\0' ? 0 : -1;
}
#endif
