/* SPDX-License-Identifier: MIT */
#include "copies.h"

#include "alloc.h"
#include "environment.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct lrp_copies {
    int socket; /* where runs ask */
    struct lrp_guard guard;
};

static enum lrp_status make_environment(const struct lrp_trainer_run *run, bool one_thread, int fd,
                                        char ***environment, struct lrp_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return lrp_fail_errno(err, errno, "look at a socket for", run->argv[0]);
    }
    LRP_TRY(lrp_environment_new(run, one_thread, environment, err));
    LRP_TRY(lrp_string_list_add(environment, err, "LRPROBE_COPIES=%d:%llu", fd,
                                (unsigned long long)info.st_ino));
    /* else PyTorch's question whether there is a GPU leaves CUDA in a state that no copy can use */
    if (getenv("PYTORCH_NVML_BASED_CUDA_CHECK") == NULL) {
        return lrp_string_list_add(environment, err, "PYTORCH_NVML_BASED_CUDA_CHECK=1");
    }
    return LRP_OK;
}

static enum lrp_status start_template(const struct lrp_trainer_run *run, bool one_thread, int fd,
                                      struct lrp_guard *guard, struct lrp_error *err)
{
    char *program = NULL;
    char **environment = NULL;
    LRP_TRY(lrp_find_program(run->argv[0], &program, err));
    enum lrp_status status = make_environment(run, one_thread, fd, &environment, err);
    if (status == LRP_OK) {
        struct lrp_command_line command = lrp_run_command(run, program, environment);
        command.passed = fd;
        status = lrp_guard_start(&command, guard, err);
    }
    free(program);
    lrp_string_list_free(environment);
    return status;
}

enum lrp_status lrp_copies_start(const struct lrp_trainer_run *run, bool one_thread,
                                 struct lrp_copies **copies, struct lrp_error *err)
{
    int sockets[2];
    *copies = lrp_calloc_array(1, sizeof **copies);
    LRP_TRY_MEMORY(*copies, err);
    (*copies)->socket = -1;
    (*copies)->guard = (struct lrp_guard){.pid = -1, .socket = -1};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) {
        return lrp_fail_errno(err, errno, "open a socket for", run->argv[0]);
    }
    (*copies)->socket = sockets[0];
    enum lrp_status status = start_template(run, one_thread, sockets[1], &(*copies)->guard, err);
    close(sockets[1]); /* the template alone holds it: its end is seen */
    return status;
}

void lrp_copies_free(struct lrp_copies *copies)
{
    if (copies == NULL) {
        return;
    }
    if (copies->socket >= 0) {
        close(copies->socket);
    }
    lrp_guard_close(&copies->guard);
    free(copies);
}

int lrp_copies_socket(const struct lrp_copies *copies)
{
    return copies->socket;
}

char *lrp_copy_request(char *const *environment, size_t *length)
{
    struct lrp_text request;
    lrp_text_init(&request, 1 << 17);
    for (; *environment != NULL; environment++) {
        if (strncmp(*environment, "LRPROBE_", strlen("LRPROBE_")) == 0) {
            lrp_text_append_bytes(&request, *environment, strlen(*environment) + 1);
        }
    }
    *length = request.length;
    if (lrp_text_check(&request, NULL) != LRP_OK) {
        lrp_text_fini(&request);
        return NULL;
    }
    return request.bytes;
}
