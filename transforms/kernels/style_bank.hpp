#pragma once
// The styles of one stylize variant, each prepared once for each class of image sizes.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "style_pictures.hpp"
#include "stylization.hpp"

namespace cuebench {

/// Thread-safe. A texture is made when first asked for and kept: about 0.4 MB for images of 113 pixels and more.
class StyleBank {
 public:
  /// `seed` fixes the random phases, together with the style's name. At least one picture.
  StyleBank(std::vector<StylePicture> pictures, std::uint64_t seed);

  std::size_t size() const { return pictures_.size(); }
  const std::string& name(std::size_t style) const { return pictures_[style].name; }
  const StyleTexture& texture(std::size_t style, int scale_index) const;

 private:
  struct Slot {
    std::once_flag made;
    StyleTexture texture;
  };
  std::vector<StylePicture> pictures_;
  std::uint64_t seed_;
  /// kStylizeScales slots a style; a cache, hence written by const calls.
  std::unique_ptr<Slot[]> slots_;
};

}  // namespace cuebench
