#include "second_device.hpp"

#include <algorithm>
#include <new>
#include <numeric>
#include <optional>

#include <ATen/ATen.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

namespace cuebench::test {
namespace {

constexpr c10::DeviceType kSecond = c10::DeviceType::PrivateUse1;

void complement(const void* from, void* to, std::size_t bytes) {
  const auto* const source = static_cast<const std::uint8_t*>(from);
  std::transform(source, source + bytes, static_cast<std::uint8_t*>(to),
                 [](std::uint8_t byte) { return static_cast<std::uint8_t>(~byte); });
}

std::uint8_t* memory_of(const at::Tensor& tensor) {
  return static_cast<std::uint8_t*>(const_cast<void*>(static_cast<const void*>(tensor.storage().data())));
}

at::Tensor make_empty(at::IntArrayRef sizes, at::IntArrayRef strides, at::ScalarType type) {
  std::int64_t last = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) last += (std::max<std::int64_t>(sizes[i], 1) - 1) * strides[i];
  const std::size_t bytes = static_cast<std::size_t>(last + 1) * c10::elementSize(type);
  void* const memory = ::operator new(bytes);
  c10::Storage storage(c10::Storage::use_byte_size_t(), bytes,
                       c10::DataPtr(
                           memory, memory, [](void* p) { ::operator delete(p); }, second_device()),
                       nullptr, false);
  at::Tensor tensor = at::detail::make_tensor<c10::TensorImpl>(
      std::move(storage), c10::DispatchKeySet(c10::DispatchKey::PrivateUse1), c10::scalarTypeToTypeMeta(type));
  tensor.unsafeGetTensorImpl()->set_sizes_and_strides(sizes, strides);
  return tensor;
}

at::Tensor empty_strided(at::IntArrayRef sizes, at::IntArrayRef strides, c10::optional<at::ScalarType> type,
                         c10::optional<at::Layout>, c10::optional<at::Device>, c10::optional<bool>) {
  return make_empty(sizes, strides, type.value_or(at::kFloat));
}

at::Tensor empty(at::IntArrayRef sizes, c10::optional<at::ScalarType> type, c10::optional<at::Layout>,
                 c10::optional<at::Device>, c10::optional<bool>, c10::optional<at::MemoryFormat> format) {
  // A tensor of the CPU knows the strides of every memory format.
  const at::Tensor like = at::empty(sizes, at::TensorOptions(type.value_or(at::kFloat)), format);
  return make_empty(sizes, like.strides(), like.scalar_type());
}

/// The values on the CPU, with the same strides.
at::Tensor decoded(const at::Tensor& tensor) {
  if (tensor.device().is_cpu()) return tensor;
  const std::size_t bytes = tensor.storage().nbytes();
  const at::Tensor all =
      at::empty({static_cast<std::int64_t>(bytes / c10::elementSize(tensor.scalar_type()))}, tensor.scalar_type());
  complement(memory_of(tensor), all.data_ptr(), bytes);
  return all.as_strided(tensor.sizes(), tensor.strides(), tensor.storage_offset());
}

at::Tensor& copy_into(at::Tensor& self, const at::Tensor& source, bool) {
  const at::Tensor values = decoded(source);
  if (self.device().is_cpu()) return self.copy_(values);
  const at::Tensor changed = decoded(self);
  changed.copy_(values);
  complement(changed.storage().data(), memory_of(self), self.storage().nbytes());
  return self;
}

at::Tensor copy_from(const at::Tensor& source, const at::Tensor& destination, bool non_blocking) {
  at::Tensor target = destination;
  return copy_into(target, source, non_blocking);
}

at::Tensor copy_from_and_resize(const at::Tensor& source, const at::Tensor& destination) {
  if (source.sizes() != destination.sizes()) {
    const at::Tensor fresh = make_empty(source.sizes(), source.strides(), destination.scalar_type());
    destination.unsafeGetTensorImpl()->set_storage_keep_dtype(fresh.storage());
    destination.unsafeGetTensorImpl()->set_sizes_and_strides(fresh.sizes(), fresh.strides());
  }
  return copy_from(source, destination, false);
}

at::Tensor on_second(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.to(second_device()) : tensor;
}

at::Tensor convolve(const at::Tensor& x, const at::Tensor& weight, const c10::optional<at::Tensor>& bias,
                    at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
                    at::IntArrayRef output_padding, std::int64_t groups) {
  const at::Tensor added = bias && bias->defined() ? bias->cpu() : at::Tensor();
  return on_second(
      at::convolution(x.cpu(), weight.cpu(), added, stride, padding, dilation, transposed, output_padding, groups));
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> convolve_backward(const at::Tensor& gradient, const at::Tensor& x,
                                                                 const at::Tensor& weight, at::IntArrayRef stride,
                                                                 at::IntArrayRef padding, at::IntArrayRef dilation,
                                                                 bool transposed, at::IntArrayRef output_padding,
                                                                 std::int64_t groups, std::array<bool, 3> mask) {
  const auto [by_x, by_weight, by_bias] =
      at::convolution_backward(gradient.cpu(), x.cpu(), weight.cpu(), c10::nullopt, stride, padding, dilation,
                               transposed, output_padding, groups, mask);
  return {on_second(by_x), on_second(by_weight), on_second(by_bias)};
}

at::Tensor as_strided(const at::Tensor& self, at::IntArrayRef sizes, at::IntArrayRef strides,
                      c10::optional<std::int64_t> offset) {
  return at::native::as_strided_tensorimpl(self, sizes, strides, offset);
}

at::Tensor view(const at::Tensor& self, at::IntArrayRef sizes) {
  return at::native::view(self, sizes);
}

at::Tensor reshape_alias(const at::Tensor& self, at::IntArrayRef sizes, at::IntArrayRef strides) {
  return at::native::_reshape_alias(self, sizes, strides);
}

/// One device with one stream, on which everything has happened when a call returns.
struct Guard : c10::impl::DeviceGuardImplInterface {
  static constexpr c10::DeviceType static_type = kSecond;
  c10::DeviceType type() const override { return kSecond; }
  c10::Device exchangeDevice(c10::Device) const override { return second_device(); }
  c10::Device getDevice() const override { return second_device(); }
  void setDevice(c10::Device) const override {}
  void uncheckedSetDevice(c10::Device) const noexcept override {}
  c10::Stream getStream(c10::Device device) const noexcept override {
    return c10::Stream(c10::Stream::DEFAULT, device);
  }
  c10::Stream getDefaultStream(c10::Device device) const override { return c10::Stream(c10::Stream::DEFAULT, device); }
  c10::Stream exchangeStream(c10::Stream stream) const noexcept override { return stream; }
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }
  void record(void**, const c10::Stream&, c10::DeviceIndex, c10::EventFlag) const override {}
  void block(void*, const c10::Stream&) const override {}
};

/// Newer versions of cpu_fallback take more arguments.
void fall_back(const c10::OperatorHandle& operation, torch::jit::Stack* stack) {
  at::native::cpu_fallback(operation, stack);
}

}  // namespace

at::Device second_device() {
  return {kSecond, 0};
}

}  // namespace cuebench::test

namespace at {
C10_REGISTER_GUARD_IMPL(PrivateUse1, cuebench::test::Guard)
}  // namespace at

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
  library.impl("empty.memory_format", TORCH_FN(cuebench::test::empty));
  library.impl("empty_strided", TORCH_FN(cuebench::test::empty_strided));
  library.impl("copy_", TORCH_FN(cuebench::test::copy_into));
  library.impl("_copy_from", TORCH_FN(cuebench::test::copy_from));
  library.impl("_copy_from_and_resize", TORCH_FN(cuebench::test::copy_from_and_resize));
  library.impl("as_strided", TORCH_FN(cuebench::test::as_strided));
  library.impl("view", TORCH_FN(cuebench::test::view));
  library.impl("_reshape_alias", TORCH_FN(cuebench::test::reshape_alias));
  library.impl("convolution_overrideable", TORCH_FN(cuebench::test::convolve));
  library.impl("convolution_backward_overrideable", TORCH_FN(cuebench::test::convolve_backward));
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&cuebench::test::fall_back>());
}
