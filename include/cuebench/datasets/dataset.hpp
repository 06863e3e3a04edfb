#pragma once
// A labelled set of images, on disk in any layout or made by the program. Items have a fixed order and stable ids.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <cuebench/core/parameters.hpp>
#include <cuebench/imaging/decode.hpp>
#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// One image of a data set. Labels index Dataset::classes; -1 means "none".
struct Item {
  /// Relative path with '/' (or FILE#INDEX in a binary file); stable across machines, unique in the set.
  std::string id;
  int label = -1;
  int shape_label = -1;
  int texture_label = -1;
  /// Size on disk in bytes (of the encoded image); of the pixels where there is no file.
  std::int64_t bytes = 0;
};

/// A data set opened for reading. Movable value; the functions are thread-safe and pure.
struct Dataset {
  std::string kind;    ///< "folder", "cifar10", ...
  std::string source;  ///< KIND:PATH as opened, or KIND:key=value,... with every parameter
  std::vector<std::string> classes;
  std::vector<Item> items;
  /// SHA-256 over the class names and the items' ids, labels and sizes (folders, archives, lists) or over the
  /// decompressed bytes (CIFAR binary files) or the parameters and a version (made sets); goes into the manifest.
  std::string digest;
  /// True when shape_label and texture_label are set on the items and differ on some (cue-conflict stimuli).
  bool has_cues = false;
  /// What a user should know: skipped files, a flat folder, numeric class names. One sentence each.
  std::vector<std::string> notes;

  /// Decodes item `index`. @throws ImageError with the reason for a bad file.
  std::function<Image(std::size_t index)> load_image;
  /// The item's foreground mask (>= 128 is foreground), or nothing where the set has none.
  std::function<std::optional<Plane>(std::size_t index)> load_mask;
};

struct OpenOptions {
  DecodeOptions decode;
  /// Folder or tar archive of masks found by item id, first of: `STEM.mask.png`, `ID.mask.png`, `STEM.png`, the same
  /// relative path, STEM with another image extension. Without it, `STEM.mask.png` beside an image is its mask.
  std::filesystem::path masks;
};

/// Self-description of a reader; registered by one line in datasets/CMakeLists.txt. It either reads a path (`recognise`
/// and `open`) or makes its images itself (`parameters` and `make`).
struct ReaderInfo {
  std::string_view name;     ///< the KIND of KIND:PATH or KIND[:key=value,...]
  std::string_view summary;  ///< one sentence: layout, labels
  /// 0: not this kind; 1: possible; 2: certain. Reads no more than a listing and a few bytes.
  int (*recognise)(const std::filesystem::path& path) = nullptr;
  Dataset (*open)(const std::filesystem::path& path, const OpenOptions& options) = nullptr;
  std::vector<ParameterSpec> parameters = {};
  /// The data set of these parameters. @throws UsageError when they contradict each other.
  Dataset (*make)(const Parameters& parameters, const OpenOptions& options) = nullptr;
};

/// Every reader, in the order of datasets/CMakeLists.txt.
std::span<const ReaderInfo* const> registered_readers();

/// Opens SRC: KIND:PATH, a PATH whose kind is recognised, or KIND[:key=value,...] for images that the program makes.
/// @throws UsageError: path absent, kind unknown or ambiguous, layout not as the kind says, no image found, parameter
/// unknown or out of range.
Dataset open_dataset(std::string_view source, const OpenOptions& options = {});

/// The items that `--limit` leaves of `available`: all for 0, else that many, spread evenly, so that a small number
/// still meets every class.
std::vector<std::size_t> spread_items(std::size_t available, std::int64_t limit);

}  // namespace cuebench
