#pragma once
// How far a channel statistic is from its value on clean, as a colour of the diverging palette: the same in table and
// heat map. NaN where the statistic is undefined.

#include <algorithm>
#include <cmath>

#include <cuebench/report/summary.hpp>

#include "diverging_colour.hpp"

namespace cuebench {

/// 1 is white; a factor of four is full colour.
inline double ratio_colour(const Measure& ratio) {
  if (!ratio.value) return std::nan("");
  return *ratio.value > 0 ? std::clamp(std::log2(*ratio.value) / 2, -1.0, 1.0) : -1;
}

/// 20 points of NR share are full colour.
inline double share_change_colour(const Measure& nr_share_delta) {
  return nr_share_delta.value ? *nr_share_delta.value / 0.2 : std::nan("");
}

/// 1 is white; 0.5 and below are full colour.
inline double alignment_colour(const Measure& alignment) {
  return alignment.value ? -(1 - *alignment.value) / 0.5 : std::nan("");
}

}  // namespace cuebench
