#include <fmt/format.h>

#include <cuebench/scoring/trials.hpp>

namespace cuebench::scoring {

std::uint32_t Names::number_of(std::string_view text) {
  const auto found = index_.find(text);
  if (found != index_.end()) return found->second;
  const auto number = static_cast<std::uint32_t>(texts_.size());
  index_.emplace(texts_.emplace_back(text), number);
  return number;
}

std::string Finding::sentence() const {
  const std::string place = line == 0 ? file : fmt::format("{}, line {}", file, line);
  return count > 1 ? fmt::format("{}: {} ({} times)", place, text, count) : fmt::format("{}: {}", place, text);
}

}  // namespace cuebench::scoring
