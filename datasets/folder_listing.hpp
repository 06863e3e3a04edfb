#pragma once
// The files below a folder on disk, symbolic links followed.

#include <cstddef>
#include <filesystem>

#include <cuebench/datasets/file_source.hpp>

namespace cuebench {

/// Lists at most `limit` entries (files, folders and what is left out). The result is not sorted and cannot be read
/// from.
/// @throws UsageError naming a folder that cannot be read.
FileSource list_folder(const std::filesystem::path& root, std::size_t limit = SIZE_MAX);

}  // namespace cuebench
