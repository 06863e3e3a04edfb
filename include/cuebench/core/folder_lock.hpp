#pragma once
// Keeps two programs from writing one folder. Readers need no lock.

#include <filesystem>
#include <string_view>

namespace cuebench {

/// Holds a file of the folder locked while it lives; the system drops the lock when the process dies, however. A file
/// of its own: closing a second descriptor of an SQLite file would drop the locks that SQLite holds on it.
class FolderLock {
 public:
  /// @throws UsageError when another process (or another FolderLock here) holds it, or the file cannot be made.
  FolderLock(const std::filesystem::path& folder, std::string_view name);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace cuebench
