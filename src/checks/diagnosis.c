/* SPDX-License-Identifier: MIT */
/* Runs the checklist over one run and comes to a verdict. */
#include "diagnosis.h"

#include "alloc.h"
#include "number.h"
#include "record.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* Fewer loss points are no ground for calling a run healthy; of one that fell by a fifth, half
     * as many are enough. */
    VERDICT_POINTS = 20,
    NAMES_MOST = 1024
};

void lrp_diagnose_options_default(struct lrp_diagnose_options *options)
{
    memset(options, 0, sizeof *options);
}

/* Runs made ready: the run itself, and those it is compared with. */
struct company {
    struct lrp_run *baseline;
    struct lrp_run *zero_input;
    struct lrp_run **siblings;
    size_t n_siblings;
    double (*params)[LRP_CHECK_PARAMS]; /* of each check */
};

static void free_company(struct company *company)
{
    lrp_run_free(company->baseline);
    lrp_run_free(company->zero_input);
    for (size_t i = 0; i < company->n_siblings; i++) {
        lrp_run_free(company->siblings[i]);
    }
    free(company->siblings);
    free(company->params);
}

static enum lrp_status gather(const struct lrp_record *record,
                              const struct lrp_diagnose_options *options, struct company *company,
                              struct lrp_error *err)
{
    if (options->baseline != NULL) {
        LRP_TRY(lrp_run_new(options->baseline, &company->baseline, err));
    }
    if (options->zero_input != NULL) {
        LRP_TRY(lrp_run_new(options->zero_input, &company->zero_input, err));
    }
    company->siblings = lrp_calloc_array(options->n_siblings, sizeof(struct lrp_run *));
    LRP_TRY_MEMORY(company->siblings, err);
    for (size_t i = 0; i < options->n_siblings; i++) {
        if (options->siblings[i] != record) {
            LRP_TRY(
                lrp_run_new(options->siblings[i], &company->siblings[company->n_siblings], err));
            company->n_siblings++;
        }
    }
    return LRP_OK;
}

/* "D1.ratio=0.9" into the table of parameter values, [check][param]. */
static enum lrp_status apply_set(const char *set, double (*values)[LRP_CHECK_PARAMS],
                                 struct lrp_error *err)
{
    const char *dot = strchr(set, '.');
    const char *equals = dot != NULL ? strchr(dot, '=') : NULL;
    if (equals == NULL) {
        return lrp_fail(err, LRP_E_ARG, 0, "\"%.60s\": CHECK.PARAMETER=VALUE was expected", set);
    }
    size_t index = lrp_check_index(set, (size_t)(dot - set));
    const struct lrp_check *check = lrp_checks[index];
    if (check == NULL) {
        return lrp_fail(err, LRP_E_ARG, 0, "no check is called %.*s", (int)(dot - set), set);
    }
    for (size_t p = 0; p < check->n_params; p++) {
        const struct lrp_check_param *param = &check->params[p];
        double value = 0;
        if (strlen(param->name) != (size_t)(equals - dot - 1) ||
            strncmp(param->name, dot + 1, (size_t)(equals - dot - 1)) != 0) {
            continue;
        }
        if (!lrp_parse_double(equals + 1, strlen(equals + 1), &value) ||
            !(value >= param->low && value <= param->high)) {
            return lrp_fail(err, LRP_E_ARG, 0, "%s.%s: a number from %g to %g was expected",
                            check->id, param->name, param->low, param->high);
        }
        values[index][p] = value;
        return LRP_OK;
    }
    return lrp_fail(err, LRP_E_ARG, 0, "the check %s has no parameter %.40s", check->id, dot + 1);
}

static enum lrp_status set_parameters(const struct lrp_diagnose_options *options,
                                      double (*values)[LRP_CHECK_PARAMS], struct lrp_error *err)
{
    for (size_t c = 0; c < lrp_n_checks; c++) {
        for (size_t p = 0; p < lrp_checks[c]->n_params; p++) {
            values[c][p] = lrp_checks[c]->params[p].value;
        }
    }
    for (size_t s = 0; s < options->n_sets; s++) {
        LRP_TRY(apply_set(options->sets[s], values, err));
    }
    return LRP_OK;
}

/* Why the check cannot be made: the first column that is missing or too short. False: it can. */
static bool lacks_columns(const struct lrp_check *check, const struct lrp_run *run,
                          struct lrp_finding *out)
{
    for (int m = 0; m < LRP_METRICS; m++) {
        const struct lrp_metric_series *series = &run->metric[m];
        if ((check->metrics & 1U << m) == 0) {
            continue;
        }
        if (series->n == 0) {
            lrp_finding_skip(out, "there is no %s in the log", lrp_metric_name((enum lrp_metric)m));
            return true;
        }
        /* of the loss the checks see what comes before the first NaN or infinity */
        bool cut = m == LRP_METRIC_LOSS && run->n < series->n_finite;
        size_t usable = cut ? run->n : series->n_finite;
        if (usable < check->least) {
            lrp_finding_skip(out, "%s has %zu finite value%s%s, %zu are needed",
                             lrp_metric_name((enum lrp_metric)m), usable, usable == 1 ? "" : "s",
                             usable < series->n_finite ? " before the first nan or inf" : "",
                             check->least);
            return true;
        }
    }
    const unsigned both = 1U << LRP_METRIC_VAL_LOSS | 1U << LRP_METRIC_VAL_ACCURACY;
    if ((check->metrics & 1U << LRP_METRIC_LOSS) != 0 && (check->metrics & both) != 0 &&
        run->loss_is_substitute) {
        lrp_finding_skip(out, "there is no training loss in the log, only %s", run->loss_name);
        return true;
    }
    return false;
}

static enum lrp_status run_check(const struct lrp_check *check, const struct lrp_check_input *input,
                                 struct lrp_finding *out)
{
    memset(out, 0, sizeof *out);
    out->id = check->id;
    out->title = check->title;
    out->needs = check->needs;
    out->verdict = check->verdict;
    out->value = out->threshold = out->first_step = out->last_step = (double)NAN;
    bool is_sweep = input->run->is_sweep && !input->run->may_warm_up;
    if (is_sweep && check->metrics != 0 && (check->flags & LRP_CHECK_OF_LOG) == 0) {
        return lrp_finding_skip(out, "this is a sweep: use bounds");
    }
    const unsigned losses = 1U << LRP_METRIC_LOSS | 1U << LRP_METRIC_VAL_LOSS;
    bool of_loss = (check->metrics & losses) != 0 && (check->flags & LRP_CHECK_OF_LOG) == 0;
    if (of_loss && input->run->is_game) {
        return lrp_finding_skip(out, "losses of networks that work against each other do not "
                                     "measure success");
    }
    if (of_loss && input->run->is_return && check->family != LRP_FAMILY_DIVERGENCE) {
        return lrp_finding_skip(out, "the return decides here, and its noise is that of the task");
    }
    if (lacks_columns(check, input->run, out)) {
        return LRP_OK;
    }
    LRP_TRY(check->run(input, out));
    bool alarm = out->status == LRP_CHECK_WARN || out->status == LRP_CHECK_FAIL;
    if (alarm && out->advice[0] == '\0') {
        lrp_finding_advise(input, out, LRP_REMEDY, NULL);
    }
    return LRP_OK;
}

/* The verdict that a finding comes to. That a run failed no mere warning says: it is past its best
 * then. */
static enum lrp_verdict verdict_of(const struct lrp_run *run, const struct lrp_finding *finding)
{
    bool fell_back = run->is_return && finding->verdict == LRP_VERDICT_DIVERGED;
    if (fell_back && finding->status == LRP_CHECK_FAIL) {
        return LRP_VERDICT_NOT_LEARNING; /* a return that collapses is forgotten, it does not
                                            diverge */
    }
    bool failed = finding->verdict <= LRP_VERDICT_NOT_LEARNING;
    return failed && finding->status != LRP_CHECK_FAIL ? LRP_VERDICT_PLATEAU : finding->verdict;
}

/* Gravity first: what failed comes before what is only a warning. Then the order of the verdicts,
 * but for one cause that explains whatever the loss does: a learning rate of zero. The lower the
 * graver. */
static int precedence(const struct lrp_run *run, size_t index, const struct lrp_finding *finding)
{
    enum lrp_verdict verdict = verdict_of(run, finding);
    bool explains_all = (lrp_checks[index]->flags & LRP_CHECK_EXPLAINS_ALL) != 0 &&
                        verdict == LRP_VERDICT_NOT_LEARNING;
    bool before_spikes = (lrp_checks[index]->flags & LRP_CHECK_BEFORE_SPIKES) != 0;
    int cause = explains_all    ? 2 * LRP_VERDICT_NON_FINITE + 1
                : before_spikes ? 2 * LRP_VERDICT_SPIKES - 1
                                : 2 * (int)verdict;
    return cause + (finding->status == LRP_CHECK_FAIL ? 0 : 2 * LRP_VERDICT_UNDECIDED);
}

/* The verdict where no finding argues for one. doubt: a warning that it cannot be seen whether the
 * run learned; NULL where there is none. */
static void judge_quiet(struct lrp_diagnosis *diagnosis, const struct lrp_finding *doubt)
{
    const struct lrp_run *run = diagnosis->run;
    char *reason = diagnosis->reason;
    size_t size = sizeof diagnosis->reason;
    size_t least = run->final < 0.8 * run->initial ? VERDICT_POINTS / 2 : VERDICT_POINTS;
    diagnosis->verdict = LRP_VERDICT_UNDECIDED;
    if (doubt != NULL) {
        (void)snprintf(reason, size, "%s", doubt->evidence);
    } else if (run->n < least) {
        (void)snprintf(reason, size, "too few loss values to say that the run is healthy: %zu",
                       run->n);
    } else {
        diagnosis->verdict = LRP_VERDICT_HEALTHY;
        (void)snprintf(reason, size, "none of the %zu checks that could be made found a fault",
                       diagnosis->n_findings - diagnosis->counts[LRP_CHECK_NOT_ASSESSED]);
    }
}

static void decide(struct lrp_diagnosis *diagnosis)
{
    const struct lrp_run *run = diagnosis->run;
    const struct lrp_finding *primary = NULL;
    const struct lrp_finding *doubt = NULL; /* whether it learned at all cannot be seen */
    int order = 0;
    for (size_t i = 0; i < diagnosis->n_findings; i++) {
        const struct lrp_finding *finding = &diagnosis->findings[i];
        if (finding->status == LRP_CHECK_WARN && finding->verdict == LRP_VERDICT_UNDECIDED &&
            lrp_checks[i]->verdict <= LRP_VERDICT_NOT_LEARNING) {
            doubt = finding;
        }
        bool alarm = finding->status == LRP_CHECK_WARN || finding->status == LRP_CHECK_FAIL;
        diagnosis->counts[finding->status]++;
        int own = precedence(run, i, finding);
        bool worse = primary == NULL || own < order;
        if (alarm && finding->verdict < LRP_VERDICT_HEALTHY && worse) {
            primary = finding;
            order = own;
        }
    }
    diagnosis->primary = primary;
    char *reason = diagnosis->reason;
    size_t size = sizeof diagnosis->reason;
    if (run->is_sweep) {
        diagnosis->verdict = LRP_VERDICT_UNDECIDED;
        diagnosis->primary = NULL;
        (void)snprintf(reason, size, "%s",
                       run->may_warm_up
                           ? "the rate rises throughout: a range test (use bounds), or a run "
                             "still warming up"
                           : "this is a sweep: use bounds");
    } else if (run->is_game && primary == NULL) {
        diagnosis->verdict = LRP_VERDICT_UNDECIDED;
        (void)snprintf(reason, size,
                       "losses of networks that work against each other do not measure success: "
                       "look at samples, or at a return");
    } else if (primary != NULL) {
        diagnosis->verdict = verdict_of(run, primary);
        (void)snprintf(reason, size, "%s%.440s",
                       run->is_return ? "judged by the return, its sign turned: " : "",
                       primary->evidence);
    } else {
        judge_quiet(diagnosis, doubt);
    }
}

/* A run that is unsteady and slow at once is not helped by a higher rate: that advice would undo
 * the one for the cause. */
static void settle_advice(struct lrp_diagnosis *diagnosis)
{
    const struct lrp_finding *primary = diagnosis->primary;
    if (primary == NULL || diagnosis->verdict > LRP_VERDICT_SPIKES ||
        diagnosis->verdict == LRP_VERDICT_NOT_LEARNING) {
        return;
    }
    for (size_t i = 0; i < diagnosis->n_findings; i++) {
        struct lrp_finding *finding = &diagnosis->findings[i];
        if (finding->status == LRP_CHECK_WARN &&
            (lrp_checks[i]->flags & LRP_CHECK_ADVISES_HIGHER) != 0) {
            (void)snprintf(finding->advice, sizeof finding->advice,
                           "See to %s (%s) first: a higher rate would make that worse. Then train "
                           "longer, or use momentum or Adam.",
                           primary->id, primary->title);
        }
    }
}

/* Whether there is a metric of two values: with one, nothing can be said about a run. */
static bool has_two_values(const struct lrp_run *run)
{
    for (int m = 0; m < LRP_METRICS; m++) {
        if (run->metric[m].n > 1) {
            return true;
        }
    }
    return false;
}

static void clear_evidence(struct lrp_diagnosis_evidence *evidence)
{
    const double none = (double)NAN;
    memset(evidence, 0, sizeof *evidence);
    evidence->trend.from = evidence->trend.to = none;
    evidence->power.c = evidence->power.tau = none;
    evidence->onset = evidence->level_shift = none;
    evidence->oscillation.period = none;
    evidence->best_val_at = none;
}

double lrp_evidence_decay(const struct lrp_diagnosis_evidence *evidence, double t)
{
    double since = t - evidence->power.t0;
    double shape = isfinite(evidence->power.tau) ? exp(-since / evidence->power.tau)
                                                 : pow(since, -evidence->power.b);
    return evidence->power.c + evidence->power.a * shape;
}

static enum lrp_status check_with(const struct lrp_record *record,
                                  const struct lrp_diagnose_options *options,
                                  struct company *company, struct lrp_diagnosis *diagnosis,
                                  struct lrp_error *err)
{
    LRP_TRY(lrp_run_new(record, &diagnosis->run, err));
    LRP_TRY(gather(record, options, company, err));
    company->params = lrp_calloc_array(lrp_n_checks, sizeof *company->params);
    LRP_TRY_MEMORY(company->params, err);
    LRP_TRY(set_parameters(options, company->params, err));
    diagnosis->findings = lrp_calloc_array(lrp_n_checks, sizeof *diagnosis->findings);
    LRP_TRY_MEMORY(diagnosis->findings, err);
    struct lrp_check_input input = {
        .run = diagnosis->run,
        .bounds = options->bounds,
        .baseline = company->baseline,
        .zero_input = company->zero_input,
        .siblings = (const struct lrp_run *const *)(const void *)company->siblings,
        .n_siblings = company->n_siblings,
        .one_batch = options->one_batch != 0,
        .n_classes = (double)options->n_classes,
        .evidence = &diagnosis->evidence,
        .err = err,
    };
    for (size_t c = 0; c < lrp_n_checks; c++) {
        input.check = lrp_checks[c];
        input.params = company->params[c];
        LRP_TRY(run_check(lrp_checks[c], &input, &diagnosis->findings[c]));
        diagnosis->n_findings++;
    }
    return LRP_OK;
}

static enum lrp_status no_metric(const struct lrp_record *record, struct lrp_error *err)
{
    struct lrp_text names;
    lrp_text_init(&names, NAMES_MOST);
    lrp_record_list_columns(record, &names);
    enum lrp_status status =
        lrp_fail(err, LRP_E_NODATA, 0,
                 "there is neither a loss nor any other known metric in the log; there are %s; "
                 "--map loss=NAME says which it is",
                 lrp_text_string(&names));
    lrp_text_fini(&names);
    return status;
}

static enum lrp_status check_all(const struct lrp_record *record,
                                 const struct lrp_diagnose_options *options,
                                 struct lrp_diagnosis *diagnosis, struct lrp_error *err)
{
    struct company company = {0};
    enum lrp_status status = check_with(record, options, &company, diagnosis, err);
    free_company(&company);
    if (status == LRP_OK && !lrp_run_has_metric(diagnosis->run)) {
        return no_metric(record, err);
    }
    LRP_TRY(status);
    decide(diagnosis);
    settle_advice(diagnosis);
    if (diagnosis->primary == NULL && !has_two_values(diagnosis->run)) {
        return lrp_fail(err, LRP_E_NODATA, 0,
                        "there is a single row of values: that is too little for a diagnosis");
    }
    lrp_bias_variance(diagnosis);
    return LRP_OK;
}

enum lrp_status lrp_diagnose(const struct lrp_record *record,
                             const struct lrp_diagnose_options *options, struct lrp_diagnosis **out,
                             struct lrp_error *err)
{
    const struct lrp_diagnose_options none = {0};
    struct lrp_diagnosis *diagnosis = lrp_calloc_array(1, sizeof *diagnosis);
    LRP_TRY_MEMORY(diagnosis, err);
    clear_evidence(&diagnosis->evidence);
    enum lrp_status status = check_all(record, options != NULL ? options : &none, diagnosis, err);
    if (status != LRP_OK) {
        lrp_diagnosis_free(diagnosis);
        return status;
    }
    *out = diagnosis;
    return LRP_OK;
}

void lrp_diagnosis_free(struct lrp_diagnosis *diagnosis)
{
    if (diagnosis != NULL) {
        lrp_run_free(diagnosis->run);
        free(diagnosis->findings);
        free(diagnosis);
    }
}

enum lrp_verdict lrp_diagnosis_verdict(const struct lrp_diagnosis *diagnosis)
{
    return diagnosis->verdict;
}

const char *lrp_diagnosis_primary(const struct lrp_diagnosis *diagnosis)
{
    return diagnosis->primary != NULL ? diagnosis->primary->id : NULL;
}

const char *lrp_diagnosis_reason(const struct lrp_diagnosis *diagnosis)
{
    return diagnosis->reason;
}

size_t lrp_diagnosis_findings(const struct lrp_diagnosis *diagnosis)
{
    return diagnosis->n_findings;
}

const struct lrp_finding *lrp_diagnosis_finding(const struct lrp_diagnosis *diagnosis, size_t index)
{
    return index < diagnosis->n_findings ? &diagnosis->findings[index] : NULL;
}
