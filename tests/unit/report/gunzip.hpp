#pragma once

#include <filesystem>
#include <string>

namespace cuebench::test {

/// The text of a gzip file.
std::string gunzip(const std::filesystem::path& path);

}  // namespace cuebench::test
