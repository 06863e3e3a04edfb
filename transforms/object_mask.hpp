#pragma once
// Which pixels are the object: the one choice of all transforms that separate it from its ground.

#include <string>
#include <vector>

#include <cuebench/transforms/transform.hpp>

namespace cuebench {

/// The parameters `mask`, `threshold` and `mask_model`, followed by `others`.
std::vector<ParameterSpec> with_mask_parameters(std::vector<ParameterSpec> others);

/// Where an object's mask comes from.
class ObjectMask {
 public:
  /// @throws UsageError: mask=model without a file or in a program without LibTorch, or a file without mask=model.
  ObjectMask(std::string_view transform, const Parameters& parameters, const TransformResources& resources);

  struct Found {
    Plane plane;       ///< 255 is the object, 0 the ground
    std::string note;  ///< "mask=file", "mask=automatic", "mask=model", "mask=fallback_disc"
  };
  /// `given` is the data set's mask of `image` or null. @throws UsageError when mask=file and there is none, or when
  /// its size is not the image's.
  Found of(const Image& image, const Plane* given, std::string_view item_id) const;

 private:
  std::string transform_, method_;
  int threshold_;
  PlanarNetwork network_;
};

}  // namespace cuebench
