#include <algorithm>

#include <fmt/format.h>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

/// Reads one record from `text` at `position`; `line` counts the lines passed.
std::vector<std::string> read_record(std::string_view text, std::size_t& position, std::size_t& line,
                                     std::string_view source) {
  std::vector<std::string> fields(1);
  const std::size_t first_line = line;
  bool quoted = false;
  while (position < text.size()) {
    const char c = text[position++];
    if (quoted) {
      if (c == '"' && position < text.size() && text[position] == '"') {
        fields.back() += '"';
        ++position;
      } else if (c == '"') {
        quoted = false;
      } else {
        if (c == '\n') ++line;
        fields.back() += c;
      }
    } else if (c == '"' && fields.back().empty()) {
      quoted = true;
    } else if (c == ',') {
      fields.emplace_back();
    } else if (c == '\n') {
      ++line;
      return fields;
    } else if (c != '\r' || (position < text.size() && text[position] != '\n')) {
      fields.back() += c;
    }
  }
  if (quoted) throw UsageError(fmt::format("{}, line {}: a quoted field is not closed", source, first_line));
  return fields;
}

}  // namespace

int CsvTable::column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? -1 : static_cast<int>(found - header.begin());
}

CsvTable parse_csv(std::string_view text, std::string_view source) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (text.empty()) throw UsageError(fmt::format("{} is empty: a header row is expected", source));

  CsvTable table;
  std::size_t position = 0, line = 1;
  table.header = read_record(text, position, line, source);
  while (position < text.size()) {
    CsvTable::Row row{line, read_record(text, position, line, source)};
    if (row.fields.size() == 1 && row.fields[0].empty()) continue;  // a blank line
    if (row.fields.size() != table.header.size())
      throw UsageError(fmt::format("{}, line {}: {} fields where the header has {}", source, row.line,
                                   row.fields.size(), table.header.size()));
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace cuebench
