#include "background.hpp"

#include <cmath>

#include "coverage.hpp"
#include "pose.hpp"
#include "standardise.hpp"
#include "textures.hpp"

namespace cuebench::synthetic {
namespace {

constexpr int kFragments = 7;
/// How far fragments differ in colour from each other, against a standard deviation of 1 of their textures.
constexpr float kOffset = 0.7F;

/// Draws one fragment over what is there: a colour, and a texture of any family.
void add_fragment(Picture& picture, const Field& coverage, const Box& box, Field& scratch, RandomStream& random) {
  const auto family = TextureFamily(random.below(kClassTextures + 1));
  const TexturePlacement placement = draw_placement(family, scratch.side, random);
  const Colour texture = draw_direction(random), ground = draw_direction(random);
  const float offset = kOffset * float(2 * random.uniform() - 1);
  if (box.empty()) return;
  render_texture(placement, box, scratch);
  standardise(scratch, coverage, box);
  for (std::size_t c = 0; c < 3; ++c) {
    for (int y = box.top; y < box.bottom; ++y) {
      const float *pattern = scratch.row(y), *cover = coverage.row(y);
      float* out = picture[c].row(y);
      for (int x = box.left; x < box.right; ++x) {
        out[x] += cover[x] * (offset * ground[c] + texture[c] * pattern[x] - out[x]);
      }
    }
  }
}

/// A blob or a polygon anywhere in the frame.
Outline draw_fragment_outline(int side, RandomStream& random) {
  const Outline outline = random.below(2) == 1 ? draw_blob(random) : draw_polygon(random);
  Pose pose = draw_pose(side, random);
  pose.scale = float(side * (0.1 + 0.2 * random.uniform()));
  pose.centre = {float(side * random.uniform()), float(side * random.uniform())};
  return posed(outline, pose);
}

}  // namespace

Picture render_clutter(int side, const Field& occluder, const Box& occluder_box, RandomStream& random) {
  Picture picture{Field(side), Field(side), Field(side)};
  Field scratch(side);
  const Box whole{0, 0, side, side};
  add_fragment(picture, Field(side, 1.0F), whole, scratch, random);
  for (int i = 0; i < kFragments; ++i) {
    const Outline outline = draw_fragment_outline(side, random);
    add_fragment(picture, coverage_of(outline, side), bounds_of(outline, side), scratch, random);
  }
  add_fragment(picture, occluder, occluder_box, scratch, random);
  return picture;
}

void settle_clutter(Picture& clutter, const Field& background, const Colour& mean, float deviation) {
  double weight = 0, squares = 0;
  std::array<double, 3> means{};
  for (std::size_t i = 0; i < background.values.size(); ++i) weight += background.values[i];
  for (std::size_t c = 0; c < 3; ++c) {
    double first = 0, second = 0;
    for (std::size_t i = 0; i < background.values.size(); ++i) {
      const double weighted = double(background.values[i]) * clutter[c].values[i];
      first += weighted;
      second += weighted * clutter[c].values[i];
    }
    means[c] = first / weight;
    squares += second / weight - means[c] * means[c];
  }
  const float gain = squares > 1e-9 ? float(deviation / std::sqrt(squares / 3)) : 0.0F;
  for (std::size_t c = 0; c < 3; ++c) {
    const float shift = mean[c] - gain * float(means[c]);
    for (float& value : clutter[c].values) value = shift + gain * value;
  }
}

}  // namespace cuebench::synthetic
