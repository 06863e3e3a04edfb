#pragma once
// Lines of the CSV files.

#include <cmath>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/parameters.hpp>
#include <cuebench/store/run_store.hpp>

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

/// Shortest text that reads back to the same number; empty for one that is not finite.
inline std::string csv_number(double value) {
  return std::isfinite(value) ? format_real(value) : std::string();
}
inline std::string csv_number(const std::optional<double>& value) {
  return value ? csv_number(*value) : std::string();
}

/// Name of a class; "#17" where the data set has no such class, "" for -1.
inline std::string class_name(const RunDescription& run, int label) {
  if (label < 0) return "";
  if (static_cast<std::size_t>(label) < run.classes.size()) return run.classes[label];
  return fmt::format("#{}", label);
}

}  // namespace cuebench
