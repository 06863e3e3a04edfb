#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "image_tensors.hpp"

#include <cmath>

#include <ATen/ops/empty.h>

namespace cuebench {

at::Tensor to_tensor(const std::vector<const Image*>& images) {
  const std::int64_t height = images.front()->height, width = images.front()->width;
  const std::int64_t plane = height * width;
  at::Tensor tensor = at::empty({static_cast<std::int64_t>(images.size()), 3, height, width}, at::kFloat);
  float* out = tensor.data_ptr<float>();
  for (const Image* image : images) {
    const std::uint8_t* in = image->pixels.data();
    for (std::int64_t p = 0; p < plane; ++p)
      for (std::int64_t c = 0; c < 3; ++c) out[c * plane + p] = static_cast<float>(in[3 * p + c]) / 255.0F;
    out += 3 * plane;
  }
  return tensor;
}

Image to_image(const at::Tensor& pixels) {
  const at::Tensor dense = pixels.to(at::kCPU).contiguous();
  Image image(static_cast<int>(dense.size(1)), static_cast<int>(dense.size(2)));
  const float* const values = dense.data_ptr<float>();
  const std::int64_t plane = dense.size(1) * dense.size(2);
  for (std::int64_t p = 0; p < plane; ++p)
    for (std::int64_t c = 0; c < 3; ++c)
      image.pixels[static_cast<std::size_t>(3 * p + c)] =
          static_cast<std::uint8_t>(std::lround(values[c * plane + p] * 255.0F));
  return image;
}

}  // namespace cuebench
