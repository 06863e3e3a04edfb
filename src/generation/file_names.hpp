#pragma once
// Names of folders and files that any file system takes and that the readers read back.

#include <string>
#include <string_view>
#include <vector>

#include <cuebench/datasets/dataset.hpp>

namespace cuebench {

/// A canonical variant text as a folder name: "patch_shuffle-allow_identity=no-k=4-layout=cells"; long ones are cut and
/// told apart by a hash.
std::string variant_folder(std::string_view variant);

/// One folder a class, distinct and in text order, so that the reader `folder` gives classes the same indices: the
/// names themselves where they are that already, else with the zero-padded index before them ("02_cat").
std::vector<std::string> class_folders(const std::vector<std::string>& classes);

/// For every item its path below a variant's folder, without extension: CLASS/NAME; distinct for distinct items.
/// Items with conflicting cues get SHAPE<n>-TEXTURE<m>, numbered in data set order, where all class names are
/// lower-case letters and the label is the shape.
std::vector<std::string> item_names(const Dataset& dataset, const std::vector<std::string>& folders);

/// The names of item_names as keys of WebDataset samples: a key ends at the first dot of its last part, so dots there
/// become '_'; distinct for distinct names.
std::vector<std::string> sample_keys(std::vector<std::string> names);

/// The same for the images of pairs: SHAPE<n>-TEXTURE<m>, n and m being the places of item and partner in their
/// classes, where all class names are lower-case letters; else `names`.
std::vector<std::string> pair_names(const Dataset& dataset, const std::vector<std::size_t>& partners,
                                    const std::vector<std::string>& names);

}  // namespace cuebench
