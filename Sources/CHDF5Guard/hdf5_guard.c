#include "hdf5_guard.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

// Only one thread at a time is inside libhdf5: the one that holds its lock. These are its state.
static volatile sig_atomic_t depth;
static pthread_t thread;
static const char *volatile file;
static int is_installed;

// A separate signal stack for each thread, needed when endless recursion has used up its normal stack.
static __thread char stack[1 << 16];
static __thread int has_stack;

static void set_stack(void) {
    if (has_stack) return;
    has_stack = 1;
    // Keep a stack that the thread already has: a sanitizer removes its own.
    stack_t present;
    if (sigaltstack(NULL, &present) == 0 && !(present.ss_flags & SS_DISABLE)) return;
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternate, NULL);
}

static void say(const char *text) { (void)!write(STDERR_FILENO, text, strlen(text)); }

// Calls only async-signal-safe functions: the heap may be corrupt.
static void report(int signal_number) {
    if (depth == 0 || !pthread_equal(pthread_self(), thread)) {
        // A crash elsewhere takes its default course.
        signal(signal_number, SIG_DFL);
        raise(signal_number);
        return;
    }
    say("error: ");
    say(file ? file : "an HDF5 file");
    say(": damaged in a way that crashes libhdf5; make or download the file again\n");
    _exit(HDF5_GUARD_STATUS);
}

void hdf5_guard_install(void) {
    if (is_installed) return;
    is_installed = 1;
    struct sigaction action = {.sa_handler = report, .sa_flags = SA_ONSTACK | SA_NODEFER};
    // Not SIGILL, which Swift's traps raise: those are bugs of this program.
    const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, NULL);
}

const char *hdf5_guard_enter(const char *path) {
    if (is_installed) set_stack();
    const char *before = file;
    if (path) file = path;
    thread = pthread_self();
    depth++;
    return before;
}

void hdf5_guard_leave(const char *before) {
    depth--;
    file = before;
}
