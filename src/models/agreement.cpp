#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include <algorithm>

#include <cuebench/models/model.hpp>

namespace cuebench {
namespace {

/// The first of equal logits decides, as in every outcome.
std::int64_t decision(const Inference& inference, std::int64_t image, std::int64_t classes) {
  const auto row = inference.logits.begin() + image * classes;
  return std::max_element(row, row + classes) - row;
}

}  // namespace

DecisionAgreement agreement_with_fp32(const Model& model, const at::Tensor& images) {
  const Inference own = model.infer(images), plain = model.infer_plainly(images);
  const std::int64_t classes = model.info().classes;
  DecisionAgreement agreement{0, images.size(0)};
  for (std::int64_t image = 0; image < agreement.images; ++image)
    agreement.equal += decision(own, image, classes) == decision(plain, image, classes);
  return agreement;
}

}  // namespace cuebench
