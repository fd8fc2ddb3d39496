#ifndef PROCESSORS_H
#define PROCESSORS_H

// The compiler makes a version of every function for each of these processors, and the loader picks one at the start.
// That is too early for ThreadSanitizer, whose calls in the picking code would crash.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define IS_WATCHED_FOR_RACES
#endif
#endif
#if defined(__x86_64__) && defined(__linux__) && !defined(IS_WATCHED_FOR_RACES)
#define FOR_ALL_PROCESSORS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_ALL_PROCESSORS
#endif

#endif
