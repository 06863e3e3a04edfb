#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include <cuebench/core/parameters.hpp>
#include <cuebench/scoring/conditions.hpp>

namespace cuebench::scoring {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

struct LeftOut {
  std::string_view set;
  std::vector<std::string_view> conditions;  ///< canonical
};

const std::array<LeftOut, 12>& left_out() {
  static const std::array<LeftOut, 12> table{{{"colour", {"cr"}},
                                              {"contrast", {"c100", "c03", "c01"}},
                                              {"high-pass", {"inf", "0.55", "0.45", "0.4"}},
                                              {"low-pass", {"0", "15", "40"}},
                                              {"phase-scrambling", {"0", "150", "180"}},
                                              {"power-equalisation", {"0"}},
                                              {"false-colour", {"true"}},
                                              {"rotation", {"0"}},
                                              {"eidolonI", {"1-10-10", "64-10-10", "128-10-10"}},
                                              {"eidolonII", {"1-3-10", "32-3-10", "64-3-10", "128-3-10"}},
                                              {"eidolonIII", {"1-0-10", "16-0-10", "32-0-10", "64-0-10", "128-0-10"}},
                                              {"uniform-noise", {"0", "0.6", "0.9"}}}};
  return table;
}

}  // namespace

std::string canonical_condition(std::string_view text) {
  const std::string lower = lower_case(text);
  if (lower.empty() || lower == "nan") return "";
  double number = 0;
  const auto [end, error] = std::from_chars(lower.data(), lower.data() + lower.size(), number);
  if (error != std::errc() || end != lower.data() + lower.size()) return lower;
  return std::isnan(number) ? std::string() : format_real(number == 0 ? 0.0 : number);
}

bool left_out_of_benchmark(std::string_view set, std::string_view condition) {
  const auto found =
      std::find_if(left_out().begin(), left_out().end(), [&](const auto& row) { return row.set == set; });
  if (found == left_out().end()) return false;
  return std::find(found->conditions.begin(), found->conditions.end(), condition) != found->conditions.end();
}

}  // namespace cuebench::scoring
