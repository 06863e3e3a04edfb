#include "doctor_command.hpp"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cuebench/core/threads.hpp>
#include <cuebench/core/version.hpp>

#include "host_facts.hpp"

namespace cuebench::cli {
namespace {

void line(std::string_view what, std::string_view state) {
  fmt::print("{:<14} {}\n", what, state);
}

/// First place of PATH that holds an executable `name`, or "".
std::string find_program(std::string_view name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path ? path : "";
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    const auto candidate = std::filesystem::path(rest.substr(0, colon)) / name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate.string();
    if (colon == std::string_view::npos) break;
    rest.remove_prefix(colon + 1);
  }
  return "";
}

/// Lets the program that links LibTorch print its part; a crash there must not end this one.
void print_torch_part() {
  const std::string program = torch_program_path();
  if (program.empty()) {
    line("LibTorch", "this build has none: `evaluate` is not available; install libtorch-dev and build again");
    return;
  }
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    setenv("OPENBLAS_NUM_THREADS", "1", 0);
    setenv("PYTORCH_TENSOREXPR", "0", 0);
    execl(program.c_str(), "cuebench", "doctor", static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
    line("LibTorch", fmt::format("'{}' does not run here: reinstall libtorch-dev and build again", program));
}

void run_doctor() {
  const auto host = host_facts();
  line("cuebench", fmt::format("{} ({})", version(), revision()));
  line("processor", fmt::format("{}, {} cores usable", host.at("cpu"), host.at("cores")));
  line("memory", host.at("memory"));
  std::error_code ignored;
  const auto space = std::filesystem::space(".", ignored);
  line("disk", fmt::format("{:.1f} GiB free here", static_cast<double>(space.available) / (1 << 30)));
  const std::string gnuplot = find_program("gnuplot");
  line("gnuplot", gnuplot.empty() ? "missing: reports have tables and no figures; install gnuplot-nox" : gnuplot);
  print_torch_part();
}

}  // namespace

std::function<void()> declare_doctor(CLI::App& app, const CommonOptions& common) {
  auto models = std::make_shared<std::vector<std::string>>();
  app.add_option("--model", *models,
                 "Compare this checkpoint with the program that exported it, instead (several: one after another)")
      ->type_name("NAME=FILE[,...]")
      ->expected(1, -1);
  return [models, &common] {
    if (models->empty())
      run_doctor();
    else
      hand_over_to_torch_program(common.argc, common.argv);
  };
}

}  // namespace cuebench::cli
