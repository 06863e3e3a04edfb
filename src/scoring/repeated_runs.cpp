#include "repeated_runs.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>

namespace cuebench::scoring {
namespace {

/// Consecutive trials of one set, observer, session and file.
struct Run {
  std::size_t begin = 0, end = 0;
};
using Identity = std::tuple<std::uint32_t, std::uint32_t, std::int32_t>;  // set, observer, session

std::vector<Run> runs_of(const TrialTable& table) {
  std::vector<Run> runs;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const bool same = !runs.empty() && table.set[i] == table.set[i - 1] && table.observer[i] == table.observer[i - 1] &&
                      table.session[i] == table.session[i - 1] && table.file[i] == table.file[i - 1];
    if (!same) runs.push_back({i, i});
    runs.back().end = i + 1;
  }
  return runs;
}

enum class Meeting { apart, repeats, contradicts };

/// What a run shares with the trials of `earlier` ones.
Meeting meet(const TrialTable& table, const std::vector<Run>& earlier, const Run& run) {
  std::unordered_map<std::uint64_t, std::int8_t> answers;
  const auto key = [&](std::size_t i) { return std::uint64_t{table.image[i]} << 32 | table.condition[i]; };
  for (const Run& other : earlier)
    for (std::size_t i = other.begin; i < other.end; ++i) answers.emplace(key(i), table.response[i]);
  std::size_t shared = 0, equal = 0;
  for (std::size_t i = run.begin; i < run.end; ++i) {
    const auto found = answers.find(key(i));
    if (found == answers.end()) continue;
    ++shared;
    equal += found->second == table.response[i];
  }
  if (shared == 0) return Meeting::apart;
  return shared == run.end - run.begin && equal == shared ? Meeting::repeats : Meeting::contradicts;
}

/// A number that does not depend on the order of the trials: equal for equal answers to equal images.
std::uint64_t fingerprint(const TrialTable& table, const Run& run) {
  std::uint64_t sum = 0;
  for (std::size_t i = run.begin; i < run.end; ++i)
    sum += mixed(std::uint64_t{table.image[i]} << 8 | static_cast<std::uint8_t>(table.response[i]));
  return sum;
}

/// texture-vs-shape files the same answers of a network under several instructions, which only people can follow.
void find_runs_of_other_sets(const TrialTable& table, std::vector<Finding>& findings) {
  std::map<std::tuple<std::uint32_t, std::int32_t, std::size_t, std::uint64_t>, Run> known;
  for (const Run& run : runs_of(table)) {
    // Two runs without a mistake are equal without being one.
    bool mistakes = false;
    for (std::size_t i = run.begin; i < run.end; ++i) mistakes = mistakes || table.response[i] != table.category[i];
    if (!mistakes) continue;
    const auto [found, first] = known.try_emplace(
        {table.observer[run.begin], table.session[run.begin], run.end - run.begin, fingerprint(table, run)}, run);
    const std::size_t other = found->second.begin;
    if (first || table.set[other] == table.set[run.begin]) continue;
    findings.push_back({table.files[table.file[run.begin]], 0, 1,
                        fmt::format("the answers of '{}' are, image by image, those of {}: one run under two sets",
                                    table.observers[table.observer[run.begin]], table.files[table.file[other]])});
  }
}

std::filesystem::path folder_of(const std::string& file) {
  return std::filesystem::path(file).parent_path();
}

template <typename Column>
void keep_only(Column& column, const std::vector<bool>& kept) {
  std::size_t to = 0;
  for (std::size_t i = 0; i < kept.size(); ++i)
    if (kept[i]) column[to++] = column[i];
  column.resize(to);
}

}  // namespace

std::int64_t settle_repeated_runs(TrialTable& table, std::vector<Finding>& findings) {
  std::map<Identity, std::vector<Run>> known;
  std::vector<bool> kept(table.size(), true);
  std::int64_t taken_out = 0;
  for (const Run& run : runs_of(table)) {
    const auto identity = [&] {
      return Identity{table.set[run.begin], table.observer[run.begin], table.session[run.begin]};
    };
    const std::vector<Run>& earlier = known[identity()];
    const bool same_file = !earlier.empty() && table.file[earlier.back().begin] == table.file[run.begin];
    const Meeting meeting = earlier.empty() || same_file ? Meeting::apart : meet(table, earlier, run);
    const std::string& file = table.files[table.file[run.begin]];
    const auto count = static_cast<std::int64_t>(run.end - run.begin);
    if (meeting == Meeting::repeats) {
      std::fill(kept.begin() + static_cast<std::ptrdiff_t>(run.begin),
                kept.begin() + static_cast<std::ptrdiff_t>(run.end), false);
      taken_out += count;
      findings.push_back({file, 0, 1,
                          fmt::format("{} trials repeat {} answer by answer and are not counted again", count,
                                      table.files[table.file[earlier.front().begin]])});
      continue;
    }
    if (meeting == Meeting::contradicts) {
      const std::string& other = table.files[table.file[earlier.front().begin]];
      const std::string observer = table.observers[table.observer[run.begin]];
      if (folder_of(file) == folder_of(other))
        throw UsageError(
            fmt::format("{} and {} both hold session {} of '{}' in set '{}' and their answers differ: leave one "
                        "out, or give one another subj or session",
                        other, file, table.session[run.begin], observer, table.sets[table.set[run.begin]]));
      const std::string name = fmt::format("{} ({})", observer, folder_of(file).filename().string());
      const std::uint32_t number = table.observers.number_of(name);
      for (std::size_t i = run.begin; i < run.end; ++i) table.observer[i] = number;
      findings.push_back({file, 0, 1,
                          fmt::format("its answers differ from those of '{}' in {}: taken for another observer, '{}'",
                                      observer, other, name)});
    }
    known[identity()].push_back(run);
  }
  if (taken_out == 0) {
    find_runs_of_other_sets(table, findings);
    return 0;
  }
  for (auto* column : {&table.set, &table.observer, &table.file, &table.line, &table.condition, &table.image})
    keep_only(*column, kept);
  keep_only(table.session, kept);
  keep_only(table.category, kept);
  keep_only(table.response, kept);
  find_runs_of_other_sets(table, findings);
  return taken_out;
}

}  // namespace cuebench::scoring
