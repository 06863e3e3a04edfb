#pragma once
// Variant data sets on disk: images -> variants -> files. Links no model and no LibTorch.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <cuebench/core/planar_network.hpp>
#include <cuebench/core/progress.hpp>

namespace cuebench {

/// Every choice of `cuebench generate`, as typed. Empty texts mean "not given".
struct GenerationRequest {
  std::string data;                   ///< SRC
  std::filesystem::path masks;        ///< folder or archive of masks
  std::filesystem::path styles;       ///< folder of style images
  std::vector<std::string> variants;  ///< V...; `clean` is always written
  std::string suite;                  ///< suite name; with variants: both
  std::string preset = "none";        ///< geometry
  std::string encode = "png";         ///< png, jpeg or webp (lossless)
  int quality = 95;                   ///< of jpeg
  std::string format = "folder";      ///< folder or webdataset (tar shards)
  std::int64_t shard_items = 0;       ///< images in a tar of webdataset; 0: 1024
  std::filesystem::path out;
  std::filesystem::path preview;  ///< for preview_variants: the PNG file
  std::uint64_t seed = 0;
  int threads = 0;         ///< 0: all cores
  std::int64_t limit = 0;  ///< 0: all images; else that many, spread evenly over the data set
  int shard = 0, shards = 1;
  bool overwrite = false;
  bool fail_on_bad_image = false;
  bool apply_exif_orientation = false;
  /// For transforms that take a network; empty in programs without LibTorch.
  std::function<PlanarNetwork(const std::filesystem::path& file)> open_network = {};
};

/// What a run tells the manifest.
struct GenerationFacts {
  std::string configuration;  ///< resolved, JSON text, with paths and threads; names each variant's folder
  std::string data_source, data_digest;
  std::int64_t images = 0, bad_images = 0;  ///< of the whole request, as far as it is complete
  std::size_t variants = 0;
  double seconds = 0;                    ///< of the work in this session
  std::int64_t images_this_session = 0;  ///< items, each in every variant
  /// Of every variant ("variant TEXT") and of "masks": SHA-256 over the lines that `sha256sum` prints for its
  /// files, with paths below the variant's folder, in data set order. Only when complete.
  std::vector<std::pair<std::string, std::string>> digests;
  bool complete = false;  ///< every block is there (not so for a shard before the last)
};

/// Writes into `out`, in the format `folder`:
///   VARIANT/CLASS/NAME.png    one folder a variant, `clean` among them; images without a label lie in VARIANT itself
///   masks/CLASS/NAME.png      where the data set has masks, at the same geometry (grey; >= 128 is foreground)
/// in the format `webdataset`:
///   VARIANT/NNNNNN.tar        samples KEY.png, KEY.cls, KEY.json, KEY.mask.png; a fixed number of items a file
///   VARIANT/classes.txt       class names, line by line
/// and in both:
///   items.csv                 id,label,shape,texture,variant,file,note: in data set order, all variants of an item
///   bad_images.csv            path,bytes,reason
///   .cuebench/                what is finished, to continue from
/// The same request gives the same bytes, whatever the threads, shards or interruptions. What a former start finished
/// is kept where its files are still there. Class folders keep names and order for the reader `folder`; cue-conflict
/// images are named SHAPE<n>-TEXTURE<m> for the reader `geirhos` where class names are lower-case letters.
/// @throws UsageError before any work, also when `out` holds the images of another request or other files; RunError
/// while working; Interrupted after a signal (finished blocks are kept).
GenerationFacts generate(const GenerationRequest& request, const ReportingOptions& reporting);

/// Writes `preview`, one picture of some items (`limit`, 6 by default, at most 24; spread over the data set) in every
/// variant: a row an item, a column a variant, `clean` first. Reads no other choice that concerns output.
/// @throws UsageError before any work; RunError when the file cannot be written.
void preview_variants(const GenerationRequest& request);

}  // namespace cuebench
