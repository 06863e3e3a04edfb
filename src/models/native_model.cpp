#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
// Loads a state_dict as the network that its architecture describes.

#include <cuebench/core/digest.hpp>
#include <cuebench/core/errors.hpp>

#include "blocked_executor.hpp"
#include "eager_executor.hpp"
#include "executor.hpp"
#ifdef CUEBENCH_HAS_ONEDNN
#include "onednn_executor.hpp"
#endif
#include "placed_model.hpp"

namespace cuebench {
namespace {

std::vector<std::vector<std::int64_t>> slot_shapes(const Network& network) {
  std::vector<std::vector<std::int64_t>> shapes;
  for (const ParameterSlot& slot : parameter_slots(network)) shapes.push_back(slot.shape);
  return shapes;
}

/// Whether the same weights serve images of the given size.
bool takes_size(const Network& network, const NodeShape& size) {
  Network copy = network;
  try {
    infer_shapes(copy, size);
  } catch (const UsageError&) {
    return false;
  }
  return slot_shapes(copy) == slot_shapes(network);
}

bool takes_any_size(const Network& network) {
  const NodeShape& own = network.nodes[0].shape;
  return takes_size(network, {own[0], 2 * own[1], 2 * own[2]}) && takes_size(network, {own[0], own[1] * 2, own[2]});
}

/// RGB images for a one-channel network are turned to luma, so channels need not agree there.
void adopt_size(Network& network, const NodeShape& hint, const std::string& model) {
  if (hint.empty()) return;
  const NodeShape own = network.nodes[0].shape;
  const bool channels = hint.at(0) == own[0] || (own[0] == 1 && hint[0] == 3);
  const NodeShape wanted{own[0], hint.at(1), hint.at(2)};
  if (!channels || !takes_size(network, wanted))
    throw UsageError(model + " takes images of " + describe_size(own) + ", not " + describe_size(hint) +
                     "; choose a preset with that size or give input_size in the sidecar");
  infer_shapes(network, wanted);
}

/// Channels first, as taps are measured: tokens hold them last.
NodeShape tap_shape(const Node& node) {
  return node.shape.size() == 2 ? NodeShape{node.shape[1], node.shape[0]} : node.shape;
}

std::vector<TapInfo> describe_taps(const Network& network) {
  std::vector<TapInfo> taps;
  for (const std::string& name : network.tap_names())
    taps.push_back({name, tap_shape(network.nodes[network.find(name)])});
  return taps;
}

std::vector<int> find_taps(const Network& network, const std::vector<std::string>& names, const ModelSpec& spec) {
  std::vector<int> nodes;
  for (const std::string& name : names) {
    const int node = network.find(name);
    if (node < 0)
      throw UsageError(describe_model(spec) + ": " +
                       unknown_name_message("tap", name, network.tap_names(),
                                            "`cuebench inspect " + spec.file.string() + "` lists all"));
    nodes.push_back(node);
  }
  return nodes;
}

std::vector<double> head_weights(const Network& network, const Checkpoint& checkpoint, int tap) {
  const auto head = closed_form_head(network, tap);
  if (!head) return {};
  const WeightTensor* weight = checkpoint.find(network.nodes[*head].parameters + ".weight");
  return weight ? std::vector<double>(weight->values.begin(), weight->values.end()) : std::vector<double>();
}

/// A normaliser that was saved inside the model counts where the user says nothing else.
Sidecar with_inner_normaliser(Sidecar sidecar, const Checkpoint& checkpoint) {
  if (sidecar.mean.empty()) sidecar.mean = checkpoint.normaliser_mean;
  if (sidecar.std.empty()) sidecar.std = checkpoint.normaliser_std;
  return sidecar;
}

}  // namespace

std::vector<ExecutionWay> native_ways() {
#ifdef CUEBENCH_HAS_ONEDNN
  return {ExecutionWay::plain, ExecutionWay::blocked, ExecutionWay::onednn};
#else
  return {ExecutionWay::plain, ExecutionWay::blocked};
#endif
}

LoadedModel load_native_model(AssembledNetwork assembled, const ModelSpec& spec, const std::vector<std::string>& taps,
                              const NodeShape& input_hint, const Placement& placement) {
  Network& network = assembled.network;
  LoadedModel loaded;
  loaded.placement = placement;
  loaded.info.architecture = network.architecture;
  loaded.info.format = to_string(assembled.checkpoint.format);
  loaded.info.classes = assembled.classes;
  loaded.info.parameters = network.parameter_count();
  for (Node& node : network.nodes) {
    if (node.operation == Operation::channel_probe) ++loaded.info.probes;
    if (node.operation == Operation::channel_importance) node.importance.differentiate_factors = !spec.constant_factors;
  }
  if (spec.constant_factors && loaded.info.probes == 0)
    throw UsageError(describe_model(spec) + " has no CIFS modules: leave factors=constant out");
  adopt_size(network, input_hint, describe_model(spec));
  loaded.probe_size = network.nodes[0].shape;
  loaded.info.input = loaded.probe_size;
  if (takes_any_size(network)) loaded.info.input[1] = loaded.info.input[2] = 0;

  const std::vector<int> nodes = find_taps(network, taps, spec);
  for (std::size_t i = 0; i < taps.size(); ++i) {
    loaded.chosen.push_back({taps[i], tap_shape(network.nodes[nodes[i]])});
    loaded.closed_form.push_back(head_weights(network, assembled.checkpoint, nodes[i]));
  }
  loaded.available = describe_taps(network);
  const NativePlan plan = make_native_plan(network, assembled.checkpoint, nodes);
  const InputNormalisation normalisation = make_input_normalisation(
      with_inner_normaliser(spec.sidecar, assembled.checkpoint), network.nodes[0].shape[0], describe_model(spec));
  place_executors(loaded, [&](at::ScalarType type) {
    return make_eager_executor(place_plan(plan, placement.device, type),
                               place_normalisation(normalisation, placement.device, type));
  });
  loaded.plain_name = "eager";
#ifdef CUEBENCH_HAS_ONEDNN
  loaded.faster.push_back({"onednn", ExecutionWay::onednn, [=] { return make_onednn_executor(plan, normalisation); }});
#endif
  loaded.faster.push_back(
      {"mkldnn", ExecutionWay::blocked, [=] { return make_blocked_executor(plan, normalisation); }});
  return loaded;
}

}  // namespace cuebench
