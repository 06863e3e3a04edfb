#pragma once

#include <string>
#include <string_view>

namespace cuebench {

/// Letters, digits, '.' and '_' stay; every run of others becomes one '-': "patch_shuffle k=4" -> "patch_shuffle-k-4".
inline std::string file_name_part(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool kept =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    if (kept)
      name += c;
    else if (!name.empty() && name.back() != '-')
      name += '-';
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  while (!name.empty() && name.front() == '.') name.erase(0, 1);
  return name.empty() ? "unnamed" : name;
}

}  // namespace cuebench
