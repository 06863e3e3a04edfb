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

/// A file that is written piece by piece and appears under its name as a whole when it is committed; until then it lies
/// beside the target as NAME.PID.part, and is removed with the object. A killed process leaves its parts behind:
/// remove_abandoned_parts takes them away.
class FileWriter {
 public:
  /// @throws RunError, as all functions here, naming the file, the reason and the remedy.
  explicit FileWriter(std::filesystem::path path);
  FileWriter(FileWriter&& other) noexcept;
  FileWriter& operator=(FileWriter&&) = delete;
  ~FileWriter();

  void write(std::string_view content);
  std::uintmax_t size() const { return size_; }
  void commit(Durability durability = Durability::synced);

 private:
  [[noreturn]] void fail(std::string_view step) const;
  std::filesystem::path path_;
  std::string temporary_;
  int descriptor_ = -1;
  std::uintmax_t size_ = 0;
};

/// Removes the parts in `folder` (not below it) that no living process is writing.
void remove_abandoned_parts(const std::filesystem::path& folder);

/// Writes beside the target, syncs unless `cached`, then renames: a reader sees the old file or the new one, never a
/// part.
/// @throws RunError naming the file, the reason ("No space left on device") and the remedy.
void write_file_atomically(const std::filesystem::path& path, std::string_view content,
                           Durability durability = Durability::synced);

/// The folder that a file lies in; "." for a bare name.
std::filesystem::path folder_of(const std::filesystem::path& file);

/// Creates the folder and checks that a file can be made in it. @throws UsageError with the remedy when it cannot.
void require_writable_folder(const std::filesystem::path& folder);

}  // namespace cuebench
