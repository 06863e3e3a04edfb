#pragma once
// Keeps two programs from writing one run folder. Readers need no lock.

#include <filesystem>

namespace cuebench {

/// Holds the file run.lock of a folder locked while it lives; the system drops the lock when the process dies, however.
/// A file of its own: closing a second descriptor of run.sqlite would drop the locks that SQLite holds on it.
class RunLock {
 public:
  /// @throws UsageError when another process (or another RunLock here) holds it, or the file cannot be made.
  explicit RunLock(const std::filesystem::path& folder);
  RunLock(RunLock&& other) noexcept;
  RunLock& operator=(RunLock&&) = delete;
  ~RunLock();

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace cuebench
