#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "fused_plan.hpp"

#include <algorithm>

#include <ATen/ops/zeros.h>

namespace cuebench {
namespace {

/// Who reads a value, where exactly one step does and no tap.
class Readers {
 public:
  explicit Readers(const FusedPlan& plan) : uses_(plan.steps.size(), 0), reader_(plan.steps.size(), -1) {
    for (std::size_t i = 0; i < plan.steps.size(); ++i)
      for (const int input : plan.steps[i].inputs) {
        ++uses_[input];
        reader_[input] = static_cast<int>(i);
      }
    for (const int tap : plan.taps) ++uses_[tap];
  }

  int only_reader(int value) const { return uses_[value] == 1 ? reader_[value] : -1; }

 private:
  std::vector<int> uses_, reader_;
};

Activation activation_of(Operation operation) {
  if (operation == Operation::relu) return Activation::relu;
  return operation == Operation::relu6 ? Activation::relu6 : Activation::none;
}

/// Whether the operation has a fast form on maps in blocked layouts.
bool is_spatial(const PlanStep& step) {
  if (step.input_shape.size() != 3) return false;
  switch (step.operation) {
    case Operation::convolution:
    case Operation::batch_norm:
    case Operation::relu:
    case Operation::relu6:
    case Operation::add:
    case Operation::concatenate:
    case Operation::max_pool:
    case Operation::global_average_pool:
      return true;
    case Operation::average_pool:
      // oneDNN divides a window that sticks out of the padded input by its whole size, PyTorch by the part inside.
      return !step.ceil_mode;
    default:
      return false;
  }
}

bool takes_activation(Operation operation) {
  return operation == Operation::convolution || operation == Operation::batch_norm || operation == Operation::add;
}

FusedStep fuse_from(const FusedPlan& plan, const Readers& readers, int first, std::vector<bool>& covered) {
  const PlanStep& step = plan.steps[first];
  FusedStep fused;
  fused.operation = step.operation;
  fused.first = fused.value = first;
  fused.inputs = step.inputs;
  fused.spatial = is_spatial(step);
  fused.activation = activation_of(step.operation);
  if (!fused.spatial || !takes_activation(step.operation)) return fused;
  int next = readers.only_reader(fused.value);
  if (step.operation == Operation::convolution && next >= 0 && plan.steps[next].operation == Operation::add) {
    const auto& terms = plan.steps[next].inputs;
    const int other = terms[0] == first ? terms[1] : terms[0];
    if (other < first) {  // the later term: the other one is ready when this one is computed
      fused.addend = other;
      fused.value = next;
      covered[next] = true;
      next = readers.only_reader(next);
    }
  }
  if (next >= 0 && activation_of(plan.steps[next].operation) != Activation::none) {
    fused.activation = activation_of(plan.steps[next].operation);
    fused.value = next;
    covered[next] = true;
  }
  return fused;
}

void find_releases(FusedPlan& plan) {
  std::vector<int> last_reader(plan.steps.size(), -1);
  for (std::size_t i = 0; i < plan.fused.size(); ++i) {
    last_reader[plan.fused[i].value] = static_cast<int>(i);  // a tap that nothing else reads
    for (const int input : plan.fused[i].inputs) last_reader[input] = static_cast<int>(i);
    if (plan.fused[i].addend >= 0) last_reader[plan.fused[i].addend] = static_cast<int>(i);
  }
  for (std::size_t value = 0; value + 1 < plan.steps.size(); ++value)
    if (last_reader[value] >= 0) plan.fused[last_reader[value]].releases.push_back(static_cast<int>(value));
}

}  // namespace

PlanStep shortcut_as_convolution(PlanStep shortcut) {
  const std::int64_t in = shortcut.input_shape.at(0);
  shortcut.weight = at::zeros({shortcut.pad_before + in + shortcut.pad_after, in, 1, 1}, at::kFloat);
  float* const weights = shortcut.weight.data_ptr<float>();
  for (std::int64_t c = 0; c < in; ++c) weights[(shortcut.pad_before + c) * in + c] = 1;
  shortcut.kernel = 1;
  shortcut.padding = 0;
  shortcut.operation = Operation::convolution;
  return shortcut;
}

FusedPlan fuse(const NativePlan& plan) {
  FusedPlan result{plan.steps, {}, plan.taps};
  for (PlanStep& step : result.steps)
    if (step.operation == Operation::channel_pad_shortcut) step = shortcut_as_convolution(std::move(step));
  const Readers readers(result);
  std::vector<bool> covered(result.steps.size(), false);
  for (std::size_t i = 1; i < result.steps.size(); ++i)
    if (!covered[i]) result.fused.push_back(fuse_from(result, readers, static_cast<int>(i), covered));
  find_releases(result);
  return result;
}

}  // namespace cuebench
