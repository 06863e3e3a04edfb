#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "training_state.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <cuebench/core/digest.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/networks/checkpoint.hpp>

#include "training_log.hpp"

namespace cuebench {
namespace {

constexpr std::string_view kNetwork = "network/", kMomentum = "momentum/", kAverage = "average/", kCarried = "carried",
                           kPosition = "position", kLog = "log", kConfiguration = "configuration", kDigest = "digest";

WeightTensor integers(std::vector<std::int64_t> values) {
  WeightTensor tensor;
  tensor.shape = {static_cast<std::int64_t>(values.size())};
  tensor.integers = std::move(values);
  tensor.stored_as = "int64";
  return tensor;
}

WeightTensor floats(const at::Tensor& tensor) {
  const at::Tensor host = tensor.detach().cpu().contiguous();
  WeightTensor weight;
  weight.shape = host.sizes().vec();
  const float* const data = host.data_ptr<float>();
  weight.values.assign(data, data + host.numel());
  weight.stored_as = "float32";
  return weight;
}

at::Tensor to_tensor(const WeightTensor& weight) {
  at::Tensor tensor = at::empty(weight.shape, at::kFloat);
  std::copy(weight.values.begin(), weight.values.end(), tensor.data_ptr<float>());
  return tensor;
}

/// 64 hexadecimal digits as four numbers.
WeightTensor digest_tensor(const std::string& hexadecimal) {
  std::vector<std::int64_t> words;
  for (std::size_t i = 0; i < 64; i += 16)
    words.push_back(std::bit_cast<std::int64_t>(std::stoull(hexadecimal.substr(i, 16), nullptr, 16)));
  return integers(words);
}

/// Over names, shapes and values of all tensors but the digest itself, in any order of the file.
WeightTensor digest_of(const std::vector<NamedTensor>& tensors) {
  std::vector<const NamedTensor*> sorted;
  for (const NamedTensor& tensor : tensors)
    if (tensor.first != kDigest) sorted.push_back(&tensor);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  Sha256 digest;
  for (const NamedTensor* const tensor : sorted) {
    digest.update(tensor->first);
    digest.update(std::as_bytes(std::span(tensor->second.shape)));
    digest.update(std::as_bytes(std::span(tensor->second.values)));
    digest.update(std::as_bytes(std::span(tensor->second.integers)));
  }
  return digest_tensor(digest.finish());
}

WeightTensor pack_position(const TrainingPosition& p) {
  const auto bits = [](double value) { return std::bit_cast<std::int64_t>(value); };
  return integers({p.epoch, p.batch, p.step, p.images, p.correct, bits(p.loss_sum), bits(p.seconds),
                   bits(p.overfitting_check), p.stopped ? 1 : 0, bits(p.best_accuracy)});
}

TrainingPosition unpack_position(const WeightTensor& tensor) {
  const auto& v = tensor.integers;
  if (v.size() != 10) throw UsageError("its position has another form");
  const auto number = [&](std::size_t i) { return std::bit_cast<double>(v[i]); };
  return {v[0], v[1], v[2], v[3], v[4], number(5), number(6), number(7), v[8] != 0, number(9)};
}

/// The saved tensors by name. Throws a sentence's end for load_training_state to complete.
class SavedState {
 public:
  explicit SavedState(const std::filesystem::path& path) : checkpoint_(read_checkpoint(path)) {
    if (digest_of(checkpoint_.tensors).integers != find(kDigest).integers)
      throw UsageError("its content does not match its digest");
  }
  const WeightTensor* optional(std::string_view name) const { return checkpoint_.find(name); }
  const WeightTensor& find(std::string_view name) const {
    const WeightTensor* const tensor = checkpoint_.find(name);
    if (!tensor) throw UsageError(fmt::format("it lacks '{}'", name));
    return *tensor;
  }
  void restore(std::string_view prefix, const std::string& name, at::Tensor& into) const {
    const WeightTensor& saved = find(fmt::format("{}{}", prefix, name));
    if (saved.shape != into.sizes().vec()) throw UsageError(fmt::format("'{}' has another shape", name));
    into.copy_(to_tensor(saved));
  }
  std::vector<NamedTensor> with_prefix(std::string_view prefix) const {
    std::vector<NamedTensor> found;
    for (const auto& [name, tensor] : checkpoint_.tensors)
      if (name.starts_with(prefix)) found.emplace_back(name.substr(prefix.size()), tensor);
    return found;
  }

 private:
  Checkpoint checkpoint_;
};

void restore(const SavedState& saved, const TrainingStateParts& parts) {
  const at::NoGradGuard no_recording;
  parts.network.load(saved.with_prefix(kNetwork));
  const std::vector<TrainableTensor>& tensors = parts.network.tensors();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (parts.momentum[i].defined()) saved.restore(kMomentum, tensors[i].name, parts.momentum[i]);
    if (parts.average) saved.restore(kAverage, tensors[i].name, (*parts.average)[i]);
  }
  if (const WeightTensor* const carried = saved.optional(kCarried))
    parts.carried = to_tensor(*carried).contiguous(at::MemoryFormat::ChannelsLast).to(tensors.front().value.device());
  parts.position = unpack_position(saved.find(kPosition));
  parts.log = unpack_log(saved.find(kLog));
}

}  // namespace

void save_training_state(const std::filesystem::path& path, const TrainingStateParts& parts,
                         std::string_view configuration) {
  std::vector<NamedTensor> tensors;
  const auto put = [&](std::string_view prefix, const std::string& name, WeightTensor tensor) {
    tensors.emplace_back(fmt::format("{}{}", prefix, name), std::move(tensor));
  };
  for (auto& [name, tensor] : parts.network.state_dict()) put(kNetwork, name, std::move(tensor));
  const std::vector<TrainableTensor>& named = parts.network.tensors();
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (parts.momentum[i].defined()) put(kMomentum, named[i].name, floats(parts.momentum[i]));
    if (parts.average) put(kAverage, named[i].name, floats((*parts.average)[i]));
  }
  if (parts.carried.defined()) put(kCarried, "", floats(parts.carried));
  put(kPosition, "", pack_position(parts.position));
  put(kLog, "", pack_log(parts.log));
  put(kConfiguration, "", digest_tensor(sha256_of_text(configuration)));
  put(kDigest, "", digest_of(tensors));
  write_safetensors(path, tensors);
}

void load_training_state(const std::filesystem::path& path, const TrainingStateParts& parts,
                         std::string_view configuration) {
  const auto fail = [&](std::string_view cause) {
    throw UsageError(
        fmt::format("the saved state '{}' cannot be used ({}): start afresh with --overwrite, or name "
                    "another folder with --out",
                    path.string(), cause));
  };
  try {
    const SavedState saved(path);
    if (saved.find(kConfiguration).integers != digest_tensor(sha256_of_text(configuration)).integers)
      throw UsageError("it belongs to another configuration");
    restore(saved, parts);
  } catch (const CheckpointError& error) {
    fail(fmt::format("it is damaged: {}", to_string(error.problem())));
  } catch (const UsageError& error) {
    fail(error.what());
  }
}

}  // namespace cuebench
