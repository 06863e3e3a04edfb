#pragma once
// Everything that is settled before the first image is written.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <cuebench/datasets/dataset.hpp>
#include <cuebench/generation/generation.hpp>
#include <cuebench/imaging/preset.hpp>
#include <cuebench/transforms/transform.hpp>

namespace cuebench {

struct GenerationPlan {
  Dataset dataset;
  std::vector<std::size_t> chosen;  ///< items of the data set
  std::vector<Variant> variants;    ///< `clean` first
  std::vector<std::string> variant_folders, class_folders;
  /// Of every item of the data set: CLASS/NAME; for webdataset the samples' keys.
  std::vector<std::string> names;
  /// Which item lends its texture, by item; empty where no variant asks for one.
  std::vector<std::size_t> partners;
  /// `names` in the variants of pairs; empty: the same ones.
  std::vector<std::string> pair_names;
  Preset preset;
  std::string extension;  ///< "png", "jpg", "webp"
  int threads = 1;
  /// Items in a block: what a killed run loses at most, what --shard divides, and what one tar file holds.
  std::size_t block_items = 64;

  /// An item as a variant shows it: where that makes a pair, shape and texture are labelled.
  Item item_in(std::size_t variant, std::size_t index) const;
  const std::string& name_in(std::size_t variant, std::size_t index) const;

  std::int64_t blocks() const { return std::int64_t((chosen.size() + block_items - 1) / block_items); }
  /// Places in `chosen` of a block's items: [begin, end).
  std::size_t block_begin(std::int64_t block) const { return std::size_t(block) * block_items; }
  std::size_t block_end(std::int64_t block) const { return std::min(chosen.size(), block_begin(block + 1)); }
};

/// The output folder of masks, beside those of the variants, in the format `folder`.
inline constexpr const char* kMaskFolder = "masks";

/// Opens the data, makes the variants, and tries all of them on the first image that can be read.
/// @throws UsageError for whatever is wrong with the request.
GenerationPlan plan_generation(const GenerationRequest& request);

/// JSON text of all that decides a byte of the output: the identity of an output folder.
std::string identity_of(const GenerationRequest& request, const GenerationPlan& plan);

/// JSON text of the request with every default filled in, for the manifest.
std::string resolved_configuration(const GenerationRequest& request, const GenerationPlan& plan);

}  // namespace cuebench
