#include "schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <cuebench/core/errors.hpp>

namespace cuebench {

ScheduleKind parse_schedule(std::string_view name) {
  const std::vector<std::string> names{"constant", "cosine", "step", "triangular"};
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw UsageError(unknown_name_message("schedule", name, names, "`cuebench train --help` lists all"));
  return static_cast<ScheduleKind>(found - names.begin());
}

double Schedule::at(std::int64_t step) const {
  if (step < warmup_steps) return learning_rate * static_cast<double>(step + 1) / static_cast<double>(warmup_steps);
  const auto t = static_cast<double>(step - warmup_steps);
  const auto total = static_cast<double>(steps - warmup_steps);
  switch (kind) {
    case ScheduleKind::constant:
      return learning_rate;
    case ScheduleKind::cosine:
      return learning_rate * (1 + std::cos(std::numbers::pi * t / total)) / 2;
    case ScheduleKind::step: {
      const auto passed = std::count_if(milestones.begin(), milestones.end(), [&](auto m) { return m <= step; });
      return learning_rate * std::pow(gamma, static_cast<double>(passed));
    }
    case ScheduleKind::triangular: {
      const double half = total / 2;
      return learning_rate * (t <= half ? t / half : 2 - t / half);
    }
  }
  return learning_rate;
}

}  // namespace cuebench
