// The queries that docs/run-folder.md shows run as printed there and give what the store gives.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "run_records.hpp"
#include "test_data.hpp"

namespace cuebench::test {
namespace {

std::vector<std::string> outputs_of_documented_queries(const std::filesystem::path& folder) {
  const std::string command = "/usr/bin/python3 '" CUEBENCH_SOURCE_DIR
                              "/tests/parity/store_documentation.py' "
                              "'" CUEBENCH_SOURCE_DIR "/docs/run-folder.md' '" +
                              folder.string() + "'";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  std::vector<std::string> outputs(1);
  std::string line;
  for (int c; (c = std::fgetc(pipe)) != EOF;) {
    line += static_cast<char>(c);
    if (c != '\n') continue;
    if (line == "-----\n")
      outputs.emplace_back();
    else
      outputs.back() += line;
    line.clear();
  }
  EXPECT_EQ(::pclose(pipe), 0);
  outputs.pop_back();
  return outputs;
}

TEST(RunFolderDocumentation, ItsQueriesRunAndAgreeWithTheStore) {
  if (std::system("/usr/bin/python3 -c 'import sqlite3' >/dev/null 2>&1") != 0) {
    ASSERT_FALSE(must_have_shared_data()) << "Python's sqlite3 is missing in CI";
    GTEST_SKIP() << "/usr/bin/python3 with sqlite3 is not here";
  }
  const TemporaryFolder folder;
  const RunDescription run = small_run();
  RunStore store = RunStore::create_or_resume(folder.path(), run);
  for (std::int64_t block = 0; block < store.block_count(); ++block) store.commit(block_of(run, block));
  const auto outputs = outputs_of_documented_queries(folder.path());  // while the run is still open
  ASSERT_EQ(outputs.size(), 3u);

  std::string accuracies, shares;
  for (int model = 0; model < 2; ++model) {
    for (int variant = 0; variant < 3; ++variant) {
      int n = 0, correct = 0;
      store.for_each_outcome(model, variant, [&](std::int64_t item, const Outcome& outcome) {
        const int label = run.items[static_cast<std::size_t>(item)].label;
        n += label >= 0;
        correct += label >= 0 && outcome.predicted == label;
      });
      accuracies +=
          fmt::format("{:20} {:40} {:6} {:.4f}\n", run.models[static_cast<std::size_t>(model)].name,
                      run.variants[static_cast<std::size_t>(variant)].text, n, static_cast<double>(correct) / n);
    }
  }
  EXPECT_EQ(outputs[0], accuracies);

  std::vector<Outcome> clean;
  std::size_t flipped = 0;
  store.for_each_outcome(0, 0, [&](std::int64_t, const Outcome& outcome) { clean.push_back(outcome); });
  store.for_each_outcome(0, 1, [&](std::int64_t item, const Outcome& outcome) {
    const auto i = static_cast<std::size_t>(item);
    flipped += clean[i].predicted == run.items[i].label && outcome.predicted != run.items[i].label;
  });
  EXPECT_GT(flipped, 0u);
  EXPECT_EQ(static_cast<std::size_t>(std::count(outputs[1].begin(), outputs[1].end(), '\n')),
            std::min<std::size_t>(flipped, 20));

  std::size_t at = 0;
  for (int variant = 0; variant < 3; ++variant) {
    double pr = 0, nr = 0;
    store.for_each_channel_image(0, variant, [&](std::int64_t, const ChannelImageRecord& record) {
      pr += record.pr_total;
      nr += record.nr_total;
    });
    const std::string name = "layer0 " + run.variants[static_cast<std::size_t>(variant)].text + " ";
    ASSERT_EQ(outputs[2].compare(at, name.size(), name), 0) << outputs[2];
    EXPECT_NEAR(std::stod(outputs[2].substr(at + name.size())), nr / (nr + pr), 1e-12);  // 70 terms in the same order
    at = outputs[2].find('\n', at) + 1;
  }
}

}  // namespace
}  // namespace cuebench::test
