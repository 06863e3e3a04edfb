// Fuzzes the tar index: whatever the bytes are, opening gives a listing whose every file can be read, or a UsageError.

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/file_source.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = ::memfd_create("archive", MFD_CLOEXEC);
  if (file < 0 || ::write(file, data, size) != ssize_t(size)) std::abort();
  const std::filesystem::path path = "/proc/self/fd/" + std::to_string(file);
  try {
    const auto source = cuebench::open_file_source(path, {.memory_limit = 1 << 20});
    std::string before;
    for (const auto& entry : source.files) {
      if (entry.path.empty() || entry.path.front() == '/' || entry.path.find("..") == 0 || entry.path <= before)
        std::abort();
      before = entry.path;
      if (std::int64_t(source.read(entry).size()) != entry.size) std::abort();
    }
  } catch (const cuebench::UsageError&) {
  }
  cuebench::peek_file_paths(path, 16);
  ::close(file);
  return 0;
}
