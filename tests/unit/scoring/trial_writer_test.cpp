// Files in model-vs-human's layout: byte by byte, and read back.

#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/scoring/categories.hpp>
#include <cuebench/scoring/trial_reader.hpp>
#include <cuebench/scoring/trial_writer.hpp>

namespace cuebench::scoring::test {
namespace {

template <typename Work>
std::string refusal(const Work& work) {
  try {
    work();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(TrialWriter, WritesWhatModelVsHumanWrites) {
  const std::vector<AnsweredTrial> trials{{"cat", "dog", "cat7-dog1.png"}, {"oven", "oven", "oven2-bird3.png"}};
  EXPECT_EQ(write_trials("my_net", trials),
            "subj,session,trial,rt,object_response,category,condition,imagename\r\n"
            "my_net,1,1,NaN,dog,cat,NaN,cat7-dog1.png\r\n"
            "my_net,1,2,NaN,oven,oven,NaN,oven2-bird3.png\r\n");
  EXPECT_EQ(trial_file("cue-conflict", "my_net").string(), "cue-conflict/cue-conflict_my-net_session-1.csv");
}

TEST(TrialWriter, WhatItWritesIsReadBack) {
  const std::vector<AnsweredTrial> trials{{"cat", "dog", "cat7-dog1.png"}, {"oven", "oven", "a, \"b\".png"}};
  TrialTable table;
  std::vector<Finding> findings;
  read_trials(write_trials("a,b", trials), "raw/" + trial_file("edge", "a,b").string(), table, findings);
  ASSERT_EQ(table.size(), 2u);
  EXPECT_EQ(table.observers[table.observer[0]], "a,b");
  EXPECT_EQ(category_name(table.response[0]), "dog");
  EXPECT_EQ(table.images[table.image[1]], "a, \"b\".png");
  EXPECT_EQ(table.conditions[table.condition[0]], "");
}

TEST(TrialWriter, NamesThatReadersWouldMisunderstandAreRefused) {
  const std::vector<AnsweredTrial> twice{{"cat", "dog", "a_1.png"}, {"cat", "dog", "b_1.png"}};
  EXPECT_NE(refusal([&] { write_trials("net", twice); }).find("'a_1.png' and 'b_1.png' are one image"),
            std::string::npos);
  EXPECT_NE(refusal([] { require_trial_categories({"cat", "hat"}); }).find("the class 'hat'"), std::string::npos);
  EXPECT_NE(refusal([] { require_trial_observers({"a_b", "a-b"}); }).find("'a_b' and 'a-b'"), std::string::npos);
  EXPECT_NE(refusal([] { require_trial_observers({"subject-1"}); }).find("takes 'subject-1' for a human"),
            std::string::npos);
  EXPECT_NE(refusal([] { require_trial_observers({"a/b"}); }).find("'a/b'"), std::string::npos);
  for (const char* set : {"", "a_b", "../x", ".x", "a b"})
    EXPECT_NE(refusal([&] { require_trial_set(set); }), "") << set;
  EXPECT_EQ(refusal([] { require_trial_set("cue-conflict-2.5"); }), "");
}

}  // namespace
}  // namespace cuebench::scoring::test
