#pragma once
// The identity of a data set without reading its images.

#include <string>

#include <cuebench/datasets/dataset.hpp>

namespace cuebench {

/// SHA-256 over the class names and, item by item, id, labels and size.
std::string listing_digest(const Dataset& dataset);

}  // namespace cuebench
