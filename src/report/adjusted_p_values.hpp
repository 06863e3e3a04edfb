#pragma once
// Adjusted p-values of rows that were tested each by itself.

#include <string>
#include <string_view>
#include <vector>

#include <cuebench/metrics/intervals.hpp>
#include <cuebench/report/summary.hpp>

namespace cuebench {

/// Fills holm_p and benjamini_hochberg_p from the mcnemar_p of all rows; rows without one stay without and do not
/// count. `family` ends the method: "the variants of the pair".
template <typename Row>
void adjust_p_values(std::vector<Row>& rows, std::string_view family) {
  std::vector<double> p_values;
  for (const Row& row : rows)
    if (row.mcnemar_p.value) p_values.push_back(*row.mcnemar_p.value);
  const std::vector<double> holm = holm_adjust(p_values), rates = benjamini_hochberg_adjust(p_values);
  std::size_t next = 0;
  for (Row& row : rows) {
    row.holm_p = row.benjamini_hochberg_p = row.mcnemar_p;
    if (!row.mcnemar_p.value) continue;
    row.holm_p.value = holm[next];
    row.holm_p.method = "exact McNemar, Holm over " + std::string(family);
    row.benjamini_hochberg_p.value = rates[next++];
    row.benjamini_hochberg_p.method = "exact McNemar, Benjamini and Hochberg over " + std::string(family);
  }
}

}  // namespace cuebench
