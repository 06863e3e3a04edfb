#pragma once
// The published trials, scored once for all tests, and the oracle tables beside them.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <cuebench/scoring/scores.hpp>

#include "test_data.hpp"

namespace cuebench::scoring::test {

using Row = std::map<std::string, std::string>;

/// Rows of a CSV file, plain or gzip, by column name.
std::vector<Row> read_rows(const std::filesystem::path& path);
/// Absent for an empty cell.
std::optional<double> number(const Row& row, const std::string& column);

/// Scores of the files in ../shared/data/published/FOLDER, without a bootstrap; computed once a process.
const Scores& scores_of(const std::filesystem::path& folder);

/// Null where there is none.
const SetScores* find_set(const Scores& scores, const std::string& name);
const ObserverScores* find_observer(const SetScores& set, const std::string& name);

}  // namespace cuebench::scoring::test
