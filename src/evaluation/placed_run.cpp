#include "placed_run.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "first_images.hpp"

namespace cuebench {
namespace {

constexpr std::size_t kComparedImages = 64;

DecisionAgreement compare_batches(const Preparation& run, const PreparedModel& prepared) {
  const at::Tensor images = first_images(run, prepared, kComparedImages).images;
  DecisionAgreement sum;
  for (std::int64_t first = 0; first < images.size(0); first += run.batch) {
    const std::int64_t count = std::min<std::int64_t>(run.batch, images.size(0) - first);
    const DecisionAgreement part = agreement_with_fp32(prepared.model, images.narrow(0, first, count));
    sum.equal += part.equal;
    sum.images += part.images;
  }
  return sum;
}

std::string compare(const Preparation& run, const PreparedModel& prepared) {
  const std::string_view precision = to_string(run.placement.precision);
  if (prepared.needs_gradients)
    return fmt::format("its layers need gradients, so all its passes are fp32, not {}", precision);
  const DecisionAgreement agreement = compare_batches(run, prepared);
  const double share = 100.0 * static_cast<double>(agreement.equal) / static_cast<double>(agreement.images);
  return fmt::format("{} decides as fp32 on {} of the first {} images ({:.2f} %)", precision, agreement.equal,
                     agreement.images, share);
}

}  // namespace

void settle_placement(const EvaluationRequest& request, Preparation& run) {
  const ComputeFacts facts = find_compute_facts();
  run.placement.device = parse_device(request.device, facts);
  run.placement.precision = parse_precision(request.precision, run.placement.device, facts);
  if (!run.placement.device.is_cpu()) run.device_name = describe_device(run.placement.device, facts);
}

void record_placement(nlohmann::json& configuration, const Placement& placement) {
  if (!placement.device.is_cpu())
    configuration["device"] = c10::DeviceTypeName(placement.device.type(), /*lower_case=*/true);
  if (placement.precision != Precision::fp32) configuration["precision"] = to_string(placement.precision);
}

std::string way_with_gradients(const Placement& placement) {
  const std::string way = "eager with gradients";
  if (placement.device.is_cpu()) return way;
  return way + " on " + c10::DeviceTypeName(placement.device.type(), /*lower_case=*/true);
}

std::vector<std::pair<std::string, std::string>> compare_precision(const Preparation& run) {
  std::vector<std::pair<std::string, std::string>> sentences;
  if (run.placement.precision == Precision::fp32) return sentences;
  for (const PreparedModel& prepared : run.models)
    sentences.emplace_back(prepared.model.info().name, compare(run, prepared));
  return sentences;
}

}  // namespace cuebench
