#pragma once
// One subcommand: how it is declared and what it does. Each command is one file that fills in such a struct.

#include <functional>
#include <span>
#include <string_view>

#include <CLI/CLI.hpp>

#include <cuebench/core/progress.hpp>

namespace cuebench::cli {

/// Options that every command has.
struct CommonOptions {
  ReportingOptions reporting;
  /// The command line as given, for commands that hand over to the other program.
  int argc = 0;
  char** argv = nullptr;
};

struct Command {
  std::string_view name, summary;
  /// Adds the command's options to `app`; returns what runs after parsing.
  std::function<void()> (*declare)(CLI::App& app, const CommonOptions& common);
};

/// Parses the command line against `commands` and runs the chosen one.
/// Returns the exit code: 0 done, 2 the request is wrong, 1 it failed while working, 130 interrupted.
int run_program(int argc, char** argv, std::span<const Command> commands, std::string_view footer);

/// Arguments with those of `--config FILE` appended: a key that is a flag already given is left out.
/// @throws UsageError naming file and key.
std::vector<std::string> expand_configuration(const std::vector<std::string>& arguments);

/// Where the program that links LibTorch lies: beside this one, or in ../libexec/cuebench. Empty: not built.
std::string torch_program_path();

/// Replaces this process by the program that links LibTorch, with the environment that it needs.
/// @throws UsageError when this build has none.
[[noreturn]] void hand_over_to_torch_program(int argc, char** argv);

/// `text` with a shell-style width: one line "  NAME   SUMMARY" for lists.
void print_name_and_summary(std::string_view name, std::string_view summary);

}  // namespace cuebench::cli
