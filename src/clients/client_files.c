/* SPDX-License-Identifier: MIT */
#include "client_files.h"

#include <string.h>

const struct lrp_client_file *lrp_client_file(const char *name)
{
    for (const struct lrp_client_file *file = lrp_client_files; file->name != NULL; file++) {
        if (strcmp(file->name, name) == 0) {
            return file;
        }
    }
    return NULL;
}
