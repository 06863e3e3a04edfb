#include "style_bank.hpp"

#include <utility>

#include <cuebench/core/random.hpp>

namespace cuebench {

StyleBank::StyleBank(std::vector<StylePicture> pictures, std::uint64_t seed)
    : pictures_(std::move(pictures)), seed_(seed), slots_(new Slot[pictures_.size() * kStylizeScales]) {}

const StyleTexture& StyleBank::texture(std::size_t style, int scale_index) const {
  Slot& slot = slots_[style * kStylizeScales + scale_index];
  std::call_once(slot.made, [&] {
    const StylizeScale& scale = stylize_scale(scale_index);
    const StylePicture& picture = pictures_[style];
    RandomStream random(seed_, picture.name, "random phase");
    cv::Mat1f noise(scale.tile, scale.tile);
    for (float& value : noise) value = static_cast<float>(random.normal());
    slot.texture = style_texture(picture.draw(scale.tile, scale.grain), noise, scale);
  });
  return slot.texture;
}

}  // namespace cuebench
