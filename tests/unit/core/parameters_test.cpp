#include <cmath>
#include <cstdlib>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/parameters.hpp>

namespace cuebench {
namespace {

const std::vector<ParameterSpec> kSpecs = {
    {.name = "k", .kind = ParameterKind::integer, .default_value = "4", .minimum = 1, .maximum = 64, .unit = "tiles"},
    {.name = "epsilon", .kind = ParameterKind::real, .default_value = "8/255", .minimum = 0, .maximum = 1},
    {.name = "mode", .kind = ParameterKind::choice, .default_value = "fast", .choices = {"fast", "exact"}},
    {.name = "file", .kind = ParameterKind::text, .default_value = ""},
};

Parameters resolve(std::string_view text) {
  return resolve_parameters("variant x", kSpecs, parse_named_parameters("variant", text).values);
}

std::string message_of(std::string_view text) {
  try {
    resolve(text);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(Parameters, FillsInDefaultsAndSortsTheCanonicalText) {
  EXPECT_EQ(resolve("x").canonical(), "epsilon=8/255,k=4,mode=fast");
  const auto typed = resolve("x:k=2,mode=exact,epsilon=1e-3,file=a.png");
  EXPECT_EQ(typed.canonical(), "epsilon=0.001,file=a.png,k=2,mode=exact");
  EXPECT_EQ(typed.integer("k"), 2);
  EXPECT_DOUBLE_EQ(typed.real("epsilon"), 0.001);
  EXPECT_EQ(typed.text("mode"), "exact");
  EXPECT_EQ(typed.text("file"), "a.png");
  EXPECT_DOUBLE_EQ(resolve("x").real("epsilon"), 8.0 / 255);
}

TEST(Parameters, ReadingTheCanonicalTextGivesTheSameCanonicalText) {
  const auto first = resolve("x:epsilon=0.1,k=7").canonical();
  EXPECT_EQ(resolve("x:" + first).canonical(), first);
}

TEST(Parameters, ARealMayAllowWordsInsteadOfANumber) {
  const std::vector<ParameterSpec> specs = {
      {.name = "alpha", .kind = ParameterKind::real, .default_value = "auto", .minimum = 0, .choices = {"auto"}}};
  const auto resolved = resolve_parameters("x", specs, {});
  EXPECT_EQ(resolved.canonical(), "alpha=auto");
  EXPECT_TRUE(std::isnan(resolved.real("alpha")));
  EXPECT_DOUBLE_EQ(resolve_parameters("x", specs, {{"alpha", "0.50"}}).real("alpha"), 0.5);
  EXPECT_THROW(resolve_parameters("x", specs, {{"alpha", "-1"}}), UsageError);
  EXPECT_THROW(resolve_parameters("x", specs, {{"alpha", "much"}}), UsageError);
}

TEST(Parameters, RefusalsNameTheOwnerTheKeyAndTheRemedy) {
  EXPECT_EQ(message_of("x:kk=1"), "variant x: unknown parameter 'kk': did you mean k? (it has k, epsilon, mode, file)");
  EXPECT_EQ(message_of("x:k=0"), "variant x: k=0 is outside [1, 64] tiles");
  EXPECT_EQ(message_of("x:k=1.5"), "variant x: k must be a whole number, not '1.5'");
  EXPECT_EQ(message_of("x:epsilon=many"), "variant x: epsilon must be a number such as 8, 0.5 or 8/255, not 'many'");
  EXPECT_EQ(message_of("x:epsilon=nan"), "variant x: epsilon must be a number such as 8, 0.5 or 8/255, not 'nan'");
  EXPECT_EQ(message_of("x:k=1,k=2"), "variant x: parameter 'k' is given twice");
  EXPECT_EQ(message_of("x:mode=slow"), "variant x: mode must be one of fast, exact, not 'slow'");
  EXPECT_EQ(message_of("x:"),
            "variant 'x:' has '' where key=value is expected: it is written NAME or NAME:key=value,key=value");
}

TEST(Parameters, ChainsSplitAtPlusAndRefuseEmptyLinks) {
  const auto chain = parse_chain("variant", "grayscale+patch_shuffle:k=4");
  ASSERT_EQ(chain.size(), 2u);
  EXPECT_EQ(chain[1].name, "patch_shuffle");
  EXPECT_THROW(parse_chain("variant", "grayscale+"), UsageError);
  EXPECT_THROW(parse_chain("variant", "+"), UsageError);
}

RC_GTEST_PROP(FormatReal, ReadsBackToTheSameDoubleWithoutExponent, (double value)) {
  RC_PRE(std::isfinite(value));
  const auto text = format_real(value);
  RC_ASSERT(text.find_first_of("eE+") == std::string::npos);
  RC_ASSERT(std::strtod(text.c_str(), nullptr) == value);
}

TEST(NearestNames, RanksByEditDistanceAndDropsTheFar) {
  const std::vector<std::string> known = {"silhouette", "saturate", "stylize", "edges"};
  EXPECT_EQ(nearest_names("saturat", known), std::vector<std::string>{"saturate"});
  EXPECT_TRUE(nearest_names("xyz", known).empty());
  EXPECT_EQ(nearest_names("layer4", {"conv1", "module.layer4"}), std::vector<std::string>{"module.layer4"});
}

}  // namespace
}  // namespace cuebench
