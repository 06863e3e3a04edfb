#pragma once
// Built-in style images: periodic patterns drawn from formulas, so that no picture has to be shipped.

#include <span>
#include <string_view>

#include <opencv2/core.hpp>

namespace cuebench {

/// stripes, checks, bricks, ...; each can be drawn in any number of variations.
std::span<const std::string_view> procedural_texture_kinds();

/// A side x side RGB picture in [0, 255] that continues itself at the borders. `grain` is the size of its elements in
/// pixels (stripe and gap together, one brick, one cell), at least 3; scale, direction and colours depend on
/// `variation`.
cv::Mat3f procedural_texture(std::string_view kind, int variation, int side, double grain);

}  // namespace cuebench
