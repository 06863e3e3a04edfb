#pragma once
// Comma-separated values as RFC 4180 has them: quotes, doubled quotes, CRLF or LF, commas and line breaks in quotes.

#include <string>
#include <string_view>
#include <vector>

namespace cuebench {

/// A table with a header row. Rows keep the line on which they began, for messages.
struct CsvTable {
  std::vector<std::string> header;
  struct Row {
    std::size_t line = 0;
    std::vector<std::string> fields;
  };
  std::vector<Row> rows;
  /// Index of a column by its exact name, or -1.
  int column(std::string_view name) const;
};

/// A leading byte-order mark is skipped; a row with another number of fields than the header is an error.
/// @throws UsageError naming `source` and the line.
CsvTable parse_csv(std::string_view text, std::string_view source);

/// The field, quoted if it must be.
std::string csv_field(std::string_view text);

}  // namespace cuebench
