#include "byte_stream.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kReadBytes = std::size_t{1} << 18;

bool is_compressed(std::string_view head) {
  constexpr std::array kSignatures = {"\x1f\x8b"sv,
                                      "\xfd"
                                      "7zXZ\0"sv,
                                      "BZh"sv, "\x28\xb5\x2f\xfd"sv};
  return std::any_of(kSignatures.begin(), kSignatures.end(),
                     [&](auto signature) { return head.starts_with(signature); });
}

[[noreturn]] void throw_unreadable(const std::filesystem::path& path, int error) {
  throw UsageError(fmt::format("cannot read '{}': {}", path.string(), std::generic_category().message(error)));
}

[[noreturn]] void throw_damaged(const std::filesystem::path& path, archive* decoder) {
  const char* text = archive_error_string(decoder);
  throw UsageError(
      fmt::format("'{}' is cut short or damaged ({}): fetch it again, or compare its checksum with the source's",
                  path.string(), text ? text : "cannot be decompressed"));
}

}  // namespace

void ByteStream::CloseDecoder::operator()(archive* decoder) const {
  archive_read_free(decoder);
}

ByteStream::ByteStream(std::filesystem::path path) : path_(std::move(path)) {
  file_ = FileDescriptor(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!file_.is_open() || ::fstat(file_.number(), &status) != 0) throw_unreadable(path_, errno);
  if (!S_ISREG(status.st_mode))
    throw UsageError(fmt::format("'{}' is not a regular file: give a file or folder", path_.string()));
  file_size_ = status.st_size;

  std::array<char, 6> head{};
  const std::size_t count = read_plain(std::as_writable_bytes(std::span(head)));
  position_ = 0;
  if (!is_compressed({head.data(), count})) return;

  decoder_.reset(archive_read_new());
  archive_read_support_filter_gzip(decoder_.get());
  archive_read_support_filter_xz(decoder_.get());
  archive_read_support_filter_bzip2(decoder_.get());
  archive_read_support_filter_zstd(decoder_.get());
  archive_read_support_format_raw(decoder_.get());
  archive_read_support_format_empty(decoder_.get());
  archive_entry* entry = nullptr;
  if (archive_read_open_fd(decoder_.get(), file_.number(), kReadBytes) != ARCHIVE_OK)
    throw_damaged(path_, decoder_.get());
  const int outcome = archive_read_next_header(decoder_.get(), &entry);
  if (outcome != ARCHIVE_OK && outcome != ARCHIVE_EOF) throw_damaged(path_, decoder_.get());
}

std::size_t ByteStream::read(std::span<std::byte> out) {
  return compressed() ? read_compressed(out) : read_plain(out);
}

std::size_t ByteStream::read_plain(std::span<std::byte> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t count = ::pread(file_.number(), out.data() + done, out.size() - done, position_);
    if (count == 0) break;
    if (count < 0) {
      if (errno == EINTR) continue;
      throw_unreadable(path_, errno);
    }
    done += std::size_t(count);
    position_ += count;
  }
  return done;
}

std::size_t ByteStream::read_compressed(std::span<std::byte> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const la_ssize_t count = archive_read_data(decoder_.get(), out.data() + done, out.size() - done);
    if (count == 0) break;
    if (count < 0) throw_damaged(path_, decoder_.get());
    done += std::size_t(count);
    position_ += count;
  }
  return done;
}

bool ByteStream::skip(std::int64_t count) {
  if (!compressed()) {
    if (count > file_size_ - position_) return false;
    position_ += count;
    return true;
  }
  std::vector<std::byte> scratch(std::size_t(std::min<std::int64_t>(count, kReadBytes)));
  while (count > 0) {
    const std::size_t part = std::size_t(std::min<std::int64_t>(count, std::int64_t(scratch.size())));
    if (read(std::span(scratch).first(part)) != part) return false;
    count -= std::int64_t(part);
  }
  return true;
}

}  // namespace cuebench
