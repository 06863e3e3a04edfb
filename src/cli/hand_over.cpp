#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

#include <cuebench/core/errors.hpp>

#include "command.hpp"

namespace cuebench::cli {

std::string torch_program_path() {
  std::error_code ignored;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  for (const char* place : {"cuebench-torch", "../libexec/cuebench/cuebench-torch"}) {
    const auto candidate = self.parent_path() / place;
    if (access(candidate.c_str(), X_OK) == 0) return candidate.string();
  }
  return "";
}

void hand_over_to_torch_program(int argc, char** argv) {
  const std::string program = torch_program_path();
  if (program.empty())
    throw UsageError(
        fmt::format("`cuebench {}` needs LibTorch and this build has none: install libtorch-dev and build "
                    "with the preset `default`",
                    argc > 1 ? argv[1] : ""));
  // OpenBLAS starts a pool of its own when it is loaded; one thread a worker is what the program arranges itself.
  setenv("OPENBLAS_NUM_THREADS", "1", 0);
  // LibTorch 2.6 can hang while it generates fused code.
  setenv("PYTORCH_TENSOREXPR", "0", 0);
  // A LibTorch call on several threads ends when the last one does. GNU's OpenMP lets the others spin for milliseconds
  // meanwhile; beside another busy program that takes the very core that is waited for (training: a third of the
  // speed).
  setenv("GOMP_SPINCOUNT", "1000", 0);
  execv(program.c_str(), argv);
  throw RunError(fmt::format("cannot start '{}': {}", program, std::strerror(errno)));
}

}  // namespace cuebench::cli
