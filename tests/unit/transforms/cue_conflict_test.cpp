// Textures cut from objects, and images whose shape and texture belong to different objects.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include <cuebench/core/errors.hpp>
#include <cuebench/imaging/decode.hpp>
#include <cuebench/imaging/resize.hpp>
#include <cuebench/transforms/transform.hpp>

#include "pictures.hpp"
#include "test_data.hpp"
#include "transforms/kernels/cue_metrics.hpp"
#include "transforms/kernels/levels.hpp"
#include "transforms/kernels/luminance.hpp"
#include "transforms/kernels/mask_fill.hpp"
#include "transforms/kernels/mat_view.hpp"
#include "transforms/kernels/quilting.hpp"

namespace cuebench {
namespace {

Plane disc(int height, int width, double share = 0.35) {
  Plane mask(height, width);
  cv::circle(view(mask), {width / 2, height / 2}, int(share * std::min(height, width)), 255, cv::FILLED);
  return mask;
}

/// Noise of one colour range inside the mask, another colour outside.
Image two_colours(const Plane& mask, cv::Vec3b inside, cv::Vec3b outside) {
  Image image = test::noise_picture(mask.height, mask.width);
  cv::Mat3b pixels = view(image);
  for (int y = 0; y < mask.height; ++y)
    for (int x = 0; x < mask.width; ++x) pixels(y, x) = (mask.row(y)[x] >= 128 ? inside : outside) + pixels(y, x) * 0.1;
  return image;
}

const cv::Vec3b kRed(200, 20, 10), kBlue(10, 30, 220);

TEST(Quilting, TakesPixelsFromInsideTheMaskOnly) {
  const Plane mask = disc(96, 80);
  const Image image = two_colours(mask, kRed, kBlue);
  RandomStream random(1, "a", "b");
  const cv::Mat3f texture = quilted(image, &mask, 64, 120, random);
  ASSERT_EQ(texture.size(), cv::Size(120, 64));
  for (const cv::Vec3f& v : texture) {
    ASSERT_GE(v[0], 200 - 1);
    ASSERT_LE(v[2], 10 + 26);
  }
}

TEST(Quilting, AConstantPictureStaysAndStatisticsOfATextureDo) {
  Image flat(50, 50);
  std::fill(flat.pixels.begin(), flat.pixels.end(), std::uint8_t{77});
  RandomStream random(1, "a", "b");
  for (const cv::Vec3f& v : quilted(flat, nullptr, 33, 47, random)) EXPECT_NEAR(v[1], 77, 1e-3);
  // The same texture once more: nearer to its source in fine statistics than another texture is.
  const Image noise = test::noise_picture(128, 128), drawn = test::drawn_picture(128, 128);
  const Image again = colour_image(quilted(noise, nullptr, 128, 128, random) / 255.0, Rounding::nearest);
  EXPECT_LT(texture_distance(noise, again, {}), 0.25) << "blending costs some contrast";
  EXPECT_GT(texture_distance(drawn, again, {}), 4 * texture_distance(noise, again, {}));
  EXPECT_EQ(texture_distance(noise, noise, {}), 0);
}

TEST(Quilting, ThinAndTinyMasksStillGiveTheirColour) {
  Plane thin(60, 60);
  cv::line(view(thin), {5, 5}, {55, 50}, 255, 2);
  const Image image = two_colours(thin, kRed, kBlue);
  RandomStream random(1, "a", "b");
  const cv::Mat3f texture = quilted(image, &thin, 40, 40, random);
  EXPECT_GT(cv::mean(texture)[0], cv::mean(view(image))[0] + 30) << "redder than the picture";
  Plane one(9, 9);
  one.pixels[40] = 255;
  EXPECT_EQ(quilted(test::noise_picture(9, 9), &one, 5, 7, random).size(), cv::Size(7, 5));
}

TEST(TextureCrop, ShowsTheObjectsTextureEverywhere) {
  const Plane mask = disc(64, 64);
  const Image image = two_colours(mask, kRed, kBlue);
  const auto result = make_variant("texture_crop").apply(image, {.item_id = "a", .mask = &mask});
  EXPECT_EQ(result.note, "mask=file");
  for (std::size_t i = 0; i < result.image.pixels.size(); i += 3) ASSERT_GE(result.image.pixels[i], 199);
}

TEST(TextureFill, KeepsTheSilhouetteAndTakesAStyle) {
  const Plane mask = disc(64, 64);
  const Image image = two_colours(mask, kRed, kBlue);
  for (const auto& [text, ground] : {std::pair{"texture_fill", 255}, {"texture_fill:ground=black", 0}}) {
    const auto result = make_variant(text).apply(image, {.item_id = "a", .mask = &mask});
    EXPECT_NE(result.note.find("mask=file;style="), std::string::npos) << result.note;
    for (std::size_t i = 0; i < mask.pixels.size(); ++i)
      ASSERT_TRUE(mask.pixels[i] >= 128 || result.image.pixels[3 * i] == ground);
  }
}

TEST(Cutout, KeepsTheObjectToTheByte) {
  const Plane mask = disc(40, 60);
  const Image image = two_colours(mask, kRed, kBlue);
  for (const auto& [text, ground] :
       {std::pair{"cutout", 255}, {"cutout:ground=grey", 128}, {"cutout:ground=black", 0}}) {
    const Image result = make_variant(text).apply(image, {.item_id = "a", .mask = &mask}).image;
    for (std::size_t i = 0; i < result.pixels.size(); ++i)
      ASSERT_EQ(result.pixels[i], mask.pixels[i / 3] >= 128 ? image.pixels[i] : ground);
  }
}

TEST(CueConflict, FillIsTheSilhouetteWithThePartnersTexture) {
  const Plane own = disc(64, 64, 0.25);
  const Image image = two_colours(own, kBlue, {200, 200, 200});
  const Partner partner{two_colours(disc(80, 50), kRed, kBlue), disc(80, 50), "dog/1"};
  const auto result =
      make_variant("cue_conflict:method=fill").apply(image, {.item_id = "a", .mask = &own, .partner = &partner});
  EXPECT_EQ(result.note, "mask=file;texture_of=dog/1;texture_mask=file");
  for (std::size_t i = 0; i < own.pixels.size(); ++i) {
    ASSERT_EQ(result.image.pixels[3 * i + 1] == 255, own.pixels[i] < 128);
    ASSERT_TRUE(own.pixels[i] < 128 || result.image.pixels[3 * i] >= 199);
  }
}

TEST(CueConflict, WithoutAPartnerTheImageStaysAndTheRecordSaysSo) {
  const Image image = test::drawn_picture(40, 40);
  const auto result = make_variant("cue_conflict").apply(image, {.item_id = "a"});
  EXPECT_EQ(result.image, image);
  EXPECT_EQ(result.note, "texture_of=none: the image has no label");
  EXPECT_TRUE(make_variant("cue_conflict").uses_partner);
  EXPECT_EQ(make_variant("cue_conflict+grayscale").keeps, Cue::conflict);
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

TEST(CueConflict, KeepsOneImagesOutlinesAndTakesTheOthersTexture) {
  CUEBENCH_REQUIRE_SHARED(tar, "data/imagenet_sample/imagenet_sample_250.tar");
  const auto images = test::photographs(tar, 3);
  const Variant variant = make_variant("cue_conflict");
  std::vector<double> outline, to_style, to_content;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const Partner partner{images[(i + 7) % images.size()], std::nullopt, "partner"};
    const Image changed =
        variant.apply(images[i], {.seed = 1, .item_id = std::to_string(i), .partner = &partner}).image;
    outline.push_back(cue_metrics(images[i], changed, {}).outline_kept);
    to_style.push_back(texture_distance(changed, partner.image, {}));
    to_content.push_back(texture_distance(changed, images[i], {}));
  }
  std::printf("cue_conflict: outline kept %.3f, texture distance to the style %.3f, to the content %.3f\n",
              median(outline), median(to_style), median(to_content));
  EXPECT_GE(median(outline), 0.6);
  EXPECT_LT(median(to_style), median(to_content));
}

/// The published stimuli, as a yardstick: they were made with a network, without masks.
TEST(CueConflict, PublishedStimuliOnTheSameFigures) {
  CUEBENCH_REQUIRE_SHARED(stimuli, "data/cue_conflict/cue_conflict_96.tar");
  CUEBENCH_REQUIRE_SHARED(silhouettes, "data/silhouettes/geirhos_filled_silhouettes_160.tar");
  std::map<std::string, Image> shapes;
  test::for_each_member(silhouettes, ".png", [&](const std::string& name, const std::vector<std::byte>& content) {
    shapes[name.substr(name.rfind('/') + 1)] = decode_image(content);
  });
  struct Stimulus {
    std::string shape, texture;
    Image image;
  };
  std::vector<Stimulus> all;
  test::for_each_member(stimuli, ".png", [&](const std::string& name, const std::vector<std::byte>& content) {
    const std::string stem = name.substr(name.rfind('/') + 1), pair = stem.substr(0, stem.size() - 4);
    const auto dash = pair.find('-');
    all.push_back({pair.substr(0, dash), pair.substr(dash + 1), decode_image(content)});
  });
  ASSERT_EQ(all.size(), 96u);

  // Outline: share of the silhouette's border that the stimulus' strongest edges find. Ours: the same with our own
  // conflicts of the same silhouettes, filled with the texture of another stimulus.
  const auto recall = [](const Image& silhouette, const Image& image) {
    const CueScale scale;
    const cv::Mat1b border = strongest_edges(grey709_plane(silhouette), scale);
    cv::Mat1b near;
    cv::dilate(strongest_edges(grey709_plane(image), scale), near, cv::Mat1b::ones(5, 5));
    return cv::countNonZero(border & near) / double(std::max(1, cv::countNonZero(border)));
  };
  std::vector<double> outline, same_texture, other_texture;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Stimulus& one = all[i];
    outline.push_back(recall(shapes.at(one.shape + ".png"), one.image));
    for (std::size_t j = i + 1; j < all.size(); ++j) {
      const bool same = one.texture == all[j].texture;
      if (one.shape == all[j].shape || (!same && (i + j) % 16 != 0)) continue;  // a sample of the others is enough
      (same ? same_texture : other_texture).push_back(texture_distance(one.image, all[j].image, {}));
    }
  }
  ASSERT_FALSE(same_texture.empty());
  std::printf("published stimuli: outline found %.3f; texture distance, same texture %.3f (%zu pairs), other %.3f\n",
              median(outline), median(same_texture), same_texture.size(), median(other_texture));
  EXPECT_LT(median(same_texture), median(other_texture)) << "the distance sees what the textures are";
}

}  // namespace
}  // namespace cuebench
