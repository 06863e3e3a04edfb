#include "masks.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

constexpr std::string_view kMaskSuffix = ".mask.png";

auto first_not_before(const FileSource& source, std::string_view path) {
  return std::lower_bound(source.files.begin(), source.files.end(), path,
                          [](const SourceFile& file, std::string_view wanted) { return file.path < wanted; });
}

const SourceFile* find_file(const FileSource& source, std::string_view path) {
  const auto found = first_not_before(source, path);
  return found != source.files.end() && found->path == path ? &*found : nullptr;
}

const SourceFile* find_any_image(const FileSource& source, std::string_view stem) {
  const std::string start = std::string(stem) + '.';
  for (auto file = first_not_before(source, start); file != source.files.end() && file->path.starts_with(start);
       ++file) {
    if (has_image_extension(file->path) && without_image_extension(file->path) == stem) return &*file;
  }
  return nullptr;
}

/// "FOLDER/" when everything lies in one folder at the top, else "".
std::string single_top_folder(const FileSource& source) {
  if (source.files.empty()) return "";
  const std::string& first = source.files.front().path;
  const auto slash = first.find('/');
  if (slash == first.npos) return "";
  const std::string top = first.substr(0, slash + 1);
  return source.files.back().path.starts_with(top) ? top : "";  // sorted: the first and the last tell of all
}

using MaskFiles = std::vector<std::optional<SourceFile>>;

std::size_t count_found(const MaskFiles& masks) {
  return std::size_t(std::count_if(masks.begin(), masks.end(), [](const auto& mask) { return mask.has_value(); }));
}

void set_loader(Dataset& dataset, const FileSource& source, MaskFiles found, const DecodeOptions& decode) {
  if (const auto missing = found.size() - count_found(found); missing > 0) {
    const auto first = std::find(found.begin(), found.end(), std::nullopt) - found.begin();
    dataset.notes.push_back(fmt::format("Images without a mask: {} of {} (first: {}).", missing, found.size(),
                                        dataset.items[std::size_t(first)].id));
  }
  const auto masks = std::make_shared<const MaskFiles>(std::move(found));
  dataset.load_mask = [masks, read = source.read, decode](std::size_t index) -> std::optional<Plane> {
    const auto& mask = masks->at(index);
    if (!mask) return std::nullopt;
    try {
      return decode_plane(read(*mask), decode);
    } catch (const ImageError& error) {
      throw ImageError(fmt::format("mask: {}", error.what()));
    }
  };
}

}  // namespace

const SourceFile* find_mask_beside(const FileSource& source, std::string_view path) {
  return find_file(source, std::string(without_image_extension(path)) + std::string(kMaskSuffix));
}

bool is_mask_of_neighbour(const FileSource& source, std::string_view path) {
  if (!path.ends_with(kMaskSuffix)) return false;
  return find_any_image(source, path.substr(0, path.size() - kMaskSuffix.size())) != nullptr;
}

const SourceFile* find_mask(const FileSource& source, std::string_view root, std::string_view id) {
  const std::string stem(without_image_extension(id));
  const std::array candidates = {stem + ".mask.png", std::string(id) + ".mask.png", stem + ".png", std::string(id)};
  for (const std::string& prefix : {std::string(), std::string(root)}) {
    for (const auto& candidate : candidates) {
      if (const auto* file = find_file(source, prefix + candidate)) return file;
    }
    if (const auto* file = find_any_image(source, prefix + stem)) return file;
    if (root.empty()) break;
  }
  return nullptr;
}

std::function<std::optional<Plane>(std::size_t)> no_masks() {
  return [](std::size_t) { return std::optional<Plane>(); };
}

void attach_masks(Dataset& dataset, const std::filesystem::path& masks, const DecodeOptions& decode) {
  const FileSource source = open_file_source(masks);
  const std::string root = single_top_folder(source);
  MaskFiles found(dataset.items.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (const auto* file = find_mask(source, root, dataset.items[i].id)) found[i] = *file;
  }
  if (count_found(found) == 0) {
    const std::string id = dataset.items.empty() ? "ID" : dataset.items.front().id;
    throw UsageError(fmt::format(
        "no mask in '{}' belongs to an image of the data set: name them as the images, '{}.png' or '{}.mask.png'",
        masks.string(), without_image_extension(id), without_image_extension(id)));
  }
  set_loader(dataset, source, std::move(found), decode);
}

void attach_masks_beside(Dataset& dataset, const FileSource& source, std::span<const SourceFile> files,
                         const DecodeOptions& decode, bool required) {
  MaskFiles found(files.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (const auto* file = find_mask_beside(source, files[i].path)) found[i] = *file;
  }
  if (count_found(found) > 0) return set_loader(dataset, source, std::move(found), decode);
  if (required) {
    throw UsageError("the data set has no masks beside its images: name them STEM.mask.png, or give another folder");
  }
  dataset.load_mask = no_masks();
}

}  // namespace cuebench
