#pragma once
// One synthetic image: an object in front of clutter, photographed. Everything random is a function of seed and item
// id.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <cuebench/imaging/image.hpp>

#include "textures.hpp"

namespace cuebench::synthetic {

/// Contrasts are differences of pixel values, whose range is 1, as root mean square over the three channels.
struct SceneOptions {
  int side = 64;
  float texture_contrast = 0;  ///< of the two tones of a balanced texture: twice its standard deviation in the object
  float shape_contrast = 0;    ///< between the object's mean colour and that of everything else
  float clutter = 0;           ///< twice the standard deviation of everything else
  float occlusion = 0;         ///< largest share of the object that may be hidden
  float noise = 0, blur = 0;   ///< as CameraOptions
};

struct SceneObject {
  /// Index of shapes(); none: a blob that is random for every image.
  std::optional<std::size_t> shape;
  TextureFamily texture = TextureFamily::clouds;
};

struct SceneKey {
  std::uint64_t seed = 0;
  std::string_view item;
};

/// The image.
Image render_scene(const SceneObject& object, const SceneOptions& options, const SceneKey& key);

/// The share of each pixel that shows the object, 0 to 255: what is hidden or outside the frame is not foreground.
Plane render_scene_mask(const SceneObject& object, const SceneOptions& options, const SceneKey& key);

}  // namespace cuebench::synthetic
