// Reading: every loop holds one row at a time.
#include <algorithm>
#include <limits>

#include <SQLiteCpp/Column.h>
#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/store/run_store.hpp>

#include "run_store_state.hpp"
#include "sqlite_errors.hpp"
#include "statements.hpp"

namespace cuebench {
namespace {

float float_or_nan(SQLite::Statement& row, int column) {
  if (row.isColumnNull(column)) return std::numeric_limits<float>::quiet_NaN();
  return static_cast<float>(row.getColumn(column).getDouble());
}

std::optional<double> double_or_none(SQLite::Statement& row, int column) {
  if (row.isColumnNull(column)) return std::nullopt;
  return row.getColumn(column).getDouble();
}

double double_or_nan(SQLite::Statement& row, int column) {
  return double_or_none(row, column).value_or(std::numeric_limits<double>::quiet_NaN());
}

std::span<const std::byte> bytes_of(SQLite::Statement& row, int column) {
  const auto blob = row.getColumn(column);
  return {static_cast<const std::byte*>(blob.getBlob()), static_cast<std::size_t>(blob.getBytes())};
}

std::vector<bool> blocks_in(const RunStore& store, SQLite::Database& database, const char* query) {
  std::vector<bool> finished(static_cast<std::size_t>(store.block_count()));
  for_each_row(database, query, [&](SQLite::Statement& row) {
    const auto block = static_cast<std::size_t>(row.getColumn(0).getInt64());
    if (block >= finished.size())
      throw RunError(fmt::format("'{}' is damaged (it has a block {} of {}): evaluate again with --overwrite",
                                 database.getFilename(), block, finished.size()));
    finished[block] = true;
  });
  return finished;
}

/// Adds the relevance means of one block to those of the blocks before.
void merge_relevance(std::map<int, ClassRelevance>& total, const ClassMoments& block) {
  for (const auto& [label, moments] : block) {
    if (moments.n == 0) continue;
    ClassRelevance& relevance = total.try_emplace(label).first->second;
    if (relevance.n == 0) relevance.mean.assign(moments.channels(), 0.0);
    if (relevance.mean.size() != moments.channels())
      throw RunError(
          "the stored relevances of a layer have different numbers of channels: evaluate again with --overwrite");
    relevance.n += moments.n;
    const double share = static_cast<double>(moments.n) / static_cast<double>(relevance.n);
    for (std::size_t c = 0; c < relevance.mean.size(); ++c)
      relevance.mean[c] += (moments.relevance_mean[c] - relevance.mean[c]) * share;
  }
}

}  // namespace

std::int64_t RunStore::block_count() const {
  const auto items = static_cast<std::int64_t>(state_->description.items.size());
  const std::int64_t size = state_->description.block_size;
  return (items + size - 1) / size;
}

std::vector<bool> RunStore::finished_blocks() const {
  return with_sentences(state_->file, [&] { return blocks_in(*this, state_->db(), "SELECT block FROM blocks"); });
}

std::vector<bool> RunStore::finished_relevance_blocks() const {
  return with_sentences(state_->file,
                        [&] { return blocks_in(*this, state_->db(), "SELECT block FROM relevance_blocks"); });
}

bool RunStore::complete() const {
  const auto finished = finished_blocks();
  return std::find(finished.begin(), finished.end(), false) == finished.end();
}

std::map<int, ClassRelevance> RunStore::class_relevance(int layer) const {
  std::map<int, ClassRelevance> total;
  const auto merge = [&total](SQLite::Statement& row) {
    merge_relevance(total, parse_class_moments(bytes_of(row, 0)));
  };
  with_sentences(state_->file, [&] {
    for_each_row(state_->db(), "SELECT sums FROM relevance WHERE layer=? ORDER BY block", merge, layer);
    if (total.empty())
      for_each_row(state_->db(), "SELECT sums FROM channel_blocks WHERE layer=? AND variant=0 ORDER BY block", merge,
                   layer);
  });
  return total;
}

void RunStore::for_each_outcome(int model, int variant,
                                const std::function<void(std::int64_t, const Outcome&)>& visit) const {
  with_sentences(state_->file, [&] {
    for_each_row(
        state_->db(),
        "SELECT item, predicted, confidence, rank_of_label, negative_log_likelihood, margin FROM outcomes "
        "WHERE variant=? AND model=? ORDER BY item",
        [&](SQLite::Statement& row) {
          Outcome outcome;
          outcome.predicted = row.getColumn(1).getInt();
          outcome.confidence = float_or_nan(row, 2);
          outcome.rank_of_label = row.isColumnNull(3) ? -1 : row.getColumn(3).getInt();
          outcome.negative_log_likelihood = float_or_nan(row, 4);
          outcome.margin = float_or_nan(row, 5);
          visit(row.getColumn(0).getInt64(), outcome);
        },
        variant, model);
  });
}

void RunStore::for_each_channel_image(int layer, int variant,
                                      const std::function<void(std::int64_t, const ChannelImageRecord&)>& visit) const {
  with_sentences(state_->file, [&] {
    for_each_row(
        state_->db(),
        "SELECT item, pr_total, nr_total, neutral_total, align_cosine, align_pearson, align_rel_l2, act_rel_spearman "
        "FROM channel_images WHERE layer=? AND variant=? ORDER BY item",
        [&](SQLite::Statement& row) {
          visit(row.getColumn(0).getInt64(),
                {double_or_nan(row, 1), double_or_nan(row, 2), double_or_nan(row, 3), double_or_none(row, 4),
                 double_or_none(row, 5), double_or_none(row, 6), double_or_none(row, 7)});
        },
        layer, variant);
  });
}

void RunStore::for_each_channel_block(int layer, int variant,
                                      const std::function<void(std::int64_t, const ClassMoments&)>& visit) const {
  with_sentences(state_->file, [&] {
    for_each_row(
        state_->db(), "SELECT block, sums FROM channel_blocks WHERE layer=? AND variant=? ORDER BY block",
        [&](SQLite::Statement& row) { visit(row.getColumn(0).getInt64(), parse_class_moments(bytes_of(row, 1))); },
        layer, variant);
  });
}

std::vector<BlockRecord::InterventionRow> RunStore::interventions() const {
  std::vector<BlockRecord::InterventionRow> found;
  if (state_->description.interventions.empty()) return found;
  with_sentences(state_->file, [&] {
    for_each_row(
        state_->db(),
        "SELECT intervention, variant, sum(images), sum(right_before), sum(right_after), sum(right_both) "
        "FROM intervention_blocks GROUP BY intervention, variant ORDER BY intervention, variant",
        [&](SQLite::Statement& row) {
          found.push_back({row.getColumn(0).getInt(), row.getColumn(1).getInt(), row.getColumn(2).getInt64(),
                           row.getColumn(3).getInt64(), row.getColumn(4).getInt64(), row.getColumn(5).getInt64()});
        });
  });
  return found;
}

std::vector<BlockRecord::AggregationRow> RunStore::aggregations() const {
  std::vector<BlockRecord::AggregationRow> found;
  with_sentences(state_->file, [&] {
    if (!has_aggregations(state_->db())) return;
    for_each_row(
        state_->db(),
        "SELECT model, variant, aggregation, sum(labelled), sum(right), sum(shape), sum(texture), "
        "sum(conflict) FROM aggregation_blocks GROUP BY variant, model, number ORDER BY variant, model, number",
        [&](SQLite::Statement& row) {
          const auto count = [&row](int column) { return row.getColumn(column).getInt64(); };
          found.push_back({row.getColumn(0).getInt(), row.getColumn(1).getInt(), row.getColumn(2).getString(), count(3),
                           count(4), count(5), count(6), count(7)});
        });
  });
  return found;
}

std::vector<std::pair<std::int64_t, BadImage>> RunStore::bad_images() const {
  std::vector<std::pair<std::int64_t, BadImage>> found;
  with_sentences(state_->file, [&] {
    for_each_row(
        state_->db(), "SELECT item, path, bytes, reason FROM bad_images ORDER BY item", [&](SQLite::Statement& row) {
          found.push_back({row.getColumn(0).getInt64(),
                           {row.getColumn(1).getString(), row.getColumn(2).getInt64(), row.getColumn(3).getString()}});
        });
  });
  return found;
}

std::map<std::string, std::int64_t> RunStore::note_counts(int variant) const {
  std::map<std::string, std::int64_t> counts;
  with_sentences(state_->file, [&] {
    for_each_row(
        state_->db(), "SELECT note, count(DISTINCT item) FROM notes WHERE variant=? GROUP BY note",
        [&](SQLite::Statement& row) { counts[row.getColumn(0).getString()] = row.getColumn(1).getInt64(); }, variant);
  });
  return counts;
}

std::vector<BlockRecord::Picture> RunStore::pictures() const {
  std::vector<BlockRecord::Picture> found;
  with_sentences(state_->file, [&] {
    for_each_row(state_->db(), "SELECT item, variant, png FROM pictures ORDER BY item, variant",
                 [&](SQLite::Statement& row) {
                   const auto png = bytes_of(row, 2);
                   found.push_back({row.getColumn(0).getInt64(), row.getColumn(1).getInt(), {png.begin(), png.end()}});
                 });
  });
  return found;
}

}  // namespace cuebench
