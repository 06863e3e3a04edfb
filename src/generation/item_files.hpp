#pragma once
// One item of the data set -> the files of all its variants, in memory. Pure; safe on any thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plan.hpp"

namespace cuebench {

/// An item at the geometry of the preset.
struct FittedItem {
  std::size_t index = 0;  ///< of the data set
  Image image;
  std::optional<Plane> mask;
  std::optional<Partner> partner;
};

/// @throws ImageError for a bad image or mask.
FittedItem load_item(const GenerationPlan& plan, std::size_t index);

TransformResult apply_variant(const GenerationPlan& plan, const Variant& variant, const FittedItem& item,
                              std::uint64_t seed);

/// An encoded image and what items.csv notes of it.
struct EncodedImage {
  std::vector<std::byte> bytes;
  std::string note;
};

struct EncodedItem {
  std::size_t index = 0;               ///< of the data set
  std::vector<EncodedImage> variants;  ///< as the plan has them; none for a bad image
  std::vector<std::byte> mask;         ///< PNG at the preset's geometry; empty where the item has none
  std::string bad_line;                ///< of bad_images.csv, for a bad image
};

/// Makes and encodes every variant and the mask of item `index`.
/// @throws RunError for a bad image where the request says so.
EncodedItem encode_item(const GenerationRequest& request, const GenerationPlan& plan, std::size_t index);

}  // namespace cuebench
