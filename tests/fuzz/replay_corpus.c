/* SPDX-License-Identifier: MIT */
/* Replays tests/corpus/<format>/ through the reader of each format: what its fuzz target promises
 * holds for these files, and each format has some that are read and some that are refused.
 * Usage: replay_corpus CORPUS-FOLDER */
#include "feed.h"

#include "files.h"
#include "gz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 1 << 14 };

static int faults;

static void replay_file(const char *path, const struct lrp_log_format *own, size_t *taken,
                        size_t *refused)
{
    unsigned char *bytes = NULL;
    size_t length = 0;
    struct lrp_error err = {0};
    if (lrp_read_whole(path, FILE_MOST, &bytes, &length, &err) != LRP_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
        faults++;
        return;
    }
    for (size_t i = 0; lrp_log_formats[i] != NULL; i++) {
        bool was_read = feed_every_way(lrp_log_formats[i], bytes, length);
        if (lrp_log_formats[i] == own) {
            *(was_read ? taken : refused) += 1;
        }
    }
    free(bytes);
}

static void replay_format(const char *corpus, const struct lrp_log_format *format)
{
    char *folder = lrp_path_join(corpus, format->name);
    DIR *entries = folder != NULL ? opendir(folder) : NULL;
    size_t taken = 0;
    size_t refused = 0;
    const struct dirent *entry = NULL;
    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        char *path = entry->d_name[0] != '.' ? lrp_path_join(folder, entry->d_name) : NULL;
        if (path != NULL) {
            replay_file(path, format, &taken, &refused);
        }
        free(path);
    }
    if (entries != NULL) {
        (void)closedir(entries);
    }
    (void)printf("%s: %zu files read, %zu refused\n", format->name, taken, refused);
    if (taken == 0 || refused == 0) {
        (void)fprintf(stderr, "%s: a file that it reads and one that it refuses belong in %s\n",
                      format->name, folder != NULL ? folder : corpus);
        faults++;
    }
    free(folder);
}

int main(int n_words, char **words)
{
    if (n_words != 2) {
        (void)fputs("usage: replay_corpus CORPUS-FOLDER\n", stderr);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; lrp_log_formats[i] != NULL; i++) {
        replay_format(words[1], lrp_log_formats[i]);
    }
    return faults == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
