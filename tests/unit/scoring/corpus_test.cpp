// Replays the seeds of the fuzz target: those named good_* are accepted, the others refused, none does harm.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include <cuebench/core/files.hpp>

#include "../../fuzz/scoring_trials.hpp"
#include "test_data.hpp"

namespace cuebench::scoring::test {
namespace {

TEST(Corpus, OfTheTrialReader) {
  std::size_t replayed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(cuebench::test::test_file("scoring"))) {
    const std::string name = entry.path().filename().string();
    EXPECT_EQ(read_and_score(read_text_file(entry.path())), name.starts_with("good_")) << name;
    ++replayed;
  }
  EXPECT_GE(replayed, 20u);
}

/// Every seed cut anywhere, and with a byte changed: a small part of what the fuzzer does, in every test run.
TEST(Corpus, CutAndChanged) {
  for (const auto& entry : std::filesystem::directory_iterator(cuebench::test::test_file("scoring"))) {
    const std::string text = read_text_file(entry.path());
    for (std::size_t at = 0; at < text.size(); at += 1 + text.size() / 200) {
      read_and_score(std::string_view(text).substr(0, at));
      std::string changed = text;
      for (const char c : {'\0', ',', '\n', '"', '9', '\xff'}) {
        changed[at] = c;
        read_and_score(changed);
      }
    }
  }
}

}  // namespace
}  // namespace cuebench::scoring::test
