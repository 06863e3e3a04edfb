#pragma once
// Pairs for cue conflict: which image lends its texture to which.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <cuebench/datasets/dataset.hpp>

namespace cuebench {

constexpr std::size_t kNoPartner = std::numeric_limits<std::size_t>::max();

/// For every item the index of an item of another class, whose texture it takes; kNoPartner without a label.
/// A function of (class names, ids, labels, seed). Balanced: within a class the other classes follow each other in
/// turn, so that their numbers differ by one at most, and a class lends its images in turn too.
/// @throws UsageError when fewer than two classes have an image, or the images are cue conflicts already.
std::vector<std::size_t> conflict_partners(const Dataset& dataset, std::uint64_t seed);

/// The data set with the labels that its cue-conflict images have: shape = the item's own label, texture = its
/// partner's.
Dataset with_conflict_labels(Dataset dataset, const std::vector<std::size_t>& partners);

}  // namespace cuebench
