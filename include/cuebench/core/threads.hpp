#pragma once
// One thread budget for the whole program.

namespace cuebench {

/// The cores this process may run on (CPU affinity and cgroup quota respected), at least 1.
int available_cores();

}  // namespace cuebench
