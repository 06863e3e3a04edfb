#include "random_fields.hpp"

#include <array>
#include <cmath>
#include <cstdlib>

namespace cuebench {
namespace {

constexpr int kLayers = 256;
/// Where the tail begins and the area of each layer, for 256 layers.
constexpr double kTail = 3.6541528853610088, kArea = 0.00492867323399;
/// Places within a layer, on each side of zero.
constexpr double kPlaces = 1 << 23;

struct Ziggurat {
  /// Widest place that lies under the curve over the whole height of the layer.
  std::array<std::int32_t, kLayers> inside;
  /// Width of a layer over kPlaces.
  std::array<float, kLayers> step;
  /// Density exp(-x^2/2) at the layer's edge.
  std::array<double, kLayers> density;
};

Ziggurat make_ziggurat() {
  Ziggurat table{};
  std::array<double, kLayers + 1> edge{};
  edge[0] = kArea / std::exp(-0.5 * kTail * kTail);  // the base layer, with the tail's area
  edge[1] = kTail;
  for (int i = 2; i < kLayers; ++i)
    edge[i] = std::sqrt(-2 * std::log(kArea / edge[i - 1] + std::exp(-0.5 * edge[i - 1] * edge[i - 1])));
  edge[kLayers] = 0;
  for (int i = 0; i < kLayers; ++i) {
    table.inside[i] = static_cast<std::int32_t>(edge[i + 1] / edge[i] * kPlaces);
    table.step[i] = static_cast<float>(edge[i] / kPlaces);
    table.density[i] = i == 0 ? 0 : std::exp(-0.5 * edge[i] * edge[i]);
  }
  return table;
}

const Ziggurat& ziggurat() {
  static const Ziggurat table = make_ziggurat();
  return table;
}

/// Marsaglia's exact method for the values beyond kTail.
double tail_value(RandomStream& random) {
  while (true) {
    const double x = -std::log(1 - random.uniform()) / kTail, y = -std::log(1 - random.uniform());
    if (2 * y > x * x) return kTail + x;
  }
}

/// A normal value from `word`, and from further draws in the one case of eighty where the word alone does not decide.
float normal_value(const Ziggurat& table, std::uint32_t word, RandomStream& random) {
  while (true) {
    const int layer = static_cast<int>(word & (kLayers - 1));
    const std::int32_t place = static_cast<std::int32_t>(word) >> 8;
    const float x = (static_cast<float>(place) + 0.5F) * table.step[layer];
    // The half makes both sides alike: place and -place-1 are opposite values.
    const std::int32_t distance = place < 0 ? -place - 1 : place;
    if (distance < table.inside[layer]) return x;
    if (layer == 0) return static_cast<float>(std::copysign(tail_value(random), x));
    const double top = layer + 1 < kLayers ? table.density[layer + 1] : 1.0, bottom = table.density[layer];
    if (bottom + random.uniform() * (top - bottom) < std::exp(-0.5 * double(x) * double(x))) return x;
    word = static_cast<std::uint32_t>(random() >> 32);
  }
}

}  // namespace

std::vector<std::uint32_t> random_words(RandomStream& random, std::size_t count) {
  std::vector<std::uint32_t> words(count);
  for_each_word(random, count, [&](std::uint32_t word, std::size_t i) { words[i] = word; });
  return words;
}

std::vector<double> uniform_field(RandomStream& random, std::size_t count) {
  std::vector<double> field(count);
  for_each_word(random, count, [&](std::uint32_t word, std::size_t i) { field[i] = (word + 0.5) * 0x1p-32; });
  return field;
}

std::vector<float> normal_field(RandomStream& random, std::size_t count) {
  std::vector<float> field(count);
  const Ziggurat& table = ziggurat();
  for_each_word(random, count,
                [&](std::uint32_t word, std::size_t i) { field[i] = normal_value(table, word, random); });
  return field;
}

}  // namespace cuebench
