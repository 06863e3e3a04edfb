#include "published.hpp"

#include <charconv>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/files.hpp>

#include "../../../src/scoring/archives.hpp"

namespace cuebench::scoring::test {

std::vector<Row> read_rows(const std::filesystem::path& path) {
  std::string text = read_text_file(path);
  if (is_gzip(text)) text = gunzip(text, path.string());
  const CsvTable table = parse_csv(text, path.string());
  std::vector<Row> rows;
  for (const auto& [line, fields] : table.rows) {
    Row& row = rows.emplace_back();
    for (std::size_t i = 0; i < fields.size(); ++i) row[table.header[i]] = fields[i];
  }
  return rows;
}

std::optional<double> number(const Row& row, const std::string& column) {
  const std::string& text = row.at(column);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || text.empty()) return std::nullopt;
  return value;
}

const Scores& scores_of(const std::filesystem::path& folder) {
  static std::map<std::filesystem::path, Scores> known;
  const auto found = known.find(folder);
  if (found != known.end()) return found->second;
  ScoreOptions options;
  options.replicates = 0;
  return known.emplace(folder, score(read_inputs({folder}), options)).first->second;
}

const SetScores* find_set(const Scores& scores, const std::string& name) {
  for (const SetScores& set : scores.sets)
    if (set.name == name) return &set;
  return nullptr;
}

const ObserverScores* find_observer(const SetScores& set, const std::string& name) {
  if (set.humans && set.humans->name == name) return &*set.humans;
  for (const ObserverScores& observer : set.observers)
    if (observer.name == name) return &observer;
  return nullptr;
}

}  // namespace cuebench::scoring::test
