#pragma once
// Finds the foreground masks of a data set.

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include <cuebench/datasets/dataset.hpp>
#include <cuebench/datasets/file_source.hpp>

namespace cuebench {

/// The mask STEM.mask.png that lies beside the image `path`, or nullptr.
const SourceFile* find_mask_beside(const FileSource& source, std::string_view path);

/// True when `path` is STEM.mask.png and an image STEM.* lies beside it: a mask, not an item.
bool is_mask_of_neighbour(const FileSource& source, std::string_view path);

/// The mask of `id` in a source of masks, first of: STEM.mask.png, ID.mask.png, STEM.png, ID itself, STEM with any
/// other image extension; then the same below `root` ("" or "FOLDER/"). nullptr where there is none.
const SourceFile* find_mask(const FileSource& source, std::string_view root, std::string_view id);

/// A Dataset::load_mask that finds nothing.
std::function<std::optional<Plane>(std::size_t)> no_masks();

/// Sets `load_mask` from the folder or archive `masks` and notes how many items have none.
/// @throws UsageError when no item has a mask there.
void attach_masks(Dataset& dataset, const std::filesystem::path& masks, const DecodeOptions& decode);

/// Sets `load_mask` from the masks that lie beside the images of `source`; `files` are the items' files in order.
/// @throws UsageError when `required` and there is none.
void attach_masks_beside(Dataset& dataset, const FileSource& source, std::span<const SourceFile> files,
                         const DecodeOptions& decode, bool required);

}  // namespace cuebench
