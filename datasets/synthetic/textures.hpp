#pragma once
// Texture families: scalar patterns over the plane. Edges are anti-aliased by their distance in pixels.

#include <cstdint>
#include <string_view>

#include <cuebench/core/random.hpp>

#include "field.hpp"

namespace cuebench::synthetic {

/// The first sixteen each belong to one object class; `clouds` belongs to none.
enum class TextureFamily : std::uint8_t {
  stripes,
  waves,
  mesh,
  triangles,
  scales,
  checks,
  fur,
  dots,
  bricks,
  maze,
  wood,
  cracks,
  circles,
  mosaic,
  weave,
  pluses,
  clouds,
};
constexpr int kClassTextures = 16;

std::string_view name_of(TextureFamily family);

/// Where and how large a pattern lies: pixel -> (u, v), with features about one unit apart.
struct TexturePlacement {
  TextureFamily family = TextureFamily::stripes;
  float cosine = 1, sine = 0;  ///< rotation
  float pixel = 1;             ///< size of a pixel in units
  float u = 0, v = 0;          ///< phase
  std::uint32_t salt = 0;      ///< of the random parts
};

/// Random rotation (any angle), phase and scale: the period is `family`'s own share of the image side, times a factor
/// from [0.8, 1.25].
TexturePlacement draw_placement(TextureFamily family, int side, RandomStream& random);

/// Writes the pattern, values about [0, 1], into `out` within `box`.
void render_texture(const TexturePlacement& placement, const Box& box, Field& out);

}  // namespace cuebench::synthetic
