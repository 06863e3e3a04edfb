#include <stdexcept>

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/store/run_store.hpp>

#include "description_difference.hpp"
#include "run_store_state.hpp"
#include "sqlite_errors.hpp"
#include "statements.hpp"

namespace cuebench {
namespace {

/// The other run, readable as `shard` beside ours while this lives.
class AttachedRun {
 public:
  AttachedRun(SQLite::Database& database, const std::string& uri) : database_(database) {
    SQLite::Statement attach(database_, "ATTACH DATABASE ? AS shard");
    insert_row(attach, uri);
  }
  ~AttachedRun() { database_.tryExec("DETACH DATABASE shard"); }
  AttachedRun(const AttachedRun&) = delete;
  AttachedRun& operator=(const AttachedRun&) = delete;

 private:
  SQLite::Database& database_;
};

/// A shard of an earlier program has no such table.
/// Shards of an earlier program lack the tables that came later.
bool shard_has(SQLite::Database& database, std::string_view table) {
  return database
             .execAndGet(
                 fmt::format("SELECT count(*) FROM shard.sqlite_master WHERE type = 'table' AND name = '{}'", table))
             .getInt() > 0;
}

/// One transaction: all missing blocks or, when the disk is full, none. Rows come in the order of their table.
void copy_missing_blocks(SQLite::Database& database, int block_size) {
  SQLite::Transaction transaction(database);
  database.exec(
      "CREATE TEMP TABLE wanted AS SELECT block FROM shard.blocks WHERE block NOT IN (SELECT block FROM main.blocks);"
      "CREATE TEMP TABLE wanted_relevance AS SELECT block FROM shard.relevance_blocks WHERE block NOT IN "
      "(SELECT block FROM main.relevance_blocks)");
  for (const char* table : {"outcomes", "notes", "bad_images", "channel_images", "pictures"})
    database.exec(
        fmt::format("INSERT INTO main.{0} SELECT * FROM shard.{0} WHERE item / {1} IN temp.wanted", table, block_size));
  database.exec("INSERT INTO main.channel_blocks SELECT * FROM shard.channel_blocks WHERE block IN temp.wanted");
  database.exec("INSERT INTO main.relevance SELECT * FROM shard.relevance WHERE block IN temp.wanted_relevance");
  if (has_interventions(database) && shard_has(database, "intervention_blocks"))
    database.exec(
        "INSERT INTO main.intervention_blocks SELECT * FROM shard.intervention_blocks WHERE block IN temp.wanted");
  if (has_aggregations(database) && shard_has(database, "aggregation_blocks"))
    database.exec(
        "INSERT INTO main.aggregation_blocks SELECT * FROM shard.aggregation_blocks WHERE block IN temp.wanted");
  database.exec("INSERT INTO main.blocks SELECT block FROM temp.wanted");
  database.exec("INSERT INTO main.relevance_blocks SELECT block FROM temp.wanted_relevance");
  database.exec("DROP TABLE temp.wanted; DROP TABLE temp.wanted_relevance");
  transaction.commit();
}

bool is_sound(SQLite::Database& database, std::string_view schema) {
  try {
    return database.execAndGet(fmt::format("PRAGMA {}.quick_check(1)", schema)).getString() == "ok";
  } catch (const SQLite::Exception&) {
    return false;
  }
}

}  // namespace

void RunStore::absorb(const RunStore& other) {
  if (!state_->inserts) throw std::logic_error("a run opened for reading cannot be written");
  if (const auto difference = description_difference(state_->description, other.state_->description))
    throw UsageError(fmt::format("'{}' is no shard of the run in '{}' ({}): merge only shards of one command",
                                 other.state_->file.parent_path().string(), state_->file.parent_path().string(),
                                 *difference));
  with_sentences(state_->file, [&] {
    SQLite::Database& database = state_->db();
    const AttachedRun shard(database,
                            other.state_->lock ? sqlite_uri(other.state_->file, "mode=ro") : other.state_->uri);
    try {
      copy_missing_blocks(database, state_->description.block_size);
    } catch (const SQLite::Exception& error) {
      // The code does not say which of the two files is damaged.
      if ((error.getErrorCode() & 0xff) == SQLITE_CORRUPT && !is_sound(database, "shard"))
        throw_as_sentence(error, other.state_->file);
      throw;
    }
  });
}

}  // namespace cuebench
