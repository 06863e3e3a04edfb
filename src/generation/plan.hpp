#pragma once
// Everything that is settled before the first image is written.

#include <string>
#include <vector>

#include <cuebench/datasets/dataset.hpp>
#include <cuebench/generation/generation.hpp>
#include <cuebench/imaging/preset.hpp>
#include <cuebench/transforms/transform.hpp>

namespace cuebench {

/// Items in a block: what a killed run loses at most, and what shards divide.
constexpr std::size_t kBlockItems = 64;

struct GenerationPlan {
  Dataset dataset;
  std::vector<std::size_t> chosen;  ///< items of the data set
  std::vector<Variant> variants;    ///< `clean` first
  std::vector<std::string> variant_folders, class_folders;
  std::vector<std::string> names;  ///< of every item of the data set: CLASS/NAME
  Preset preset;
  std::string extension;  ///< "png", "jpg", "webp"
  int threads = 1;

  std::int64_t blocks() const { return std::int64_t((chosen.size() + kBlockItems - 1) / kBlockItems); }
};

/// Opens the data, makes the variants, and tries all of them on the first image that can be read.
/// @throws UsageError for whatever is wrong with the request.
GenerationPlan plan_generation(const GenerationRequest& request);

/// JSON text of all that decides a byte of the output: the identity of an output folder.
std::string identity_of(const GenerationRequest& request, const GenerationPlan& plan);

/// JSON text of the request with every default filled in, for the manifest.
std::string resolved_configuration(const GenerationRequest& request, const GenerationPlan& plan);

}  // namespace cuebench
