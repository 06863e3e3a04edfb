#pragma once
// Places in one block of memory for values with known life times.

#include <algorithm>
#include <cstdint>
#include <map>

namespace cuebench {

/// Offsets are multiples of 16 floats (64 bytes, a cache line).
class ArenaPlan {
 public:
  /// The smallest free gap that is large enough, else new memory at the end.
  std::int64_t allocate(std::int64_t floats) {
    const std::int64_t size = std::max<std::int64_t>(1, (floats + kStep - 1) / kStep) * kStep;
    auto best = gaps_.end();
    for (auto gap = gaps_.begin(); gap != gaps_.end(); ++gap)
      if (gap->second >= size && (best == gaps_.end() || gap->second < best->second)) best = gap;
    std::int64_t offset = total_;
    if (best == gaps_.end()) {
      total_ += size;
    } else {
      offset = best->first;
      const std::int64_t rest = best->second - size;
      gaps_.erase(best);
      if (rest > 0) gaps_.emplace(offset + size, rest);
    }
    taken_.emplace(offset, size);
    return offset;
  }

  void release(std::int64_t offset) {
    const auto taken = taken_.find(offset);
    if (taken == taken_.end()) return;
    auto gap = gaps_.emplace(offset, taken->second).first;
    taken_.erase(taken);
    const auto next = std::next(gap);
    if (next != gaps_.end() && gap->first + gap->second == next->first) {
      gap->second += next->second;
      gaps_.erase(next);
    }
    if (gap == gaps_.begin()) return;
    const auto before = std::prev(gap);
    if (before->first + before->second != gap->first) return;
    before->second += gap->second;
    gaps_.erase(gap);
  }

  std::int64_t total() const { return total_; }

 private:
  static constexpr std::int64_t kStep = 16;
  std::int64_t total_ = 0;
  std::map<std::int64_t, std::int64_t> gaps_, taken_;  ///< offset to size
};

}  // namespace cuebench
