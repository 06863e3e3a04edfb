#pragma once
// The geometry of a model's input: how a decoded image becomes the image that variants are made from.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <cuebench/imaging/image.hpp>
#include <cuebench/imaging/resize.hpp>

namespace cuebench {

/// resize (short side or exact) -> centre crop. Either step may be absent (0).
struct Preset {
  std::string name;
  /// Short side after the resize; the other side is int(size * long / short), as torchvision. 0: no such resize.
  int resize_short = 0;
  /// Both sides after an exact resize (aspect lost). 0: no such resize. At most one of the two is set.
  int resize_exact = 0;
  /// Side of the centre crop; offset = round-half-even((in - out) / 2); images smaller than it are zero-padded as
  /// torchvision's CenterCrop does. 0: no crop.
  int crop = 0;
  Resampling resampling = Resampling::bilinear;

  /// The text that parse_preset reads back to an equal value: the name of a listed preset, else "custom:..." in full.
  std::string canonical() const;
  bool operator==(const Preset&) const = default;
};

struct PresetInfo {
  std::string_view name, text, doc;
};
/// imagenet (resize 256, crop 224), res224 (exact 224x224), none, and others.
std::span<const PresetInfo> presets();

/// A preset's name, or "custom:resize=256,crop=224,exact=0,resampling=bicubic". @throws UsageError.
Preset parse_preset(std::string_view text);

/// @throws ImageError when the image is empty, or so elongated that the result would exceed 178,956,970 pixels.
Image apply_preset(const Preset& preset, const Image& image);
/// The same geometry for a mask, by nearest neighbour.
Plane apply_preset(const Preset& preset, const Plane& mask);
/// The mask of `photograph` at the preset's geometry; one that was drawn at another scale takes the photograph's first.
Plane apply_preset(const Preset& preset, const Plane& mask, const Image& photograph);

}  // namespace cuebench
