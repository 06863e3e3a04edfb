#pragma once
// Whole-file reading and atomic writing.

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cuebench {

/// @throws UsageError naming the file when it cannot be read.
std::vector<std::byte> read_file(const std::filesystem::path& path);
std::string read_text_file(const std::filesystem::path& path);

/// Writes beside the target, syncs, then renames: a reader sees the old file or the new one, never a part.
/// @throws RunError naming the file and the reason ("No space left on device").
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// Creates the folder and checks that a file can be made in it. @throws UsageError with the remedy when it cannot.
void require_writable_folder(const std::filesystem::path& folder);

}  // namespace cuebench
