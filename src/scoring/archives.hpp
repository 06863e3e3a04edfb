#pragma once
// Compressed files and archives in memory.

#include <functional>
#include <string>
#include <string_view>

namespace cuebench::scoring {

bool is_gzip(std::string_view bytes);
/// @throws UsageError naming `file` when the data are damaged or end too early.
std::string gunzip(std::string_view bytes, std::string_view file);
/// Every ordinary file of a tar archive, compressed or not. @throws UsageError as above.
void for_each_member(std::string_view archive, std::string_view file,
                     const std::function<void(const std::string& name, std::string content)>& visit);

}  // namespace cuebench::scoring
