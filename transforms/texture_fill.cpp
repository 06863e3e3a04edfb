#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <cuebench/core/random.hpp>
#include <cuebench/transforms/transform.hpp>

#include "kernels/levels.hpp"
#include "kernels/mask_fill.hpp"
#include "kernels/quilting.hpp"
#include "kernels/style_pictures.hpp"
#include "object_mask.hpp"

namespace cuebench {
namespace {

constexpr int kPictureSide = 256;
/// Size of the elements of the built-in patterns, as a share of the image's shorter side.
constexpr double kGrain = 1.0 / 16;

/// The style pictures as drawn for images of one size, mostly the only one: each is drawn once for the first size that
/// asks for it and afresh for others.
class DrawnPictures {
 public:
  explicit DrawnPictures(std::vector<StylePicture> pictures)
      : pictures_(std::move(pictures)), slots_(new Slot[pictures_.size()]) {}

  std::size_t size() const { return pictures_.size(); }
  const std::string& name(std::size_t style) const { return pictures_[style].name; }

  Image picture(std::size_t style, double grain) const {
    Slot& slot = slots_[style];
    std::call_once(slot.made, [&] {
      slot.grain = grain;
      slot.image = drawn(style, grain);
    });
    return slot.grain == grain ? slot.image : drawn(style, grain);
  }

 private:
  struct Slot {
    std::once_flag made;
    double grain = 0;
    Image image;
  };

  Image drawn(std::size_t style, double grain) const {
    return colour_image(pictures_[style].draw(kPictureSide, grain) / 255.0, Rounding::nearest);
  }

  std::vector<StylePicture> pictures_;
  /// A cache, hence written by const calls.
  std::unique_ptr<Slot[]> slots_;
};

/// The chosen style quilted to the image's size.
Image texture_for(const DrawnPictures& pictures, std::size_t style, const Image& image, RandomStream& random) {
  const double grain = std::max(3.0, kGrain * std::min(image.height, image.width));
  const Image drawn = pictures.picture(style, grain);
  return colour_image(quilted(drawn, nullptr, image.height, image.width, random) / 255.0, Rounding::nearest);
}

Transform make(const Parameters& parameters, const TransformResources& resources) {
  const std::uint8_t level = parameters.text("ground") == "white" ? 255 : 0;
  const auto pictures = std::make_shared<const DrawnPictures>(
      resources.styles.empty() ? procedural_style_pictures() : read_style_pictures(resources.styles));
  return [pictures, level, masks = ObjectMask("texture_fill", parameters, resources)](const Image& image,
                                                                                      const TransformContext& context) {
    const auto [mask, note] = masks.of(image, context.mask, context.item_id);
    RandomStream random(context.seed, context.item_id, context.variant);
    const std::size_t style = random.below(pictures->size());
    const Image texture = texture_for(*pictures, style, image, random);
    return TransformResult{fill_mask(mask, 128, texture, {level, level, level}),
                           note + ";style=" + pictures->name(style)};
  };
}

}  // namespace

extern const TransformInfo texture_fill_transform = {
    .name = "texture_fill",
    .summary = "The object's silhouette filled with the texture of a style picture, on a plain ground.",
    .formula =
        "mask >= threshold ? T : ground; T = the style picture quilted to the image's size; style, windows and "
        "turns drawn per image",
    .source = "after the texture-filled silhouettes of Geirhos et al., ICLR 2019",
    .keeps = Cue::shape,
    .parameters = with_mask_parameters({{.name = "ground",
                                         .kind = ParameterKind::choice,
                                         .default_value = "white",
                                         .choices = {"white", "black"},
                                         .doc = "What surrounds the object."}}),
    .random = true,
    .uses_mask = true,
    .make = make,
};

}  // namespace cuebench
