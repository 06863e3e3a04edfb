#pragma once
// Counts what a reader leaves out, and says so in one form.

#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace cuebench {

struct LeftOut {
  std::int64_t count = 0;
  std::string first;

  void add(std::string_view path) {
    if (count++ == 0) first = path;
  }
  /// "Left out: 3 files without an image extension (first: README.md)."
  std::string note(std::string_view one, std::string_view many) const {
    return fmt::format("Left out: {} {} (first: {}).", count, count == 1 ? one : many, first);
  }
};

}  // namespace cuebench
