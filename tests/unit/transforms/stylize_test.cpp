#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <set>

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/random.hpp>
#include <cuebench/imaging/encode.hpp>
#include <cuebench/imaging/resize.hpp>
#include <cuebench/transforms/transform.hpp>

#include "pictures.hpp"
#include "test_data.hpp"
#include "transforms/kernels/cue_metrics.hpp"
#include "transforms/kernels/procedural_textures.hpp"
#include "transforms/kernels/random_phase.hpp"
#include "transforms/kernels/stylization.hpp"

namespace cuebench {
namespace {

cv::Mat1f white_noise(int side, std::uint64_t seed) {
  RandomStream random(seed, "noise", "test");
  cv::Mat1f noise(side, side);
  for (float& v : noise) v = static_cast<float>(random.normal());
  return noise;
}

using Spectrum = cv::Mat_<cv::Vec2f>;

std::vector<Spectrum> spectra(const cv::Mat3f& image) {
  std::vector<cv::Mat> channels;
  cv::split(image, channels);
  std::vector<Spectrum> result(3);
  for (int c = 0; c < 3; ++c) cv::dft(channels[c], result[c], cv::DFT_COMPLEX_OUTPUT);
  return result;
}

TEST(RandomPhase, KeepsAmplitudesMeansAndTheRelationOfTheChannels) {
  const cv::Mat3f style = procedural_texture("bricks", 1, 64, 9);
  const cv::Mat3f texture = random_phase(style, white_noise(64, 3));
  const auto before = spectra(style), after = spectra(texture);
  const double scale = cv::norm(before[0], cv::NORM_INF);
  double worst = 0, worst_cross = 0, moved = 0;
  for (int v = 0; v < 64; ++v)
    for (int u = 0; u < 64; ++u)
      for (int c = 0; c < 3; ++c) {
        worst = std::max(worst, std::abs(cv::norm(before[c](v, u)) - cv::norm(after[c](v, u))));
        const auto cross = [&](const std::vector<Spectrum>& s) {  // S_c times the conjugate of the next channel
          const cv::Vec2f a = s[c](v, u), b = s[(c + 1) % 3](v, u);
          return cv::Vec2d(a[0] * b[0] + a[1] * b[1], a[1] * b[0] - a[0] * b[1]);
        };
        worst_cross = std::max(worst_cross, cv::norm(cross(before) - cross(after)));
        moved = std::max(moved, cv::norm(before[c](v, u) - after[c](v, u)));
      }
  // Single-precision transforms of 4096 values: about 1e-6 of the largest amplitude (the mean's).
  EXPECT_LT(worst, 1e-5 * scale);
  EXPECT_LT(worst_cross, 1e-5 * scale * scale);
  EXPECT_GT(moved, 1e-3 * scale) << "the phases did change";
  EXPECT_LT(cv::norm(cv::mean(style) - cv::mean(texture)), 1e-3);
}

TEST(RandomPhase, PeriodicPartHasNoJumpAcrossTheBorder) {
  cv::Mat3f ramp(32, 32);
  for (int y = 0; y < 32; ++y)
    for (int x = 0; x < 32; ++x) ramp(y, x) = cv::Vec3f::all(float(4 * x + y));
  const cv::Mat3f periodic = periodic_part(ramp);
  double jump = 0, jump_before = 0;
  for (int y = 0; y < 32; ++y) {
    jump = std::max(jump, std::abs(double(periodic(y, 0)[0]) - periodic(y, 31)[0]));
    jump_before = std::max(jump_before, std::abs(double(ramp(y, 0)[0]) - ramp(y, 31)[0]));
  }
  EXPECT_LT(jump, 0.1 * jump_before);
  EXPECT_NEAR(cv::mean(periodic)[0], cv::mean(ramp)[0], 1e-3);
}

TEST(ProceduralTextures, EveryKindIsDifferentFillsItsPaletteAndStaysInRange) {
  std::set<std::vector<float>> seen;
  for (const auto kind : procedural_texture_kinds())
    for (const int side : {64, 256}) {
      const cv::Mat3f picture = procedural_texture(kind, 0, side, side == 64 ? 4 : 9);
      ASSERT_EQ(picture.rows, side);
      double least = 0, most = 0;
      cv::minMaxLoc(picture.reshape(1), &least, &most);
      EXPECT_GE(least, 0) << kind;
      EXPECT_LE(most, 255) << kind;
      EXPECT_GT(most - least, 120) << kind;
      seen.emplace(picture.ptr<float>(), picture.ptr<float>() + 3 * side);
    }
  EXPECT_EQ(seen.size(), 2 * procedural_texture_kinds().size());
  EXPECT_GE(procedural_texture_kinds().size(), 12u);
}

TEST(Stylize, AFlatImageBecomesTheTextureAtTheAskedLevel) {
  const StylizeScale& scale = stylize_scale(stylize_scale_index(224, 224));
  const StyleTexture texture =
      style_texture(procedural_texture("mosaic", 0, scale.tile, scale.grain), white_noise(scale.tile, 1), scale);
  Image flat(224, 224);
  std::fill(flat.pixels.begin(), flat.pixels.end(), std::uint8_t{128});
  EXPECT_EQ(stylized(flat, texture, {}, scale, {.gain = 0, .colour = 0}), flat) << "no texture, own colours: unchanged";
  for (int flip = 0; flip < 8; ++flip) {
    const Image result =
        stylized(flat, texture, {.flip = flip, .shift_y = 11, .shift_x = 200}, scale, {.gain = 1, .colour = 0});
    double sum = 0, squares = 0;
    for (const int v : result.pixels) sum += v, squares += double(v) * v;
    const double n = double(result.pixels.size()), deviation = std::sqrt(squares / n - sum / n * sum / n);
    EXPECT_NEAR(sum / n, 128, 1);
    // Three bands of at most 9 levels rms; neighbouring bands overlap and add up in part.
    EXPECT_GT(deviation, 9) << flip;
    EXPECT_LT(deviation, 27) << flip;
  }
}

TEST(Stylize, FullColourTransferGivesTheStylesColours) {
  const StylizeScale& scale = stylize_scale(stylize_scale_index(64, 64));
  const cv::Mat3f style = procedural_texture("marble", 2, scale.tile, scale.grain);
  const StyleTexture texture = style_texture(style, white_noise(scale.tile, 1), scale);
  const Image result = stylized(test::drawn_picture(64, 64), texture, {}, scale, {.gain = 0, .colour = 1});
  cv::Vec3d mean(0, 0, 0);
  for (std::size_t i = 0; i < result.pixels.size(); i += 3)
    mean +=
        cv::Vec3d(result.pixels[i], result.pixels[i + 1], result.pixels[i + 2]) * (3.0 / double(result.pixels.size()));
  const cv::Scalar wanted = cv::mean(style);
  // Clipping at 0 and 255 pulls the mean a little; without it the two are equal.
  for (int c = 0; c < 3; ++c) EXPECT_NEAR(mean[c], wanted[c], 8);
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

CueMetrics medians(const std::vector<Image>& images, const std::string& text) {
  const Variant variant = make_variant(text);
  std::vector<double> outline, texture, energy, level;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const Image changed = variant.apply(images[i], {.seed = 1, .item_id = std::to_string(i)}).image;
    const CueMetrics one = cue_metrics(images[i], changed, CueScale::for_size(changed.height, changed.width));
    outline.push_back(one.outline_kept), texture.push_back(one.texture_destroyed);
    energy.push_back(one.energy_rearranged), level.push_back(one.energy_level_change);
  }
  const CueMetrics result{median(outline), median(texture), median(energy), median(level)};
  std::printf("%-20s %zu images: outline kept %.3f, texture destroyed %.3f, energy rearranged %.3f, level %.3f\n",
              text.c_str(), images.size(), result.outline_kept, result.texture_destroyed, result.energy_rearranged,
              result.energy_level_change);
  return result;
}

TEST(Stylize, KeepsOutlinesAndDestroysTextureOfPhotographs) {
  CUEBENCH_REQUIRE_SHARED(tar, "data/imagenet_sample/imagenet_sample_250.tar");
  const auto images = test::photographs(tar);
  ASSERT_EQ(images.size(), 250u);
  const CueMetrics at_224 = medians(images, "stylize");
  EXPECT_GE(at_224.outline_kept, 0.75);
  EXPECT_GE(at_224.texture_destroyed, 0.6);
  EXPECT_GE(at_224.energy_rearranged, 0.6);
  EXPECT_LE(at_224.energy_level_change, 0.6);

  std::vector<Image> small;
  for (const Image& image : images) small.push_back(resize(image, 32, 32, Resampling::bilinear));
  const CueMetrics at_32 = medians(small, "stylize");
  EXPECT_GE(at_32.outline_kept, 0.75);
  // Outline and texture share most of their frequencies at this size; half of the correlation is what can go.
  EXPECT_GE(at_32.texture_destroyed, 0.5);
  EXPECT_GE(at_32.energy_rearranged, 0.6);
  EXPECT_LE(at_32.energy_level_change, 0.6);
}

TEST(CueMetrics, AgreeWithTheReferenceOnKnownVariants) {
  CUEBENCH_REQUIRE_SHARED(tar, "data/imagenet_sample/imagenet_sample_250.tar");
  const auto images = test::photographs(tar, 4);
  const CueMetrics same = medians(images, "clean");
  EXPECT_DOUBLE_EQ(same.outline_kept, 1);
  EXPECT_NEAR(same.texture_destroyed, 0, 1e-9);
  EXPECT_NEAR(same.energy_rearranged, 0, 1e-9);
  EXPECT_NEAR(same.energy_level_change, 0, 1e-9);
  // The reference measured .22 .96 .96 .56 (patch shuffle, k=4) and .79 .20 (saturate, p=8) on 60 other photographs:
  // medians of such samples differ by some hundredths.
  const CueMetrics shuffled = medians(images, "patch_shuffle:k=4");
  EXPECT_NEAR(shuffled.outline_kept, 0.22, 0.06);
  EXPECT_NEAR(shuffled.texture_destroyed, 0.96, 0.06);
  EXPECT_NEAR(shuffled.energy_rearranged, 0.96, 0.08);
  EXPECT_NEAR(shuffled.energy_level_change, 0.56, 0.15);
  const CueMetrics saturated = medians(images, "saturate:p=8");
  EXPECT_NEAR(saturated.outline_kept, 0.79, 0.06);
  EXPECT_NEAR(saturated.texture_destroyed, 0.20, 0.06);
}

void write_bytes(const std::filesystem::path& path, const std::vector<std::byte>& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
}

void write_tar(const std::filesystem::path& path,
               const std::vector<std::pair<std::string, std::vector<std::byte>>>& members) {
  archive* writer = archive_write_new();
  archive_write_set_format_ustar(writer);
  archive_write_open_filename(writer, path.c_str());
  for (const auto& [name, bytes] : members) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(writer, entry);
    archive_write_data(writer, bytes.data(), bytes.size());
    archive_entry_free(entry);
  }
  archive_write_free(writer);
}

TEST(Stylize, StylesFromAFolderAndFromATarGiveTheSameImages) {
  const test::TemporaryFolder folder;
  const auto styles = folder.path() / "styles", tar = folder.path() / "styles.tar";
  const auto first = encode_png(test::drawn_picture(90, 120, 1)), second = encode_png(test::noise_picture(80, 60, 2));
  write_bytes(styles / "b" / "first.png", first);
  write_bytes(styles / "a.png", second);
  write_bytes(styles / "notes.txt", {});
  write_tar(tar, {{"b/first.png", first}, {"notes.txt", {}}, {"a.png", second}});
  const Variant from_folder = make_variant("stylize", {.styles = styles}),
                from_tar = make_variant("stylize", {.styles = tar});
  std::set<std::string> notes;
  for (int i = 0; i < 12; ++i) {
    const Image image = test::drawn_picture(64, 64, i);
    const auto a = from_folder.apply(image, {.seed = std::uint64_t(i)}),
               b = from_tar.apply(image, {.seed = std::uint64_t(i)});
    EXPECT_EQ(a.image, b.image);
    EXPECT_EQ(a.note, b.note);
    notes.insert(a.note);
  }
  EXPECT_EQ(notes, (std::set<std::string>{"style=a.png", "style=b/first.png"}));
}

TEST(Stylize, StylesThatCannotBeUsedAreRefusedBeforeTheWork) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(make_variant("stylize", {.styles = folder.path() / "absent"}), UsageError);
  EXPECT_THROW(make_variant("stylize", {.styles = folder.path()}), UsageError) << "empty";
  write_bytes(folder.path() / "broken.png", {std::byte{1}, std::byte{2}});
  try {
    make_variant("stylize", {.styles = folder.path()});
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("broken.png"), std::string::npos);
  }
  const auto not_a_tar = folder.path() / "styles.tar";
  write_bytes(not_a_tar, std::vector<std::byte>(600, std::byte{7}));
  EXPECT_THROW(make_variant("stylize", {.styles = not_a_tar}), UsageError);
  EXPECT_EQ(canonical_variant("stylize"), make_variant("stylize").text) << "naming a variant loads nothing";
}

}  // namespace
}  // namespace cuebench
