#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/transforms/transform.hpp>

#include "kernels/canny.hpp"
#include "kernels/find_edges.hpp"
#include "kernels/luminance.hpp"

namespace cuebench {
namespace {

TransformResult line_drawing(const Image& image, const CannyOptions& options, bool dark_lines) {
  const cv::Mat1b lines = canny(grey709_plane(image), options);
  TransformResult result{Image(image.height, image.width), {}};
  std::uint8_t* out = result.image.pixels.data();
  for (const std::uint8_t line : lines) {
    for (int c = 0; c < Image::kChannels; ++c) *out++ = dark_lines ? static_cast<std::uint8_t>(255 - line) : line;
  }
  return result;
}

Transform make(const Parameters& parameters, const TransformResources&) {
  if (parameters.text("method") == "find_edges")
    return [](const Image& image, const TransformContext&) { return TransformResult{find_edges(image), {}}; };
  const CannyOptions options{parameters.real("sigma"), parameters.real("low"), parameters.real("high")};
  if (options.low > options.high)
    throw UsageError(fmt::format("variant edges: low={} is above high={}: give low <= high", format_real(options.low),
                                 format_real(options.high)));
  return [options, dark = parameters.text("polarity") == "black_on_white"](
             const Image& image, const TransformContext&) { return line_drawing(image, options, dark); };
}

}  // namespace

extern const TransformInfo edges_transform = {
    .name = "edges",
    .summary = "Line drawing: only outlines and strong inner contours stay.",
    .formula =
        "canny: scikit-image's Canny on grey709 in [0, 1], lines 0 on 255; find_edges: per channel 8 x centre - "
        "8 neighbours, clipped, border copied",
    .source =
        "Geirhos et al., ICLR 2019 (black on white); white_on_black with sigma=0.4,low=0.35,high=0.9 is "
        "anguyen8/shape-bias; find_edges: Pillow, as in AT-CNN",
    .keeps = Cue::shape,
    .parameters =
        {{.name = "method",
          .kind = ParameterKind::choice,
          .default_value = "canny",
          .choices = {"canny", "find_edges"},
          .doc = "canny uses all parameters; find_edges uses none of the others."},
         {.name = "sigma",
          .kind = ParameterKind::real,
          .default_value = "2",
          .minimum = 0,
          .maximum = 50,
          .unit = "pixels",
          .doc = "Gaussian before the gradient; 0 is none. For 32-pixel images sigma=0.7,low=0.3,high=0.8 suits."},
         {.name = "low",
          .kind = ParameterKind::real,
          .default_value = "0.05",
          .minimum = 0,
          .maximum = 6,
          .doc = "Gradient down to which a line is followed (Sobel without division, grey in [0, 1])."},
         {.name = "high",
          .kind = ParameterKind::real,
          .default_value = "0.15",
          .minimum = 0,
          .maximum = 6,
          .doc = "Gradient that starts a line; at least low."},
         {.name = "polarity",
          .kind = ParameterKind::choice,
          .default_value = "black_on_white",
          .choices = {"black_on_white", "white_on_black"},
          .doc = "Colour of lines and ground."}},
    .make = make,
};

}  // namespace cuebench
