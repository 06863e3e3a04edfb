#pragma once
// What lies behind and before the object: a textured ground and fragments with edges and textures of their own, drawn
// from all families whatever the class, so that neither texture nor an edge alone tells object from background.

#include <cuebench/core/random.hpp>

#include "colours.hpp"
#include "field.hpp"

namespace cuebench::synthetic {

/// The clutter in relative units. Where `occluder` covers, a last fragment with its own texture lies over the others.
Picture render_clutter(int side, const Field& occluder, const Box& occluder_box, RandomStream& random);

/// Shifts and scales the clutter: over the pixels weighted by `background`, each channel's mean becomes that of `mean`
/// and the standard deviation over all channels becomes `deviation`.
void settle_clutter(Picture& clutter, const Field& background, const Colour& mean, float deviation);

}  // namespace cuebench::synthetic
