#include "archives.hpp"

#include <array>
#include <memory>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <cuebench/core/errors.hpp>

namespace cuebench::scoring {
namespace {

using Archive = std::unique_ptr<archive, decltype(&archive_read_free)>;

[[noreturn]] void fail(const Archive& stream, std::string_view file) {
  const char* reason = archive_error_string(stream.get());
  throw UsageError(fmt::format("{}: the compressed data are damaged or end too early ({}); fetch the file again", file,
                               reason ? reason : "no reason given"));
}

std::string read_entry(const Archive& stream, std::string_view file) {
  std::string text;
  std::array<char, 1 << 16> buffer{};
  while (true) {
    const la_ssize_t count = archive_read_data(stream.get(), buffer.data(), buffer.size());
    if (count < 0) fail(stream, file);
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

bool is_gzip(std::string_view bytes) {
  return bytes.starts_with("\x1f\x8b");
}

std::string gunzip(std::string_view bytes, std::string_view file) {
  const Archive stream(archive_read_new(), &archive_read_free);
  archive_read_support_filter_gzip(stream.get());
  archive_read_support_format_raw(stream.get());
  archive_read_support_format_empty(stream.get());
  if (archive_read_open_memory(stream.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) fail(stream, file);
  archive_entry* entry = nullptr;
  const int outcome = archive_read_next_header(stream.get(), &entry);
  if (outcome == ARCHIVE_EOF) return "";
  if (outcome != ARCHIVE_OK) fail(stream, file);
  return read_entry(stream, file);
}

void for_each_member(std::string_view bytes, std::string_view file,
                     const std::function<void(const std::string& name, std::string content)>& visit) {
  const Archive stream(archive_read_new(), &archive_read_free);
  archive_read_support_filter_all(stream.get());
  archive_read_support_format_tar(stream.get());
  if (archive_read_open_memory(stream.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) fail(stream, file);
  while (true) {
    archive_entry* entry = nullptr;
    const int outcome = archive_read_next_header(stream.get(), &entry);
    if (outcome == ARCHIVE_EOF) return;
    if (outcome != ARCHIVE_OK) fail(stream, file);
    const char* name = archive_entry_pathname(entry);
    if (archive_entry_filetype(entry) == AE_IFREG && name) visit(name, read_entry(stream, file));
  }
}

}  // namespace cuebench::scoring
