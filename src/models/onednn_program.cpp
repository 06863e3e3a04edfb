#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "onednn_program.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include "dense_step.hpp"
#include "onednn_compiler.hpp"
#include "tap_means.hpp"

namespace cuebench::onednn {

using dnnl::memory;

namespace {

constexpr auto kFloat = memory::data_type::f32;
using Address = std::function<float*(Workspace&)>;
using Arguments = std::unordered_map<int, memory>;

/// A convolution with what was decided for it.
struct ChosenConvolution {
  dnnl::convolution_forward::primitive_desc description;
  bool adds = false;  ///< the sum and the activation are inside
};

class ForwardCompiler {
 public:
  explicit ForwardCompiler(Compiler& compiler) : c_(compiler) {}

  void compile(const FusedStep& step) {
    if (!step.spatial) {
      run_dense(step);
    } else {
      switch (step.operation) {
        case Operation::convolution:
          convolve(step);
          break;
        case Operation::batch_norm:
          normalise(step);
          break;
        case Operation::max_pool:
        case Operation::average_pool:
          pool(step);
          break;
        case Operation::global_average_pool:
          pool_globally(step);
          break;
        case Operation::concatenate:
          join(step);
          break;
        default:
          add(step, step.inputs[0], step.operation == Operation::add ? step.inputs[1] : kNowhere);
      }
    }
    measure_tap(step);
    release(step);
  }

 private:
  const PlanStep& plan_step(const FusedStep& step) const { return c_.plan.steps[step.first]; }
  void push(Stage stage) { c_.program.forward.push_back(std::move(stage)); }

  ChosenConvolution choose(const FusedStep& step, const Place& source, const memory::dims& output) const {
    const auto describe = [&](const memory::desc& from, bool adds) {
      dnnl::post_ops after;
      if (adds && step.addend >= 0) after.append_binary(dnnl::algorithm::binary_add, c_.places[step.addend].layout);
      if (adds && step.activation == Activation::relu) append_clamp(after, dnnl::algorithm::eltwise_relu, 0, 0);
      if (adds && step.activation == Activation::relu6) append_clamp(after, dnnl::algorithm::eltwise_clip, 0, 6);
      dnnl::primitive_attr attributes = caller_scratchpad();
      attributes.set_post_ops(after);
      const memory::desc weights(dims_of(c_.weights.plain(step.first)), kFloat, memory::format_tag::any);
      const memory::desc bias({output[1]}, kFloat, memory::format_tag::a);
      const bool pinned = adds && step.addend >= 0;
      return describe_convolution(c_.engine, from, weights, bias,
                                  pinned ? c_.places[step.addend].layout : any_layout(output),
                                  window_of(plan_step(step), dims_of(source.layout)), attributes);
    };
    const memory::desc any = any_layout(dims_of(source.layout));
    ChosenConvolution chosen;
    for (const bool adds : {true, false})
      for (const memory::desc& from : {source.layout, any}) {
        try {
          chosen = {describe(from, adds), adds};
        } catch (const dnnl::error&) {
          if (!adds && from == any) throw;
          continue;
        }
        if (is_fast(chosen.description.impl_info_str())) return chosen;
      }
    return chosen;
  }

  void convolve(const FusedStep& step) {
    const Place& source = c_.places[step.inputs[0]];
    const PlanStep& parameters = plan_step(step);
    const memory::dims input = dims_of(source.layout);
    const ChosenConvolution chosen =
        choose(step, source, window_output(window_of(parameters, input), input, parameters.weight.size(0)));
    const auto& description = chosen.description;

    Address from = c_.address(step.inputs[0]);
    std::int64_t copy = kNowhere;
    if (description.src_desc() != source.layout) {
      copy = c_.allocate(description.src_desc()).offset;
      const Address to = [copy](Workspace& w) { return w.floats(copy); };
      c_.add_reorder(c_.program.forward, source.layout, from, description.src_desc(), to);
      from = to;
    }
    const Place result = c_.allocate(description.dst_desc());
    c_.places[step.value] = result;
    const memory weights = c_.weights.reordered(step.first, description.weights_desc());
    const memory bias = c_.weights.bias(step.first);
    const bool adds = chosen.adds && step.addend >= 0;
    const Address addend = adds ? c_.address(step.addend) : Address();
    const memory::desc addend_layout = adds ? c_.places[step.addend].layout : memory::desc();
    c_.add_primitive(c_.program.forward, dnnl::convolution_forward(description), description.scratchpad_desc(),
                     [=, engine = c_.engine](Workspace& w) {
                       Arguments arguments{{DNNL_ARG_SRC, {description.src_desc(), engine, from(w)}},
                                           {DNNL_ARG_WEIGHTS, weights},
                                           {DNNL_ARG_BIAS, bias},
                                           {DNNL_ARG_DST, {result.layout, engine, w.floats(result.offset)}}};
                       if (adds)
                         arguments.emplace(DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1,
                                           memory(addend_layout, engine, addend(w)));
                       return arguments;
                     });
    if (copy != kNowhere) c_.arena.release(copy);
    if (!chosen.adds && (step.addend >= 0 || step.activation != Activation::none))
      clamp_sum(step, result, step.value, step.addend);
  }

  /// result = clamp(a + b), where b may be kNowhere.
  void add(const FusedStep& step, int a, int b) {
    const Place result = c_.allocate(c_.places[a].layout);
    c_.places[step.value] = result;
    clamp_sum(step, result, a, b);
  }

  void clamp_sum(const FusedStep& step, const Place& result, int a, int b) {
    Address other = b >= 0 ? c_.address(b) : Address();
    std::int64_t copy = kNowhere;
    if (b >= 0 && c_.places[b].layout != result.layout) {
      copy = c_.allocate(result.layout).offset;
      const Address to = [copy](Workspace& w) { return w.floats(copy); };
      c_.add_reorder(c_.program.forward, c_.places[b].layout, other, result.layout, to);
      other = to;
    }
    const Address first = c_.address(a);
    const Bounds bounds = bounds_of(step.activation);
    push([=, count = result.channels.size(), offset = result.offset](Workspace& w) {
      add_and_clamp(count, first(w), other ? other(w) : nullptr, bounds.lowest, bounds.highest, w.floats(offset));
    });
    if (copy != kNowhere) c_.arena.release(copy);
  }

  void normalise(const FusedStep& step) {
    const Place& source = c_.places[step.inputs[0]];
    const Place result = c_.allocate(source.layout);
    c_.places[step.value] = result;
    auto [scale, shift] = scale_of(plan_step(step), result.channels);
    const Address from = c_.address(step.inputs[0]);
    const Bounds bounds = bounds_of(step.activation);
    push([=, scale = std::move(scale), shift = std::move(shift)](Workspace& w) {
      scale_and_shift(result.channels, from(w), scale.data(), shift.data(), bounds.lowest, bounds.highest,
                      w.floats(result.offset));
    });
  }

  void pool(const FusedStep& step) {
    const Place& source = c_.places[step.inputs[0]];
    const PlanStep& parameters = plan_step(step);
    const memory::dims input = dims_of(source.layout);
    const Window window = window_of(parameters, input);
    const bool maximum = parameters.operation == Operation::max_pool;
    const auto algorithm = maximum ? dnnl::algorithm::pooling_max : dnnl::algorithm::pooling_avg_include_padding;
    const bool recorded = c_.purpose == Purpose::gradients && maximum;
    const auto description =
        describe_pooling(c_.engine, algorithm, source.layout, any_layout(window_output(window, input, input[1])),
                         window, recorded, caller_scratchpad());
    const Place result = c_.allocate(description.dst_desc());
    c_.places[step.value] = result;
    std::int64_t kept = kNowhere;
    if (recorded) kept = c_.arena.allocate(static_cast<std::int64_t>(description.workspace_desc().get_size() + 3) / 4);
    c_.pooling_workspaces[step.value] = kept;
    const Address from = c_.address(step.inputs[0]);
    c_.add_primitive(c_.program.forward, dnnl::pooling_forward(description), description.scratchpad_desc(),
                     [=, layout = source.layout, engine = c_.engine](Workspace& w) {
                       Arguments arguments{{DNNL_ARG_SRC, {layout, engine, from(w)}},
                                           {DNNL_ARG_DST, {result.layout, engine, w.floats(result.offset)}}};
                       if (kept != kNowhere)
                         arguments.emplace(DNNL_ARG_WORKSPACE,
                                           memory(description.workspace_desc(), engine, w.floats(kept)));
                       return arguments;
                     });
  }

  void pool_globally(const FusedStep& step) {
    const Place& source = c_.places[step.inputs[0]];
    const Address from = c_.address(step.inputs[0]);
    const ChannelLayout layout = source.channels;
    c_.examples[step.value] = at::zeros({layout.images, layout.channels}, at::kFloat);
    push([=, value = step.value](Workspace& w) {
      std::vector<double> sums(static_cast<std::size_t>(layout.images * layout.channels));
      sum_positions(layout, from(w), sums.data());
      at::Tensor means = at::empty({layout.images, layout.channels}, at::kFloat);
      std::transform(sums.begin(), sums.end(), means.data_ptr<float>(),
                     [&](double sum) { return static_cast<float>(sum / static_cast<double>(layout.positions)); });
      w.dense[value] = std::move(means);
    });
  }

  /// By copying channels where blocks allow it; else as dense tensors.
  void join(const FusedStep& step) {
    const ChannelLayout first = c_.places[step.inputs[0]].channels;
    std::int64_t channels = 0;
    bool fits = true;
    for (const int input : step.inputs) {
      const ChannelLayout& layout = c_.places[input].channels;
      fits =
          fits && layout.block == first.block && layout.block != layout.channels && layout.channels % layout.block == 0;
      channels += layout.channels;
    }
    if (!fits) return run_dense(step);
    memory::dims dims = dims_of(c_.places[step.inputs[0]].layout);
    dims[1] = channels;
    const auto tag = first.block == 1    ? memory::format_tag::nchw
                     : first.block == 16 ? memory::format_tag::nChw16c
                                         : memory::format_tag::nChw8c;
    const Place result = c_.allocate({dims, kFloat, tag});
    c_.places[step.value] = result;
    std::int64_t offset = 0;
    for (const int input : step.inputs) {
      push([=, from = c_.address(input), part = c_.places[input].channels](Workspace& w) {
        copy_into_channels(part, from(w), result.channels, offset, w.floats(result.offset));
      });
      offset += c_.places[input].channels.channels;
    }
  }

  /// By LibTorch's own functions. An example of the result shows its shape.
  void run_dense(const FusedStep& step) {
    const PlanStep& dense_step = plan_step(step);
    for (const int input : dense_step.inputs) make_dense(input);
    PlanStep careful = dense_step;  // a dense copy may be read again
    careful.may_overwrite = careful.may_overwrite_recorded = false;
    const at::Tensor example = run_dense_step(careful, c_.examples);
    c_.examples[step.value] = example;
    if (example.dim() == 4) {
      const memory::desc layout = dense_layout(example.sizes().vec());
      c_.places[step.value] = {layout, *channel_layout(layout), kNowhere};
    }
    push([careful, value = step.value](Workspace& w) {
      w.dense[value] = run_dense_step(careful, w.dense);
      if (w.dense[value].dim() == 4) w.dense[value] = w.dense[value].contiguous();
    });
  }

  void make_dense(int value) {
    if (c_.examples[value].defined()) return;
    const Place& place = c_.places[value];
    const memory::dims dims = dims_of(place.layout);
    c_.examples[value] = at::zeros(dims, at::kFloat);
    push([value, dims](Workspace& w) { w.dense[value] = at::empty(dims, at::kFloat); });
    c_.add_reorder(c_.program.forward, place.layout, c_.address(value), dense_layout(dims),
                   [value](Workspace& w) { return w.dense[value].data_ptr<float>(); });
  }

  void measure_tap(const FusedStep& step) {
    if (c_.purpose == Purpose::gradients) return;
    const int value = step.value;
    if (std::find(c_.plan.taps.begin(), c_.plan.taps.end(), value) == c_.plan.taps.end()) return;
    const Place& place = c_.places[value];
    if (place.offset == kNowhere) {
      push([value](Workspace& w) { w.means[value] = spatial_means(w.dense[value]); });
      return;
    }
    push([=, layout = place.channels, offset = place.offset](Workspace& w) {
      TapMeans means{layout.images, layout.channels, {}};
      means.values.resize(static_cast<std::size_t>(layout.images * layout.channels));
      sum_positions(layout, w.floats(offset), means.values.data());
      for (double& mean : means.values) mean /= static_cast<double>(layout.positions);
      w.means[value] = std::move(means);
    });
  }

  void release(const FusedStep& step) {
    if (c_.purpose == Purpose::gradients) return;  // activations are read on the way back
    std::vector<int> dense;
    for (const int value : step.releases) {
      if (c_.examples[value].defined()) dense.push_back(value);
      if (c_.places[value].offset != kNowhere) c_.arena.release(c_.places[value].offset);
    }
    if (dense.empty()) return;
    push([dense](Workspace& w) {
      for (const int value : dense) w.dense[value].reset();
    });
  }

  Compiler& c_;
};

}  // namespace

std::pair<std::vector<float>, std::vector<float>> scale_of(const PlanStep& norm, const ChannelLayout& layout) {
  std::vector<float> scale(static_cast<std::size_t>(layout.chunks * layout.block), 0.0F), shift = scale;
  for (std::int64_t c = 0; c < layout.channels; ++c) {
    const double variance = norm.running_variance.data_ptr<float>()[c];
    const double factor = norm.weight.data_ptr<float>()[c] / std::sqrt(variance + norm.epsilon);
    scale[c] = static_cast<float>(factor);
    shift[c] = static_cast<float>(norm.bias.data_ptr<float>()[c] - norm.running_mean.data_ptr<float>()[c] * factor);
  }
  return {std::move(scale), std::move(shift)};
}

Bounds bounds_of(Activation activation) {
  Bounds bounds;
  if (activation != Activation::none) bounds.lowest = 0;
  if (activation == Activation::relu6) bounds.highest = 6;
  return bounds;
}

bool is_fast(std::string_view implementation) {
  return implementation.starts_with("jit") || implementation.starts_with("brg");
}

Window window_of(const PlanStep& step, const memory::dims& source) {
  Window window{step.kernel, step.stride, step.padding, step.padding};
  if (!step.ceil_mode) return window;
  // One more window where the last one would leave rows out, if it starts inside the input or the padding before it.
  const std::int64_t span = source[2] + 2 * step.padding - step.kernel;
  const std::int64_t more = (step.stride - span % step.stride) % step.stride;
  const bool starts_inside = (span / step.stride + 1) * step.stride < source[2] + step.padding;
  if (more > 0 && starts_inside) window.end_padding += more;
  return window;
}

memory::dims window_output(const Window& window, const memory::dims& source, std::int64_t channels) {
  const auto positions = [&](std::int64_t size) {
    return (size + window.padding + window.end_padding - window.kernel) / window.stride + 1;
  };
  return {source[0], channels, positions(source[2]), positions(source[3])};
}

memory::desc dense_layout(const memory::dims& dims) {
  return {dims, kFloat, memory::format_tag::nchw};
}

memory::desc any_layout(const memory::dims& dims) {
  return {dims, kFloat, memory::format_tag::any};
}

memory::dims dims_of(const memory::desc& layout) {
#if DNNL_VERSION_MAJOR >= 3
  return layout.get_dims();
#else
  return layout.dims();
#endif
}

Workspace Program::make_workspace(const dnnl::engine& engine) const {
  Workspace workspace{dnnl::stream(engine),
                      at::empty({arena_floats}, at::kFloat),
                      at::empty({scratchpad_bytes}, at::kByte),
                      {},
                      {},
                      {},
                      {}};
  workspace.dense.resize(values);
  workspace.dense_gradients.resize(values);
  workspace.means.resize(values);
  return workspace;
}

memory::desc WeightStore::plain(int step) const {
  const PlanStep& convolution = plan_->steps[step];
  const auto shape = convolution.weight.sizes();
  if (convolution.groups == 1) return {shape.vec(), kFloat, memory::format_tag::oihw};
  const std::int64_t groups = convolution.groups;
  return {{groups, shape[0] / groups, shape[1], shape[2], shape[3]}, kFloat, memory::format_tag::goihw};
}

memory WeightStore::reordered(int step, const memory::desc& wanted) {
  for (const Entry& entry : weights_)
    if (entry.step == step && entry.memory.get_desc() == wanted) return entry.memory;
  memory source(plain(step), engine_, plan_->steps[step].weight.data_ptr<float>());
  memory result(wanted, engine_);
  dnnl::stream stream(engine_);
  dnnl::reorder(source, result).execute(stream, source, result);
  stream.wait();
  weights_.push_back({step, result});
  return result;
}

memory WeightStore::bias(int step) {
  for (const Entry& entry : biases_)
    if (entry.step == step) return entry.memory;
  const PlanStep& convolution = plan_->steps[step];
  const std::int64_t channels = convolution.weight.size(0);
  memory result({{channels}, kFloat, memory::format_tag::a}, engine_);
  float* const values = static_cast<float*>(result.get_data_handle());
  std::fill_n(values, channels, 0.0F);
  if (convolution.bias.defined()) std::copy_n(convolution.bias.data_ptr<float>(), channels, values);
  biases_.push_back({step, result});
  return result;
}

Place Compiler::allocate(const memory::desc& layout) {
  const auto channels = channel_layout(layout);
  if (!channels)
    throw dnnl::error(dnnl_unimplemented, "a layout of oneDNN's is not one of [images][chunks][positions][block]");
  return {layout, *channels, arena.allocate(static_cast<std::int64_t>(layout.get_size() + 3) / 4)};
}

std::function<float*(Workspace&)> Compiler::address(int value) const {
  if (places[value].offset == kNowhere) return [value](Workspace& w) { return w.dense[value].data_ptr<float>(); };
  return [offset = places[value].offset](Workspace& w) { return w.floats(offset); };
}

void Compiler::add_primitive(std::vector<Stage>& stages, const dnnl::primitive& primitive,
                             const memory::desc& scratchpad, std::function<Arguments(Workspace&)> arguments) {
  program.scratchpad_bytes = std::max(program.scratchpad_bytes, static_cast<std::int64_t>(scratchpad.get_size()));
  stages.push_back([primitive, scratchpad, arguments = std::move(arguments), engine = engine](Workspace& w) {
    Arguments all = arguments(w);
    all.emplace(DNNL_ARG_SCRATCHPAD, memory(scratchpad, engine, w.scratchpad.data_ptr()));
    primitive.execute(w.stream, all);
  });
}

void Compiler::add_reorder(std::vector<Stage>& stages, const memory::desc& from, Address source, const memory::desc& to,
                           Address destination) {
  const dnnl::reorder::primitive_desc description(engine, from, engine, to, caller_scratchpad());
  add_primitive(
      stages, dnnl::reorder(description), description.scratchpad_desc(),
      [=, engine = engine, source = std::move(source), destination = std::move(destination)](Workspace& w) {
        return Arguments{{DNNL_ARG_FROM, {from, engine, source(w)}}, {DNNL_ARG_TO, {to, engine, destination(w)}}};
      });
}

void Compiler::forward(const NodeShape& input) {
  const std::size_t values = plan.steps.size();
  program.values = values;
  places.resize(values);
  examples.resize(values);
  pooling_workspaces.assign(values, kNowhere);
  examples[0] = at::zeros(input, at::kFloat);
  const memory::desc layout = dense_layout(input);
  places[0] = {layout, *channel_layout(layout), kNowhere};
  ForwardCompiler steps(*this);
  for (const FusedStep& step : plan.fused) steps.compile(step);
  if (!examples.back().defined() || examples.back().dim() != 2)
    throw dnnl::error(dnnl_unimplemented, "the network does not end in a vector");
}

Program compile(const FusedPlan& plan, WeightStore& weights, const dnnl::engine& engine, const NodeShape& input,
                Purpose purpose) {
  Compiler compiler{plan, weights, engine, purpose, {}, {}, {}, {}, {}};
  compiler.forward(input);
  if (purpose == Purpose::gradients) compiler.backward();
  compiler.program.arena_floats = compiler.arena.total();
  return std::move(compiler.program);
}

}  // namespace cuebench::onednn
