#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "square_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

namespace cuebench {
namespace {

/// Keeps 0 / 0 out of ratios of lengths.
constexpr double kSmallestLength = 1e-12;

double draw_sign(RandomStream& stream) {
  return stream.uniform() < 0.5 ? -1 : 1;
}

std::int64_t draw_corner(std::int64_t extent, std::int64_t side, RandomStream& stream) {
  return static_cast<std::int64_t>(stream.uniform() * static_cast<double>(extent - side + 1));
}

at::Tensor draw_signs(const std::vector<std::int64_t>& shape, const at::TensorOptions& options, RandomStream& stream) {
  at::Tensor signs = at::empty(shape, at::kDouble);
  std::generate_n(signs.data_ptr<double>(), signs.numel(), [&] { return draw_sign(stream); });
  return signs.to(options);
}

/// A square window of [C, H, W].
struct Window {
  std::int64_t row, column, side;
  at::Tensor of(const at::Tensor& image) const { return image.narrow(1, row, side).narrow(2, column, side); }
};

Window draw_window(const at::Tensor& image, std::int64_t side, RandomStream& stream) {
  const std::int64_t row = draw_corner(image.size(1), side, stream);
  return {row, draw_corner(image.size(2), side, stream), side};
}

double length(const at::Tensor& values) {
  return std::sqrt(values.to(at::kDouble).square().sum().item<double>());
}

/// Length within each channel of [C, H, W], as [C, 1, 1].
at::Tensor channel_lengths(const at::Tensor& values) {
  return values.square().sum({1, 2}, /*keepdim=*/true).sqrt();
}

/// Centred rectangles one inside the other, the k-th from the middle adding 1 / k^2.
at::Tensor pyramid(std::int64_t rows, std::int64_t columns) {
  at::Tensor heights = at::zeros({rows, columns}, at::kDouble);
  const std::int64_t middle_row = rows / 2, middle_column = columns / 2;
  for (std::int64_t k = 0; k <= std::max(middle_row, middle_column); ++k) {
    const std::int64_t top = std::max<std::int64_t>(middle_row - k, 0),
                       left = std::max<std::int64_t>(middle_column - k, 0);
    const std::int64_t bottom = std::min(middle_row + k + 1, rows), right = std::min(middle_column + k + 1, columns);
    if (top >= bottom || left >= right) continue;
    heights.narrow(0, top, bottom - top)
        .narrow(1, left, right - left)
        .add_(1.0 / static_cast<double>((k + 1) * (k + 1)));
  }
  return heights.div_(std::max(length(heights), kSmallestLength));
}

/// Two opposite pyramids, one above or beside the other, of length 1.
at::Tensor draw_pyramids(std::int64_t side, const at::TensorOptions& options, RandomStream& stream) {
  at::Tensor both = at::zeros({side, side}, at::kDouble);
  const std::int64_t upper = side / 2;
  both.narrow(0, 0, upper).copy_(pyramid(upper, side));
  both.narrow(0, upper, side - upper).copy_(pyramid(side - upper, side).neg());
  both.div_(length(both));
  if (stream.uniform() > 0.5) both = both.t();
  return both.to(options);
}

at::Tensor scaled_to(double epsilon, const at::Tensor& delta, const at::Tensor& image) {
  return delta.mul(epsilon / (length(delta) + kSmallestLength)).add_(image).clamp_(0, 1);
}

at::Tensor pyramids_everywhere(double epsilon, const at::Tensor& image, RandomStream& stream) {
  const std::int64_t channels = image.size(0), shorter = std::min(image.size(1), image.size(2));
  const std::int64_t side = std::max<std::int64_t>(shorter / 5, 1), margin = shorter < 5 ? 0 : (shorter - 5 * side) / 2;
  at::Tensor delta = at::zeros_like(image);
  for (std::int64_t row = margin; row + side <= image.size(1); row += side)
    for (std::int64_t column = margin; column + side <= image.size(2); column += side) {
      const at::Tensor pyramids = draw_pyramids(side, image.options(), stream);
      Window{row, column, side}.of(delta).add_(draw_signs({channels, 1, 1}, image.options(), stream).mul(pyramids));
    }
  return scaled_to(epsilon, delta, image);
}

void shift_window(double epsilon, const at::Tensor& image, int side, const at::Tensor& candidate,
                  RandomStream& stream) {
  const Window window = draw_window(image, side, stream);
  const at::Tensor centre = window.of(image);
  at::Tensor changed = window.of(candidate);
  changed.add_(draw_signs({image.size(0), 1, 1}, image.options(), stream), 2 * epsilon);
  changed.clamp_(centre.sub(epsilon).clamp_(0, 1), centre.add(epsilon).clamp_(0, 1));
}

void move_mass(double epsilon, const at::Tensor& image, std::int64_t side, at::Tensor candidate, RandomStream& stream) {
  const std::int64_t channels = image.size(0);
  at::Tensor delta = candidate.sub(image);
  const Window taker = draw_window(image, side, stream), giver = draw_window(image, side, stream);
  const double used = length(delta);
  at::Tensor elsewhere = delta.clone();
  taker.of(elsewhere).zero_();
  giver.of(elsewhere).zero_();
  const double of_windows = used * used - std::pow(length(elsewhere), 2);
  const double unused = std::max(epsilon * epsilon - used * used, 0.0);
  const double each = std::sqrt(unused / static_cast<double>(channels) + std::max(of_windows, 0.0));

  const at::Tensor pyramids = draw_pyramids(side, image.options(), stream);
  const at::Tensor old = taker.of(delta);
  at::Tensor shape = draw_signs({channels, 1, 1}, image.options(), stream).mul(pyramids);
  shape.add_(old.div(channel_lengths(old).add_(kSmallestLength)));
  shape.mul_(channel_lengths(shape).add_(kSmallestLength).reciprocal_().mul_(each));
  giver.of(delta).zero_();
  taker.of(delta).copy_(shape);
  candidate.copy_(scaled_to(epsilon, delta, image));
}

}  // namespace

double share_of_pixels(double initial_share, int changes) {
  constexpr std::array<int, 9> kHalvings = {10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000};
  const auto passed = std::count_if(kHalvings.begin(), kHalvings.end(), [&](int bound) { return changes > bound; });
  return std::ldexp(initial_share, -static_cast<int>(passed));
}

int side_of_share(double share, std::int64_t pixels) {
  return std::max(1, static_cast<int>(std::lround(std::sqrt(share * static_cast<double>(pixels)))));
}

at::Tensor first_candidate(const PerturbationSize& size, const at::Tensor& image, RandomStream& stream) {
  if (size.norm == Norm::l2) return pyramids_everywhere(size.epsilon, image, stream);
  const at::Tensor signs = draw_signs({image.size(0), 1, image.size(2)}, image.options(), stream);
  return signs.mul(size.epsilon).add(image).clamp_(0, 1);
}

void change_candidate(const PerturbationSize& size, const at::Tensor& image, int side, at::Tensor candidate,
                      RandomStream& stream) {
  const int shorter = static_cast<int>(std::min(image.size(1), image.size(2)));
  if (size.norm == Norm::linf) return shift_window(size.epsilon, image, std::min(side, shorter), candidate, stream);
  const int odd = std::max(side, 3) | 1;
  move_mass(size.epsilon, image, std::min(odd, shorter - (shorter + 1) % 2), std::move(candidate), stream);
}

}  // namespace cuebench
