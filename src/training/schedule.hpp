#pragma once
// The learning rate as a function of the optimiser's step.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cuebench {

enum class ScheduleKind { constant, cosine, step, triangular };
/// @throws UsageError with the nearest names.
ScheduleKind parse_schedule(std::string_view name);

/// With t = 0, 1, ... of T steps and W steps of warm-up, r = learning rate:
///   warm-up     r (t + 1) / W for t < W; the schedule below then runs over t - W of T - W
///   constant    r
///   cosine      r (1 + cos(pi t / T)) / 2                        torch CosineAnnealingLR
///   step        r gamma^(milestones not above t)                 torch MultiStepLR
///   triangular  r t / (T / 2), from there r (2 - t / (T / 2))    torch CyclicLR from 0, as Wong et al. use it
struct Schedule {
  ScheduleKind kind = ScheduleKind::cosine;
  double learning_rate = 0.1;
  std::int64_t steps = 0, warmup_steps = 0;
  std::vector<std::int64_t> milestones;  ///< of step; in steps from the beginning, warm-up included
  double gamma = 0.1;

  double at(std::int64_t step) const;
};

}  // namespace cuebench
