#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "placed_model.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

void place(at::Tensor& tensor, const at::Device& device, at::ScalarType type) {
  if (!tensor.defined()) return;
  tensor = tensor.to(device, type);
  // cuDNN is fastest there; on a CPU the layout stays what it always was.
  if (tensor.dim() == 4 && !device.is_cpu()) tensor = tensor.contiguous(at::MemoryFormat::ChannelsLast);
}

Executor with_tf32(Executor executor) {
  executor.infer = [infer = std::move(executor.infer)](const at::Tensor& images) {
    const Tf32Scope tf32;
    return infer(images);
  };
  return executor;
}

/// Code that names float32 itself, as exported models may, does not take other numbers.
Inference infer_reduced(const LoadedModel& loaded, const at::Tensor& images, const ModelSpec& spec) {
  const auto refuse = [&](std::string reason) {
    reason = reason.substr(0, reason.find('\n'));
    throw UsageError(fmt::format("{} cannot run in {} ({}): choose fp32", describe_model(spec),
                                 to_string(loaded.placement.precision), reason));
  };
  try {
    return loaded.reduced.infer(images);
  } catch (const c10::Error& error) {
    refuse(error.what_without_backtrace());
  } catch (const UsageError& error) {
    refuse(error.what());
  }
  return {};
}

/// float16 ends at 65504.
void check_finite(const Inference& inference, const LoadedModel& loaded, const ModelSpec& spec) {
  const auto finite = [](float value) { return std::isfinite(value); };
  if (!std::all_of(inference.logits.begin(), inference.logits.end(), finite))
    throw UsageError(fmt::format("{} gives logits that are not finite in {}: choose bf16 or fp32", describe_model(spec),
                                 to_string(loaded.placement.precision)));
}

}  // namespace

at::ScalarType storage_type(Precision precision) {
  if (precision == Precision::bf16) return at::kBFloat16;
  return precision == Precision::fp16 ? at::kHalf : at::kFloat;
}

NativePlan place_plan(NativePlan plan, const at::Device& device, at::ScalarType type) {
  for (PlanStep& step : plan.steps) {
    // LibTorch's batch normalisation takes float32 statistics beside fewer bits, and eight bits are too few for them.
    const at::ScalarType kept = step.operation == Operation::batch_norm ? at::kFloat : type;
    for (at::Tensor* const tensor : tensors_of(step)) place(*tensor, device, kept);
  }
  return plan;
}

InputNormalisation place_normalisation(InputNormalisation normalisation, const at::Device& device,
                                       at::ScalarType type) {
  place(normalisation.mean, device, at::kFloat);
  place(normalisation.std, device, at::kFloat);
  normalisation.type = type;
  return normalisation;
}

void place_executors(LoadedModel& loaded, const std::function<Executor(at::ScalarType type)>& make) {
  loaded.plain = make(at::kFloat);
  const Precision precision = loaded.placement.precision;
  if (precision == Precision::tf32) loaded.reduced = with_tf32(loaded.plain);
  if (storage_type(precision) != at::kFloat) loaded.reduced = make(storage_type(precision));
}

Executor choose_placed(LoadedModel& loaded, const at::Tensor& images, const ModelSpec& spec, ExecutionWay way) {
  const Placement& placement = loaded.placement;
  if (way == ExecutionWay::blocked || way == ExecutionWay::onednn)
    throw UsageError(describe_model(spec) + " runs in oneDNN layouts only in fp32 on the CPU; choose the plain way");
  loaded.info.way = loaded.plain_name;
  if (!placement.device.is_cpu()) loaded.info.way += "-" + c10::DeviceTypeName(placement.device.type(), true);
  if (placement.precision == Precision::fp32) return loaded.plain;
  loaded.info.way += fmt::format("-{}", to_string(placement.precision));
  check_finite(infer_reduced(loaded, images, spec), loaded, spec);
  return {loaded.reduced.infer, loaded.plain.differentiate, {}};
}

}  // namespace cuebench
