#pragma once
// What an open run holds; shared by the files of this folder.

#include <filesystem>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include <cuebench/store/run_store.hpp>

namespace cuebench {

/// Keeps two evaluations from writing one folder. Held on the database file itself, and let go after the database is
/// closed (closing any descriptor of a file drops the process's other locks on it).
class FolderLock {
 public:
  FolderLock() = default;
  /// @throws UsageError when another process holds it or the file cannot be made.
  explicit FolderLock(const std::filesystem::path& file);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;
  ~FolderLock();

 private:
  int descriptor_ = -1;
};

struct RunStore::State {
  std::filesystem::path file;
  FolderLock lock;
  SQLite::Database database;
  RunDescription description;
};

/// @throws UsageError or RunError with one sentence, always.
[[noreturn]] void throw_sql_failure(const std::filesystem::path& file, const SQLite::Exception& error);

/// Runs `work`; an SQLite failure becomes one sentence about `file`.
/// @throws UsageError (damaged, no run, read-only) or RunError (disk full, reading or writing failed).
template <typename Work>
auto guarded_sql(const std::filesystem::path& file, Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const SQLite::Exception& error) {
    throw_sql_failure(file, error);
  }
}

void write_description(SQLite::Database& database, const RunDescription& description);
RunDescription read_description(const SQLite::Database& database);
/// "" when they are the same, else the first difference in words.
std::string first_difference(const RunDescription& stored, const RunDescription& wanted);

}  // namespace cuebench
