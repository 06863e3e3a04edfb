#pragma once
// One palette for what is below, at and above a reference, in tables and figures.

#include <string>

namespace cuebench {

/// "#rrggbb" for `value` in [-1, 1], clipped: blue below, white at 0, orange above. Colour-blind readers can tell the
/// two apart, and dark text stays readable on both. "" for NaN.
std::string diverging_colour(double value);

}  // namespace cuebench
