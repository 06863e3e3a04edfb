#pragma once
// Which texture goes with which shape.

#include <cstddef>
#include <string_view>
#include <vector>

#include "textures.hpp"

namespace cuebench::synthetic {

constexpr int kMostClasses = kClassTextures;

struct ObjectClass {
  std::string_view name;  ///< of the shape, lower-case letters
  std::size_t shape = 0;  ///< index of shapes()
  TextureFamily texture = TextureFamily::stripes;
};

/// `count` classes in the order of their names; a smaller set is part of every larger one. 1 <= count <= kMostClasses.
std::vector<ObjectClass> object_classes(int count);

}  // namespace cuebench::synthetic
