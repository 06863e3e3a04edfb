#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/random.hpp>
#include <cuebench/transforms/transform.hpp>

#include "kernels/levels.hpp"
#include "kernels/style_pictures.hpp"
#include "network_file.hpp"

namespace cuebench {
namespace {

/// Size of the elements of the built-in patterns in pixels.
constexpr double kGrain = 12;

/// The network's picture at the content's size. One that grew (up-sampling by 8 of an odd size) is cut.
Image as_image(const Planes& output, const Image& content) {
  if (output.channels != Image::kChannels || output.height < content.height || output.width < content.width)
    throw UsageError(
        fmt::format("stylize_model: the network gives {}x{}x{} for a {}x{} image: it must give 3 channels in [0, 1] of "
                    "at least the image's size",
                    output.channels, output.height, output.width, content.height, content.width));
  Image image(content.height, content.width);
  const std::size_t plane = std::size_t(output.height) * output.width;
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      for (int c = 0; c < Image::kChannels; ++c)
        image.row(y)[3 * x + c] =
            to_byte(output.values[c * plane + std::size_t(y) * output.width + x], Rounding::nearest);
  return image;
}

Transform with_style(PlanarNetwork network, std::vector<StylePicture> list) {
  const auto pictures = std::make_shared<const std::vector<StylePicture>>(std::move(list));
  return [network = std::move(network), pictures](const Image& image, const TransformContext& context) {
    RandomStream random(context.seed, context.item_id, context.variant);
    const StylePicture& picture = (*pictures)[random.below(pictures->size())];
    const int side = std::max(image.height, image.width);
    const Image style = colour_image(picture.draw(side, kGrain) / 255.0, Rounding::nearest);
    const std::array<Planes, 2> arguments = {planes_of(image), planes_of(style)};
    return TransformResult{as_image(network(arguments), image), "style=" + picture.name};
  };
}

Transform make(const Parameters& parameters, const TransformResources& resources) {
  const std::filesystem::path file = parameters.file("model");
  if (file.empty())
    throw UsageError("stylize_model needs model=FILE, a TorchScript network (scripts/export_adain.py makes one)");
  PlanarNetwork network = open_network("stylize_model", resources, file);
  if (parameters.text("inputs") == "content_style")
    return with_style(std::move(network),
                      resources.styles.empty() ? procedural_style_pictures() : read_style_pictures(resources.styles));
  return [network = std::move(network)](const Image& image, const TransformContext&) {
    return TransformResult{as_image(network(std::array{planes_of(image)}), image), {}};
  };
}

}  // namespace

extern const TransformInfo stylize_model_transform = {
    .name = "stylize_model",
    .summary = "Stylization by a network of your own, for instance AdaIN as Stylized-ImageNet uses it.",
    .formula =
        "round(clip(network(image, style))), all in [0, 1]; the style drawn uniformly, its centre square at the "
        "image's longer side",
    .source =
        "rgeirhos/Stylized-ImageNet (AdaIN with alpha = 1, no colour preservation; Huang and Belongie, ICCV 2017)",
    .keeps = Cue::shape,
    .parameters = {{.name = "model",
                    .kind = ParameterKind::file,
                    .doc = "TorchScript file: 1 x 3 x height x width tensors in [0, 1] in and out."},
                   {.name = "inputs",
                    .kind = ParameterKind::choice,
                    .default_value = "content_style",
                    .choices = {"content_style", "content"},
                    .doc = "What the network takes: image and style picture, or the image alone."}},
    .random = true,
    .make = make,
};

}  // namespace cuebench
