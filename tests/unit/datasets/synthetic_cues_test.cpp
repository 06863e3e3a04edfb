// Which cue of `synthetic` carries the class: simple classifiers that are no part of the program, each on one kind of
// evidence, must find the class where that cue has it and be at chance where it has not.

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include <cuebench/datasets/dataset.hpp>

namespace cuebench {
namespace {

using Features = std::vector<double>;
using Extract = Features (*)(const Image&, const Plane&);

/// Share of `test` whose nearest class mean of `train` is their own, features in units of their standard deviation.
double nearest_mean_accuracy(const std::vector<Features>& train, const std::vector<int>& train_labels,
                             const std::vector<Features>& test, const std::vector<int>& test_labels) {
  const std::size_t size = train[0].size();
  Features mean(size), deviation(size);
  std::map<int, Features> means;
  std::map<int, double> counts;
  for (std::size_t i = 0; i < train.size(); ++i) {
    auto& own = means.try_emplace(train_labels[i], Features(size)).first->second;
    ++counts[train_labels[i]];
    for (std::size_t f = 0; f < size; ++f) {
      mean[f] += train[i][f] / double(train.size());
      own[f] += train[i][f];
    }
  }
  for (auto& [label, own] : means)
    for (double& value : own) value /= counts[label];
  for (std::size_t i = 0; i < train.size(); ++i)
    for (std::size_t f = 0; f < size; ++f)
      deviation[f] += std::pow(train[i][f] - means[train_labels[i]][f], 2) / double(train.size());
  int right = 0;
  for (std::size_t i = 0; i < test.size(); ++i) {
    double best = 1e300;
    int chosen = -1;
    for (const auto& [label, own] : means) {
      double distance = 0;
      for (std::size_t f = 0; f < size; ++f) distance += std::pow(test[i][f] - own[f], 2) / (deviation[f] + 1e-12);
      if (distance < best) {
        best = distance;
        chosen = label;
      }
    }
    right += chosen == test_labels[i];
  }
  return double(right) / double(test.size());
}

constexpr int kImages = 1500;

/// Accuracy of the classifier trained on one seed of a split, on another seed.
double accuracy(const std::string& split, Extract extract) {
  std::array<std::vector<Features>, 2> features;
  std::array<std::vector<int>, 2> labels;
  for (std::size_t part = 0; part < 2; ++part) {
    const Dataset set = open_dataset("synthetic:split=" + split + ",count=" + std::to_string(kImages) +
                                     ",seed=" + std::to_string(part + 1));
    for (std::size_t i = 0; i < set.items.size(); ++i) {
      features[part].push_back(extract(set.load_image(i), *set.load_mask(i)));
      labels[part].push_back(set.items[i].label);
    }
  }
  return nearest_mean_accuracy(features[0], labels[0], features[1], labels[1]);
}

/// 10 classes: chance is 0.1; four standard deviations of a binomial share of 1,500.
const double kChance = 0.1, kSpread = 4 * std::sqrt(0.1 * 0.9 / kImages);

Features mean_colours(const Image& image, const Plane& mask) {
  Features colours(6);
  double inside = 0, outside = 0;
  for (std::size_t p = 0; p < mask.pixels.size(); ++p) {
    const double w = mask.pixels[p];
    inside += w;
    outside += 255 - w;
    for (std::size_t c = 0; c < 3; ++c) {
      colours[c] += w * image.pixels[3 * p + c];
      colours[3 + c] += (255 - w) * image.pixels[3 * p + c];
    }
  }
  for (std::size_t c = 0; c < 3; ++c) {
    colours[c] /= inside;
    colours[3 + c] /= outside;
  }
  return colours;
}

/// Hu's moments 1 to 4 (invariant to place, size and rotation), and how much of the mask's bounding circle is filled.
Features outline_moments(const Image&, const Plane& mask) {
  double m00 = 0, m10 = 0, m01 = 0;
  for (int y = 0; y < mask.height; ++y)
    for (int x = 0; x < mask.width; ++x) {
      const double w = mask.row(y)[x];
      m00 += w;
      m10 += w * x;
      m01 += w * y;
    }
  const double cx = m10 / m00, cy = m01 / m00;
  double a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, farthest = 0;
  for (int y = 0; y < mask.height; ++y)
    for (int x = 0; x < mask.width; ++x) {
      const double w = mask.row(y)[x], dx = x - cx, dy = y - cy;
      if (w >= 128) farthest = std::max(farthest, dx * dx + dy * dy);
      a += w * dx * dx;
      b += w * dy * dy;
      c += w * dx * dy;
      d += w * dx * dx * dx;
      e += w * dx * dy * dy;
      f += w * dx * dx * dy;
      g += w * dy * dy * dy;
    }
  for (double* second : {&a, &b, &c}) *second /= std::pow(m00, 2);
  for (double* third : {&d, &e, &f, &g}) *third /= std::pow(m00, 2.5);
  // Weights of 255 a pixel scale all moments alike; the logarithm takes that out of the comparison.
  const auto scaled = [](double value) { return std::log(std::abs(value) + 1e-12); };
  return {scaled(a + b),
          scaled((a - b) * (a - b) + 4 * c * c),
          scaled(std::pow(d - 3 * e, 2) + std::pow(3 * f - g, 2)),
          scaled(std::pow(d + e, 2) + std::pow(f + g, 2)),
          m00 / 255 / farthest,
          mask.row(int(cy))[int(cx)] >= 128 ? 1.0 : 0.0};
}

double grey(const Image& image, int x, int y) {
  const std::uint8_t* pixel = image.row(y) + 3 * x;
  return pixel[0] + pixel[1] + pixel[2];
}

/// Histograms of rotation-invariant local binary patterns (Ojala et al. 2002: the count of ones where there are at most
/// two changes around the ring, else 9) at two radii, well inside the object. Both polarities alike: which tone is the
/// lighter one is random.
Features local_patterns(const Image& image, const Plane& mask) {
  Features histogram(20);
  double count = 0;
  constexpr int kRing[8][2] = {{1, 0}, {1, 1}, {0, 1}, {-1, 1}, {-1, 0}, {-1, -1}, {0, -1}, {1, -1}};
  for (int y = 3; y < image.height - 3; ++y)
    for (int x = 3; x < image.width - 3; ++x) {
      if (mask.row(y)[x] != 255 || mask.row(y - 2)[x - 2] != 255 || mask.row(y + 2)[x + 2] != 255 ||
          mask.row(y - 2)[x + 2] != 255 || mask.row(y + 2)[x - 2] != 255)
        continue;
      for (int radius = 1; radius <= 2; ++radius) {
        int ones = 0, changes = 0;
        bool bits[8];
        for (int k = 0; k < 8; ++k)
          bits[k] = grey(image, x + radius * kRing[k][0], y + radius * kRing[k][1]) >= grey(image, x, y);
        for (int k = 0; k < 8; ++k) {
          ones += bits[k];
          changes += bits[k] != bits[(k + 1) % 8];
        }
        const std::size_t base = radius == 1 ? 0 : 10;
        if (changes > 2) {
          histogram[base + 9] += 1;
        } else {
          histogram[base + std::size_t(ones)] += 0.5;
          histogram[base + std::size_t(8 - ones)] += 0.5;
        }
      }
      ++count;
    }
  for (double& value : histogram) value /= std::max(1.0, count);
  return histogram;
}

TEST(SyntheticCues, MeanColoursCarryNoClass) {
  for (const char* split : {"train", "cue_conflict", "shape_only", "texture_only"})
    EXPECT_NEAR(accuracy(split, mean_colours), kChance, kSpread) << split;
}

TEST(SyntheticCues, OutlinesCarryTheClassWhereThereIsAShapeOnly) {
  for (const char* split : {"train", "cue_conflict", "shape_only"})
    EXPECT_GT(accuracy(split, outline_moments), 0.6) << split;
  EXPECT_NEAR(accuracy("texture_only", outline_moments), kChance, kSpread);
}

TEST(SyntheticCues, LocalPatternsCarryTheClassWhereThereIsATextureOnly) {
  for (const char* split : {"train", "texture_only"}) EXPECT_GT(accuracy(split, local_patterns), 0.4) << split;
  EXPECT_NEAR(accuracy("cue_conflict", local_patterns), kChance, kSpread);
  EXPECT_NEAR(accuracy("shape_only", local_patterns), kChance, kSpread);
}

/// Local patterns outside the object.
Features background_patterns(const Image& image, const Plane& mask) {
  Plane outside = mask;
  for (std::uint8_t& value : outside.pixels) value = std::uint8_t(255 - value);
  return local_patterns(image, outside);
}

TEST(SyntheticCues, BackgroundsCarryNoClass) {
  for (const char* split : {"train", "shape_only", "texture_only"})
    EXPECT_NEAR(accuracy(split, background_patterns), kChance, kSpread) << split;
}

}  // namespace
}  // namespace cuebench
