#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "onednn_executor.hpp"

#include <algorithm>
#include <memory>
#include <mutex>

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>

#include <cuebench/core/errors.hpp>

#include "onednn_program.hpp"
#include "tap_means.hpp"

namespace cuebench {
namespace {

using onednn::Program;
using onednn::Purpose;
using onednn::Workspace;

/// A program with the workspaces that no call is using.
class SharedProgram {
 public:
  SharedProgram(NodeShape shape, Purpose purpose, Program program, dnnl::engine engine)
      : shape_(std::move(shape)), purpose_(purpose), program_(std::move(program)), engine_(std::move(engine)) {}

  bool fits(const NodeShape& shape, Purpose purpose) const { return shape == shape_ && purpose == purpose_; }
  const Program& program() const { return program_; }

  std::unique_ptr<Workspace> take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<Workspace>(program_.make_workspace(engine_));
    auto workspace = std::move(idle_.back());
    idle_.pop_back();
    return workspace;
  }
  void give_back(std::unique_ptr<Workspace> workspace) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(workspace));
  }

 private:
  NodeShape shape_;
  Purpose purpose_;
  Program program_;
  dnnl::engine engine_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> idle_;
};

/// A workspace for the time of one call, or of one forward and backward pass.
class Lease {
 public:
  explicit Lease(std::shared_ptr<SharedProgram> shared) : shared_(std::move(shared)), workspace_(shared_->take()) {}
  Lease(Lease&&) = default;
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (workspace_) shared_->give_back(std::move(workspace_));
  }

  Workspace& forward(const at::Tensor& input) {
    workspace_->dense[0] = input.contiguous();
    for (const onednn::Stage& stage : shared_->program().forward) stage(*workspace_);
    return *workspace_;
  }
  const at::Tensor& backward(const at::Tensor& by_logits) {
    workspace_->dense_gradients.back() = by_logits.contiguous();
    for (const onednn::Stage& stage : shared_->program().backward) stage(*workspace_);
    return workspace_->input_gradient;
  }
  const at::Tensor& logits() const { return shared_->program().logits(*workspace_); }

 private:
  std::shared_ptr<SharedProgram> shared_;
  std::unique_ptr<Workspace> workspace_;
};

class OnednnNetwork {
 public:
  OnednnNetwork(const NativePlan& plan, InputNormalisation normalisation)
      : plan_(fuse(plan)),
        normalisation_(std::move(normalisation)),
        engine_(dnnl::engine::kind::cpu, 0),
        weights_(plan_, engine_),
        differentiable_(onednn::has_input_gradient(plan_)) {}

  bool differentiable() const { return differentiable_; }

  Inference infer(const at::Tensor& images) {
    const at::Tensor input = normalisation_.apply(images);
    Lease lease(find(input.sizes().vec(), Purpose::inference));
    const Workspace& workspace = lease.forward(input);
    Inference inference{to_vector(lease.logits()), {}};
    for (const int tap : plan_.taps) inference.taps.push_back(workspace.means[tap]);
    return inference;
  }

  at::Tensor differentiable_logits(const at::Tensor& images);

 private:
  std::shared_ptr<SharedProgram> find(const NodeShape& shape, Purpose purpose) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(programs_.begin(), programs_.end(),
                                    [&](const auto& program) { return program->fits(shape, purpose); });
    if (found != programs_.end()) {
      std::rotate(programs_.begin(), found, found + 1);
      return programs_.front();
    }
    const at::AutoGradMode recording(false);
    auto made = std::make_shared<SharedProgram>(shape, purpose,
                                                onednn::compile(plan_, weights_, engine_, shape, purpose), engine_);
    programs_.insert(programs_.begin(), made);
    // A run has one batch size and a last, shorter batch, each with and without gradients.
    if (programs_.size() > kMostPrograms) programs_.pop_back();
    return made;
  }

  static constexpr std::size_t kMostPrograms = 6;
  FusedPlan plan_;
  InputNormalisation normalisation_;
  dnnl::engine engine_;
  onednn::WeightStore weights_;
  bool differentiable_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<SharedProgram>> programs_;  ///< the latest first
};

/// The network as one node of autograd's graph.
struct NetworkGradient : torch::autograd::Node {
  explicit NetworkGradient(Lease taken) : lease(std::move(taken)) {}
  torch::autograd::variable_list apply(torch::autograd::variable_list&& gradients) override {
    const at::AutoGradMode recording(false);
    return {lease.backward(gradients.at(0))};
  }
  Lease lease;
};

at::Tensor OnednnNetwork::differentiable_logits(const at::Tensor& images) {
  const at::Tensor input = normalisation_.apply(images);
  const bool recorded = at::GradMode::is_enabled() && input.requires_grad();
  Lease lease(find(input.sizes().vec(), recorded ? Purpose::gradients : Purpose::inference));
  {
    const at::AutoGradMode recording(false);
    lease.forward(input.detach());
  }
  at::Tensor logits = lease.logits().clone();
  if (!recorded) return logits;
  const std::shared_ptr<NetworkGradient> node(new NetworkGradient(std::move(lease)), torch::autograd::deleteNode);
  node->set_next_edges(torch::autograd::collect_next_edges(input));
  torch::autograd::set_history(logits, node);
  return logits;
}

/// oneDNN's errors say what, not where.
template <typename Work>
auto in_onednn(Work work) {
  try {
    return work();
  } catch (const dnnl::error& error) {
    throw UsageError(std::string("oneDNN: ") + error.what());
  }
}

}  // namespace

Executor make_onednn_executor(const NativePlan& plan, const InputNormalisation& normalisation) {
  const auto network = std::make_shared<OnednnNetwork>(plan, normalisation);
  Executor executor;
  executor.infer = [network](const at::Tensor& images) { return in_onednn([&] { return network->infer(images); }); };
  if (network->differentiable())
    executor.differentiable_logits = [network](const at::Tensor& images) {
      return in_onednn([&] { return network->differentiable_logits(images); });
    };
  return executor;
}

}  // namespace cuebench
