#include "inspect_command.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/datasets/dataset.hpp>
#include <cuebench/imaging/decode.hpp>
#include <cuebench/networks/architecture.hpp>
#include <cuebench/store/run_store.hpp>

namespace cuebench::cli {
namespace {

void print_shape_line(std::string_view name, const std::vector<std::int64_t>& shape, std::string_view rest) {
  fmt::print("  {:<44} {:<20} {}\n", name, fmt::format("{}", fmt::join(shape, " x ")), rest);
}

void inspect_run(const std::filesystem::path& folder) {
  const RunStore store = RunStore::open(folder);
  const RunDescription& run = store.description();
  const auto finished = store.finished_blocks();
  fmt::print("run folder: {} images of {} classes, blocks of {}, {} of {} blocks finished{}\n", run.items.size(),
             run.classes.size(), run.block_size, std::count(finished.begin(), finished.end(), true), finished.size(),
             run.has_cues ? ", with shape and texture labels" : "");
  fmt::print("models:\n");
  for (const auto& model : run.models)
    fmt::print("  {} ({}): {}, {} parameters, {}\n", model.name, model.role.empty() ? "no role" : model.role,
               model.architecture, model.parameters, model.way);
  fmt::print("variants:\n");
  for (const auto& variant : run.variants) fmt::print("  {} [keeps {}]\n", variant.text, variant.keeps);
  for (const auto& layer : run.layers)
    fmt::print("layer {} of {}: {} channels, {} form\n", layer.name, run.models[std::size_t(layer.model)].name,
               layer.channels, layer.form);
  fmt::print("bad images: {}\n", store.bad_images().size());
}

void print_architecture(Checkpoint checkpoint, const Sidecar& sidecar, const std::string& arch,
                        const std::string& file) {
  const std::string wanted = arch.empty() ? sidecar.arch : arch;
  try {
    AssembledNetwork assembled = assemble_network(std::move(checkpoint), wanted, sidecar, file);
    fmt::print("architecture: {}, {} parameters, {} classes\nlayers (names for --channels):\n",
               assembled.network.architecture, assembled.network.parameter_count(), assembled.classes);
    for (const auto& node : assembled.network.nodes)
      if (!node.name.empty()) print_shape_line(node.name, node.shape, "");
  } catch (const UsageError& error) {
    fmt::print("architecture: not known: {}\n", error.what());
  }
}

/// @returns false for TorchScript, which only LibTorch can read.
bool inspect_checkpoint(const std::filesystem::path& path, const std::string& arch) {
  if (checkpoint_format(path) == CheckpointFormat::torchscript) return false;
  Checkpoint checkpoint = read_checkpoint(path);
  fmt::print("checkpoint: {}, {} tensors\n", to_string(checkpoint.format), checkpoint.tensors.size());
  if (!checkpoint.peeled.empty()) fmt::print("peeled: {}\n", fmt::join(checkpoint.peeled, ", "));
  for (const auto& other : checkpoint.others) fmt::print("beside the weights: {}\n", other);
  fmt::print("tensors:\n");
  for (const auto& [name, tensor] : checkpoint.tensors) print_shape_line(name, tensor.shape, tensor.stored_as);
  const std::filesystem::path beside = path.string() + ".json";
  const Sidecar sidecar = std::filesystem::exists(beside) ? read_sidecar(beside) : Sidecar{};
  print_architecture(std::move(checkpoint), sidecar, arch, path.string());
  return true;
}

void inspect_image(const std::filesystem::path& path, const std::vector<std::byte>& bytes) {
  const auto format = image_format(bytes);
  try {
    const Image image = decode_image(bytes);
    fmt::print("image: {}, {} wide, {} high, {} bytes; it decodes\n", format, image.width, image.height, bytes.size());
  } catch (const ImageError& error) {
    throw UsageError(fmt::format("'{}' is a bad image ({}, {} bytes): {}", path.string(),
                                 format.empty() ? "no known format" : format, bytes.size(), error.what()));
  }
}

void inspect_dataset(const std::string& source) {
  const Dataset dataset = open_dataset(source);
  fmt::print("data set: {}, {} images, {} classes{}\n", dataset.source, dataset.items.size(), dataset.classes.size(),
             dataset.has_cues ? ", with shape and texture labels" : "");
  std::vector<std::int64_t> counts(dataset.classes.size());
  for (const auto& item : dataset.items)
    if (item.label >= 0) ++counts[static_cast<std::size_t>(item.label)];
  constexpr std::size_t kMost = 20;
  for (std::size_t c = 0; c < std::min(kMost, counts.size()); ++c)
    fmt::print("  {:<24} {}\n", dataset.classes[c], counts[c]);
  if (counts.size() > kMost) fmt::print("  and {} more\n", counts.size() - kMost);
  for (const auto& note : dataset.notes) fmt::print("note: {}\n", note);
  fmt::print("digest: {}\n", dataset.digest);
}

/// The first bytes of a checkpoint: zip, pickle (0x80), or a safetensors header ("{" after eight length bytes).
bool looks_like_checkpoint(const std::vector<std::byte>& bytes, const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  if (bytes.size() >= 9 && static_cast<char>(bytes[8]) == '{' && extension == ".safetensors") return true;
  for (const char* known : {".pth", ".pt", ".th", ".model", ".ckpt", ".safetensors", ".net"})
    if (extension == known) return true;
  const bool zip = bytes.size() > 4 && std::to_integer<char>(bytes[0]) == 'P' && std::to_integer<char>(bytes[1]) == 'K';
  return zip || (!bytes.empty() && bytes[0] == std::byte{0x80});
}

}  // namespace

void inspect(const std::string& what, const std::string& arch, const std::function<void()>& torchscript) {
  const std::filesystem::path path(what);
  std::error_code ignored;
  if (std::filesystem::is_regular_file(path / "run.sqlite", ignored)) return inspect_run(path);
  if (std::filesystem::is_regular_file(path, ignored)) {
    const auto bytes = read_file(path);
    if (!image_format(bytes).empty()) return inspect_image(path, bytes);
    if (looks_like_checkpoint(bytes, path)) {
      if (!inspect_checkpoint(path, arch)) torchscript();
      return;
    }
  }
  inspect_dataset(what);
}

}  // namespace cuebench::cli
