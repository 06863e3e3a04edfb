// Geometry and contrasts of `synthetic` against slow independent computations.

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include <cuebench/core/random.hpp>
#include <cuebench/datasets/dataset.hpp>

#include "../../../datasets/synthetic/background.hpp"
#include "../../../datasets/synthetic/coverage.hpp"
#include "../../../datasets/synthetic/pose.hpp"
#include "../../../datasets/synthetic/shapes.hpp"
#include "../../../datasets/synthetic/standardise.hpp"
#include "../../../datasets/synthetic/textures.hpp"

namespace cuebench::synthetic {
namespace {

/// Winding number of a point by counting signed crossings of the ray to the right.
int winding(const Outline& outline, double x, double y) {
  int turns = 0;
  for (const Contour& contour : outline) {
    for (std::size_t i = 0; i < contour.size(); ++i) {
      const Point a = contour[i], b = contour[(i + 1) % contour.size()];
      if ((a.y <= y) == (b.y <= y)) continue;
      if (a.x + (y - a.y) / (double(b.y) - a.y) * (double(b.x) - a.x) > x) turns += a.y <= y ? 1 : -1;
    }
  }
  return turns;
}

constexpr int kSamples = 24;

/// Share of kSamples x kSamples points of every pixel that lie inside.
Field supersampled(const Outline& outline, int side) {
  Field field(side);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      int inside = 0;
      for (int j = 0; j < kSamples; ++j)
        for (int i = 0; i < kSamples; ++i)
          inside += winding(outline, x + (i + 0.5) / kSamples, y + (j + 0.5) / kSamples) != 0;
      field.row(y)[x] = float(inside) / (kSamples * kSamples);
    }
  }
  return field;
}

double sum_of(const Field& field) {
  return std::accumulate(field.values.begin(), field.values.end(), 0.0);
}

void expect_near(const Field& exact, const Field& sampled, const std::string& what) {
  double worst = 0;
  for (std::size_t i = 0; i < exact.values.size(); ++i)
    worst = std::max(worst, double(std::abs(exact.values[i] - sampled.values[i])));
  // A straight edge is off by up to one row of samples, a corner or tip by two.
  EXPECT_LT(worst, 2.5 / kSamples) << what;
  EXPECT_NEAR(sum_of(exact), sum_of(sampled), 0.004 * sum_of(sampled) + 0.05) << what;
}

TEST(Coverage, IsTheAreaInEachPixelForEveryShapeInRandomPoses) {
  constexpr int kSide = 32;
  for (std::size_t shape = 0; shape < shapes().size(); ++shape) {
    RandomStream random(7, shapes()[shape].name, "coverage test");
    const Outline outline = posed(normalised_shape(shape), draw_pose(kSide, random));
    expect_near(coverage_of(outline, kSide), supersampled(outline, kSide), std::string(shapes()[shape].name));
  }
}

TEST(Coverage, CutsAtEveryBorder) {
  constexpr int kSide = 16;
  for (const Point centre :
       {Point{0, 8}, Point{16, 8}, Point{8, 0}, Point{8, 16}, Point{-1, -1}, Point{17, 3}, Point{8, 8}}) {
    for (const float radius : {3.0F, 9.0F, 40.0F}) {
      const Outline outline = {circle(centre, radius, 60), circle(centre, radius / 2, 60, -1)};
      expect_near(coverage_of(outline, kSide), supersampled(outline, kSide), std::to_string(radius));
    }
  }
}

TEST(Coverage, OfARectangleIsExact) {
  const Field field = coverage_of({{{1.25F, 2.5F}, {3.75F, 2.5F}, {3.75F, 4.25F}, {1.25F, 4.25F}}}, 6);
  EXPECT_FLOAT_EQ(field.row(2)[1], 0.375F);
  EXPECT_FLOAT_EQ(field.row(3)[2], 1);
  EXPECT_FLOAT_EQ(field.row(4)[3], 0.1875F);
  EXPECT_NEAR(sum_of(field), 2.5 * 1.75, 1e-5);
}

TEST(Shapes, AreNormalisedToSimilarSize) {
  for (std::size_t i = 0; i < shapes().size(); ++i) {
    const Outline outline = normalised_shape(i);
    const float disc = std::sqrt(area_of(outline) / 3.14159265F);
    EXPECT_NEAR(radius_of(outline) * disc, 1, 1e-4) << shapes()[i].name;
    EXPECT_GT(disc, 0.55) << shapes()[i].name;  // else too thin to carry a texture
  }
}

TEST(Textures, OfAllFamiliesVaryAndStayInRange) {
  constexpr int kSide = 64;
  for (int family = 0; family <= kClassTextures; ++family) {
    for (const char* item : {"a", "b", "c"}) {
      RandomStream random(3, item, "texture test");
      Field field(kSide);
      render_texture(draw_placement(TextureFamily(family), kSide, random), {0, 0, kSide, kSide}, field);
      double mean = sum_of(field) / (kSide * kSide), squares = 0;
      for (const float value : field.values) {
        EXPECT_GE(value, -0.001F);
        EXPECT_LE(value, 1.001F);
        squares += (value - mean) * (value - mean);
      }
      EXPECT_GT(std::sqrt(squares / (kSide * kSide)), 0.1) << name_of(TextureFamily(family));
    }
  }
}

TEST(Contrasts, StandardisedFieldsHaveMeanZeroAndDeviationOneUnderTheirWeights) {
  RandomStream random(1, "x", "standardise");
  Field field(9), weights(9);
  for (float& value : field.values) value = float(5 + 3 * random.uniform());
  for (float& value : weights.values) value = float(random.uniform());
  standardise(field, weights, {0, 0, 9, 9});
  double weight = 0, first = 0, second = 0;
  for (std::size_t i = 0; i < field.values.size(); ++i) {
    weight += weights.values[i];
    first += double(weights.values[i]) * field.values[i];
    second += double(weights.values[i]) * field.values[i] * field.values[i];
  }
  EXPECT_NEAR(first / weight, 0, 1e-5);
  EXPECT_NEAR(second / weight, 1, 1e-4);
  Field flat(4, 0.3F);
  standardise(flat, Field(4, 1.0F), {0, 0, 4, 4});
  for (const float value : flat.values) EXPECT_EQ(value, 0);
}

TEST(Contrasts, ClutterHasTheMeanAndDeviationAskedForWhereItShows) {
  constexpr int kSide = 40;
  RandomStream random(1, "x", "clutter"), weights(1, "x", "weights");
  Field shown(kSide);
  for (float& value : shown.values) value = weights.uniform() < 0.3 ? 0.0F : 1.0F;
  Picture clutter = render_clutter(kSide, Field(kSide), {}, random);
  const Colour mean = {0.3F, 0.5F, 0.6F};
  settle_clutter(clutter, shown, mean, 0.1F);
  double squares = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    double first = 0;
    for (std::size_t i = 0; i < shown.values.size(); ++i) {
      first += double(shown.values[i]) * clutter[c].values[i];
      squares += shown.values[i] * std::pow(double(clutter[c].values[i]) - mean[c], 2);
    }
    EXPECT_NEAR(first / sum_of(shown), mean[c], 1e-4);
  }
  EXPECT_NEAR(std::sqrt(squares / 3 / sum_of(shown)), 0.1, 1e-3);
}

}  // namespace
}  // namespace cuebench::synthetic

namespace cuebench {
namespace {

constexpr char kStill[] = "count=30,noise=0,blur=0";

TEST(SyntheticMasks, AreTheCoverageOfThePosedOutline) {
  const Dataset set = open_dataset(std::string("synthetic:occlusion=0,classes=16,size=32,") + kStill);
  for (std::size_t i = 0; i < 16; ++i) {
    RandomStream random(0, set.items[i].id, "synthetic: pose");
    const auto pose = synthetic::draw_pose(32, random);
    const auto sampled = synthetic::supersampled(synthetic::posed(synthetic::normalised_shape(i), pose), 32);
    const Plane mask = *set.load_mask(i);
    double both = 0, either = 0;
    for (std::size_t p = 0; p < mask.pixels.size(); ++p) {
      const double a = mask.pixels[p] / 255.0, b = sampled.values[p];
      both += std::min(a, b);
      either += std::max(a, b);
    }
    EXPECT_GT(both / either, 0.985) << set.items[i].id;  // 24 x 24 samples and 8 bits a pixel of outline
  }
}

TEST(SyntheticMasks, AreTheSameAtEverySize) {
  const Dataset small = open_dataset("synthetic:count=16,classes=16,occlusion=0,size=40");
  const Dataset large = open_dataset("synthetic:count=16,classes=16,occlusion=0,size=80");
  for (std::size_t i = 0; i < 16; ++i) {
    const Plane a = *small.load_mask(i), b = *large.load_mask(i);
    for (int y = 0; y < 40; ++y)
      for (int x = 0; x < 40; ++x) {
        const int sum =
            b.row(2 * y)[2 * x] + b.row(2 * y)[2 * x + 1] + b.row(2 * y + 1)[2 * x] + b.row(2 * y + 1)[2 * x + 1];
        EXPECT_NEAR(a.row(y)[x], sum / 4.0, 1.5) << small.items[i].id;  // three roundings
      }
  }
}

/// The largest difference of a channel.
int difference(const Image& a, const Image& b, std::size_t pixel) {
  int largest = 0;
  for (std::size_t c = 3 * pixel; c < 3 * pixel + 3; ++c)
    largest = std::max(largest, std::abs(a.pixels[c] - b.pixels[c]));
  return largest;
}

TEST(SyntheticMasks, CoverExactlyThePixelsThatTheTextureReaches) {
  for (const char* split : {"test", "cue_conflict", "shape_only", "texture_only"}) {
    const auto source = std::string("synthetic:split=") + split + ',' + kStill;
    const Dataset plain = open_dataset(source + ",texture_contrast=0"),
                  textured = open_dataset(source + ",texture_contrast=0.5");
    for (std::size_t i = 0; i < plain.items.size(); ++i) {
      const Plane mask = *plain.load_mask(i);
      EXPECT_EQ(mask, *textured.load_mask(i));
      const Image a = plain.load_image(i), b = textured.load_image(i);
      std::size_t inside = 0, changed = 0;
      for (std::size_t p = 0; p < mask.pixels.size(); ++p) {
        // A mask of 0 is rounded from less than 0.002 of a pixel: at most the last bit of a value.
        if (mask.pixels[p] == 0) {
          EXPECT_LE(difference(a, b, p), 1) << plain.items[i].id;
        }
        if (mask.pixels[p] == 255) {
          ++inside;
          changed += difference(a, b, p) > 1;
        }
      }
      EXPECT_GT(inside, 100u);
      EXPECT_GT(double(changed), 0.9 * double(inside)) << plain.items[i].id;  // a texture crosses its own mean
    }
  }
}

TEST(SyntheticMasks, LeaveOutTheClutterEverywhereElse) {
  const auto source = std::string("synthetic:") + kStill;
  const Dataset a = open_dataset(source + ",clutter=0"), b = open_dataset(source + ",clutter=0.5");
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    const Plane mask = *a.load_mask(i);
    const Image x = a.load_image(i), y = b.load_image(i);
    for (std::size_t p = 0; p < mask.pixels.size(); ++p) {
      if (mask.pixels[p] == 255) {
        EXPECT_NEAR(x.pixels[3 * p], y.pixels[3 * p], 1);  // 255 is rounded from 0.998
      }
    }
  }
}

TEST(SyntheticMasks, OcclusionHidesNoMoreThanItsLimit) {
  std::size_t occluded = 0;
  const Dataset whole = open_dataset("synthetic:count=300,occlusion=0");
  const Dataset part = open_dataset("synthetic:count=300,occlusion=0.2");
  for (std::size_t i = 0; i < 300; ++i) {
    const Plane a = *whole.load_mask(i), b = *part.load_mask(i);
    double before = 0, after = 0;
    for (std::size_t p = 0; p < a.pixels.size(); ++p) {
      EXPECT_LE(b.pixels[p], a.pixels[p]);
      before += a.pixels[p];
      after += b.pixels[p];
    }
    EXPECT_GE(after, 0.798 * before) << part.items[i].id;  // 0.2, and the rounding of masks to 8 bits
    occluded += after < 0.99 * before;
  }
  // Drawn in half of the images, of which some lie beside the object or hide too much at any size.
  EXPECT_GT(occluded, 75u);
  EXPECT_LT(occluded, 170u);
}

/// Root mean square over the channels of the difference of two mean colours: inside the mask and outside.
double step_of(const Image& image, const Plane& mask) {
  double inside[3] = {}, outside[3] = {}, in = 0, out = 0, squares = 0;
  for (std::size_t p = 0; p < mask.pixels.size(); ++p) {
    const double w = mask.pixels[p] / 255.0;
    in += w;
    out += 1 - w;
    for (std::size_t c = 0; c < 3; ++c) {
      inside[c] += w * image.pixels[3 * p + c] / 255;
      outside[c] += (1 - w) * image.pixels[3 * p + c] / 255;
    }
  }
  for (int c = 0; c < 3; ++c) squares += std::pow(inside[c] / in - outside[c] / out, 2);
  return std::sqrt(squares / 3);
}

double deviation_inside(const Image& image, const Plane& mask) {
  double squares = 0, count = 0, mean[3] = {};
  for (std::size_t p = 0; p < mask.pixels.size(); ++p) count += mask.pixels[p] == 255;
  for (int pass = 0; pass < 2; ++pass)
    for (std::size_t p = 0; p < mask.pixels.size(); ++p)
      for (std::size_t c = 0; c < 3 && mask.pixels[p] == 255; ++c) {
        const double value = image.pixels[3 * p + c] / 255.0;
        if (pass == 0) mean[c] += value / count;
        if (pass == 1) squares += (value - mean[c]) * (value - mean[c]);
      }
  return std::sqrt(squares / 3 / count);
}

TEST(SyntheticContrasts, AreThoseAskedForInThePixels) {
  for (const double contrast : {0.1, 0.25}) {
    const auto value = std::to_string(contrast);
    const Dataset set =
        open_dataset("synthetic:count=200,noise=0,blur=0,shape_contrast=" + value + ",texture_contrast=" + value);
    double step = 0, texture = 0;
    for (std::size_t i = 0; i < 200; ++i) {
      const Image image = set.load_image(i);
      const Plane mask = *set.load_mask(i);
      step += step_of(image, mask) / 200;
      texture += 2 * deviation_inside(image, mask) / 200;
    }
    // Uneven light (a few per cent of the mean value, about 0.02) adds to both.
    EXPECT_NEAR(step, contrast, 0.02);
    EXPECT_NEAR(texture, contrast, 0.02);
  }
}

}  // namespace
}  // namespace cuebench
