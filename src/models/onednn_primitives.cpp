#include "onednn_primitives.hpp"

namespace cuebench::onednn {
namespace {

using dnnl::memory;

memory::dims both(std::int64_t value) {
  return {value, value};
}

constexpr auto kInference = dnnl::prop_kind::forward_inference;
constexpr auto kTraining = dnnl::prop_kind::forward_training;

}  // namespace

dnnl::primitive_attr caller_scratchpad() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

#if DNNL_VERSION_MAJOR >= 3

dnnl::convolution_forward::primitive_desc describe_convolution(const dnnl::engine& engine, const memory::desc& source,
                                                               const memory::desc& weights, const memory::desc& bias,
                                                               const memory::desc& destination, const Window& window,
                                                               const dnnl::primitive_attr& attributes) {
  return {engine,
          kInference,
          dnnl::algorithm::convolution_direct,
          source,
          weights,
          bias,
          destination,
          both(window.stride),
          both(window.padding),
          both(window.end_padding),
          attributes};
}

dnnl::convolution_backward_data::primitive_desc describe_convolution_gradient(
    const dnnl::engine& engine, const memory::desc& by_source, const memory::desc& weights,
    const memory::desc& by_destination, const Window& window,
    const dnnl::convolution_forward::primitive_desc& forward) {
  return {engine,
          dnnl::algorithm::convolution_direct,
          by_source,
          weights,
          by_destination,
          both(window.stride),
          both(window.padding),
          both(window.end_padding),
          forward,
          caller_scratchpad()};
}

dnnl::pooling_forward::primitive_desc describe_pooling(const dnnl::engine& engine, dnnl::algorithm algorithm,
                                                       const memory::desc& source, const memory::desc& destination,
                                                       const Window& window, bool recorded,
                                                       const dnnl::primitive_attr& attributes) {
  return {engine,
          recorded ? kTraining : kInference,
          algorithm,
          source,
          destination,
          both(window.stride),
          both(window.kernel),
          both(0),
          both(window.padding),
          both(window.end_padding),
          attributes};
}

dnnl::pooling_backward::primitive_desc describe_pooling_gradient(const dnnl::engine& engine, dnnl::algorithm algorithm,
                                                                 const memory::desc& by_source,
                                                                 const memory::desc& by_destination,
                                                                 const Window& window,
                                                                 const dnnl::pooling_forward::primitive_desc& forward,
                                                                 const dnnl::primitive_attr& attributes) {
  return {engine,
          algorithm,
          by_source,
          by_destination,
          both(window.stride),
          both(window.kernel),
          both(0),
          both(window.padding),
          both(window.end_padding),
          forward,
          attributes};
}

void append_clamp(dnnl::post_ops& operations, dnnl::algorithm algorithm, float lowest, float highest) {
  operations.append_eltwise(algorithm, lowest, highest);
}

#else

dnnl::convolution_forward::primitive_desc describe_convolution(const dnnl::engine& engine, const memory::desc& source,
                                                               const memory::desc& weights, const memory::desc& bias,
                                                               const memory::desc& destination, const Window& window,
                                                               const dnnl::primitive_attr& attributes) {
  return {{kInference, dnnl::algorithm::convolution_direct, source, weights, bias, destination, both(window.stride),
           both(window.padding), both(window.end_padding)},
          attributes,
          engine};
}

dnnl::convolution_backward_data::primitive_desc describe_convolution_gradient(
    const dnnl::engine& engine, const memory::desc& by_source, const memory::desc& weights,
    const memory::desc& by_destination, const Window& window,
    const dnnl::convolution_forward::primitive_desc& forward) {
  return {{dnnl::algorithm::convolution_direct, by_source, weights, by_destination, both(window.stride),
           both(window.padding), both(window.end_padding)},
          caller_scratchpad(),
          engine,
          forward};
}

dnnl::pooling_forward::primitive_desc describe_pooling(const dnnl::engine& engine, dnnl::algorithm algorithm,
                                                       const memory::desc& source, const memory::desc& destination,
                                                       const Window& window, bool recorded,
                                                       const dnnl::primitive_attr& attributes) {
  return {{recorded ? kTraining : kInference, algorithm, source, destination, both(window.stride), both(window.kernel),
           both(window.padding), both(window.end_padding)},
          attributes,
          engine};
}

dnnl::pooling_backward::primitive_desc describe_pooling_gradient(const dnnl::engine& engine, dnnl::algorithm algorithm,
                                                                 const memory::desc& by_source,
                                                                 const memory::desc& by_destination,
                                                                 const Window& window,
                                                                 const dnnl::pooling_forward::primitive_desc& forward,
                                                                 const dnnl::primitive_attr& attributes) {
  return {{algorithm, by_source, by_destination, both(window.stride), both(window.kernel), both(window.padding),
           both(window.end_padding)},
          attributes,
          engine,
          forward};
}

void append_clamp(dnnl::post_ops& operations, dnnl::algorithm algorithm, float lowest, float highest) {
  operations.append_eltwise(1.0F, algorithm, lowest, highest);
}

#endif

}  // namespace cuebench::onednn
