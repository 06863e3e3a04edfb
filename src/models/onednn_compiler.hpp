#pragma once
// The state while a program is made: where each value lies and in which layout. The backward half reads what the
// forward half has decided.

#include <limits>
#include <string_view>
#include <unordered_map>

#include "arena_plan.hpp"
#include "channel_layout.hpp"
#include "onednn_primitives.hpp"
#include "onednn_program.hpp"

namespace cuebench::onednn {

constexpr std::int64_t kNowhere = -1;

/// A value of four axes: in the arena, or a dense tensor (offset kNowhere).
struct Place {
  dnnl::memory::desc layout;
  ChannelLayout channels;
  std::int64_t offset = kNowhere;
};

struct Bounds {
  float lowest = -std::numeric_limits<float>::infinity(), highest = std::numeric_limits<float>::infinity();
};
Bounds bounds_of(Activation activation);

/// Primitives without a kernel for this processor take a hundred times longer.
bool is_fast(std::string_view implementation);

Window window_of(const PlanStep& step, const dnnl::memory::dims& source);
dnnl::memory::dims window_output(const Window& window, const dnnl::memory::dims& source, std::int64_t channels);
dnnl::memory::desc dense_layout(const dnnl::memory::dims& dims);
dnnl::memory::desc any_layout(const dnnl::memory::dims& dims);
dnnl::memory::dims dims_of(const dnnl::memory::desc& layout);

/// A batch_norm as y = x * first + second per channel, zero behind the channels.
std::pair<std::vector<float>, std::vector<float>> scale_of(const PlanStep& norm, const ChannelLayout& layout);

struct Compiler {
  const FusedPlan& plan;
  WeightStore& weights;
  dnnl::engine engine;
  Purpose purpose;
  Program program;
  ArenaPlan arena;
  std::vector<Place> places;                     ///< by value; empty layout for vectors and tokens
  std::vector<at::Tensor> examples;              ///< by value: a tensor of its shape, where it is dense
  std::vector<std::int64_t> pooling_workspaces;  ///< by value

  Place allocate(const dnnl::memory::desc& layout);
  /// The memory of a place in a workspace.
  std::function<float*(Workspace&)> address(int value) const;
  /// Adds a stage that runs a primitive; `arguments` is asked for its memory at every run.
  void add_primitive(std::vector<Stage>& stages, const dnnl::primitive& primitive, const dnnl::memory::desc& scratchpad,
                     std::function<std::unordered_map<int, dnnl::memory>(Workspace&)> arguments);
  void add_reorder(std::vector<Stage>& stages, const dnnl::memory::desc& from, std::function<float*(Workspace&)> source,
                   const dnnl::memory::desc& to, std::function<float*(Workspace&)> destination);

  void forward(const NodeShape& input);
  void backward();
};

}  // namespace cuebench::onednn
