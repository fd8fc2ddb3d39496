#ifndef PROCESSES_H
#define PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// MPI for Swift, which sees neither its macros nor its opaque types. All functions are called by one thread. Those that
// return a message return NULL if all went well.

/// Begins MPI. Nothing else may be called before. When the process exits, MPI ends by itself.
const char *processes_begin(void);
/// Ends MPI; returns when every process has called it.
void processes_end(void);
/// Ends all processes, without waiting for any. The launcher may need a moment.
void processes_abort(int status);

int processes_rank(void);
int processes_size(void);
/// This process's number among those of its machine, and how many these are.
void processes_on_machine(int *rank, int *size);
/// The library's name and version, in one line or several.
void processes_library(char *text, size_t size);

/// Sums and copies that have begun but may not be over. There is no limit to how many.
typedef struct processes_work processes_work;

enum processes_number { PROCESSES_DOUBLE, PROCESSES_FLOAT, PROCESSES_BFLOAT16 };

/// Begins to replace numbers by their sums over all processes. The order of the additions depends on the number of
/// processes alone.
const char *processes_begin_sum(void *numbers, int count, enum processes_number kind, processes_work **work);
/// Begins to replace bytes by those of the process `root`.
const char *processes_begin_broadcast(void *bytes, int count, int root, processes_work **work);
/// Begins to collect `count` bytes of every process, in the order of their ranks.
const char *processes_begin_gather(const void *bytes, void *all, int count, processes_work **work);
/// Moves all work on. If this work is over, sets `is_over` and releases it.
const char *processes_advance(processes_work *work, bool *is_over);

/// Tells all other processes that this one is alive and waits. Nobody has to receive it.
const char *processes_call(void);
/// Marks in `alive` the processes whose calls have arrived, and sets `is_any` if one has.
const char *processes_hear(bool *alive, bool *is_any);

/// Rounds to the nearest bfloat16, ties to even; a NaN stays one.
void processes_to_bfloat16(const float *from, uint16_t *to, int count);
void processes_from_bfloat16(const uint16_t *from, float *to, int count);

/// The processors that a process may run on, in ascending order; 0 is this process. Returns how many there are, of which
/// the first `size` are written; -1 if that is not known.
int processors_of(int process, int *processors, int size);
/// Lets this process, and threads that it makes later, run on these processors only.
bool processors_bind(const int *processors, int count);

#endif
