#pragma once
// Lines of the CSV files.

#include <cuebench/core/csv.hpp>
#include <cuebench/core/parameters.hpp>

#include <cmath>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace cuebench {

/// Fields joined by commas, quoted where they must be, with the line's end.
inline std::string csv_row(std::initializer_list<std::string_view> fields) {
  std::string row;
  for (const std::string_view field : fields) {
    row += csv_field(field);
    row += ',';
  }
  row.back() = '\n';
  return row;
}

/// Shortest text that reads back to the same number; empty when there is none.
inline std::string csv_number(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? format_real(*value) : std::string();
}

}  // namespace cuebench
