#include "part_file.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

constexpr std::size_t kBufferSize = 1 << 18;

[[noreturn]] void fail(const std::filesystem::path& path) {
  throw RunError(fmt::format("cannot write '{}': {}", path.string(), std::generic_category().message(errno)));
}

}  // namespace

PartFile::PartFile(std::filesystem::path target) : target_(std::move(target)), part_(target_) {
  part_ += ".part";
  descriptor_ = open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(part_);
}

PartFile::~PartFile() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  std::error_code ignored;
  std::filesystem::remove(part_, ignored);
}

void PartFile::write(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() >= kBufferSize) flush();
}

void PartFile::flush() {
  for (std::size_t done = 0; done < buffer_.size();) {
    const ssize_t written = ::write(descriptor_, buffer_.data() + done, buffer_.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(part_);
    done += static_cast<std::size_t>(written);
  }
  buffer_.clear();
}

void PartFile::commit() {
  flush();
  if (fsync(descriptor_) != 0) fail(part_);
  const int closed = close(std::exchange(descriptor_, -1));
  if (closed != 0) fail(part_);
  std::error_code failed;
  std::filesystem::rename(part_, target_, failed);
  if (!failed) return;
  std::error_code ignored;
  std::filesystem::remove(part_, ignored);
  throw RunError(fmt::format("cannot rename '{}' to '{}': {}", part_.string(), target_.string(), failed.message()));
}

}  // namespace cuebench
