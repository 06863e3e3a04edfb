#pragma once
// The corruptions of ImageNet-C (Hendrycks and Dietterich, ICLR 2019): one file each that ends in its CorruptionInfo.

#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include <cuebench/core/random.hpp>
#include <cuebench/imaging/image.hpp>

namespace cuebench {

/// The parameters of one severity, in the order that the formula names them; unused places are 0.
using SeverityRow = std::array<double, 7>;
/// Severities 1 to 5.
using SeverityTable = std::array<SeverityRow, 5>;

/// The published code has one table for each size of image: 224, 32 (CIFAR-10-C) and 64 pixels (Tiny-ImageNet-C).
enum class CorruptionScale { imagenet, cifar, tiny };

/// Pure and thread-safe. Any image from 1 x 1 pixel; the result has its size. Values become bytes by cutting off.
using Corruption = std::function<Image(const Image& image, RandomStream& random)>;

/// A plain aggregate of constants, so that no other static initialiser can see it unfinished.
struct CorruptionInfo {
  std::string_view name;     ///< as the folder of the published data set
  std::string_view formula;  ///< on x in [0, 1]; names its parameters
  bool random = false;
  /// Why equal random numbers would not give the published bytes, or "" where they would.
  std::string_view differs = {};
  SeverityTable imagenet, cifar, tiny;
  /// Prepares what does not depend on the image.
  Corruption (*make)(const SeverityRow& parameters, CorruptionScale scale);
};

/// In the order of the paper, the four extra ones last; first `none`, which leaves the image as it is.
std::span<const CorruptionInfo* const> registered_corruptions();

}  // namespace cuebench
