#include <functional>

#include <fmt/format.h>

#include <cuebench/scoring/trials.hpp>

namespace cuebench::scoring {

std::uint32_t Names::number_of(std::string_view text) {
  const auto next = static_cast<std::uint32_t>(texts_.size());
  const std::uint64_t hash = mixed(std::hash<std::string_view>{}(text));
  const std::uint32_t number = index_.find_or_enter(hash, next, [&](std::uint32_t at) { return texts_[at] == text; });
  if (number == next) texts_.emplace_back(text);
  return number;
}

std::string Finding::sentence() const {
  const std::string place = line == 0 ? file : fmt::format("{}, line {}", file, line);
  return count > 1 ? fmt::format("{}: {} ({} times)", place, text, count) : fmt::format("{}: {}", place, text);
}

}  // namespace cuebench::scoring
