/* SPDX-License-Identifier: MIT */
/* A program outside of the project: reads a log, prints its bounds. Also compiled as C++. */
#include <lrprobe/lrprobe.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    struct lrp_record *record = NULL;
    struct lrp_bounds bounds;
    struct lrp_error err;
    if (argc != 2 || lrp_record_read(argv[1], NULL, &record, &err) != LRP_OK) {
        printf("not read: %s\n", argc == 2 ? err.message : "no file");
        return 1;
    }
    const struct lrp_record *records[] = {record};
    if (lrp_bounds_find(records, 1, NULL, &bounds, &err) != LRP_OK) {
        printf("no answer: %s\n", err.message);
        lrp_record_free(record);
        return 1;
    }
    printf("%s %g %g\n", lrp_outcome_name(bounds.outcome), bounds.base_lr.value,
           bounds.max_lr.value);
    lrp_record_free(record);
    return 0;
}
