#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, diagonal + 1});
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
