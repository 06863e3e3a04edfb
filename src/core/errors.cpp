#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

/// Insertions, deletions, substitutions and exchanges of neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, last, row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    before = std::exchange(last, row);
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      row[j + 1] = std::min({last[j] + (a[i] == b[j] ? 0 : 1), row[j] + 1, last[j + 1] + 1});
      if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j]) row[j + 1] = std::min(row[j + 1], before[j - 1] + 1);
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::string> nearest_names(std::string_view wanted, const std::vector<std::string>& known,
                                       std::size_t count) {
  std::vector<std::pair<std::size_t, const std::string*>> ranked;
  for (const auto& name : known) {
    std::size_t distance = edit_distance(wanted, name);
    // A name that contains the wanted text (layer4 in module.layer4) is near whatever its length.
    if (wanted.size() >= 3 && name.find(wanted) != std::string::npos) distance = std::min<std::size_t>(distance, 1);
    if (distance <= std::max<std::size_t>(2, (wanted.size() + 1) / 2)) ranked.emplace_back(distance, &name);
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> result;
  for (const auto& [distance, name] : ranked) {
    if (result.size() == count) break;
    result.push_back(*name);
  }
  return result;
}

std::string unknown_name_message(std::string_view kind, std::string_view wanted, const std::vector<std::string>& known,
                                 std::string_view remedy) {
  const auto near = nearest_names(wanted, known);
  std::string message = fmt::format("unknown {} '{}'", kind, wanted);
  if (!near.empty()) message += fmt::format(": did you mean {}?", fmt::join(near, ", "));
  if (!remedy.empty()) message += fmt::format(" ({})", remedy);
  return message;
}

}  // namespace cuebench
