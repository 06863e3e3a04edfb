#pragma once
// Image variants: each transform is one file in transforms/ that ends in its TransformInfo.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <cuebench/core/parameters.hpp>
#include <cuebench/core/planar_network.hpp>
#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// Which cue a variant leaves usable.
enum class Cue { both, shape, texture, conflict, neither };
std::string_view to_string(Cue cue);

/// The image whose texture a cue-conflict image takes: of another class, at the same geometry.
struct Partner {
  Image image;
  std::optional<Plane> mask;
  std::string item_id;
};

/// What a transform knows about the image in its hands.
struct TransformContext {
  std::uint64_t seed = 0;
  std::string_view item_id = {};
  /// With seed and item_id it keys the randomness. A variant sets it for its steps: the canonical text of the whole
  /// chain, and "#i" behind it from the second step on, so that two equal steps draw differently.
  std::string_view variant = {};
  int label = -1;
  /// The item's mask at the image's size, or null.
  const Plane* mask = nullptr;
  /// For a transform that uses_partner; null where the item has none (no label).
  const Partner* partner = nullptr;
};

struct TransformResult {
  Image image;
  /// What a record must say about this image, as "key=value" ("mask=automatic", "mask=file"), joined with ';'; empty if
  /// nothing.
  std::string note;
};

/// Pure and thread-safe: the result depends on image and context only. The input is model-size RGB of any size >= 1x1;
/// the output has the input's size.
using Transform = std::function<TransformResult(const Image& image, const TransformContext& context)>;

/// Things outside the image that a transform may need; read once, when the variant is made.
struct TransformResources {
  /// Style images for stylize (folder or tar); empty: the built-in procedural ones.
  std::filesystem::path styles = {};
  std::uint64_t seed = 0;
  /// Opens a TorchScript file; empty in programs without LibTorch. @throws UsageError for a file that is none.
  std::function<PlanarNetwork(const std::filesystem::path& file)> open_network = {};
};

struct TransformInfo {
  std::string_view name;
  std::string_view summary;  ///< one sentence
  std::string_view formula;  ///< definition, exact
  std::string_view source;   ///< paper or code it comes from
  Cue keeps = Cue::both;
  std::vector<ParameterSpec> parameters;
  /// Raised when an output byte changes for the same parameters.
  int version = 1;
  /// True if items with equal pixels may get different results (drawn from seed, item and variant).
  bool random = false;
  /// True if it uses a mask when the data set has one.
  bool uses_mask = false;
  /// True if it takes the texture of another image: TransformContext::partner is set then.
  bool uses_partner = false;
  /// True if pixels change places, after which the item's mask no longer fits: a step that uses_mask may not follow.
  bool moves_pixels = false;
  /// @throws UsageError when parameters contradict each other or a resource cannot be read.
  Transform (*make)(const Parameters& parameters, const TransformResources& resources);
};

/// Every transform, in the order of transforms/CMakeLists.txt.
std::span<const TransformInfo* const> registered_transforms();

/// A chain of transforms with all parameters resolved.
struct Variant {
  /// Canonical text: names the variant in every file and keys its randomness. "clean" is the empty chain.
  std::string text;
  Cue keeps = Cue::both;
  bool uses_mask = false;
  bool uses_partner = false;
  /// For sweeps: the parameter that differs between variants of the same family is found from the text.
  std::vector<std::pair<std::string, Parameters>> steps;
  Transform apply;
  /// Files that the steps name; their content decides results too.
  std::vector<std::filesystem::path> files() const;
};

/// Parses `text` (NAME[:key=value,...][+NAME...]; `clean` is the empty chain), resolves parameters, loads resources.
/// @throws UsageError with the nearest known names.
Variant make_variant(std::string_view text, const TransformResources& resources = {});
/// Canonical text without loading anything. canonical_variant(canonical_variant(x)) == canonical_variant(x).
std::string canonical_variant(std::string_view text);

struct Suite {
  std::string_view name, summary, source;
  std::vector<std::string> variants;
};
std::span<const Suite> suites();
/// @throws UsageError with the nearest known names.
const Suite& find_suite(std::string_view name);

}  // namespace cuebench
