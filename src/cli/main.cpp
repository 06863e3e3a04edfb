// The program that users start. It links no LibTorch, so that commands which need no model start at once; the others
// are handed to cuebench-torch.

#include <cstdio>
#include <memory>
#include <string_view>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>

#include "command.hpp"
#include "doctor_command.hpp"
#include "generate_command.hpp"
#include "inspect_command.hpp"
#include "list_command.hpp"
#include "merge_command.hpp"
#include "report_command.hpp"
#include "score_command.hpp"

namespace cuebench::cli {
namespace {

std::function<void()> declare_inspect_here(CLI::App& app, const CommonOptions& common) {
  auto what = std::make_shared<std::string>();
  auto arch = std::make_shared<std::string>();
  app.add_option("what", *what, "Checkpoint, image, data set or run folder")->type_name("FILE|SRC|RUN")->required();
  app.add_option("--arch", *arch, "Architecture of a state_dict that is not recognised")->type_name("A");
  return [what, arch, &common] {
    inspect(*what, *arch, [&common] { hand_over_to_torch_program(common.argc, common.argv); });
  };
}

/// A variant that takes a network is work for the other program.
std::function<void()> declare_generate_here(CLI::App& app, const CommonOptions& common) {
  return [run = declare_generate(app, common, {}), &common] {
    try {
      run();
    } catch (const NeedsLibTorch&) {
      hand_over_to_torch_program(common.argc, common.argv);
    }
  };
}

/// Reached only for help texts: the command itself is handed over before parsing.
std::function<void()> declare_elsewhere(CLI::App&, const CommonOptions& common) {
  return [&common] { hand_over_to_torch_program(common.argc, common.argv); };
}

constexpr Command kCommands[] = {
    {"evaluate", "Score models on every variant of the images; write a run folder with the report", declare_elsewhere},
    {"generate", "Write the variants of a data set as files", declare_generate_here},
    {"train", "Train a network, ordinarily or adversarially", declare_elsewhere},
    {"report", "Write a run folder's result files and report again", declare_report},
    {"score", "Shape bias, error consistency and benchmark of published or own per-trial files", declare_score},
    {"merge", "Join the shards of one run", declare_merge},
    {"inspect", "What is in a checkpoint, image, data set or run", declare_inspect_here},
    {"list", "Variants, attacks, suites, datasets, presets, architectures", declare_list},
    {"doctor", "What works on this machine", declare_doctor},
};

}  // namespace
}  // namespace cuebench::cli

int main(int argc, char** argv) {
  using namespace cuebench::cli;
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "evaluate" || command == "train") {
    try {
      hand_over_to_torch_program(argc, argv);
    } catch (const cuebench::UsageError& error) {
      fmt::print(stderr, "cuebench: {}\n", error.what());
      return 2;
    } catch (const cuebench::RunError& error) {
      fmt::print(stderr, "cuebench: {}\n", error.what());
      return 1;
    }
  }
  return run_program(argc, argv, kCommands, "cuebench COMMAND --help lists a command's options.");
}
