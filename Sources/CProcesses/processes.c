#define _GNU_SOURCE
#include "processes.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sched.h>
#endif

struct processes_work {
    MPI_Request request;
};

// Sums, and calls that ask who is alive, must not be taken for each other.
static MPI_Comm sums = MPI_COMM_NULL, calls = MPI_COMM_NULL;
static MPI_Op add_bfloat16 = MPI_OP_NULL;

static const char *message(int error) {
    static char text[MPI_MAX_ERROR_STRING + 1];
    if (error == MPI_SUCCESS) return NULL;
    int length = 0;
    if (MPI_Error_string(error, text, &length) != MPI_SUCCESS) snprintf(text, sizeof text, "MPI's error %d", error);
    return text;
}

#define RETURN_IF_FAILED(call)                              \
    do {                                                    \
        const char *failure = message(call);                \
        if (failure) return failure;                        \
    } while (0)

void processes_to_bfloat16(const float *from, uint16_t *to, int count) {
    for (int i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, from + i, 4);
        uint32_t rounded = bits + 0x7FFF + ((bits >> 16) & 1);
        // Rounding would carry a NaN's bits into infinity.
        uint32_t nan = (bits >> 16) | 0x40;
        to[i] = (uint16_t)((bits & 0x7FFFFFFF) > 0x7F800000 ? nan : rounded >> 16);
    }
}

void processes_from_bfloat16(const uint16_t *from, float *to, int count) {
    for (int i = 0; i < count; i++) {
        uint32_t bits = (uint32_t)from[i] << 16;
        memcpy(to + i, &bits, 4);
    }
}

static void add_bfloat16s(void *in, void *inout, int *count, MPI_Datatype *type) {
    (void)type;
    enum { size = 256 };
    float a[size], b[size];
    for (int start = 0; start < *count; start += size) {
        int n = *count - start < size ? *count - start : size;
        processes_from_bfloat16((uint16_t *)in + start, a, n);
        processes_from_bfloat16((uint16_t *)inout + start, b, n);
        for (int i = 0; i < n; i++) b[i] += a[i];
        processes_to_bfloat16(b, (uint16_t *)inout + start, n);
    }
}

static void end_if_begun(void) {
    int is_over = 0;
    if (MPI_Finalized(&is_over) == MPI_SUCCESS && !is_over) MPI_Finalize();
}

#ifdef __linux__
// A process that fails does not wait for the others, who would wait for it.
static void end_with(int status, void *nothing) {
    (void)nothing;
    int is_over = 0;
    if (status != 0 && MPI_Finalized(&is_over) == MPI_SUCCESS && !is_over) processes_abort(status);
    end_if_begun();
}
#endif

const char *processes_begin(void) {
    int provided = 0;
    // Other threads compute and read files; one calls MPI.
    RETURN_IF_FAILED(MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided));
    if (provided < MPI_THREAD_FUNNELED) return "the MPI library does not support programs with threads";
    RETURN_IF_FAILED(MPI_Comm_dup(MPI_COMM_WORLD, &sums));
    RETURN_IF_FAILED(MPI_Comm_dup(MPI_COMM_WORLD, &calls));
    // Open MPI looks at this one where it moves sums on.
    RETURN_IF_FAILED(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    RETURN_IF_FAILED(MPI_Comm_set_errhandler(sums, MPI_ERRORS_RETURN));
    RETURN_IF_FAILED(MPI_Comm_set_errhandler(calls, MPI_ERRORS_RETURN));
#ifdef __linux__
    on_exit(end_with, NULL);
#else
    atexit(end_if_begun);
#endif
    return message(MPI_Op_create(add_bfloat16s, 1, &add_bfloat16));
}

void processes_end(void) { end_if_begun(); }

void processes_abort(int status) { MPI_Abort(MPI_COMM_WORLD, status); }

int processes_rank(void) {
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

int processes_size(void) {
    int size = 1;
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    return size;
}

void processes_on_machine(int *rank, int *size) {
    MPI_Comm machine;
    *rank = 0;
    *size = 1;
    if (MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine) != MPI_SUCCESS) return;
    MPI_Comm_rank(machine, rank);
    MPI_Comm_size(machine, size);
    MPI_Comm_free(&machine);
}

void processes_library(char *text, size_t size) {
    char version[MPI_MAX_LIBRARY_VERSION_STRING];
    int length = 0;
    MPI_Get_library_version(version, &length);
    snprintf(text, size, "%.*s", length, version);
}

static processes_work *new_work(void) { return malloc(sizeof(processes_work)); }

const char *processes_begin_sum(void *numbers, int count, enum processes_number kind, processes_work **work) {
    MPI_Datatype type = kind == PROCESSES_DOUBLE ? MPI_DOUBLE : kind == PROCESSES_FLOAT ? MPI_FLOAT : MPI_UINT16_T;
    MPI_Op operation = kind == PROCESSES_BFLOAT16 ? add_bfloat16 : MPI_SUM;
    if (!(*work = new_work())) return "there is no memory for a sum over processes";
    return message(MPI_Iallreduce(MPI_IN_PLACE, numbers, count, type, operation, sums, &(*work)->request));
}

const char *processes_begin_broadcast(void *bytes, int count, int root, processes_work **work) {
    if (!(*work = new_work())) return "there is no memory to copy between processes";
    return message(MPI_Ibcast(bytes, count, MPI_BYTE, root, sums, &(*work)->request));
}

const char *processes_begin_gather(const void *bytes, void *all, int count, processes_work **work) {
    if (!(*work = new_work())) return "there is no memory to copy between processes";
    return message(MPI_Iallgather(bytes, count, MPI_BYTE, all, count, MPI_BYTE, sums, &(*work)->request));
}

const char *processes_advance(processes_work *work, bool *is_over) {
    int flag = 0;
    RETURN_IF_FAILED(MPI_Test(&work->request, &flag, MPI_STATUS_IGNORE));
    *is_over = flag;
    if (flag) free(work);
    return NULL;
}

const char *processes_call(void) {
    // Nobody waits for the messages to leave, so their memory stays.
    static const char nothing = 0;
    int rank = processes_rank(), size = processes_size();
    for (int other = 0; other < size; other++) {
        if (other == rank) continue;
        MPI_Request request;
        RETURN_IF_FAILED(MPI_Isend(&nothing, 1, MPI_CHAR, other, 0, calls, &request));
        RETURN_IF_FAILED(MPI_Request_free(&request));
    }
    return NULL;
}

const char *processes_hear(bool *alive, bool *is_any) {
    for (;;) {
        int flag = 0;
        char nothing;
        MPI_Status status;
        RETURN_IF_FAILED(MPI_Iprobe(MPI_ANY_SOURCE, 0, calls, &flag, &status));
        if (!flag) return NULL;
        RETURN_IF_FAILED(MPI_Recv(&nothing, 1, MPI_CHAR, status.MPI_SOURCE, 0, calls, MPI_STATUS_IGNORE));
        alive[status.MPI_SOURCE] = true;
        *is_any = true;
    }
}

int processors_of(int process, int *processors, int size) {
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(process, sizeof set, &set) != 0) return -1;
    int count = 0;
    for (int processor = 0; processor < CPU_SETSIZE; processor++) {
        if (!CPU_ISSET(processor, &set)) continue;
        if (count < size) processors[count] = processor;
        count++;
    }
    return count;
#else
    (void)process, (void)processors, (void)size;
    return -1;
#endif
}

bool processors_bind(const int *processors, int count) {
#ifdef __linux__
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int i = 0; i < count; i++) CPU_SET(processors[i], &set);
    return sched_setaffinity(0, sizeof set, &set) == 0;
#else
    (void)processors, (void)count;
    return false;
#endif
}
