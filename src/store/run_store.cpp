#include <algorithm>
#include <map>
#include <numeric>
#include <stdexcept>
#include <tuple>

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/store/run_store.hpp>

#include "description_difference.hpp"
#include "description_table.hpp"
#include "run_store_state.hpp"
#include "schema.hpp"
#include "sqlite_errors.hpp"
#include "statements.hpp"

namespace cuebench {
namespace {

constexpr const char* kFileName = "run.sqlite";
constexpr const char* kLockName = "run.lock";
constexpr int kBusyMilliseconds = 5000;

std::int64_t pragma(SQLite::Database& database, const char* name) {
  return database.execAndGet(fmt::format("PRAGMA {}", name)).getInt64();
}

/// Nothing was ever committed to it: new, or its maker was killed before the first commit.
bool is_blank(SQLite::Database& database) {
  return database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0 &&
         pragma(database, "application_id") == 0;
}

void require_run_of_this_version(SQLite::Database& database, const std::filesystem::path& file) {
  if (pragma(database, "application_id") != kRunApplicationId)
    throw UsageError(fmt::format("'{}' is not a run of cuebench: name another folder, or replace it with --overwrite",
                                 file.string()));
  if (const auto version = pragma(database, "user_version"); version != kRunSchemaVersion)
    throw UsageError(
        fmt::format("'{}' was written by another version of cuebench (layout {}, this program has {}): use "
                    "that version, name another folder with --out, or replace it with --overwrite",
                    file.string(), version, kRunSchemaVersion));
}

void create_tables(SQLite::Database& database, const RunDescription& description) {
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  database.exec(create_tables_sql());
  write_description(database, description);
  database.exec(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", kRunApplicationId, kRunSchemaVersion));
  transaction.commit();
}

std::unique_ptr<SQLite::Database> open_uri(const std::string& uri, int flags) {
  return std::make_unique<SQLite::Database>(uri, flags | SQLite::OPEN_URI, kBusyMilliseconds);
}

/// Opens for reading. A run on a medium that cannot be written may need the promise that nothing else writes it; that
/// promise would hide blocks which only the write-ahead log holds, so it is made only without such a log.
std::unique_ptr<SQLite::Database> open_for_reading(const std::filesystem::path& file, std::string& uri) {
  try {
    uri = sqlite_uri(file, "mode=ro");
    auto database = open_uri(uri, SQLite::OPEN_READONLY);
    database->execAndGet("SELECT count(*) FROM sqlite_master");
    return database;
  } catch (const SQLite::Exception& error) {
    const int code = error.getErrorCode() & 0xff;
    if (code != SQLITE_CANTOPEN && code != SQLITE_READONLY) throw;
    std::error_code ignored;
    const auto log_bytes = std::filesystem::file_size(file.string() + "-wal", ignored);
    if (!ignored && log_bytes > 0)
      throw UsageError(
          fmt::format("'{}' was not closed and lies where nothing can be written: copy the whole folder to "
                      "a place that can be written and name that",
                      file.string()));
    uri = sqlite_uri(file, "mode=ro&immutable=1");
    auto database = open_uri(uri, SQLite::OPEN_READONLY);
    database->execAndGet("SELECT count(*) FROM sqlite_master");
    return database;
  }
}

/// Every row lies in the block: what is stored of a block is what its numbers say.
void require_rows_of_block(const BlockRecord& record, std::int64_t block_count, const RunDescription& description) {
  if (record.block < 0 || record.block >= block_count) throw std::invalid_argument("there is no such block in the run");
  const auto first = record.block * description.block_size;
  const auto end = std::min(first + description.block_size, static_cast<std::int64_t>(description.items.size()));
  const auto check = [first, end](const auto& rows, const auto& item_of) {
    for (const auto& row : rows)
      if (item_of(row) < first || item_of(row) >= end) throw std::invalid_argument("a row lies outside its block");
  };
  const auto item = [](const auto& row) { return row.item; };
  check(record.outcomes, item);
  check(record.notes, item);
  check(record.channel_images, item);
  check(record.pictures, item);
  check(record.bad_images, [](const auto& row) { return row.first; });
}

/// Pointers to the rows in the order of the table, so that each leaf of it is visited once.
template <typename Row, typename Key>
std::vector<const Row*> in_key_order(const std::vector<Row>& rows, const Key& key) {
  std::vector<const Row*> order;
  order.reserve(rows.size());
  for (const Row& row : rows) order.push_back(&row);
  std::stable_sort(order.begin(), order.end(), [&key](const Row* a, const Row* b) { return key(*a) < key(*b); });
  return order;
}

void bind_optional(SQLite::Statement& statement, int index, const std::optional<double>& value) {
  if (value)
    statement.bind(index, *value);
  else
    statement.bind(index);
}

void insert_outcome(SQLite::Statement& insert, const BlockRecord::OutcomeRow& row) {
  const Outcome& outcome = row.outcome;
  insert.bind(1, row.variant);
  insert.bind(2, row.model);
  insert.bind(3, row.item);
  insert.bind(4, outcome.predicted);
  bind_value(insert, 5, outcome.confidence);
  if (outcome.rank_of_label < 0)
    insert.bind(6);
  else
    insert.bind(6, outcome.rank_of_label);
  bind_value(insert, 7, outcome.negative_log_likelihood);
  bind_value(insert, 8, outcome.margin);
  execute(insert);
}

void insert_channel_image(SQLite::Statement& insert, const BlockRecord::ChannelImageRow& row) {
  const ChannelImageRecord& record = row.record;
  insert.bind(1, row.layer);
  insert.bind(2, row.variant);
  insert.bind(3, row.item);
  insert.bind(4, record.pr_total);
  insert.bind(5, record.nr_total);
  insert.bind(6, record.neutral_total);
  bind_optional(insert, 7, record.align_cosine);
  bind_optional(insert, 8, record.align_pearson);
  bind_optional(insert, 9, record.align_rel_l2);
  bind_optional(insert, 10, record.act_rel_spearman);
  execute(insert);
}

/// A second commit of a block is the caller's mistake, not the database's.
void insert_block_once(SQLite::Statement& insert, std::int64_t block) {
  try {
    insert_row(insert, block);
  } catch (const SQLite::Exception& error) {
    if ((error.getErrorCode() & 0xff) != SQLITE_CONSTRAINT) throw;
    throw std::logic_error(fmt::format("block {} is stored already", block));
  }
}

void insert_aggregations(RunInserts& inserts, const BlockRecord& record) {
  if (!inserts.aggregation) return;
  std::map<std::pair<int, int>, int> numbers;
  for (const auto& row : record.aggregations)
    insert_row(*inserts.aggregation, row.variant, row.model, numbers[{row.variant, row.model}]++, record.block,
               row.aggregation, row.labelled, row.right, row.shape, row.texture, row.conflict);
}

void insert_rows(RunInserts& inserts, const BlockRecord& record) {
  insert_block_once(inserts.block, record.block);
  for (const auto* row : in_key_order(record.outcomes, [](auto& r) { return std::tuple(r.variant, r.model, r.item); }))
    insert_outcome(inserts.outcome, *row);
  std::map<std::pair<int, std::int64_t>, int> notes_of_item;
  for (const auto& row : record.notes)
    insert_row(inserts.note, row.variant, row.item, notes_of_item[{row.variant, row.item}]++, row.note);
  for (const auto& [item, bad] : record.bad_images)
    insert_row(inserts.bad_image, item, bad.path, bad.bytes, bad.reason);
  for (const auto* row :
       in_key_order(record.channel_images, [](auto& r) { return std::tuple(r.layer, r.variant, r.item); }))
    insert_channel_image(inserts.channel_image, *row);
  for (const auto& row : record.channels) {
    const auto sums = serialise(row.moments);
    insert_row(inserts.channel_block, row.layer, row.variant, record.block, std::span(sums));
  }
  for (const auto& row : record.interventions)
    insert_row(*inserts.intervention, row.intervention, row.variant, record.block, row.images, row.before, row.after,
               row.both);
  insert_aggregations(inserts, record);
  for (const auto& row : record.pictures) insert_row(inserts.picture, row.item, row.variant, std::span(row.png));
}

}  // namespace

RunInserts::RunInserts(SQLite::Database& database)
    : block(database, "INSERT INTO blocks VALUES(?)"),
      outcome(database, "INSERT INTO outcomes VALUES(?,?,?,?,?,?,?,?)"),
      note(database, "INSERT INTO notes VALUES(?,?,?,?)"),
      bad_image(database, "INSERT INTO bad_images VALUES(?,?,?,?)"),
      channel_image(database, "INSERT INTO channel_images VALUES(?,?,?,?,?,?,?,?,?,?)"),
      channel_block(database, "INSERT INTO channel_blocks VALUES(?,?,?,?)"),
      picture(database, "INSERT INTO pictures VALUES(?,?,?)"),
      relevance_block(database, "INSERT INTO relevance_blocks VALUES(?)"),
      relevance(database, "INSERT INTO relevance VALUES(?,?,?)") {
  if (has_interventions(database))
    intervention =
        std::make_unique<SQLite::Statement>(database, "INSERT INTO intervention_blocks VALUES(?,?,?,?,?,?,?)");
  if (has_aggregations(database))
    aggregation =
        std::make_unique<SQLite::Statement>(database, "INSERT INTO aggregation_blocks VALUES(?,?,?,?,?,?,?,?,?,?)");
}

bool has_interventions(SQLite::Database& database) {
  return database.tableExists("intervention_blocks");
}

bool has_aggregations(SQLite::Database& database) {
  return database.tableExists("aggregation_blocks");
}

std::string sqlite_uri(const std::filesystem::path& file, std::string_view options) {
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(file).string())
    uri += c == '?' || c == '#' || c == '%' ? fmt::format("%{:02x}", static_cast<unsigned>(c)) : std::string(1, c);
  return fmt::format("{}?{}", uri, options);
}

RunStore::State::~State() {
  inserts.reset();
  if (!database || !lock) return;
  // A finished run is one file that any medium and any program can hold. With a reader about, the log stays beside it.
  database->setBusyTimeout(0);
  database->tryExec("PRAGMA journal_mode=DELETE");
}

RunStore::RunStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
RunStore::RunStore(RunStore&&) noexcept = default;
RunStore& RunStore::operator=(RunStore&&) noexcept = default;
RunStore::~RunStore() = default;

RunStore RunStore::create_or_resume(const std::filesystem::path& folder, const RunDescription& description) {
  if (description.block_size < 1) throw std::invalid_argument("a block has at least one item");
  require_writable_folder(folder);
  auto state = std::make_unique<State>();
  state->file = folder / kFileName;
  state->lock.emplace(folder, kLockName);
  with_sentences(state->file, [&] {
    state->uri = sqlite_uri(state->file, "mode=rwc");
    state->database = open_uri(state->uri, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    SQLite::Database& database = state->db();
    const bool blank = is_blank(database);
    if (!blank) require_run_of_this_version(database, state->file);
    database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000");
    if (blank) create_tables(database, description);
    state->description = blank ? description : read_description(database);
    state->inserts = std::make_unique<RunInserts>(database);
  });
  if (const auto difference = description_difference(state->description, description))
    throw UsageError(
        fmt::format("'{}' holds another run ({}): replace it with --overwrite, or name another folder with "
                    "--out",
                    folder.string(), *difference));
  return RunStore(std::move(state));
}

RunStore RunStore::open(const std::filesystem::path& folder) {
  auto state = std::make_unique<State>();
  state->file = folder / kFileName;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(state->file, ignored))
    throw UsageError(fmt::format("'{}' is not a run folder: there is no {} in it", folder.string(), kFileName));
  with_sentences(state->file, [&] {
    state->database = open_for_reading(state->file, state->uri);
    require_run_of_this_version(state->db(), state->file);
    state->description = read_description(state->db());
  });
  return RunStore(std::move(state));
}

void RunStore::discard(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (!std::filesystem::exists(folder / kFileName, ignored)) return;
  const FolderLock lock(folder, kLockName);
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    std::error_code error;
    const auto file = folder / (kFileName + std::string(suffix));
    std::filesystem::remove(file, error);
    if (error)
      throw UsageError(
          fmt::format("cannot remove '{}': {}; name another folder with --out", file.string(), error.message()));
  }
}

const RunDescription& RunStore::description() const {
  return state_->description;
}

void RunStore::commit(const BlockRecord& record) {
  if (!state_->inserts) throw std::logic_error("a run opened for reading cannot be written");
  require_rows_of_block(record, block_count(), state_->description);
  with_sentences(state_->file, [&] {
    SQLite::Transaction transaction(state_->db());
    insert_rows(*state_->inserts, record);
    transaction.commit();
  });
}

void RunStore::commit_relevance(std::int64_t block, const std::vector<std::pair<int, ClassMoments>>& per_layer) {
  if (!state_->inserts) throw std::logic_error("a run opened for reading cannot be written");
  if (block < 0 || block >= block_count()) throw std::invalid_argument("there is no such block in the run");
  with_sentences(state_->file, [&] {
    SQLite::Transaction transaction(state_->db());
    insert_block_once(state_->inserts->relevance_block, block);
    for (const auto& [layer, moments] : per_layer) {
      const auto sums = serialise(moments);
      insert_row(state_->inserts->relevance, layer, block, std::span(sums));
    }
    transaction.commit();
  });
}

}  // namespace cuebench
