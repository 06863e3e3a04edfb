#include <limits>

#include "state.hpp"

namespace cuebench {
namespace {

std::vector<std::byte> read_bytes(const SQLite::Column& column) {
  const auto* data = static_cast<const std::byte*>(column.getBlob());
  return {data, data + column.getBytes()};
}

std::optional<double> read_real(const SQLite::Column& column) {
  return column.isNull() ? std::nullopt : std::optional(column.getDouble());
}

float read_float(const SQLite::Column& column) {
  return column.isNull() ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(column.getDouble());
}

std::vector<bool> present_blocks(const SQLite::Database& database, const char* sql, std::int64_t count) {
  std::vector<bool> present(static_cast<std::size_t>(count), false);
  SQLite::Statement query(database, sql);
  while (query.executeStep()) {
    const auto block = static_cast<std::size_t>(query.getColumn(0).getInt64());
    if (block < present.size()) present[block] = true;
  }
  return present;
}

}  // namespace

std::vector<bool> RunStore::finished_blocks() const {
  return guarded_sql(state_->file,
                     [&] { return present_blocks(state_->database, "SELECT block FROM blocks", block_count()); });
}

std::vector<bool> RunStore::finished_relevance_blocks() const {
  return guarded_sql(state_->file, [&] {
    return present_blocks(state_->database, "SELECT block FROM relevance_blocks", block_count());
  });
}

std::map<int, ClassRelevance> RunStore::class_relevance(int layer) const {
  return guarded_sql(state_->file, [&] {
    ClassMoments merged;
    SQLite::Statement query(state_->database, "SELECT moments FROM relevance_partials WHERE layer = ? ORDER BY block");
    query.bind(1, layer);
    while (query.executeStep())
      for (const auto& [label, moments] : parse_class_moments(read_bytes(query.getColumn(0))))
        merged.try_emplace(label, moments.channels()).first->second.merge(moments);
    std::map<int, ClassRelevance> relevance;
    for (const auto& [label, moments] : merged) relevance[label] = {moments.n, moments.relevance_mean};
    return relevance;
  });
}

void RunStore::for_each_outcome(int model, int variant,
                                const std::function<void(std::int64_t, const Outcome&)>& visit) const {
  guarded_sql(state_->file, [&] {
    SQLite::Statement query(state_->database,
                            "SELECT item, predicted, confidence, rank_of_label, negative_log_likelihood, margin FROM "
                            "outcomes WHERE variant = ? AND model = ? ORDER BY item");
    query.bind(1, variant);
    query.bind(2, model);
    while (query.executeStep()) {
      const auto rank = query.getColumn(3);
      visit(query.getColumn(0).getInt64(),
            {query.getColumn(1).getInt(), read_float(query.getColumn(2)), rank.isNull() ? -1 : rank.getInt(),
             read_float(query.getColumn(4)), read_float(query.getColumn(5))});
    }
  });
}

void RunStore::for_each_channel_image(int layer, int variant,
                                      const std::function<void(std::int64_t, const ChannelImageRecord&)>& visit) const {
  guarded_sql(state_->file, [&] {
    SQLite::Statement query(state_->database,
                            "SELECT item, pr_total, nr_total, neutral_total, align_cosine, align_pearson, "
                            "align_rel_l2, act_rel_spearman FROM channel_images WHERE layer = ? AND variant = ? ORDER "
                            "BY item");
    query.bind(1, layer);
    query.bind(2, variant);
    while (query.executeStep())
      visit(query.getColumn(0).getInt64(),
            {query.getColumn(1).getDouble(), query.getColumn(2).getDouble(), query.getColumn(3).getDouble(),
             read_real(query.getColumn(4)), read_real(query.getColumn(5)), read_real(query.getColumn(6)),
             read_real(query.getColumn(7))});
  });
}

void RunStore::for_each_channel_block(int layer, int variant,
                                      const std::function<void(std::int64_t, const ClassMoments&)>& visit) const {
  guarded_sql(state_->file, [&] {
    SQLite::Statement query(state_->database,
                            "SELECT block, moments FROM channel_blocks WHERE layer = ? AND variant = ? ORDER BY block");
    query.bind(1, layer);
    query.bind(2, variant);
    while (query.executeStep())
      visit(query.getColumn(0).getInt64(), parse_class_moments(read_bytes(query.getColumn(1))));
  });
}

std::vector<std::pair<std::int64_t, BadImage>> RunStore::bad_images() const {
  return guarded_sql(state_->file, [&] {
    std::vector<std::pair<std::int64_t, BadImage>> bad;
    SQLite::Statement query(state_->database, "SELECT item, path, bytes, reason FROM bad_images ORDER BY item");
    while (query.executeStep())
      bad.emplace_back(
          query.getColumn(0).getInt64(),
          BadImage{query.getColumn(1).getString(), query.getColumn(2).getInt64(), query.getColumn(3).getString()});
    return bad;
  });
}

std::map<std::string, std::int64_t> RunStore::note_counts(int variant) const {
  return guarded_sql(state_->file, [&] {
    std::map<std::string, std::int64_t> counts;
    SQLite::Statement query(state_->database, "SELECT note, count(*) FROM notes WHERE variant = ? GROUP BY note");
    query.bind(1, variant);
    while (query.executeStep()) counts[query.getColumn(0).getString()] = query.getColumn(1).getInt64();
    return counts;
  });
}

std::vector<BlockRecord::Picture> RunStore::pictures() const {
  return guarded_sql(state_->file, [&] {
    std::vector<BlockRecord::Picture> pictures;
    SQLite::Statement query(state_->database, "SELECT item, variant, png FROM pictures ORDER BY item, variant");
    while (query.executeStep())
      pictures.push_back({query.getColumn(0).getInt64(), query.getColumn(1).getInt(), read_bytes(query.getColumn(2))});
    return pictures;
  });
}

}  // namespace cuebench
