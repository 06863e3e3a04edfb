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

/// What a power cut may do to a file just written: nothing, or leave it empty (a killed process loses neither).
enum class Durability { synced, cached };

/// Writes beside the target, syncs unless `cached`, then renames: a reader sees the old file or the new one, never a
/// part.
/// @throws RunError naming the file and the reason ("No space left on device").
void write_file_atomically(const std::filesystem::path& path, std::string_view content,
                           Durability durability = Durability::synced);

/// Creates the folder and checks that a file can be made in it. @throws UsageError with the remedy when it cannot.
void require_writable_folder(const std::filesystem::path& folder);

}  // namespace cuebench
