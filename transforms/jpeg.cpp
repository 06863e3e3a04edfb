#include <algorithm>

#include <fmt/format.h>

#include <cuebench/imaging/decode.hpp>
#include <cuebench/imaging/encode.hpp>
#include <cuebench/transforms/transform.hpp>

namespace cuebench {
namespace {

/// What the format can hold along one side.
constexpr int kLongestSide = 65500;

TransformResult compress(const Image& image, int quality, bool subsample) {
  if (std::max(image.height, image.width) > kLongestSide)
    throw ImageError(fmt::format("jpeg: {}x{} is more than the {} pixels a side that JPEG can hold: resize it first",
                                 image.width, image.height, kLongestSide));
  return {decode_image(encode_jpeg(image, quality, subsample)), {}};
}

Transform make(const Parameters& parameters, const TransformResources&) {
  return
      [quality = static_cast<int>(parameters.integer("quality")), subsample = parameters.text("subsampling") == "420"](
          const Image& image, const TransformContext&) { return compress(image, quality, subsample); };
}

}  // namespace

extern const TransformInfo jpeg_transform = {
    .name = "jpeg",
    .summary = "Compressed as JPEG and decoded again.",
    .formula = "libjpeg-turbo, baseline with its standard tables, accurate integer DCT; decoded as Pillow decodes",
    .source = "ITU-T T.81; as Pillow's save with the same quality and subsampling",
    .keeps = Cue::both,
    .parameters = {{.name = "quality",
                    .kind = ParameterKind::integer,
                    .default_value = "25",
                    .minimum = 1,
                    .maximum = 100,
                    .doc = "Of libjpeg: 95 is hardly visible, 10 is coarse."},
                   {.name = "subsampling",
                    .kind = ParameterKind::choice,
                    .default_value = "420",
                    .choices = {"420", "444"},
                    .doc = "Colour at half the resolution, or at the whole."}},
    .make = make,
};

}  // namespace cuebench
