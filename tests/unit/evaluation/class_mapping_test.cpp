// Which outputs belong to which category: the built-in lists against the published ones, and files, good and bad.

#include "../../../src/evaluation/class_mapping.hpp"

#include <fstream>
#include <random>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/errors.hpp>

#include "../../../src/evaluation/mapped_outputs.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using test::TemporaryFolder;

const std::vector<std::string> kUnnamed;

class MappingFile : public testing::Test {
 protected:
  CategoryOutputs read(const std::string& text, int outputs = 1000,
                       const std::vector<std::string>& classes = kUnnamed) {
    std::ofstream(file()) << text;
    return read_class_mapping(file(), {"net", outputs, classes}, entry_level_categories());
  }
  std::string refusal(const std::string& text, int outputs = 1000, const std::vector<std::string>& classes = kUnnamed) {
    try {
      read(text, outputs, classes);
    } catch (const UsageError& error) {
      std::string message = error.what();
      if (const auto at = message.find(file()); at != message.npos) message.replace(at, file().size(), "FILE");
      return message;
    }
    return "";
  }
  std::string file() const { return (folder_.path() / "mapping.json").string(); }

 private:
  TemporaryFolder folder_;
};

TEST_F(MappingFile, TakesIndicesNamesAndWordNetIds) {
  EXPECT_EQ(read(R"({"cat": [281, 282], "dog": [151]})"), (CategoryOutputs{{"cat", {281, 282}}, {"dog", {151}}}));
  EXPECT_EQ(read(R"({"cat": ["n02123045"], "airplane": ["n02690373"]})"),
            (CategoryOutputs{{"airplane", {404}}, {"cat", {281}}}));
  EXPECT_EQ(read(R"({"boat": ["ship", 0], "dog": ["hound"]})", 3, {"canoe", "hound", "ship"}),
            (CategoryOutputs{{"boat", {2, 0}}, {"dog", {1}}}));
}

TEST_F(MappingFile, EveryKindOfBadFileIsOneSentence) {
  EXPECT_EQ(refusal("cat: 281"),
            "'FILE' is not JSON (byte 1): write {\"category\": [outputs, ...], ...}, or name imagenet16 or cifar10");
  EXPECT_EQ(refusal("[1]"), "'FILE' is not a JSON object: write {\"category\": [outputs, ...], ...}");
  EXPECT_EQ(refusal(R"({"cat": [281], "dgo": [151]})").find("unknown category 'dgo': did you mean dog"), 0u)
      << refusal(R"({"cat": [281], "dgo": [151]})");
  EXPECT_EQ(refusal(R"({"cat": [281], "dog": [1000]})"),
            "'FILE', category 'dog': output 1000 is out of range, model 'net' has outputs 0 to 999");
  EXPECT_EQ(refusal(R"({"cat": [-1], "dog": [2]})"),
            "'FILE', category 'cat': output -1 is out of range, model 'net' has outputs 0 to 999");
  EXPECT_EQ(refusal(R"({"cat": [281], "dog": [151, 281]})"),
            "'FILE' puts output 281 into 'cat' and into 'dog': an output belongs to one category");
  EXPECT_EQ(refusal(R"({"cat": [281], "dog": []})"),
            "'FILE', category 'dog' is empty: leave out a category that the model lacks");
  EXPECT_EQ(refusal(R"({"cat": 281, "dog": [151]})"),
            "'FILE', category 'cat': write a list of outputs, as in [404] or [\"airliner\"]");
  EXPECT_EQ(refusal(R"({"cat": [28.5], "dog": [151]})"),
            "'FILE', category 'cat': 28.5 is neither the index nor the name of an output");
  EXPECT_EQ(refusal(R"({"cat": [281]})"), "'FILE' names 1 category: a decision needs two or more");
  EXPECT_EQ(refusal(R"({"cat": [281], "cat": [282]})"), "'FILE' names the category 'cat' twice: join the two lists");
  EXPECT_EQ(
      refusal(R"({"cat": ["tabby"], "dog": [1]})", 10),
      "'FILE', category 'cat' names the output 'tabby', and model 'net' has no class names: write indices, or list "
      "the names in its sidecar FILE.json as \"classes\"");
  EXPECT_NE(refusal(R"({"cat": ["tabbi"], "dog": [1]})", 2, {"tabby", "dog"}).find("did you mean tabby"),
            std::string::npos);
}

TEST(ClassMapping, BuiltInListsAreForModelsOfTheirSizeAndDataInTheirCategories) {
  const auto refusal = [](const std::string& source, int outputs, const std::vector<std::string>& categories) {
    try {
      read_class_mapping(source, {"net", outputs, kUnnamed}, categories);
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(refusal("imagenet16", 1000, entry_level_categories()), "");
  EXPECT_EQ(refusal("imagenet16", 10, entry_level_categories()),
            "--class-mapping imagenet16 is for models of 1000 outputs and model 'net' has 10: write --class-mapping "
            "MODEL=imagenet16 for the models that it fits");
  EXPECT_EQ(
      refusal("cifar10", 10, {"cat", "hat"}),
      "--class-mapping cifar10 maps to the 16 categories of the cue-conflict stimuli, and the class 'hat' is none "
      "of them: write a mapping file for these classes");
}

TEST(ClassMapping, SevenOfCifar10sClassesAreAmongTheSixteen) {
  const CategoryOutputs wanted{{"airplane", {0}}, {"bird", {2}}, {"boat", {8}}, {"car", {1}},
                               {"cat", {3}},      {"dog", {5}},  {"truck", {9}}};
  EXPECT_EQ(cifar10_outputs({}), wanted);
  std::vector<std::string> reversed(cifar10_classes().rbegin(), cifar10_classes().rend());
  EXPECT_EQ(cifar10_outputs(reversed).at("boat"), std::vector<int>{1});

  const ClassSpace space = entry_level_space(entry_level_categories());
  const OutputMapping mapping = map_outputs(space, "net", 10, cifar10_classes());
  EXPECT_FALSE(mapping.aggregates());
  int available = 0;
  for (int k = 0; k < 16; ++k) available += !mapping.lacks(k);
  EXPECT_EQ(available, 7);
  EXPECT_THROW(map_outputs(space, "net", 10, {}), UsageError) << "ten outputs without names may be anything";
}

TEST(ClassMapping, AnEntryOfOneModelGoesBeforeTheGeneralOne) {
  const std::vector<std::string> models{"a", "b"};
  using Sources = std::vector<std::string>;
  EXPECT_EQ(class_mapping_sources({}, models), (Sources{"", ""}));
  EXPECT_EQ(class_mapping_sources({"m.json"}, models), (Sources{"m.json", "m.json"}));
  EXPECT_EQ(class_mapping_sources({"b=cifar10", "m.json"}, models), (Sources{"m.json", "cifar10"}));
  EXPECT_EQ(class_mapping_sources({"x=y.json"}, models), (Sources{"x=y.json", "x=y.json"}));
  EXPECT_THROW(class_mapping_sources({"a.json", "b.json"}, models), UsageError);
  EXPECT_THROW(class_mapping_sources({"a=x", "a=y"}, models), UsageError);
  EXPECT_THROW(class_mapping_sources({"a="}, models), UsageError);
}

TEST(ClassMapping, ImageNetsListIsThePublishedOne) {
  CUEBENCH_REQUIRE_SHARED(file, "data/published/mapping/imagenet16.json");
  std::ifstream stream(file);
  CategoryOutputs published;
  const auto json = nlohmann::json::parse(stream);
  for (const auto& category : json["categories"])
    published[category["name"]] = category["imagenet_indices"].get<std::vector<int>>();
  ASSERT_EQ(published.size(), 16u);
  EXPECT_EQ(imagenet_outputs(), published);
}

const OutputMapping& imagenet_mapping() {
  static const OutputMapping mapping = map_categories(entry_level_space({}), imagenet_outputs());
  return mapping;
}

// Measured with Python on 10,000 rows of normal logits, sd 3: mean and sum agree on 30.7 %, mean and max on 42.1 %.
TEST(MappedOutputs, AggregationsDisagreeAsOftenAsMeasuredElsewhere) {
  std::mt19937_64 random(7);
  std::normal_distribution<float> normal(0, 3);
  constexpr int kRows = 10000;
  int sum = 0, max = 0, logsumexp = 0;
  for (int row = 0; row < kRows; ++row) {
    std::vector<float> logits(1000);
    for (float& logit : logits) logit = normal(random);
    const auto decided = score_mapped(logits, imagenet_mapping(), -1).decided;
    sum += decided[0] == decided[1];
    max += decided[0] == decided[2];
    logsumexp += decided[1] == decided[3];
  }
  EXPECT_NEAR(sum, 0.307 * kRows, 200);  // four standard errors of either side
  EXPECT_NEAR(max, 0.421 * kRows, 200);
  EXPECT_EQ(logsumexp, kRows) << "the logarithm of a sum orders as the sum";
}

// With sums in float32 the 109 dogs of a uniform vector would win.
TEST(MappedOutputs, AUniformVectorIsATieAndItsFirstCategoryIsAirplane) {
  const auto mapped = score_mapped(std::vector<float>(1000, 0.25F), imagenet_mapping(), 0);
  EXPECT_EQ(mapped.decided[0], 0);
  EXPECT_EQ(mapped.decided[2], 0);
  EXPECT_EQ(entry_level_categories()[static_cast<std::size_t>(mapped.decided[1])], "dog") << "a sum of 109 of 1000";
  EXPECT_EQ(mapped.outcome.predicted, 0);
}

TEST(MappedOutputs, TheOutcomeIsThatOfTheChosenAggregationAmongTheClassesThatThereAre) {
  OutputMapping mapping = map_categories({{"bear", "cat", "dog"}, {}, ""}, {{"cat", {0, 1}}, {"dog", {2}}});
  const std::vector<float> logits{1.0F, 1.0F, 1.5F};  // sum: cat, mean and max: dog
  mapping.aggregation = Aggregation::sum;
  const auto sum = score_mapped(logits, mapping, 1);
  EXPECT_EQ(sum.decided, (std::array<int, 4>{2, 1, 2, 1}));
  EXPECT_EQ(sum.right, (std::array<bool, 4>{false, true, false, true}));
  EXPECT_EQ(sum.outcome.predicted, 1);
  EXPECT_EQ(sum.outcome.rank_of_label, 1);
  const double cat = 2 * std::exp(1.0), dog = std::exp(1.5);
  EXPECT_NEAR(sum.outcome.confidence, cat / (cat + dog), 1e-6);
  EXPECT_NEAR(sum.outcome.negative_log_likelihood, -std::log(cat / (cat + dog)), 1e-6);
  mapping.aggregation = Aggregation::mean;
  const auto mean = score_mapped(logits, mapping, 1);
  EXPECT_EQ(mean.outcome.predicted, 2);
  EXPECT_EQ(mean.outcome.rank_of_label, 2);
  EXPECT_NEAR(mean.outcome.confidence, dog / (cat / 2 + dog), 1e-6);
  EXPECT_NEAR(mean.outcome.margin, std::log(cat / 2) - 1.5, 1e-6);
}

TEST(ClassSpace, DataWithAPartOfTheSixteenStillHaveSixteenChoices) {
  const ClassSpace space = entry_level_space({"cat", "dog"});
  EXPECT_EQ(space.names.size(), 16u);
  EXPECT_EQ(space.names[static_cast<std::size_t>(space.of_dataset_class[1])], "dog");
  EXPECT_TRUE(goes_to_entry_level({"cat", "dog"}, 1000, {}));
  EXPECT_FALSE(goes_to_entry_level({"cat", "hat"}, 1000, {}));
  EXPECT_FALSE(goes_to_entry_level({"cat", "dog"}, 2, {}));
  EXPECT_TRUE(goes_to_entry_level({"boat", "dog"}, 10, cifar10_classes()));
  EXPECT_FALSE(goes_to_entry_level({"cat", "dog"}, 10, cifar10_classes())) << "these are classes of the model itself";
}

}  // namespace
}  // namespace cuebench
