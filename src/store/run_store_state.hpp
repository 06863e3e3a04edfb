#pragma once
// What a RunStore holds.

#include <memory>
#include <optional>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cuebench/core/folder_lock.hpp>
#include <cuebench/store/run_store.hpp>

namespace cuebench {

/// Statements of a commit, prepared once.
struct RunInserts {
  explicit RunInserts(SQLite::Database& database);
  SQLite::Statement block, outcome, note, bad_image, channel_image, channel_block, picture, relevance_block, relevance;
  /// None in a run of an earlier program, which has no such tables.
  std::unique_ptr<SQLite::Statement> intervention, aggregation;
};

struct RunStore::State {
  std::filesystem::path file;      ///< .../run.sqlite
  std::string uri;                 ///< as SQLite opened it
  std::optional<FolderLock> lock;  ///< held by a writer; released last
  std::unique_ptr<SQLite::Database> database;
  std::unique_ptr<RunInserts> inserts;  ///< of a writer
  RunDescription description;

  ~State();
  SQLite::Database& db() const { return *database; }
};

/// Whether the run has the tables of interventions, which came after the others.
bool has_interventions(SQLite::Database& database);

/// The same of aggregations.
bool has_aggregations(SQLite::Database& database);

/// A file name as SQLite's URI, which carries options ("mode=ro").
std::string sqlite_uri(const std::filesystem::path& file, std::string_view options);

}  // namespace cuebench
