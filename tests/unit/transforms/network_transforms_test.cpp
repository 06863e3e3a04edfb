// Transforms that take a network: what goes in, what is made of the answer, what is refused.

#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/transforms/transform.hpp>

#include "pictures.hpp"
#include "test_data.hpp"
#include "transforms/network_file.hpp"

namespace cuebench {
namespace {

const std::string kFile = CUEBENCH_SOURCE_DIR "/README.md";

TransformResources with(PlanarNetwork network) {
  return {.open_network = [network](const std::filesystem::path&) { return network; }};
}

Image apply(const std::string& text, const PlanarNetwork& network, const Image& image) {
  return make_variant(text, with(network)).apply(image, {.item_id = "a"}).image;
}

/// 1 (or the score of class `object`) in the left half, 0 elsewhere.
PlanarNetwork left_half(int channels, int object) {
  return [channels, object](std::span<const Planes> in) {
    Planes out{channels, in[0].height, in[0].width, {}};
    for (int c = 0; c < channels; ++c)
      for (int y = 0; y < out.height; ++y)
        for (int x = 0; x < out.width; ++x) {
          const bool left = 2 * x < out.width;
          out.values.push_back(channels == 1 ? float(left) : c == object ? float(left) : c == 0 ? 0.5F : -1.F);
        }
    return out;
  };
}

TEST(NetworkMask, OneChannelIsAProbabilitySeveralAreScoresWithTheGroundFirst) {
  const Image image = test::drawn_picture(20, 40);
  for (const auto& network : {left_half(1, 0), left_half(3, 2), left_half(2, 1)}) {
    const Image result = apply("silhouette:mask=model,mask_model=" + kFile, network, image);
    for (int y = 0; y < 20; ++y)
      for (int x = 0; x < 40; ++x) ASSERT_EQ(result.row(y)[3 * x], x < 20 ? 0 : 255);
  }
}

TEST(NetworkMask, AMaskOfAnotherSizeIsRefused) {
  const PlanarNetwork halved = [](std::span<const Planes> in) {
    return Planes{1, in[0].height / 2, in[0].width / 2, std::vector<float>(in[0].values.size() / 12)};
  };
  EXPECT_THROW(apply("silhouette:mask=model,mask_model=" + kFile, halved, test::drawn_picture(20, 40)), UsageError);
}

TEST(NetworkMask, ChoiceAndFileBelongTogether) {
  EXPECT_THROW(make_variant("silhouette:mask=model", with(left_half(1, 0))), UsageError);
  EXPECT_THROW(make_variant("silhouette:mask_model=" + kFile, with(left_half(1, 0))), UsageError);
  EXPECT_THROW(make_variant("silhouette:mask=model,mask_model=/absent.pt", with(left_half(1, 0))), UsageError);
  EXPECT_THROW(make_variant("silhouette:mask=model,mask_model=" + kFile), NeedsLibTorch);
  EXPECT_EQ(make_variant("silhouette:mask=model,mask_model=" + kFile, with(left_half(1, 0))).files(),
            std::vector<std::filesystem::path>{kFile});
  EXPECT_EQ(canonical_variant("silhouette"), "silhouette:mask=auto,polarity=black_on_white,threshold=128")
      << "a file that is not given does not appear";
}

TEST(StylizeModel, SeesTheImageInUnitRangeAndCutsWhatGrew) {
  const Image image = test::drawn_picture(13, 21);
  const PlanarNetwork grown = [](std::span<const Planes> in) {
    EXPECT_EQ(in.size(), 1u);
    const Planes& a = in[0];
    Planes out{3, a.height + 3, a.width + 3, {}};
    for (int c = 0; c < 3; ++c)
      for (int y = 0; y < out.height; ++y)
        for (int x = 0; x < out.width; ++x)
          out.values.push_back(y < a.height && x < a.width ? a.values[(c * a.height + y) * a.width + x] : 9.F);
    return out;
  };
  EXPECT_EQ(apply("stylize_model:inputs=content,model=" + kFile, grown, image), image);
}

TEST(StylizeModel, GivesTheStyleAsSecondPicture) {
  const PlanarNetwork second = [](std::span<const Planes> in) {
    EXPECT_EQ(in.size(), 2u);
    EXPECT_EQ(in[1].height, 24);
    EXPECT_EQ(in[1].width, 24);
    return in[1];
  };
  const auto result =
      make_variant("stylize_model:model=" + kFile, with(second)).apply(test::drawn_picture(16, 24), {.item_id = "a"});
  EXPECT_EQ(result.image.height, 16);
  EXPECT_TRUE(result.note.starts_with("style="));
}

TEST(StylizeModel, AnAnswerThatIsNoPictureIsRefused) {
  for (const auto& [channels, height] : {std::pair{1, 20}, {3, 10}}) {
    const PlanarNetwork wrong = [channels = channels, height = height](std::span<const Planes> in) {
      return Planes{channels, height, in[0].width, std::vector<float>(channels * height * in[0].width)};
    };
    EXPECT_THROW(apply("stylize_model:model=" + kFile, wrong, test::drawn_picture(20, 20)), UsageError);
  }
  EXPECT_THROW(make_variant("stylize_model", with(left_half(3, 0))), UsageError) << "no file";
}

}  // namespace
}  // namespace cuebench
