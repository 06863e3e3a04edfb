#include "scene.hpp"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "background.hpp"
#include "colours.hpp"
#include "coverage.hpp"
#include "photograph.hpp"
#include "pose.hpp"
#include "shapes.hpp"
#include "standardise.hpp"

namespace cuebench::synthetic {
namespace {

/// Where object and occluder lie.
struct Layout {
  Field visible;  ///< share of each pixel that shows the object
  Box object_box;
  Field occluder;
  Box occluder_box;
};

double sum_of(const Field& field) {
  return std::accumulate(field.values.begin(), field.values.end(), 0.0);
}

double hidden_share(const Field& object, const Field& occluder) {
  double hidden = 0;
  for (std::size_t i = 0; i < object.values.size(); ++i) hidden += double(object.values[i]) * occluder.values[i];
  return hidden / sum_of(object);
}

/// A fragment over the object's rim in half of the images; it shrinks until it hides no more than allowed.
void place_occluder(Layout& layout, const Pose& object, const SceneOptions& options, RandomStream& random) {
  const int side = options.side;
  const bool present = random.below(2) == 1;
  const Outline outline = random.below(2) == 1 ? draw_blob(random) : draw_polygon(random);
  Pose pose = draw_pose(side, random);
  const double angle = 2 * std::numbers::pi * random.uniform(), reach = object.scale * (0.5 + 0.6 * random.uniform());
  pose.centre = {float(object.centre.x + reach * std::cos(angle)), float(object.centre.y + reach * std::sin(angle))};
  pose.scale = float(side * (0.12 + 0.16 * random.uniform()));
  constexpr int kTrials = 6;
  for (int trial = 0; present && options.occlusion > 0 && trial < kTrials; ++trial, pose.scale *= 0.8F) {
    const Outline placed = posed(outline, pose);
    Field cover = coverage_of(placed, side);
    if (hidden_share(layout.visible, cover) > options.occlusion) continue;
    for (std::size_t i = 0; i < cover.values.size(); ++i) layout.visible.values[i] *= 1 - cover.values[i];
    layout.occluder = std::move(cover);
    layout.occluder_box = bounds_of(placed, side);
    return;
  }
}

Layout lay_out(const SceneObject& object, const SceneOptions& options, const SceneKey& key) {
  RandomStream random(key.seed, key.item, "synthetic: pose");
  const Pose pose = draw_pose(options.side, random);
  const Outline outline = posed(object.shape ? normalised_shape(*object.shape) : draw_blob(random), pose);
  Layout layout{coverage_of(outline, options.side), bounds_of(outline, options.side), Field(options.side), {}};
  RandomStream occluder(key.seed, key.item, "synthetic: occluder");
  place_occluder(layout, pose, options, occluder);
  return layout;
}

struct Colours {
  Colour object, background, texture;
};

Colours draw_colours(const SceneOptions& options, const SceneKey& key) {
  RandomStream random(key.seed, key.item, "synthetic: colours");
  const Colour middle = draw_middle(random), step = draw_direction(random);
  Colours colours;
  colours.texture = draw_direction(random);
  for (std::size_t c = 0; c < 3; ++c) {
    colours.object[c] = middle[c] + 0.5F * options.shape_contrast * step[c];
    colours.background[c] = middle[c] - 0.5F * options.shape_contrast * step[c];
  }
  return colours;
}

Field render_object_texture(TextureFamily family, const Layout& layout, const SceneKey& key) {
  RandomStream random(key.seed, key.item, "synthetic: texture");
  Field texture(layout.visible.side);
  render_texture(draw_placement(family, texture.side, random), layout.object_box, texture);
  standardise(texture, layout.visible, layout.object_box);
  return texture;
}

}  // namespace

Image render_scene(const SceneObject& object, const SceneOptions& options, const SceneKey& key) {
  const Layout layout = lay_out(object, options, key);
  const Colours colours = draw_colours(options, key);
  const Field texture = render_object_texture(object.texture, layout, key);

  Field background(options.side);
  for (std::size_t i = 0; i < background.values.size(); ++i) background.values[i] = 1 - layout.visible.values[i];
  RandomStream clutter(key.seed, key.item, "synthetic: clutter");
  Picture scene = render_clutter(options.side, layout.occluder, layout.occluder_box, clutter);
  settle_clutter(scene, background, colours.background, options.clutter / 2);

  for (std::size_t c = 0; c < 3; ++c) {
    const float gain = 0.5F * options.texture_contrast * colours.texture[c];
    for (std::size_t i = 0; i < texture.values.size(); ++i) {
      float& value = scene[c].values[i];
      value += layout.visible.values[i] * (colours.object[c] + gain * texture.values[i] - value);
    }
  }
  RandomStream camera(key.seed, key.item, "synthetic: camera");
  return photograph(std::move(scene), {options.blur, options.noise}, camera);
}

Plane render_scene_mask(const SceneObject& object, const SceneOptions& options, const SceneKey& key) {
  const Layout layout = lay_out(object, options, key);
  Plane mask(options.side, options.side);
  for (std::size_t i = 0; i < mask.pixels.size(); ++i) {
    mask.pixels[i] = std::uint8_t(layout.visible.values[i] * 255.0F + 0.5F);
  }
  return mask;
}

}  // namespace cuebench::synthetic
