#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <thread>

#include <sched.h>

#include <cuebench/core/threads.hpp>

namespace cuebench {
namespace {

/// Cores that a control group grants ("max 100000" or "200000 100000"), or 0 when it sets no limit.
int control_group_cores() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return 0;
  return std::max(1, static_cast<int>(std::ceil(std::stod(quota) / period)));
}

}  // namespace

int available_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  int cores = static_cast<int>(std::thread::hardware_concurrency());
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) cores = CPU_COUNT(&allowed);
  if (const int granted = control_group_cores(); granted > 0) cores = std::min(cores, granted);
  return std::max(1, cores);
}

}  // namespace cuebench
