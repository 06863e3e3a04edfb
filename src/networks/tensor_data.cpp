#include "tensor_data.hpp"

#include <algorithm>
#include <cmath>

namespace cuebench {
namespace {

constexpr std::size_t kHighestRank = 8;
constexpr std::int64_t kMostElements = std::int64_t{1} << 62;

float from_half(std::uint16_t bits) {
  const std::uint32_t sign = std::uint32_t{bits & 0x8000U} << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1fU, fraction = bits & 0x3ffU;
  if (exponent == 0) {  // zero and subnormals: fraction * 2^-24 is exact in float32
    const float magnitude = std::ldexp(static_cast<float>(fraction), -24);
    return sign ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 0xffU : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

float from_bfloat16(std::uint16_t bits) {
  return std::bit_cast<float>(std::uint32_t{bits} << 16);
}

/// Calls visit(position in the result, element index) for every element of the view in row-major order.
template <typename Visit>
void for_each_element(const TensorView& view, std::int64_t count, Visit visit) {
  if (view.strides == contiguous_strides(view.shape)) {
    for (std::int64_t i = 0; i < count; ++i) visit(i, view.offset + i);
    return;
  }
  // Axes of one element never move; their strides are unchecked and may be anything.
  std::vector<std::int64_t> sizes, strides;
  for (std::size_t axis = 0; axis < view.shape.size(); ++axis)
    if (view.shape[axis] != 1) {
      sizes.push_back(view.shape[axis]);
      strides.push_back(view.strides[axis]);
    }
  std::vector<std::int64_t> position(sizes.size(), 0);
  std::int64_t at = view.offset;
  for (std::int64_t i = 0; i < count; ++i) {
    visit(i, at);
    for (std::size_t axis = sizes.size(); axis-- > 0;) {
      if (++position[axis] < sizes[axis]) {
        at += strides[axis];
        break;
      }
      at -= strides[axis] * (sizes[axis] - 1);
      position[axis] = 0;
    }
  }
}

template <typename Value, typename Stored, typename Convert>
std::vector<Value> converted(Bytes storage, const TensorView& view, std::int64_t count, Convert convert) {
  std::vector<Value> values(static_cast<std::size_t>(count));
  for_each_element(view, count, [&, to = values.data()](std::int64_t i, std::int64_t element) {
    to[i] = convert(load<Stored>(storage, static_cast<std::size_t>(element) * sizeof(Stored)));
  });
  return values;
}

template <typename Stored, typename Convert>
std::vector<float> floats(Bytes storage, const TensorView& view, std::int64_t count, Convert convert) {
  return converted<float, Stored>(storage, view, count, convert);
}

template <typename Stored>
std::vector<std::int64_t> integers(Bytes storage, const TensorView& view, std::int64_t count) {
  return converted<std::int64_t, Stored>(storage, view, count, [](Stored value) { return std::int64_t{value}; });
}

/// NaN and infinity have every bit of the exponent set. Without a branch, so that the compiler can vectorise it.
bool all_finite(const std::vector<float>& values) {
  constexpr std::uint32_t kExponent = 0x7f800000U;
  bool finite = true;
  for (const float value : values) finite &= (std::bit_cast<std::uint32_t>(value) & kExponent) != kExponent;
  return finite;
}

void convert(WeightTensor& tensor, ElementType type, Bytes storage, const TensorView& view, std::int64_t count) {
  switch (type) {
    case ElementType::float16:
      tensor.values = floats<std::uint16_t>(storage, view, count, from_half);
      return;
    case ElementType::bfloat16:
      tensor.values = floats<std::uint16_t>(storage, view, count, from_bfloat16);
      return;
    case ElementType::float32:
      tensor.values = floats<float>(storage, view, count, [](float value) { return value; });
      return;
    case ElementType::float64:
      tensor.values = floats<double>(storage, view, count, [](double value) {
        // Conversion of what float32 cannot hold is undefined in C++; infinity is refused by the caller.
        constexpr double kLargest = 3.4028235677973366e38;  // largest float32 and half a step
        return std::fabs(value) < kLargest ? static_cast<float>(value) : HUGE_VALF;
      });
      return;
    case ElementType::boolean:
    case ElementType::uint8:
      tensor.integers = integers<std::uint8_t>(storage, view, count);
      return;
    case ElementType::int8:
      tensor.integers = integers<std::int8_t>(storage, view, count);
      return;
    case ElementType::int16:
      tensor.integers = integers<std::int16_t>(storage, view, count);
      return;
    case ElementType::int32:
      tensor.integers = integers<std::int32_t>(storage, view, count);
      return;
    case ElementType::int64:
      tensor.integers = integers<std::int64_t>(storage, view, count);
      return;
  }
}

}  // namespace

std::string_view to_string(ElementType type) {
  constexpr std::string_view kNames[] = {"float16", "bfloat16", "float32", "float64", "bool",
                                         "int8",    "uint8",    "int16",   "int32",   "int64"};
  return kNames[static_cast<int>(type)];
}

std::int64_t element_bytes(ElementType type) {
  constexpr std::int64_t kBytes[] = {2, 2, 4, 8, 1, 1, 1, 2, 4, 8};
  return kBytes[static_cast<int>(type)];
}

std::vector<std::int64_t> contiguous_strides(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t axis = shape.size(); axis-- > 1;)
    strides[axis - 1] = strides[axis] * std::max<std::int64_t>(shape[axis], 1);
  return strides;
}

std::optional<std::int64_t> element_count(const std::vector<std::int64_t>& shape) {
  // A zero anywhere makes the tensor empty, but the sizes beside it must not overflow strides either.
  std::int64_t product = 1;
  bool empty = false;
  for (const std::int64_t size : shape) {
    if (size < 0) return std::nullopt;
    if (size == 0) empty = true;
    if (size > 1 && product > kMostElements / size) return std::nullopt;
    product *= std::max<std::int64_t>(size, 1);
  }
  return empty ? 0 : product;
}

void check_view(const TensorView& view, std::int64_t elements, const CheckpointFile& file) {
  const auto refuse = [&](CheckpointProblem problem, const std::string& cause) {
    file.refuse(problem, "declares a tensor of shape " + shape_text(view.shape) + " " + cause +
                             ": the file is damaged or made to do harm; download or save it again");
  };
  const auto bad = CheckpointProblem::bad_geometry;
  if (view.shape.size() != view.strides.size()) refuse(bad, "with " + std::to_string(view.strides.size()) + " strides");
  if (view.shape.size() > kHighestRank) refuse(bad, "with more than " + std::to_string(kHighestRank) + " dimensions");
  const auto count = element_count(view.shape);
  if (!count) refuse(bad, "(negative or too large)");
  if (view.offset < 0) refuse(bad, "at a negative offset");
  std::int64_t last = view.offset;
  bool past_end = view.offset > elements;
  for (std::size_t axis = 0; axis < view.shape.size(); ++axis) {
    const std::int64_t stride = view.strides[axis], steps = view.shape[axis] - 1;
    if (stride < 0) refuse(bad, "with a negative stride");
    if (*count == 0 || steps == 0 || past_end) continue;
    past_end = stride > (elements - last) / steps;
    if (!past_end) last += stride * steps;
  }
  if (past_end || (*count > 0 && last >= elements))
    refuse(CheckpointProblem::storage_out_of_range, "that reaches past its " + std::to_string(elements) + " elements");
}

WeightTensor materialise(ElementType type, Bytes storage, const TensorView& view, std::string_view name,
                         CheckpointFile& file) {
  if (type == ElementType::int8 || type == ElementType::uint8)
    file.refuse(CheckpointProblem::unsupported_dtype, "holds " + std::string(to_string(type)) + " weights in '" +
                                                          printable(name) +
                                                          "': quantised networks do not load; save the float weights");
  WeightTensor tensor;
  tensor.shape = view.shape;
  tensor.stored_as = std::string(to_string(type));
  const std::int64_t count = element_count(view.shape).value();
  const bool floating = type <= ElementType::float64;
  // count is at most 2^62 and a single view may repeat elements: saturate instead of overflowing.
  const std::uint64_t width = floating ? sizeof(float) : sizeof(std::int64_t);
  file.take_memory(static_cast<std::uint64_t>(count) > (std::uint64_t{1} << 60) ? ~std::uint64_t{0} : count * width);
  convert(tensor, type, storage, view, count);
  if (!all_finite(tensor.values)) {
    const auto first =
        std::find_if(tensor.values.begin(), tensor.values.end(), [](float v) { return !std::isfinite(v); });
    file.refuse(CheckpointProblem::non_finite,
                "holds a weight that is NaN, infinite or too large for float32 in '" + printable(name) + "' (element " +
                    std::to_string(first - tensor.values.begin()) + "): training diverged; use an earlier checkpoint");
  }
  return tensor;
}

}  // namespace cuebench
