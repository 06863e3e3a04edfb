#pragma once
// One item: from its pixels to the files of all its variants. Pure but for the files; safe on any thread.

#include <optional>

#include "output_state.hpp"
#include "plan.hpp"

namespace cuebench {

/// An item at the geometry of the preset.
struct FittedItem {
  std::size_t index = 0;  ///< of the data set
  Image image;
  std::optional<Plane> mask;
};

/// @throws ImageError for a bad image or mask.
FittedItem load_item(const GenerationPlan& plan, std::size_t index);

TransformResult apply_variant(const GenerationPlan& plan, const Variant& variant, const FittedItem& item,
                              std::uint64_t seed);

/// Writes every variant and the mask of item `index`; a bad image gives a line of bad_images.csv instead.
/// @throws RunError when a file cannot be written, or for a bad image where the request says so.
FinishedBlock write_item(const GenerationRequest& request, const GenerationPlan& plan, std::size_t index);

}  // namespace cuebench
