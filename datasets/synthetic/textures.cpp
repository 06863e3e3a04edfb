#include "textures.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "texture_patterns.hpp"

namespace cuebench::synthetic {
namespace {

using patterns::Place;

/// A pattern with the share of the image side that one unit of (u, v) takes, chosen so that the details of all families
/// are of similar size: about four pixels of an image of 64.
struct Family {
  std::string_view name;
  float period;
  void (*render)(const TexturePlacement&, const Box&, Field&);
};

template <float (*pattern)(const Place&)>
void render(const TexturePlacement& placement, const Box& box, Field& out) {
  const float du = placement.cosine * placement.pixel, dv = -placement.sine * placement.pixel;
  for (int y = box.top; y < box.bottom; ++y) {
    const float py = float(y) + 0.5F;
    const float u0 = placement.u + placement.sine * placement.pixel * py;
    const float v0 = placement.v + placement.cosine * placement.pixel * py;
    float* row = out.row(y);
    for (int x = box.left; x < box.right; ++x) {
      const float px = float(x) + 0.5F;
      row[x] = pattern({u0 + du * px, v0 + dv * px, placement.pixel, placement.salt});
    }
  }
}

constexpr std::array<Family, kClassTextures + 1> kFamilies = {{{"stripes", .12F, render<patterns::stripes>},
                                                               {"waves", .13F, render<patterns::waves>},
                                                               {"mesh", .12F, render<patterns::mesh>},
                                                               {"triangles", .13F, render<patterns::triangles>},
                                                               {"scales", .16F, render<patterns::scales>},
                                                               {"checks", .15F, render<patterns::checks>},
                                                               {"fur", .14F, render<patterns::fur>},
                                                               {"dots", .13F, render<patterns::dots>},
                                                               {"bricks", .2F, render<patterns::bricks>},
                                                               {"maze", .12F, render<patterns::maze>},
                                                               {"wood", .15F, render<patterns::wood>},
                                                               {"cracks", .15F, render<patterns::cracks>},
                                                               {"circles", .17F, render<patterns::circles>},
                                                               {"mosaic", .12F, render<patterns::mosaic>},
                                                               {"weave", .16F, render<patterns::weave>},
                                                               {"pluses", .14F, render<patterns::pluses>},
                                                               {"clouds", .13F, render<patterns::clouds>}}};

const Family& family_of(TextureFamily family) {
  return kFamilies[std::size_t(family)];
}

}  // namespace

std::string_view name_of(TextureFamily family) {
  return family_of(family).name;
}

TexturePlacement draw_placement(TextureFamily family, int side, RandomStream& random) {
  const double angle = 2 * std::numbers::pi * random.uniform();
  const double factor = 0.8 * std::pow(1.25 / 0.8, random.uniform());
  TexturePlacement placement;
  placement.family = family;
  placement.cosine = float(std::cos(angle));
  placement.sine = float(std::sin(angle));
  placement.pixel = float(1 / (family_of(family).period * factor * side));
  // Far enough from the origin that no lattice's symmetry point lies in every image.
  placement.u = float(64 * random.uniform());
  placement.v = float(64 * random.uniform());
  placement.salt = std::uint32_t(random());
  return placement;
}

void render_texture(const TexturePlacement& placement, const Box& box, Field& out) {
  family_of(placement.family).render(placement, box, out);
}

}  // namespace cuebench::synthetic
