#pragma once
// The images of a file source, as the readers of folder layouts need them.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <cuebench/datasets/dataset.hpp>
#include <cuebench/datasets/file_source.hpp>

namespace cuebench {

struct ImageListing {
  FileSource source;
  /// What every id leaves out: "" or the path, ending in '/', of the one folder that holds all else ("test/").
  std::string root;
  /// By class folder, then by the text of the whole folder, then by file name: the order of torchvision's ImageFolder.
  std::vector<SourceFile> images;
  /// Sentences about what was left out.
  std::vector<std::string> notes;

  /// Path below `root`.
  std::string_view id(const SourceFile& file) const { return std::string_view(file.path).substr(root.size()); }
};

/// Lists the images of a folder or archive. A top folder that holds no image itself and is alone is stepped into, as
/// often as there is one. Masks beside their images (STEM.mask.png) and files without an image extension are left out.
/// @throws UsageError as open_file_source; also when there is no image, saying what there is.
ImageListing list_images(const std::filesystem::path& path);

/// Sets digest, load_image and load_mask, and takes over the notes. `files` are those of the items, in order.
void attach_files(Dataset& dataset, ImageListing listing, std::vector<SourceFile> files,
                  const std::filesystem::path& path, const OpenOptions& options);

}  // namespace cuebench
