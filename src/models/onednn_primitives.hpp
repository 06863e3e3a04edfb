#pragma once
// What differs between oneDNN 2 (Debian 12) and 3 (Debian 13), behind one set of functions.

#include <cstdint>

#include <oneapi/dnnl/dnnl.hpp>

namespace cuebench::onednn {

/// A sliding window with equal values along both axes; `end_padding` is behind the last row and column.
struct Window {
  std::int64_t kernel = 1, stride = 1, padding = 0, end_padding = 0;
};

dnnl::convolution_forward::primitive_desc describe_convolution(
    const dnnl::engine& engine, const dnnl::memory::desc& source, const dnnl::memory::desc& weights,
    const dnnl::memory::desc& bias, const dnnl::memory::desc& destination, const Window& window,
    const dnnl::primitive_attr& attributes);

dnnl::convolution_backward_data::primitive_desc describe_convolution_gradient(
    const dnnl::engine& engine, const dnnl::memory::desc& by_source, const dnnl::memory::desc& weights,
    const dnnl::memory::desc& by_destination, const Window& window,
    const dnnl::convolution_forward::primitive_desc& forward);

/// `recorded` keeps what the gradient of a maximum needs.
dnnl::pooling_forward::primitive_desc describe_pooling(const dnnl::engine& engine, dnnl::algorithm algorithm,
                                                       const dnnl::memory::desc& source,
                                                       const dnnl::memory::desc& destination, const Window& window,
                                                       bool recorded, const dnnl::primitive_attr& attributes);

dnnl::pooling_backward::primitive_desc describe_pooling_gradient(const dnnl::engine& engine, dnnl::algorithm algorithm,
                                                                 const dnnl::memory::desc& by_source,
                                                                 const dnnl::memory::desc& by_destination,
                                                                 const Window& window,
                                                                 const dnnl::pooling_forward::primitive_desc& forward,
                                                                 const dnnl::primitive_attr& attributes);

void append_clamp(dnnl::post_ops& operations, dnnl::algorithm algorithm, float lowest, float highest);

/// Scratch memory is given by the caller, so that one primitive serves several threads.
dnnl::primitive_attr caller_scratchpad();

}  // namespace cuebench::onednn
