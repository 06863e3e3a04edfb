// Fuzzes the tar index: whatever the bytes are, opening gives a listing whose every file can be read, or a UsageError.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/file_source.hpp>

namespace {

/// Makes the checksum of every block right, without which hardly an input passes the first header.
std::string with_checksums(std::string bytes) {
  for (std::size_t block = 0; block + 512 <= bytes.size(); block += 512) {
    bytes.replace(block + 148, 8, 8, ' ');
    unsigned sum = 0;
    for (std::size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(bytes[block + i]);
    char text[8];
    std::snprintf(text, sizeof(text), "%06o", sum);
    bytes.replace(block + 148, 7, text, 7);
  }
  return bytes;
}

void open_bytes(const std::string& bytes) {
  const int file = ::memfd_create("archive", MFD_CLOEXEC);
  if (file < 0 || ::write(file, bytes.data(), bytes.size()) != ssize_t(bytes.size())) std::abort();
  const std::filesystem::path path = "/proc/self/fd/" + std::to_string(file);
  try {
    const auto source = cuebench::open_file_source(path, {.memory_limit = 1 << 20});
    std::string before;
    for (const auto& entry : source.files) {
      if (entry.path.empty() || entry.path.front() == '/' || entry.path <= before) std::abort();
      if (("/" + entry.path + "/").find("/../") != std::string::npos) std::abort();
      before = entry.path;
      if (std::int64_t(source.read(entry).size()) != entry.size) std::abort();
    }
  } catch (const cuebench::UsageError&) {
  }
  cuebench::peek_file_paths(path, 16);
  ::close(file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  open_bytes(bytes);
  open_bytes(with_checksums(bytes));
  return 0;
}
