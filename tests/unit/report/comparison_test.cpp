// Two runs, and a run and published trials, whose every decision is known.

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/report/comparison.hpp>

#include "synthetic_run.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using test::answer;
using test::decision;
using test::SyntheticRun;
using Json = nlohmann::json;

/// 40 images of two classes; the model is right on images [first, last) of clean, on all of the variant.
SyntheticRun run_right_on(std::int64_t first, std::int64_t last, const std::string& sha256) {
  SyntheticRun run = SyntheticRun::pair({{"grayscale", "both"}}, {"cat", "dog"}, 40);
  run.description.models = {{"net", "", "resnet18", "net.pt", sha256, "none", 2, 11}};
  run.description.configuration = R"({"data": "d1", "seed": 0})";
  run.outcome = [=](std::int64_t item, int, int variant) {
    return answer(variant == 1 || (item >= first && item < last), static_cast<int>(item % 2), 2);
  };
  return run;
}

std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

class Comparison : public ::testing::Test {
 protected:
  std::filesystem::path store(const SyntheticRun& run, const std::string& name) {
    const std::filesystem::path path = folder_.path() / name;
    std::filesystem::create_directories(path);
    run.store(path);
    return path;
  }
  std::filesystem::path write(const std::string& name, const std::string& text) {
    std::ofstream(folder_.path() / name) << text;
    return folder_.path() / name;
  }
  test::TemporaryFolder folder_;
};

const ComparisonFact& fact(const RunComparison& comparison, const std::string& what) {
  const auto found = std::find_if(comparison.facts.begin(), comparison.facts.end(),
                                  [&](const ComparisonFact& one) { return one.what == what; });
  if (found == comparison.facts.end()) throw std::out_of_range(what);
  return *found;
}

TEST_F(Comparison, CountsAgreementOfTheSameModelInTwoRuns) {
  const RunComparison comparison =
      compare_runs({store(run_right_on(0, 30, "aa"), "first"), store(run_right_on(15, 40, "bb"), "second")});
  ASSERT_EQ(comparison.agreements.size(), 1U);
  const DecisionAgreement& sides = comparison.agreements[0];
  EXPECT_EQ(sides.matched_by, "name");
  ASSERT_EQ(sides.variants.size(), 2U);
  const VariantAgreement& clean = sides.variants[0];
  // Right: 0..29 and 15..39, so both on 15..29; with two classes, wrong answers differ from right ones only.
  EXPECT_EQ(clean.right.both, 15);
  EXPECT_EQ(clean.right.only_first, 15);
  EXPECT_EQ(clean.right.only_second, 10);
  EXPECT_EQ(clean.right.neither, 0);
  EXPECT_DOUBLE_EQ(clean.identical.value.value(), 15.0 / 40);
  EXPECT_DOUBLE_EQ(clean.first_top1.value.value(), 0.75);
  EXPECT_DOUBLE_EQ(clean.second_top1.value.value(), 0.625);
  // observed 0.375, expected 0.75 * 0.625 + 0.25 * 0.375 = 0.5625
  EXPECT_NEAR(clean.kappa.value.value(), -3.0 / 7, 1e-15);
  EXPECT_LT(clean.kappa.low.value(), -3.0 / 7);
  EXPECT_GT(clean.kappa.high.value(), -3.0 / 7);
  // 2 * sum of C(25, 0..10) / 2^25
  EXPECT_NEAR(clean.mcnemar_p.value.value(), 2.0 * 7119516 / 33554432, 1e-12);
  EXPECT_NEAR(clean.holm_p.value.value(), 4.0 * 7119516 / 33554432, 1e-12);  // two variants, the other p is 1
  EXPECT_NEAR(clean.benjamini_hochberg_p.value.value(), 4.0 * 7119516 / 33554432, 1e-12);
  ASSERT_EQ(clean.differing.size(), 25U);
  EXPECT_EQ(clean.differing[1].image, "image00001.png");
  EXPECT_EQ(clean.differing[1].label, "dog");
  EXPECT_EQ(clean.differing[1].first, "dog");
  EXPECT_EQ(clean.differing[1].second, "cat");
  EXPECT_TRUE(clean.differing[1].first_right);
  EXPECT_FALSE(clean.differing[1].second_right);
  const VariantAgreement& gray = sides.variants[1];
  EXPECT_DOUBLE_EQ(gray.identical.value.value(), 1);
  EXPECT_DOUBLE_EQ(gray.kappa.value.value(), 1);
  EXPECT_DOUBLE_EQ(gray.mcnemar_p.value.value(), 1);
  EXPECT_TRUE(gray.differing.empty());
  EXPECT_TRUE(fact(comparison, "Images").same);
  EXPECT_TRUE(fact(comparison, "Classes").same);
  EXPECT_TRUE(fact(comparison, "Variants").same);
  EXPECT_DOUBLE_EQ(comparison.runs[1].score(0, 0).top1.value.value(), 0.625);
}

TEST_F(Comparison, ClassesAreMatchedByNameAndImagesById) {
  SyntheticRun other = run_right_on(0, 30, "aa");
  other.description.classes = {"dog", "cat"};
  std::reverse(other.description.items.begin(), other.description.items.end());
  for (StoredItem& item : other.description.items) item.label = 1 - item.label;  // the same names
  const auto items = other.description.items;
  other.outcome = [items](std::int64_t item, int, int variant) {
    return answer(variant == 1 || 39 - item < 30, items[static_cast<std::size_t>(item)].label, 2);
  };
  other.description.configuration = R"({"data": "d2", "seed": 1})";
  other.description.models[0].name = "renamed";
  const RunComparison comparison = compare_runs({store(run_right_on(0, 30, "aa"), "first"), store(other, "second")});
  ASSERT_EQ(comparison.agreements.size(), 1U);
  EXPECT_EQ(comparison.agreements[0].matched_by, "file");
  EXPECT_DOUBLE_EQ(comparison.agreements[0].variants[0].identical.value.value(), 1);
  EXPECT_EQ(comparison.agreements[0].variants[0].right.both, 30);
  EXPECT_FALSE(fact(comparison, "Images").same);
  EXPECT_FALSE(fact(comparison, "Classes").same);
  EXPECT_FALSE(fact(comparison, "seed").same);
  EXPECT_EQ(fact(comparison, "seed").text, "first: 0; second: 1");
}

TEST_F(Comparison, RefusesWhatCannotBeCompared) {
  const auto first = store(run_right_on(0, 30, "aa"), "first");
  EXPECT_NE(message_of([&] { compare_runs({first, first / "."}); }).find("named twice"), std::string::npos);
  SyntheticRun swapped = run_right_on(0, 30, "aa");
  swapped.description.classes = {"dog", "cat"};
  const auto other_labels = store(swapped, "swapped");
  EXPECT_NE(message_of([&] {
              compare_runs({first, other_labels});
            }).find("of different data: 'image00000.png' is 'cat' in one and 'dog' in the other"),
            std::string::npos);
  SyntheticRun foreign = run_right_on(0, 30, "aa");
  for (StoredItem& item : foreign.description.items) item.id = "other/" + item.id;
  const auto other_images = store(foreign, "foreign");
  EXPECT_NE(message_of([&] {
              compare_runs({first, other_images});
            }).find("have no image in common"),
            std::string::npos);
}

TEST_F(Comparison, FilesHoldTheSameNumbers) {
  SyntheticRun pictured = run_right_on(15, 40, "bb");
  pictured.pictures.push_back({3, 0, test::tiny_png(7)});
  const RunComparison comparison = compare_runs({store(run_right_on(0, 30, "aa"), "a&b"), store(pictured, "second")});
  const auto page = folder_.path() / "out.html";
  write_comparison(comparison, page);
  const Json json = Json::parse(read_text_file(folder_.path() / "out.json"));
  EXPECT_EQ(json["schema_version"], kComparisonSchemaVersion);
  EXPECT_DOUBLE_EQ(json["agreements"][0]["variants"][0]["kappa"]["value"].get<double>(), -3.0 / 7);
  EXPECT_EQ(json["agreements"][0]["variants"][0]["differing_images"], 25);
  EXPECT_EQ(json["runs"][0]["scores"].size(), 2U);
  const CsvTable csv = parse_csv(read_text_file(folder_.path() / "out.csv"), "out.csv");
  const auto kappa = std::find_if(csv.rows.begin(), csv.rows.end(),
                                  [](const auto& row) { return row.fields[4] == "clean" && row.fields[5] == "kappa"; });
  ASSERT_NE(kappa, csv.rows.end());
  EXPECT_DOUBLE_EQ(std::stod(kappa->fields[6]), -3.0 / 7);
  const CsvTable images = parse_csv(read_text_file(folder_.path() / "out-images.csv"), "out-images.csv");
  EXPECT_EQ(images.rows.size(), 25U);
  EXPECT_EQ(images.rows[0].fields, (std::vector<std::string>{"a&b", "net", "second", "net", "clean", "image00000.png",
                                                             "cat", "cat", "dog", "1", "0"}));
  const std::string html = read_text_file(page);
  EXPECT_NE(html.find("a&amp;b"), std::string::npos);
  EXPECT_EQ(html.find("a&b"), std::string::npos);
  EXPECT_NE(html.find("<img alt=\"image00003.png\""), std::string::npos);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("nan"), std::string::npos);
}

/// 16 images named as cue-conflict stimuli of four categories; the model decides by shape on the first ten.
SyntheticRun cue_run() {
  SyntheticRun run = SyntheticRun::pair({{"grayscale", "both"}}, {"bear", "cat", "dog", "truck"}, 16);
  run.description.models = {{"net", "", "resnet18", "net.pt", "aa", "none", 4, 11}};
  for (int item = 0; item < 16; ++item) {
    const auto& classes = run.description.classes;
    run.description.items[static_cast<std::size_t>(item)].id =
        classes[static_cast<std::size_t>(item % 4)] + "/" + classes[static_cast<std::size_t>(item % 4)] +
        std::to_string(item) + "-" + classes[static_cast<std::size_t>((item + 1) % 4)] + "1.png";
  }
  run.outcome = [](std::int64_t item, int, int) {
    const int label = static_cast<int>(item % 4);
    return decision(item < 10 ? label : (label + 1) % 4, label);
  };
  return run;
}

std::string trials(const std::function<std::string(int item, const std::string& shape)>& answer_to, int items = 16) {
  const SyntheticRun run = cue_run();
  std::string text = "subj,session,trial,rt,object_response,category,condition,imagename\n";
  for (int item = 0; item < items; ++item) {
    const std::string id = run.description.items[static_cast<std::size_t>(item)].id;
    const std::string shape = id.substr(0, id.find('/'));
    text += "subject-01,1," + std::to_string(item + 1) + ",NaN," + answer_to(item, shape) + "," + shape +
            ",NaN,0001_cc_h_" + id.substr(id.find('/') + 1) + "\n";
  }
  return text;
}

TEST_F(Comparison, TrialsAreJoinedByTheEndOfTheName) {
  // The human is right on images 0..11 of the 14 that it saw, gives no answer to 12 and another category to 13.
  const auto csv = write("cue-conflict_subject-01_session_1.csv",
                         trials(
                             [](int item, const std::string& shape) {
                               return item < 12 ? shape : item == 12 ? std::string("na") : std::string("oven");
                             },
                             14));
  const RunComparison comparison = compare_with_trials(store(cue_run(), "run"), csv);
  ASSERT_EQ(comparison.agreements.size(), 1U);
  EXPECT_EQ(comparison.agreements[0].second_name, "subject-01");
  EXPECT_EQ(comparison.agreements[0].second_source, "cue-conflict");
  ASSERT_EQ(comparison.agreements[0].variants.size(), 1U);  // clean only
  const VariantAgreement& clean = comparison.agreements[0].variants[0];
  EXPECT_EQ(clean.identical.n, 14);
  EXPECT_DOUBLE_EQ(clean.identical.value.value(), 10.0 / 14);
  EXPECT_EQ(clean.right.both, 10);
  EXPECT_EQ(clean.right.only_first, 0);
  EXPECT_EQ(clean.right.only_second, 2);
  EXPECT_EQ(clean.right.neither, 2);
  // p1 = 10/14, p2 = 12/14: expected = (120 + 8) / 196, observed = 12/14
  EXPECT_NEAR(clean.kappa.value.value(), (12.0 / 14 - 128.0 / 196) / (1 - 128.0 / 196), 1e-15);
  EXPECT_DOUBLE_EQ(clean.mcnemar_p.value.value(), 0.5);
  ASSERT_EQ(clean.differing.size(), 4U);
  EXPECT_EQ(clean.differing[2].second, "na");
  EXPECT_EQ(clean.differing[3].second, "oven");
}

TEST_F(Comparison, TrialsOfAVariantAreThoseWhoseConditionNamesIt) {
  std::string text = trials([](int, const std::string& shape) { return shape; });
  std::string gray = trials([](int, const std::string&) { return std::string("na"); });
  for (std::size_t at = gray.find(",NaN,0001"); at != gray.npos; at = gray.find(",NaN,0001"))
    gray.replace(at, 5, ",grayscale,");
  text += gray.substr(gray.find('\n') + 1);
  const RunComparison comparison =
      compare_with_trials(store(cue_run(), "run"), write("set_subject-01_session-1.csv", text));
  ASSERT_EQ(comparison.agreements.size(), 1U);
  ASSERT_EQ(comparison.agreements[0].variants.size(), 2U);
  EXPECT_DOUBLE_EQ(comparison.agreements[0].variants[0].identical.value.value(), 10.0 / 16);
  EXPECT_DOUBLE_EQ(comparison.agreements[0].variants[1].identical.value.value(), 0);
}

TEST_F(Comparison, RefusesTrialsOfOtherImages) {
  const auto run = store(cue_run(), "run");
  std::string other = trials([](int, const std::string& shape) { return shape; });
  for (std::size_t at = other.find(".png"); at != other.npos; at = other.find(".png")) other.replace(at, 4, ".jpg");
  EXPECT_NE(message_of([&] {
              compare_with_trials(run, write("other_subject-01_session-1.csv", other));
            }).find("no image in common"),
            std::string::npos);
  const auto plain = store(run_right_on(0, 30, "aa"), "plain");  // cat and dog are categories
  EXPECT_NE(message_of([&] {
              compare_with_trials(plain, write("more_subject-01_session-1.csv", other));
            }).find("no image in common"),
            std::string::npos);
  SyntheticRun digits = run_right_on(0, 30, "aa");
  digits.description.classes = {"one", "two"};
  EXPECT_NE(message_of([&] {
              compare_with_trials(store(digits, "digits"), folder_.path() / "other_subject-01_session-1.csv");
            }).find("16 categories"),
            std::string::npos);
}

}  // namespace
}  // namespace cuebench
