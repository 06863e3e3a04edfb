#include "object_classes.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <stdexcept>

#include "shapes.hpp"

namespace cuebench::synthetic {
namespace {

struct Pair {
  std::string_view shape;
  TextureFamily texture;
};

/// The first ten are the default.
constexpr std::array<Pair, kMostClasses> kPairs = {{{"arrow", TextureFamily::stripes},
                                                    {"bottle", TextureFamily::waves},
                                                    {"crescent", TextureFamily::mesh},
                                                    {"fish", TextureFamily::scales},
                                                    {"gear", TextureFamily::checks},
                                                    {"hand", TextureFamily::fur},
                                                    {"heart", TextureFamily::dots},
                                                    {"house", TextureFamily::bricks},
                                                    {"leaf", TextureFamily::wood},
                                                    {"star", TextureFamily::weave},
                                                    {"cross", TextureFamily::triangles},
                                                    {"key", TextureFamily::maze},
                                                    {"lightning", TextureFamily::cracks},
                                                    {"mushroom", TextureFamily::circles},
                                                    {"ring", TextureFamily::mosaic},
                                                    {"tree", TextureFamily::pluses}}};

std::size_t shape_index(std::string_view name) {
  const auto all = shapes();
  const auto found = std::find_if(all.begin(), all.end(), [name](const Shape& shape) { return shape.name == name; });
  if (found == all.end()) throw std::logic_error("no shape of that name");
  return std::size_t(found - all.begin());
}

}  // namespace

std::vector<ObjectClass> object_classes(int count) {
  std::vector<ObjectClass> classes;
  for (const Pair& pair : std::span(kPairs).first(std::size_t(count))) {
    classes.push_back({pair.shape, shape_index(pair.shape), pair.texture});
  }
  std::sort(classes.begin(), classes.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return classes;
}

}  // namespace cuebench::synthetic
