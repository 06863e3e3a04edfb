#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/transforms/transform.hpp>

#include "pictures.hpp"

namespace cuebench {
namespace {

using test::drawn_picture;

std::string message_of(const std::string& text) {
  try {
    canonical_variant(text);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Variant, FillsInDefaultsAndSortsKeys) {
  EXPECT_EQ(canonical_variant("saturate"), "saturate:p=8");
  EXPECT_EQ(canonical_variant("patch_shuffle:layout=cells,k=2"), "patch_shuffle:allow_identity=no,k=2,layout=cells");
  EXPECT_EQ(canonical_variant("saturate:p=inf"), "saturate:p=inf");
  EXPECT_EQ(canonical_variant(" grayscale + saturate:p=8.0 "), "grayscale:weights=709+saturate:p=8");
}

TEST(Variant, CleanIsTheEmptyChain) {
  EXPECT_EQ(canonical_variant("clean"), "clean");
  EXPECT_EQ(canonical_variant("clean+grayscale+clean"), "grayscale:weights=709");
  const Variant clean = make_variant("clean");
  EXPECT_TRUE(clean.steps.empty());
  EXPECT_EQ(clean.keeps, Cue::both);
  const Image image = drawn_picture(9, 7);
  EXPECT_EQ(clean.apply(image, {}).image, image);
  EXPECT_THROW(canonical_variant("clean:k=2"), UsageError);
}

TEST(Variant, UnknownNamesAreAnsweredWithTheNearest) {
  EXPECT_NE(message_of("patch_shufle").find("did you mean patch_shuffle"), std::string::npos);
  EXPECT_NE(message_of("grayscal").find("grayscale"), std::string::npos);
  EXPECT_NE(message_of("saturate:q=3").find("it has p"), std::string::npos);
  EXPECT_NE(message_of("edges:method=sobel").find("canny, find_edges"), std::string::npos);
  for (const char* wrong : {"", "+", "grayscale+", "saturate:p", "saturate:p=", "saturate:p=1,p=2", "patch_shuffle:k=1",
                            "patch_shuffle:k=2.5", "saturate:p=0", "saturate:p=nan"})
    EXPECT_THROW(canonical_variant(wrong), UsageError) << wrong;
}

TEST(Variant, ContradictingParametersAreRefusedWhenMade) {
  EXPECT_THROW(make_variant("edges:low=0.2,high=0.1"), UsageError);
}

TEST(Variant, AMaskMayNotFollowMovedPixels) {
  EXPECT_NE(message_of("patch_shuffle+silhouette").find("put silhouette first"), std::string::npos);
  EXPECT_EQ(make_variant("silhouette+patch_shuffle").keeps, Cue::neither);
}

TEST(Variant, AChainAppliesItsStepsInOrderAndKeepsTheirNotes) {
  const Image image = drawn_picture(40, 40);
  const TransformContext context{.seed = 3, .item_id = "a"};
  const Image by_hand =
      make_variant("saturate:p=64").apply(make_variant("grayscale").apply(image, context).image, context).image;
  EXPECT_EQ(make_variant("grayscale+saturate:p=64").apply(image, context).image, by_hand);
  const auto noted = make_variant("stylize+silhouette").apply(image, context);
  EXPECT_NE(noted.note.find("style="), std::string::npos);
  EXPECT_NE(noted.note.find(";mask="), std::string::npos);
}

TEST(Variant, EqualStepsOfAChainDrawDifferently) {
  // Were both orders the same involution, shuffling twice would restore some image.
  const Variant twice = make_variant("patch_shuffle:k=2+patch_shuffle:k=2");
  const Image image = test::noise_picture(8, 8);
  std::set<std::string> results;
  for (int i = 0; i < 200; ++i) results.insert(test::key_of(twice.apply(image, {.item_id = std::to_string(i)}).image));
  EXPECT_EQ(results.size(), 24u) << "two independent shuffles reach every order of four cells";
}

TEST(Variant, CuesOfAChainAreThoseThatEveryStepKeeps) {
  EXPECT_EQ(make_variant("grayscale").keeps, Cue::both);
  EXPECT_EQ(make_variant("grayscale+edges").keeps, Cue::shape);
  EXPECT_EQ(make_variant("patch_shuffle+grayscale").keeps, Cue::texture);
  EXPECT_EQ(make_variant("stylize+patch_shuffle").keeps, Cue::neither);
  EXPECT_TRUE(make_variant("grayscale+silhouette").uses_mask);
  EXPECT_FALSE(make_variant("grayscale+edges").uses_mask);
}

TEST(Suites, EveryVariantResolvesAndNoneIsTwice) {
  for (const Suite& suite : suites()) {
    std::set<std::string> texts;
    for (const auto& variant : suite.variants) EXPECT_TRUE(texts.insert(canonical_variant(variant)).second) << variant;
    EXPECT_TRUE(texts.contains("clean")) << suite.name;
    EXPECT_EQ(&find_suite(suite.name), &suite);
  }
  EXPECT_THROW(find_suite("shape-textur"), UsageError);
}

/// A random text for one parameter, within its range.
rc::Gen<std::string> value_of(const ParameterSpec& spec) {
  if (spec.kind == ParameterKind::choice)
    return rc::gen::map(rc::gen::elementOf(spec.choices), [](std::string_view word) { return std::string(word); });
  if (spec.kind == ParameterKind::integer)
    return rc::gen::map(rc::gen::inRange(static_cast<int>(spec.minimum), static_cast<int>(spec.maximum) + 1),
                        [](int value) { return std::to_string(value); });
  const double top = std::isinf(spec.maximum) ? 2000 : spec.maximum;
  return rc::gen::map(rc::gen::inRange(0, 1 << 20), [spec, top](int share) {
    return format_real(spec.minimum + (top - spec.minimum) * share / (1 << 20));
  });
}

RC_GTEST_PROP(Variant, CanonicalTextReadsBackAsItself, ()) {
  std::string text;
  const int links = *rc::gen::inRange(1, 4);
  for (int i = 0; i < links; ++i) {
    const TransformInfo& info = **rc::gen::elementOf(registered_transforms());
    std::string link(info.name);
    char separator = ':';
    for (const ParameterSpec& spec : info.parameters) {
      if (!*rc::gen::arbitrary<bool>()) continue;
      link += fmt::format("{}{}={}", separator, spec.name, *value_of(spec));
      separator = ',';
    }
    text += fmt::format("{}{}", text.empty() ? "" : "+", link);
  }
  std::string canonical;
  try {
    canonical = canonical_variant(text);
  } catch (const UsageError& error) {
    RC_ASSERT(std::string(error.what()).find("needs the outline of the object") != std::string::npos);
    return;
  }
  RC_ASSERT(canonical_variant(canonical) == canonical);
}

}  // namespace
}  // namespace cuebench
