#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
// The backward half of a program: the gradient of the logits by the input, weights untouched.

#include <unordered_map>

#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/mul.h>

#include "onednn_compiler.hpp"

namespace cuebench::onednn {

using dnnl::memory;

namespace {

using Arguments = std::unordered_map<int, memory>;

bool is_dense_with_gradient(Operation operation) {
  return operation == Operation::flatten || operation == Operation::linear || operation == Operation::relu ||
         operation == Operation::relu6;
}

class GradientCompiler {
 public:
  explicit GradientCompiler(Compiler& compiler) : c_(compiler), gradients_(compiler.plan.steps.size(), kNowhere) {}

  /// Steps come in reverse order, so that a value's gradient is complete when its own step is reached.
  void compile(const FusedStep& step) {
    if (step.operation == Operation::global_average_pool) return spread(step);
    if (!step.spatial) return compile_dense(step);
    const std::int64_t gradient = gradients_[step.value];
    if (gradient == kNowhere) return;  // nothing reads it
    mask(step, gradient);
    switch (step.operation) {
      case Operation::convolution:
        convolve(step, gradient);
        break;
      case Operation::batch_norm:
        scale(step, gradient);
        break;
      case Operation::max_pool:
      case Operation::average_pool:
        pool(step, gradient);
        break;
      case Operation::concatenate:
        split(step, gradient);
        break;
      case Operation::add:
        share(step.inputs[1], gradient);
        hand_over(step.inputs[0], gradient);
        break;
      default:  // an activation by itself
        hand_over(step.inputs[0], gradient);
    }
  }

  void finish() {
    const std::int64_t offset = gradients_[0];
    push([offset, dims = dims_of(c_.places[0].layout)](Workspace& w) {
      w.input_gradient = at::empty(dims, at::kFloat);
      std::copy_n(w.floats(offset), w.input_gradient.numel(), w.input_gradient.data_ptr<float>());
    });
  }

  bool reached_input() const { return gradients_[0] != kNowhere; }

 private:
  void push(Stage stage) { c_.program.backward.push_back(std::move(stage)); }
  std::int64_t floats_of(int value) const {
    return static_cast<std::int64_t>(c_.places[value].layout.get_size() + 3) / 4;
  }

  void mask(const FusedStep& step, std::int64_t gradient) {
    if (step.activation == Activation::none) return;
    const Place& place = c_.places[step.value];
    const Bounds bounds = bounds_of(step.activation);
    push([=, value = c_.address(step.value), count = place.channels.size()](Workspace& w) {
      mask_gradient(count, value(w), bounds.lowest, bounds.highest, w.floats(gradient));
    });
  }

  /// Gives `value` the gradient that lies at `offset`, which nobody needs any more.
  void hand_over(int value, std::int64_t offset) {
    if (gradients_[value] == kNowhere) {
      gradients_[value] = offset;
      return;
    }
    add_to(value, offset);
    c_.arena.release(offset);
  }

  /// The same where it is needed further.
  void share(int value, std::int64_t offset) {
    if (gradients_[value] != kNowhere) return add_to(value, offset);
    const std::int64_t copy = gradients_[value] = c_.arena.allocate(floats_of(value));
    push([=, count = c_.places[value].channels.size()](Workspace& w) {
      std::copy_n(w.floats(offset), count, w.floats(copy));
    });
  }

  void add_to(int value, std::int64_t offset) {
    push([=, total = gradients_[value], count = c_.places[value].channels.size()](Workspace& w) {
      constexpr float kNone = std::numeric_limits<float>::infinity();
      add_and_clamp(count, w.floats(total), w.floats(offset), -kNone, kNone, w.floats(total));
    });
  }

  void convolve(const FusedStep& step, std::int64_t gradient) {
    const int input = step.inputs[0];
    const Place &source = c_.places[input], &result = c_.places[step.value];
    const auto description = describe(step, source, result);
    std::int64_t by_result = gradient;
    if (description.diff_dst_desc() != result.layout)
      by_result = reordered(result.layout, gradient, description.diff_dst_desc());
    std::int64_t by_source = c_.arena.allocate(floats(description.diff_src_desc()));
    const memory weights = c_.weights.reordered(step.first, description.weights_desc());
    c_.add_primitive(c_.program.backward, dnnl::convolution_backward_data(description), description.scratchpad_desc(),
                     [=, engine = c_.engine](Workspace& w) {
                       return Arguments{
                           {DNNL_ARG_DIFF_DST, {description.diff_dst_desc(), engine, w.floats(by_result)}},
                           {DNNL_ARG_WEIGHTS, weights},
                           {DNNL_ARG_DIFF_SRC, {description.diff_src_desc(), engine, w.floats(by_source)}}};
                     });
    if (by_result != gradient) c_.arena.release(by_result);
    if (description.diff_src_desc() != source.layout) {
      const std::int64_t fitted = reordered(description.diff_src_desc(), by_source, source.layout);
      c_.arena.release(by_source);
      by_source = fitted;
    }
    hand_over(input, by_source);
    if (step.addend >= 0) {
      hand_over_in_layout(step.addend, result.layout, gradient);
    } else {
      c_.arena.release(gradient);
    }
  }

  /// A sum that had to be reordered has a gradient that must be.
  void hand_over_in_layout(int value, const memory::desc& layout, std::int64_t gradient) {
    if (c_.places[value].layout == layout) return hand_over(value, gradient);
    const std::int64_t fitted = reordered(layout, gradient, c_.places[value].layout);
    c_.arena.release(gradient);
    hand_over(value, fitted);
  }

  dnnl::convolution_backward_data::primitive_desc describe(const FusedStep& step, const Place& source,
                                                           const Place& result) const {
    const memory::dims input = dims_of(source.layout), output = dims_of(result.layout);
    const Window window = window_of(c_.plan.steps[step.first], input);
    const memory::desc weights(dims_of(c_.weights.plain(step.first)), memory::data_type::f32, memory::format_tag::any);
    const memory::desc bias({output[1]}, memory::data_type::f32, memory::format_tag::a);
    const auto forward = describe_convolution(c_.engine, any_layout(input), weights, bias, any_layout(output), window,
                                              caller_scratchpad());
    dnnl::convolution_backward_data::primitive_desc chosen;
    const std::vector<std::pair<memory::desc, memory::desc>> layouts{
        {source.layout, result.layout}, {any_layout(input), result.layout}, {any_layout(input), any_layout(output)}};
    for (const auto& [by_source, by_result] : layouts) {
      try {
        chosen = describe_convolution_gradient(c_.engine, by_source, weights, by_result, window, forward);
      } catch (const dnnl::error&) {
        if (by_result == layouts.back().second) throw;
        continue;
      }
      if (is_fast(chosen.impl_info_str())) break;
    }
    return chosen;
  }

  std::int64_t floats(const memory::desc& layout) const { return static_cast<std::int64_t>(layout.get_size() + 3) / 4; }

  /// A copy in another layout.
  std::int64_t reordered(const memory::desc& from, std::int64_t offset, const memory::desc& to) {
    const std::int64_t copy = c_.arena.allocate(floats(to));
    c_.add_reorder(
        c_.program.backward, from, [offset](Workspace& w) { return w.floats(offset); }, to,
        [copy](Workspace& w) { return w.floats(copy); });
    return copy;
  }

  void scale(const FusedStep& step, std::int64_t gradient) {
    const ChannelLayout& layout = c_.places[step.value].channels;
    push([=, scale = scale_of(c_.plan.steps[step.first], layout).first](Workspace& w) {
      constexpr float kNone = std::numeric_limits<float>::infinity();
      scale_and_shift(layout, w.floats(gradient), scale.data(), nullptr, -kNone, kNone, w.floats(gradient));
    });
    hand_over(step.inputs[0], gradient);
  }

  void pool(const FusedStep& step, std::int64_t gradient) {
    const int input = step.inputs[0];
    const Place &source = c_.places[input], &result = c_.places[step.value];
    const PlanStep& parameters = c_.plan.steps[step.first];
    const bool maximum = parameters.operation == Operation::max_pool;
    const auto algorithm = maximum ? dnnl::algorithm::pooling_max : dnnl::algorithm::pooling_avg_include_padding;
    const Window window = window_of(parameters, dims_of(source.layout));
    const auto forward =
        describe_pooling(c_.engine, algorithm, source.layout, result.layout, window, true, caller_scratchpad());
    const auto description = describe_pooling_gradient(c_.engine, algorithm, source.layout, result.layout, window,
                                                       forward, caller_scratchpad());
    const std::int64_t by_source = c_.arena.allocate(floats_of(input));
    const std::int64_t kept = c_.pooling_workspaces[step.value];
    c_.add_primitive(c_.program.backward, dnnl::pooling_backward(description), description.scratchpad_desc(),
                     [=, from = result.layout, to = source.layout, engine = c_.engine](Workspace& w) {
                       Arguments arguments{{DNNL_ARG_DIFF_DST, {from, engine, w.floats(gradient)}},
                                           {DNNL_ARG_DIFF_SRC, {to, engine, w.floats(by_source)}}};
                       if (kept != kNowhere)
                         arguments.emplace(DNNL_ARG_WORKSPACE,
                                           memory(forward.workspace_desc(), engine, w.floats(kept)));
                       return arguments;
                     });
    c_.arena.release(gradient);
    hand_over(input, by_source);
  }

  void split(const FusedStep& step, std::int64_t gradient) {
    std::int64_t first = 0;
    const ChannelLayout whole = c_.places[step.value].channels;
    for (const int input : step.inputs) {
      const memory::desc& wanted = c_.places[input].layout;
      // Maps that could not be joined in blocks were joined as dense ones.
      const memory::desc layout = whole.block == 1 ? dense_layout(dims_of(wanted)) : wanted;
      const ChannelLayout part = *channel_layout(layout);
      const std::int64_t offset = c_.arena.allocate(floats(layout));
      push([=](Workspace& w) { copy_from_channels(whole, first, w.floats(gradient), part, w.floats(offset)); });
      hand_over_in_layout(input, layout, offset);
      first += part.channels;
    }
    c_.arena.release(gradient);
  }

  /// The gradient of a mean: the same for every position.
  void spread(const FusedStep& step) {
    const int input = step.inputs[0];
    const ChannelLayout& layout = c_.places[input].channels;
    const std::int64_t offset = c_.arena.allocate(floats_of(input));
    push([=, value = step.value](Workspace& w) {
      const at::Tensor shares = w.dense_gradients[value].div(layout.positions).contiguous();
      fill_positions(layout, shares.data_ptr<float>(), w.floats(offset));
    });
    hand_over(input, offset);
  }

  void compile_dense(const FusedStep& step) {
    const int input = step.inputs[0], value = step.value;
    const PlanStep& parameters = c_.plan.steps[step.first];
    if (step.operation == Operation::linear) {
      push([=, weight = parameters.weight](Workspace& w) {
        w.dense_gradients[input] = at::mm(w.dense_gradients[value], weight);
      });
    } else if (step.operation == Operation::flatten) {
      unflatten(input, value);
    } else {
      const Bounds bounds = bounds_of(step.activation);
      push([=](Workspace& w) {
        w.dense_gradients[input] = w.dense_gradients[value].clone();
        mask_gradient(w.dense[value].numel(), w.dense[value].data_ptr<float>(), bounds.lowest, bounds.highest,
                      w.dense_gradients[input].data_ptr<float>());
      });
    }
  }

  void unflatten(int input, int value) {
    if (c_.places[input].channels.images == 0) {  // it was a vector
      push([=](Workspace& w) { w.dense_gradients[input] = w.dense_gradients[value]; });
      return;
    }
    const std::int64_t offset = c_.arena.allocate(floats_of(input));
    c_.add_reorder(
        c_.program.backward, dense_layout(dims_of(c_.places[input].layout)),
        [value](Workspace& w) {
          w.dense_gradients[value] = w.dense_gradients[value].contiguous();
          return w.dense_gradients[value].data_ptr<float>();
        },
        c_.places[input].layout, [offset](Workspace& w) { return w.floats(offset); });
    hand_over(input, offset);
  }

  Compiler& c_;
  std::vector<std::int64_t> gradients_;  ///< by value: offset of what was gathered so far
};

bool single_reader(const FusedPlan& plan, int value) {
  int readers = 0;
  for (const FusedStep& step : plan.fused)
    for (const int input : step.inputs) readers += input == value;
  return readers == 1;
}

}  // namespace

bool has_input_gradient(const FusedPlan& plan) {
  for (const FusedStep& step : plan.fused) {
    if (step.spatial) continue;
    if (!is_dense_with_gradient(step.operation)) return false;
    // The gradient of a dense value is written, not added to.
    if (!single_reader(plan, step.inputs[0])) return false;
  }
  return !plan.fused.empty();
}

void Compiler::backward() {
  GradientCompiler steps(*this);
  for (auto step = plan.fused.rbegin(); step != plan.fused.rend(); ++step) steps.compile(*step);
  if (!steps.reached_input()) throw dnnl::error(dnnl_unimplemented, "the logits do not depend on the input");
  steps.finish();
}

}  // namespace cuebench::onednn
