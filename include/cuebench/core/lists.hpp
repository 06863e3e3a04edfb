#pragma once
// Lists inside one parameter: commas separate parameters, slashes the entries of a list.

#include <string>
#include <string_view>
#include <vector>

namespace cuebench {

/// "a/b" -> {"a", "b"}; "" -> {}. Empty entries stay, so that whoever reads them can refuse them.
inline std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  parts.emplace_back();
  for (const char c : text) {
    if (c == '/') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

}  // namespace cuebench
