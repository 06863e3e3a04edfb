#include "image_listing.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>

#include "left_out.hpp"
#include "listing_digest.hpp"
#include "masks.hpp"

namespace cuebench {
namespace {

/// The folder into which `root` can be deepened: the only one below it, while no image lies directly in either.
std::optional<std::string> only_folder_below(const FileSource& source, const std::string& root) {
  std::optional<std::string> only;
  for (const auto& folder : source.folders) {
    if (!folder.starts_with(root) || folder.find('/', root.size()) != folder.npos) continue;
    if (only) return std::nullopt;
    only = folder + '/';
  }
  if (!only) return std::nullopt;
  const bool has_folder = std::any_of(source.folders.begin(), source.folders.end(),
                                      [&](const auto& folder) { return folder.starts_with(*only); });
  const bool has_image = std::any_of(source.files.begin(), source.files.end(), [&](const SourceFile& file) {
    const auto slash = file.path.rfind('/');
    const std::size_t folder_size = slash == file.path.npos ? 0 : slash + 1;
    const bool directly = folder_size == root.size() || file.path.compare(0, folder_size, *only) == 0;
    return directly && has_image_extension(file.path);
  });
  return has_folder && !has_image ? only : std::nullopt;
}

/// Sorts by class folder, then by the text of the whole folder, then by file name, as ImageFolder walks.
void sort_as_image_folder(std::vector<SourceFile>& images, std::size_t root_size) {
  const auto key = [root_size](const SourceFile& file) {
    const std::string_view path = std::string_view(file.path).substr(root_size);
    const auto slash = path.rfind('/');
    if (slash == path.npos) return std::tuple(std::string_view(), std::string_view(), path);
    return std::tuple(path.substr(0, path.find('/')), path.substr(0, slash), path.substr(slash + 1));
  };
  std::sort(images.begin(), images.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

bool is_same_place(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code failed;
  return std::filesystem::equivalent(a, b, failed) && !failed;
}

}  // namespace

ImageListing list_images(const std::filesystem::path& path) {
  ImageListing listing;
  listing.source = open_file_source(path);
  const FileSource& source = listing.source;
  while (const auto deeper = only_folder_below(source, listing.root)) listing.root = *deeper;

  LeftOut other, masks;
  for (const auto& file : source.files) {
    if (!has_image_extension(file.path) || !file.path.starts_with(listing.root)) {
      other.add(file.path);
    } else if (is_mask_of_neighbour(source, file.path)) {
      masks.add(file.path);
    } else {
      listing.images.push_back(file);
    }
  }
  if (listing.images.empty()) {
    const std::string what = source.is_archive ? "archive '" : "folder '";
    const std::string holds = source.files.empty()
                                  ? "it is empty"
                                  : "none of its " + std::to_string(source.files.size()) + " files, such as '" +
                                        source.files.front().path + "', has an image extension";
    throw UsageError(
        fmt::format("no image in {}{}' ({}): expected CLASS/NAME with jpg, jpeg, png, ppm, bmp, pgm, tif, tiff or webp",
                    what, path.string(), holds));
  }
  sort_as_image_folder(listing.images, listing.root.size());

  listing.notes = source.notes;
  if (!listing.root.empty()) {
    listing.notes.push_back(fmt::format("Everything lies in '{}': ids and classes begin below it.", listing.root));
  }
  if (other.count > 0) {
    listing.notes.push_back(other.note("file without an image extension", "files without an image extension"));
  }
  if (masks.count > 0) {
    listing.notes.push_back(
        fmt::format("Files named STEM.mask.png are taken as masks, not as images: {}.", masks.count));
  }
  return listing;
}

void attach_files(Dataset& dataset, ImageListing listing, std::vector<SourceFile> files,
                  const std::filesystem::path& path, const OpenOptions& options) {
  dataset.notes.insert(dataset.notes.begin(), listing.notes.begin(), listing.notes.end());
  dataset.digest = listing_digest(dataset);
  if (options.masks.empty() || is_same_place(options.masks, path)) {
    attach_masks_beside(dataset, listing.source, files, options.decode, !options.masks.empty());
  } else {
    attach_masks(dataset, options.masks, options.decode);
  }
  const auto shared = std::make_shared<const std::vector<SourceFile>>(std::move(files));
  dataset.load_image = [shared, read = std::move(listing.source.read), decode = options.decode](std::size_t index) {
    return decode_image(read(shared->at(index)), decode);
  };
}

}  // namespace cuebench
