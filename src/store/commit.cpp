#include <cmath>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>

#include "state.hpp"

namespace cuebench {
namespace {

/// Rows go in through one prepared statement; absent values stay NULL.
class Rows {
 public:
  Rows(SQLite::Database& database, const char* sql) : statement_(database, sql) {}

  Rows& next() {
    statement_.reset();
    statement_.clearBindings();
    column_ = 0;
    return *this;
  }
  Rows& integer(std::int64_t value) {
    statement_.bind(++column_, value);
    return *this;
  }
  Rows& real(std::optional<double> value) {
    ++column_;
    if (value && !std::isnan(*value)) statement_.bind(column_, *value);
    return *this;
  }
  Rows& text(const std::string& value) {
    statement_.bindNoCopy(++column_, value);
    return *this;
  }
  Rows& bytes(const std::vector<std::byte>& value) {
    statement_.bindNoCopy(++column_, static_cast<const void*>(value.data()), static_cast<int>(value.size()));
    return *this;
  }
  Rows& rank(int value) {
    ++column_;
    if (value >= 1) statement_.bind(column_, value);
    return *this;
  }
  void insert() { statement_.exec(); }

 private:
  SQLite::Statement statement_;
  int column_ = 0;
};

void insert_outcomes(SQLite::Database& database, const BlockRecord& record) {
  Rows rows(database, "INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  for (const auto& row : record.outcomes)
    rows.next()
        .integer(row.variant)
        .integer(row.model)
        .integer(row.item)
        .integer(row.outcome.predicted)
        .real(row.outcome.confidence)
        .rank(row.outcome.rank_of_label)
        .real(row.outcome.negative_log_likelihood)
        .real(row.outcome.margin)
        .insert();
}

void insert_channels(SQLite::Database& database, const BlockRecord& record) {
  Rows blocks(database, "INSERT INTO channel_blocks VALUES (?, ?, ?, ?)");
  for (const auto& row : record.channels) {
    const auto moments = serialise(row.moments);
    blocks.next().integer(row.layer).integer(row.variant).integer(record.block).bytes(moments).insert();
  }
  Rows images(database, "INSERT INTO channel_images VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (const auto& row : record.channel_images)
    images.next()
        .integer(row.layer)
        .integer(row.variant)
        .integer(row.item)
        .real(row.record.pr_total)
        .real(row.record.nr_total)
        .real(row.record.neutral_total)
        .real(row.record.align_cosine)
        .real(row.record.align_pearson)
        .real(row.record.align_rel_l2)
        .real(row.record.act_rel_spearman)
        .insert();
}

void insert_the_rest(SQLite::Database& database, const BlockRecord& record) {
  Rows notes(database, "INSERT INTO notes VALUES (?, ?, ?)");
  for (const auto& row : record.notes) notes.next().integer(row.variant).integer(row.item).text(row.note).insert();
  Rows pictures(database, "INSERT INTO pictures VALUES (?, ?, ?)");
  for (const auto& row : record.pictures)
    pictures.next().integer(row.item).integer(row.variant).bytes(row.png).insert();
  Rows bad(database, "INSERT INTO bad_images VALUES (?, ?, ?, ?)");
  for (const auto& [item, image] : record.bad_images)
    bad.next().integer(item).text(image.path).integer(image.bytes).text(image.reason).insert();
}

}  // namespace

void RunStore::commit(const BlockRecord& record) {
  guarded_sql(state_->file, [&] {
    SQLite::Transaction transaction(state_->database);
    Rows(state_->database, "INSERT INTO blocks VALUES (?)").next().integer(record.block).insert();
    insert_outcomes(state_->database, record);
    insert_channels(state_->database, record);
    insert_the_rest(state_->database, record);
    transaction.commit();
  });
}

void RunStore::commit_relevance(std::int64_t block, const std::vector<std::pair<int, ClassMoments>>& per_layer) {
  guarded_sql(state_->file, [&] {
    SQLite::Transaction transaction(state_->database);
    Rows(state_->database, "INSERT INTO relevance_blocks VALUES (?)").next().integer(block).insert();
    Rows rows(state_->database, "INSERT INTO relevance_partials VALUES (?, ?, ?)");
    for (const auto& [layer, moments] : per_layer) {
      const auto bytes = serialise(moments);
      rows.next().integer(layer).integer(block).bytes(bytes).insert();
    }
    transaction.commit();
  });
}

}  // namespace cuebench
