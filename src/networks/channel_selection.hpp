#pragma once
// CIFS modules in a network: ARCHITECTURE+cifs:key=value,... names them, "cifs.LAYER.0.weight" and so on are their
// tensors.

#include <optional>
#include <string>
#include <string_view>

#include <cuebench/networks/checkpoint.hpp>
#include <cuebench/networks/network.hpp>

namespace cuebench {

/// The two halves of "resnet:depth=18+cifs:after=layer4.1"; `modules` is empty where there is no '+'.
struct ArchitectureText {
  std::string_view base, modules;
};
ArchitectureText split_architecture(std::string_view text);

/// Puts a module behind every layer that `modules` ("cifs:after=...") names: its map goes on multiplied by its factors
/// as the tap "cifs.LAYER", LAYER itself is the map before. Extends `network.architecture`; shapes are inferred anew.
/// @throws UsageError for unknown words, a layer that is not there or is no map of at least two channels.
void add_channel_selection(Network& network, std::string_view modules, int classes);

/// Takes the modules' tensors out of a checkpoint. @returns them, in their order.
std::vector<NamedTensor> take_channel_selection(Checkpoint& checkpoint);
/// What their names and shapes show of `modules`: layers and probes; nothing where there are none.
std::optional<std::string> recognise_channel_selection(const std::vector<NamedTensor>& tensors);

}  // namespace cuebench
