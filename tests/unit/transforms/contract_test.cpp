// What every transform promises, checked on all that are registered.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/transforms/transform.hpp>

#include "pictures.hpp"

namespace cuebench {
namespace {

/// The network that stands for a user's: any file is it. As a mask its first channel, as a picture its last image.
constexpr const char* kAnyFile = CUEBENCH_SOURCE_DIR "/README.md";

TransformResources resources() {
  const PlanarNetwork network = [](std::span<const Planes> arguments) { return arguments.back(); };
  return {.open_network = [network](const std::filesystem::path&) { return network; }};
}

Variant make(const std::string& text) {
  return make_variant(text, resources());
}

class EveryTransform : public ::testing::TestWithParam<const TransformInfo*> {
 protected:
  const TransformInfo& info() const { return *GetParam(); }
  std::string name() const { return std::string(GetParam()->name); }
  /// The variant as a user has to type it.
  std::string typed() const { return info().name == "stylize_model" ? name() + ":model=" + kAnyFile : name(); }
  /// The variant with one parameter, where the other ones allow the value.
  std::string with(const ParameterSpec& spec, const std::string& value) const {
    std::string text = typed() + (typed() == name() ? ":" : ",") + std::string(spec.name) + "=" + value;
    if (spec.name == "mask" && value == "model") text += std::string(",mask_model=") + kAnyFile;
    if (info().name == "edges" && spec.name == "low") text += ",high=6";
    if (info().name == "edges" && spec.name == "high") text += ",low=0";
    return text;
  }
};

TransformContext item(const std::string& id, std::uint64_t seed = 7) {
  static const Partner partner{test::drawn_picture(40, 30, 9), std::nullopt, "partner"};
  return {.seed = seed, .item_id = id, .partner = &partner};
}

TEST_P(EveryTransform, DescribesItself) {
  EXPECT_FALSE(info().summary.empty());
  EXPECT_FALSE(info().formula.empty());
  EXPECT_FALSE(info().source.empty());
  EXPECT_GE(info().version, 1);
  std::set<std::string_view> names;
  for (const ParameterSpec& spec : info().parameters) {
    EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
    EXPECT_FALSE(spec.doc.empty()) << spec.name;
  }
}

TEST_P(EveryTransform, DefaultsRoundTrip) {
  const Variant variant = make(typed());
  EXPECT_EQ(variant.text, canonical_variant(typed()));
  EXPECT_EQ(canonical_variant(variant.text), variant.text);
  EXPECT_EQ(make(variant.text).text, variant.text);
  ASSERT_EQ(variant.steps.size(), 1u);
  EXPECT_EQ(variant.steps[0].first, name());
}

TEST_P(EveryTransform, AcceptsTheEndsOfEveryRangeAndNothingBeyond) {
  const Image image = test::drawn_picture(23, 31);
  for (const ParameterSpec& spec : info().parameters) {
    if (spec.kind == ParameterKind::choice) {
      for (const auto word : spec.choices) {
        if (word == "file") continue;                                         // needs a mask; SilhouetteTest has it
        if (name() == "rotate" && (word == "90" || word == "270")) continue;  // needs a square image: RotateTest
        EXPECT_EQ(make(with(spec, std::string(word))).apply(image, item("a")).image.width, 31) << word;
      }
      EXPECT_THROW(make(with(spec, "no-such-word")), UsageError);
      continue;
    }
    if (spec.kind == ParameterKind::file) continue;  // network_transforms_test
    const double step = spec.kind == ParameterKind::integer ? 1 : 1e-3;
    for (const double end : {spec.minimum, spec.maximum}) {
      const Variant variant = make(with(spec, format_real(end)));
      if (name() == "patch_shuffle" && end > 23) continue;  // the size is refused: PatchShuffleTest
      EXPECT_EQ(variant.apply(image, item("a")).image.height, 23) << spec.name << "=" << end;
    }
    for (const double beyond : {spec.minimum - step, spec.maximum + step}) {
      if (std::isinf(beyond)) continue;
      EXPECT_THROW(make(with(spec, format_real(beyond))), UsageError) << spec.name << "=" << beyond;
    }
  }
}

TEST_P(EveryTransform, DependsOnSeedItemAndVariantOnly) {
  const Image image = test::drawn_picture(64, 48);
  const Image first = make(typed()).apply(image, item("a")).image;
  EXPECT_EQ(make(typed()).apply(image, item("a")).image, first);
  std::set<std::string> by_item, by_seed;
  const Variant variant = make(typed());
  for (int i = 0; i < 8; ++i) {
    by_item.insert(test::key_of(variant.apply(image, item(std::to_string(i))).image));
    by_seed.insert(test::key_of(variant.apply(image, item("a", i)).image));
  }
  if (info().random) {
    EXPECT_GT(by_item.size(), 1u);
    EXPECT_GT(by_seed.size(), 1u);
  } else {
    EXPECT_EQ(by_item.size(), 1u);
    EXPECT_EQ(by_seed.size(), 1u);
  }
}

TEST_P(EveryTransform, KeepsTheSizeOfAnyImageAndLeavesTheInputAlone) {
  const Variant variant = make(typed());
  for (const auto& [height, width] :
       {std::pair{1, 1}, {3, 2}, {2, 3}, {1, 40}, {5, 7}, {13, 12}, {32, 32}, {97, 33}, {113, 150}, {330, 340}}) {
    const Image image = test::drawn_picture(height, width), before = image;
    if (name() == "patch_shuffle" && std::min(height, width) < 4) {
      EXPECT_THROW(variant.apply(image, item("a")), UsageError);
      continue;
    }
    const Image result = variant.apply(image, item("a")).image;
    EXPECT_EQ(result.height, height);
    EXPECT_EQ(result.width, width);
    EXPECT_EQ(result.pixels.size(), image.pixels.size());
    EXPECT_EQ(image, before);
  }
}

TEST_P(EveryTransform, WorksOnGreyAndConstantImages) {
  const Variant variant = make(typed()), grey = make("grayscale");
  const Image image = grey.apply(test::drawn_picture(40, 50), item("a")).image;
  EXPECT_EQ(variant.apply(image, item("a")).image.width, 50);
  for (const int level : {0, 127, 255}) {
    Image flat(40, 50);
    std::fill(flat.pixels.begin(), flat.pixels.end(), static_cast<std::uint8_t>(level));
    EXPECT_EQ(variant.apply(flat, item("a")).image.height, 40);
  }
}

TEST_P(EveryTransform, ManyThreadsGiveTheBytesOfOne) {
  constexpr int kItems = 24, kThreads = 4;
  const Image image = test::drawn_picture(64, 64);
  const Variant serial = make(typed()), shared = make(typed());
  std::vector<Image> expected, found(kItems);
  for (int i = 0; i < kItems; ++i) expected.push_back(serial.apply(image, item(std::to_string(i))).image);
  std::atomic<int> next = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&] {
      // Backwards, so that caches fill in another order than in the serial run.
      for (int i; (i = kItems - 1 - next++) >= 0;) found[i] = shared.apply(image, item(std::to_string(i))).image;
    });
  threads.clear();
  for (int i = 0; i < kItems; ++i) EXPECT_EQ(found[i], expected[i]) << i;
}

INSTANTIATE_TEST_SUITE_P(All, EveryTransform,
                         ::testing::ValuesIn(registered_transforms().begin(), registered_transforms().end()),
                         [](const auto& of) { return std::string(of.param->name); });

}  // namespace
}  // namespace cuebench
