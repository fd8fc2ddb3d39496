#include "hdf5_guard.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

// One thread at a time is within libhdf5: these belong to the one that has its lock.
static volatile sig_atomic_t depth;
static pthread_t thread;
static const char *volatile file;
static int is_installed;

// A stack of its own for each thread, where endless recursion has used up the other one.
static __thread char stack[1 << 16];
static __thread int has_stack;

static void set_stack(void) {
    if (has_stack) return;
    has_stack = 1;
    // A thread may have one already: a sanitizer's is its own to remove.
    stack_t present;
    if (sigaltstack(NULL, &present) == 0 && !(present.ss_flags & SS_DISABLE)) return;
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternate, NULL);
}

static void say(const char *text) { (void)!write(STDERR_FILENO, text, strlen(text)); }

// Only what a signal handler may call: the heap may be torn.
static void report(int signal_number) {
    if (depth == 0 || !pthread_equal(pthread_self(), thread)) {
        // Somebody else's crash goes on as it would have.
        signal(signal_number, SIG_DFL);
        raise(signal_number);
        return;
    }
    say("error: ");
    say(file ? file : "an HDF5 file");
    say(": damaged in a way that libhdf5 does not survive; make or fetch the file anew\n");
    _exit(HDF5_GUARD_STATUS);
}

void hdf5_guard_install(void) {
    if (is_installed) return;
    is_installed = 1;
    struct sigaction action = {.sa_handler = report, .sa_flags = SA_ONSTACK | SA_NODEFER};
    // Not SIGILL, which is how Swift's own traps end: those are mistakes of this program.
    const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, NULL);
}

void hdf5_guard_enter(const char *path) {
    if (is_installed) set_stack();
    if (path) file = path;
    thread = pthread_self();
    depth++;
}

void hdf5_guard_leave(void) {
    if (--depth == 0) file = NULL;
}
