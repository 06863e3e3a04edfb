// The commands that need LibTorch. Started by cuebench, which sets the environment.

#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/models/model.hpp>
#include <cuebench/models/script_network.hpp>

#include "command.hpp"
#include "evaluate_command.hpp"
#include "generate_command.hpp"
#include "list_attacks_command.hpp"
#include "torch_doctor_command.hpp"
#include "train_command.hpp"

namespace cuebench::cli {
namespace {

/// `inspect` of a TorchScript archive.
std::function<void()> declare_torchscript_inspect(CLI::App& app, const CommonOptions&) {
  auto file = std::make_shared<std::string>();
  app.add_option("what", *file, "TorchScript file")->type_name("FILE")->required();
  return [file] {
    prepare_libtorch();
    const Model model = Model::load(parse_model_spec("model=" + *file), {}, {});
    const ModelInfo& info = model.info();
    fmt::print("checkpoint: {}, {} parameters, {} classes, input {}\nlayers (names for --channels):\n", info.format,
               info.parameters, info.classes, fmt::join(info.input, " x "));
    for (const auto& tap : model.available_taps()) fmt::print("  {:<44} {}\n", tap.name, fmt::join(tap.shape, " x "));
  };
}

/// `generate` with variants that take a network.
std::function<void()> declare_torch_generate(CLI::App& app, const CommonOptions& common) {
  return [run = declare_generate(app, common, open_script_network)] {
    prepare_libtorch();
    run();
  };
}

constexpr Command kCommands[] = {
    {"evaluate", "Score models on every variant of the images; write a run folder with the report", declare_evaluate},
    {"generate", "Write the variants of a data set as files", declare_torch_generate},
    {"train", "Train a network, ordinarily or adversarially", declare_train},
    {"inspect", "What is in a TorchScript file", declare_torchscript_inspect},
    {"list", "Attacks", declare_list_attacks},
    {"doctor", "LibTorch's part of `cuebench doctor`", declare_torch_doctor},
};

}  // namespace
}  // namespace cuebench::cli

int main(int argc, char** argv) {
  return cuebench::cli::run_program(argc, argv, cuebench::cli::kCommands, "");
}
