#include <algorithm>
#include <set>
#include <unordered_map>

#include <cuebench/core/errors.hpp>
#include <cuebench/networks/architecture.hpp>

#include "channel_selection.hpp"
#include "checkpoint_file.hpp"
#include "sequential_layers.hpp"

namespace cuebench {
namespace {

constexpr std::size_t kMostLines = 8;
constexpr int kUsualClasses = 10;  // only to describe a network whose head the file lacks

struct Choice {
  const ArchitectureInfo* info;
  Parameters parameters;
};

std::string architecture_names() {
  std::string names;
  for (const ArchitectureInfo* info : registered_architectures())
    names += (names.empty() ? "" : ", ") + std::string(info->name);
  return names;
}

/// What only the keys can say: a chain of numbered layers.
bool looks_sequential(const Checkpoint& checkpoint) {
  return std::all_of(checkpoint.tensors.begin(), checkpoint.tensors.end(), [](const auto& tensor) {
    const std::size_t dot = tensor.first.find('.');
    return dot != std::string::npos && dot > 0 && tensor.first.find_first_not_of("0123456789") == dot;
  });
}

[[noreturn]] void refuse_unrecognised(const Checkpoint& checkpoint, const std::string& file) {
  std::string keys;
  for (std::size_t i = 0; i < std::min<std::size_t>(checkpoint.tensors.size(), 3); ++i)
    keys += (i ? ", " : "") + checkpoint.tensors[i].first + " " + shape_text(checkpoint.tensors[i].second.shape);
  const std::string remedy =
      looks_sequential(checkpoint)
          ? "; its layers are numbered as in nn.Sequential: list them under \"layers\" in " + file +
                ".json (docs/checkpoints.md)"
          : "; say it with arch=NAME (" + architecture_names() + "), or export the model as TorchScript";
  throw UsageError("'" + file + "': the architecture is not recognised from its " +
                   std::to_string(checkpoint.tensors.size()) + " tensors (" + keys + ", ...)" + remedy);
}

/// "wide:side=left", "wide:side=right": what to type for a choice that weights do not show.
std::string candidates(const ArchitectureInfo& info) {
  std::string text;
  for (const ParameterSpec& parameter : info.parameters) {
    if (parameter.name != info.undecided) continue;
    for (const auto& choice : parameter.choices)
      text += (text.empty() ? "arch=" : " or arch=") + std::string(info.name) + ":" + std::string(parameter.name) +
              "=" + std::string(choice);
  }
  return text;
}

NamedParameters recognise(const Checkpoint& checkpoint, const std::string& file) {
  std::vector<std::string> found;
  for (const ArchitectureInfo* info : registered_architectures())
    if (const auto text = info->recognise(checkpoint))
      found.push_back(std::string(info->name) + (text->empty() ? "" : ":" + *text));
  if (found.empty()) refuse_unrecognised(checkpoint, file);
  if (found.size() > 1)
    throw UsageError("'" + file + "': the weights fit " + found[0] + " and " + found[1] + "; say which with arch=");
  return parse_named_parameters("architecture", found[0]);
}

/// Typed values first; then those that the weights show; then defaults (by resolve_parameters).
Choice choose(const Checkpoint& checkpoint, std::string_view arch, const Sidecar& sidecar, const std::string& file) {
  std::string text(arch);
  if (text.empty() && !sidecar.layers.empty()) text = "sequential";
  NamedParameters named = text.empty() ? recognise(checkpoint, file) : parse_named_parameters("architecture", text);
  const ArchitectureInfo& info = find_architecture(named.name);
  const auto typed = [&](std::string_view key) {
    return std::any_of(named.values.begin(), named.values.end(), [&](const auto& value) { return value.first == key; });
  };
  if (!info.undecided.empty() && !typed(info.undecided))
    throw UsageError("'" + file + "': the weights fit " + std::string(info.name) + ", but do not show its " +
                     std::string(info.undecided) + "; say " + candidates(info));
  if (const auto shown = info.recognise(checkpoint); shown && !text.empty())
    for (const auto& [key, value] : parse_named_parameters("architecture", named.name + ":" + *shown).values)
      if (!typed(key)) named.values.emplace_back(key, value);
  if (info.name == "sequential" && !sidecar.layers.empty() && !typed("layers"))
    named.values.emplace_back("layers", layers_text(parse_layers_json(sidecar.layers, "sidecar of '" + file + "'")));
  return {&info, resolve_parameters("architecture " + named.name, info.parameters, named.values)};
}

int class_count(const Choice& choice, const Checkpoint& checkpoint, const Sidecar& sidecar, const std::string& file) {
  const int outputs = choice.info->count_classes(choice.parameters, checkpoint);
  const int named = static_cast<int>(sidecar.classes.size());
  if (outputs > 0 && named > 0 && outputs != named)
    throw UsageError("'" + file + "' has " + std::to_string(outputs) + " outputs, but its sidecar names " +
                     std::to_string(named) + " classes; correct \"classes\" in " + file + ".json");
  if (outputs > 0) return outputs;
  return named > 0 ? named : kUsualClasses;
}

/// The lines of one kind, the first few of them.
struct Section {
  std::string title;
  std::vector<std::string> lines;

  std::string text() const {
    std::string result;
    for (std::size_t i = 0; i < std::min(lines.size(), kMostLines); ++i) result += "\n  " + title + "  " + lines[i];
    if (lines.size() > kMostLines)
      result += "\n  " + title + "  ... and " + std::to_string(lines.size() - kMostLines) + " more";
    return result;
  }
};

void check_slot(const ParameterSlot& slot, const WeightTensor& tensor, Section& misshaped) {
  if (!slot.required) {
    if (tensor.size() != 1) misshaped.lines.push_back(slot.name + ": the file has " + shape_text(tensor.shape));
    return;
  }
  if (tensor.shape != slot.shape) {
    misshaped.lines.push_back(slot.name + ": the file has " + shape_text(tensor.shape) + ", the network needs " +
                              shape_text(slot.shape));
  } else if (tensor.values.empty() && tensor.size() > 0) {
    misshaped.lines.push_back(slot.name + ": the file has " + tensor.stored_as + ", the network needs float32");
  }
}

void check_weights(const Network& network, Checkpoint& checkpoint, const std::string& file) {
  std::unordered_map<std::string_view, const WeightTensor*> by_name;
  for (const auto& [name, tensor] : checkpoint.tensors) by_name.emplace(name, &tensor);
  Section missing{"missing   ", {}}, misshaped{"mis-shaped", {}}, unexpected{"unexpected", {}};
  std::set<std::string_view> known;
  const std::vector<ParameterSlot> slots = parameter_slots(network);
  for (const ParameterSlot& slot : slots) {
    known.insert(slot.name);
    const auto found = by_name.find(slot.name);
    if (found != by_name.end()) {
      check_slot(slot, *found->second, misshaped);
    } else if (slot.required) {
      missing.lines.push_back(slot.name + " " + shape_text(slot.shape));
    }
  }
  std::vector<std::string> unused;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    if (known.count(name)) continue;
    const auto& spare = network.unused_parameters;
    const bool expected = std::find(spare.begin(), spare.end(), name) != spare.end();
    (expected ? unused : unexpected.lines).push_back(name + " " + shape_text(tensor.shape));
  }
  if (!missing.lines.empty() || !misshaped.lines.empty() || !unexpected.lines.empty())
    throw CheckpointError(CheckpointProblem::shape_mismatch,
                          "'" + file + "' does not fit " + network.architecture + " on images of " +
                              shape_text(network.nodes[0].shape) +
                              "; say what it was trained as (arch=, and input_size in " + file +
                              ".json):" + missing.text() + misshaped.text() + unexpected.text());
  for (const std::string& name : unused) checkpoint.others.push_back(name + " is not used by " + network.architecture);
}

}  // namespace

const ArchitectureInfo& find_architecture(std::string_view name) {
  std::vector<std::string> names;
  for (const ArchitectureInfo* info : registered_architectures()) {
    if (info->name == name) return *info;
    names.emplace_back(info->name);
  }
  throw UsageError(unknown_name_message("architecture", name, names, "`cuebench list architectures` lists all"));
}

Network build_network(std::string_view architecture, const NodeShape& input, int classes) {
  const ArchitectureText text = split_architecture(architecture);
  const NamedParameters named = parse_named_parameters("architecture", text.base);
  const ArchitectureInfo& info = find_architecture(named.name);
  Network network =
      info.build(resolve_parameters("architecture " + named.name, info.parameters, named.values), input, classes);
  if (!text.modules.empty()) add_channel_selection(network, text.modules, classes);
  return network;
}

AssembledNetwork assemble_network(Checkpoint checkpoint, std::string_view arch, const Sidecar& sidecar,
                                  std::string_view file_name) {
  const std::string file(file_name);
  const ArchitectureText text = split_architecture(arch.empty() ? std::string_view(sidecar.arch) : arch);
  std::vector<NamedTensor> module_tensors = take_channel_selection(checkpoint);
  const auto modules =
      text.modules.empty() ? recognise_channel_selection(module_tensors) : std::optional<std::string>(text.modules);
  const Choice choice = choose(checkpoint, text.base, sidecar, file);
  AssembledNetwork result;
  result.classes = class_count(choice, checkpoint, sidecar, file);
  const NodeShape& input = sidecar.input_size.empty() ? choice.info->default_input : sidecar.input_size;
  try {
    result.network = choice.info->build(choice.parameters, input, result.classes);
    if (modules) add_channel_selection(result.network, *modules, result.classes);
  } catch (const UsageError& error) {
    throw UsageError("'" + file + "': " + error.what());
  }
  std::move(module_tensors.begin(), module_tensors.end(), std::back_inserter(checkpoint.tensors));
  check_weights(result.network, checkpoint, file);
  result.checkpoint = std::move(checkpoint);
  return result;
}

}  // namespace cuebench
