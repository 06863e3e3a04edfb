#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <cuebench/core/errors.hpp>

#include "schema.hpp"
#include "state.hpp"

namespace cuebench {
namespace {

constexpr const char* kFileName = "run.sqlite";

int pragma_value(SQLite::Database& database, const char* pragma) {
  return database.execAndGet(fmt::format("PRAGMA {}", pragma)).getInt();
}

bool is_empty(SQLite::Database& database) {
  return database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0;
}

void check_identity(SQLite::Database& database, const std::filesystem::path& file) {
  if (pragma_value(database, "application_id") != kRunApplicationId)
    throw UsageError(fmt::format("'{}' is a database but not a run: choose another --out", file.string()));
  if (const int written = pragma_value(database, "user_version"); written != kRunSchemaVersion)
    throw UsageError(
        fmt::format("'{}' has schema version {} and this program reads version {}: use the program that "
                    "wrote it, or start afresh with --overwrite",
                    file.string(), written, kRunSchemaVersion));
}

void create(SQLite::Database& database, const RunDescription& description) {
  SQLite::Transaction transaction(database);
  database.exec(
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};", kRunApplicationId, kRunSchemaVersion));
  database.exec(kRunSchema);
  write_description(database, description);
  transaction.commit();
}

/// A file on a read-only medium, or one that was copied without its log, opens as it stands.
SQLite::Database open_for_reading(const std::filesystem::path& file) {
  try {
    SQLite::Database database(file.string(), SQLite::OPEN_READONLY, 10000);
    database.execAndGet("SELECT count(*) FROM sqlite_master");
    return database;
  } catch (const SQLite::Exception& error) {
    if (error.getErrorCode() != SQLITE_CANTOPEN && error.getErrorCode() != SQLITE_READONLY) throw;
    return {fmt::format("file:{}?immutable=1", file.string()), SQLite::OPEN_READONLY | SQLite::OPEN_URI};
  }
}

}  // namespace

void throw_sql_failure(const std::filesystem::path& file, const SQLite::Exception& error) {
  const std::string name = file.string();
  switch (error.getErrorCode()) {
    case SQLITE_FULL:
      throw RunError(
          fmt::format("the disk of '{}' is full: what is stored stays; make room and give the same command "
                      "again",
                      name));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      throw UsageError(
          fmt::format("'{}' is damaged or not a run: start afresh with --overwrite or choose another --out", name));
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      throw UsageError(fmt::format("'{}' cannot be opened for writing: choose another --out", name));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw RunError(
          fmt::format("'{}' is in use by another program: wait for it and give the same command again", name));
    default:
      throw RunError(fmt::format("'{}': {}", name, error.what()));
  }
}

FolderLock::FolderLock(const std::filesystem::path& file)
    : descriptor_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (descriptor_ < 0)
    throw UsageError(fmt::format("cannot write '{}': {}; choose another --out", file.string(), std::strerror(errno)));
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    ::close(std::exchange(descriptor_, -1));
    throw UsageError(fmt::format("another run is writing '{}': wait for it, or choose another --out", file.string()));
  }
}
FolderLock::FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}
FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

RunStore RunStore::create_or_resume(const std::filesystem::path& folder, const RunDescription& description) {
  const auto file = folder / kFileName;
  return guarded_sql(file, [&] {
    FolderLock lock(file);
    SQLite::Database database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_URI, 10000);
    const bool fresh = is_empty(database);
    if (!fresh) check_identity(database, file);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    if (fresh) create(database, description);
    auto state = std::make_unique<State>(State{file, std::move(lock), std::move(database), RunDescription{}});
    state->description = read_description(state->database);
    const std::string difference = first_difference(state->description, description);
    if (!difference.empty())
      throw UsageError(
          fmt::format("'{}' holds a run of another configuration ({}): start afresh with --overwrite or "
                      "choose another --out",
                      folder.string(), difference));
    return RunStore(std::move(state));
  });
}

RunStore RunStore::open(const std::filesystem::path& folder) {
  const auto file = folder / kFileName;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored))
    throw UsageError(fmt::format("'{}' holds no run: there is no {} in it", folder.string(), kFileName));
  return guarded_sql(file, [&] {
    SQLite::Database database = open_for_reading(file);
    check_identity(database, file);
    auto state = std::make_unique<State>(State{file, FolderLock(), std::move(database), RunDescription{}});
    state->description = read_description(state->database);
    return RunStore(std::move(state));
  });
}

RunStore::RunStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
RunStore::RunStore(RunStore&&) noexcept = default;
RunStore& RunStore::operator=(RunStore&&) noexcept = default;
RunStore::~RunStore() = default;

const RunDescription& RunStore::description() const {
  return state_->description;
}

std::int64_t RunStore::block_count() const {
  const auto items = static_cast<std::int64_t>(state_->description.items.size());
  return (items + state_->description.block_size - 1) / state_->description.block_size;
}

bool RunStore::complete() const {
  const auto finished = finished_blocks();
  return std::all_of(finished.begin(), finished.end(), [](bool done) { return done; });
}

void RunStore::absorb(const RunStore& other) {
  const std::string difference = first_difference(state_->description, other.description());
  if (!difference.empty())
    throw UsageError(fmt::format("'{}' is not a shard of the same run: {}", other.state_->file.string(), difference));
  guarded_sql(state_->file, [&] {
    SQLite::Database& database = state_->database;
    SQLite::Statement attach(database, "ATTACH DATABASE ? AS shard");
    attach.bind(1, fmt::format("file:{}?mode=ro", other.state_->file.string()));
    attach.exec();
    {
      SQLite::Transaction transaction(database);
      const int size = state_->description.block_size;
      database.exec("CREATE TEMP TABLE wanted AS SELECT block FROM shard.blocks EXCEPT SELECT block FROM main.blocks");
      for (const char* table : {"outcomes", "notes", "channel_images", "pictures", "bad_images"})
        database.exec(
            fmt::format("INSERT INTO main.{0} SELECT * FROM shard.{0} WHERE item / {1} IN temp.wanted", table, size));
      database.exec("INSERT INTO main.channel_blocks SELECT * FROM shard.channel_blocks WHERE block IN temp.wanted");
      database.exec("INSERT INTO main.blocks SELECT block FROM temp.wanted");
      database.exec("INSERT OR IGNORE INTO main.relevance_partials SELECT * FROM shard.relevance_partials");
      database.exec("INSERT OR IGNORE INTO main.relevance_blocks SELECT * FROM shard.relevance_blocks");
      database.exec("DROP TABLE temp.wanted");
      transaction.commit();
    }
    database.exec("DETACH DATABASE shard");
  });
}

}  // namespace cuebench
