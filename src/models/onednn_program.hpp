#pragma once
// A fused plan made into oneDNN primitives for batches of one shape. Activations stay in the layout in which the
// convolutions leave them; sums and activations are computed by the convolution before them.

#include <functional>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>
#include <oneapi/dnnl/dnnl.hpp>

#include "executor.hpp"
#include "fused_plan.hpp"

namespace cuebench::onednn {

/// What one call needs for itself. A program serves as many threads as there are workspaces.
struct Workspace {
  dnnl::stream stream;
  at::Tensor arena, scratchpad;
  std::vector<at::Tensor> dense;            ///< by value, where it is (also) a dense tensor; [0] is the input
  std::vector<at::Tensor> dense_gradients;  ///< by value
  std::vector<TapMeans> means;              ///< by value
  at::Tensor input_gradient;                ///< dense, after the backward stages

  float* floats(std::int64_t offset) const { return arena.data_ptr<float>() + offset; }
};

using Stage = std::function<void(Workspace&)>;

struct Program {
  std::vector<Stage> forward;
  std::vector<Stage> backward;  ///< empty unless it was compiled for gradients
  std::int64_t arena_floats = 0, scratchpad_bytes = 0;
  std::size_t values = 0;

  Workspace make_workspace(const dnnl::engine& engine) const;
  const at::Tensor& logits(const Workspace& workspace) const { return workspace.dense.back(); }
};

/// Weights in the layouts that primitives ask for, each made once. Not for concurrent use.
class WeightStore {
 public:
  WeightStore(const FusedPlan& plan, dnnl::engine engine) : plan_(&plan), engine_(std::move(engine)) {}
  /// The plain descriptor of a convolution's weights: oihw, or goihw where it has groups.
  dnnl::memory::desc plain(int step) const;
  dnnl::memory reordered(int step, const dnnl::memory::desc& wanted);
  /// Zeros where the convolution has none.
  dnnl::memory bias(int step);

 private:
  struct Entry {
    int step;
    dnnl::memory memory;
  };
  const FusedPlan* plan_;
  dnnl::engine engine_;
  std::vector<Entry> weights_, biases_;
};

enum class Purpose { inference, gradients };

/// Whether every step has a derivative here.
bool has_input_gradient(const FusedPlan& plan);

/// `input` is {N, C, H, W}. With gradients every value is kept and no tap is reduced.
/// @throws dnnl::error, c10::Error where the network does not fit.
Program compile(const FusedPlan& plan, WeightStore& weights, const dnnl::engine& engine, const NodeShape& input,
                Purpose purpose);

}  // namespace cuebench::onednn
