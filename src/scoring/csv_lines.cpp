#include "csv_lines.hpp"

#include <cctype>
#include <cstring>

#include <cuebench/core/csv.hpp>

namespace cuebench::scoring {
namespace {

/// Takes a line off the front, without its end (LF or CRLF).
std::string_view take_line(std::string_view& text) {
  const auto* end = static_cast<const char*>(std::memchr(text.data(), '\n', text.size()));
  std::string_view line = end ? text.substr(0, static_cast<std::size_t>(end - text.data())) : text;
  text.remove_prefix(end ? line.size() + 1 : text.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

void split(std::string_view line, std::vector<std::string_view>& fields) {
  fields.clear();
  std::size_t begin = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] != ',') continue;
    fields.push_back(line.substr(begin, at - begin));
    begin = at + 1;
  }
  fields.push_back(line.substr(begin));
}

}  // namespace

std::string_view without_mark(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

std::vector<std::string> header_fields(std::string_view text) {
  text = without_mark(text);
  std::vector<std::string_view> views;
  split(take_line(text), views);
  std::vector<std::string> fields;
  for (std::string_view view : views) {
    if (view.size() >= 2 && view.starts_with('"') && view.ends_with('"')) view = view.substr(1, view.size() - 2);
    std::string& field = fields.emplace_back(view);
    for (char& c : field) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return fields;
}

void for_each_line(std::string_view text, std::string_view file,
                   const std::function<void(std::size_t, std::span<const std::string_view>)>& visit) {
  text = without_mark(text);
  std::vector<std::string_view> fields;
  if (text.find('"') != text.npos) {
    const CsvTable table = parse_csv(text, file);
    for (const CsvTable::Row& row : table.rows) {
      fields.assign(row.fields.begin(), row.fields.end());
      visit(row.line, fields);
    }
    return;
  }
  take_line(text);
  for (std::size_t line = 2; !text.empty(); ++line) {
    const std::string_view content = take_line(text);
    if (content.empty()) continue;
    split(content, fields);
    visit(line, fields);
  }
}

}  // namespace cuebench::scoring
