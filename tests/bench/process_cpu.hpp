// The CPU time of a server as the kernel accounts it (/proc/PID/stat: utime and stime, of the process and all its
// descendants).
#pragma once

#include <sys/types.h>

namespace bench {

/// Seconds of user and system time so far; 0 if there is no such process. Resolution: one clock tick, 10 ms.
double process_cpu_seconds(pid_t root);

/// Monotonic time in nanoseconds.
long long now_ns();

}  // namespace bench
