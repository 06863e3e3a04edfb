#include "tar_writer.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

constexpr int kBufferBytes = 1 << 16;

}  // namespace

void TarWriter::FreeArchive::operator()(archive* writer) const {
  archive_write_fail(writer);  // what is not finished needs no end mark
  archive_write_free(writer);
}

void TarWriter::FreeEntry::operator()(archive_entry* entry) const {
  archive_entry_free(entry);
}

TarWriter::TarWriter(const std::filesystem::path& path)
    : path_(path), file_(path), entry_(archive_entry_new()), archive_(archive_write_new()) {
  const auto write = [](archive*, void* self, const void* bytes, std::size_t count) -> la_ssize_t {
    return static_cast<TarWriter*>(self)->take({static_cast<const char*>(bytes), count});
  };
  require(archive_write_set_format_pax_restricted(archive_.get()) == ARCHIVE_OK);
  require(archive_write_set_bytes_per_block(archive_.get(), kBufferBytes) == ARCHIVE_OK);
  require(archive_write_set_bytes_in_last_block(archive_.get(), 1) == ARCHIVE_OK);  // no padding behind the end mark
  require(archive_write_open(archive_.get(), this, nullptr, write, nullptr) == ARCHIVE_OK);
}

TarWriter::~TarWriter() = default;

void TarWriter::add(const std::string& name, std::string_view content) {
  archive_entry* entry = archive_entry_clear(entry_.get());
  archive_entry_set_pathname(entry, name.c_str());
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_perm(entry, 0644);
  archive_entry_set_size(entry, la_int64_t(content.size()));
  archive_entry_set_mtime(entry, 0, 0);
  // A name that is not ASCII gives a warning: it is written as the bytes that it is.
  require(archive_write_header(archive_.get(), entry) >= ARCHIVE_WARN);
  require(archive_write_data(archive_.get(), content.data(), content.size()) == la_ssize_t(content.size()));
  require(archive_write_finish_entry(archive_.get()) >= ARCHIVE_WARN);
}

std::pair<std::uintmax_t, std::string> TarWriter::finish() {
  require(archive_write_close(archive_.get()) == ARCHIVE_OK);
  file_.commit();
  return {file_.size(), digest_.finish()};
}

std::ptrdiff_t TarWriter::take(std::string_view content) noexcept {
  try {
    file_.write(content);
    digest_.update(content);
    return std::ptrdiff_t(content.size());
  } catch (...) {
    failure_ = std::current_exception();
    return -1;
  }
}

void TarWriter::require(bool succeeded) const {
  if (succeeded) return;
  if (failure_) std::rethrow_exception(failure_);
  const char* reason = archive_error_string(archive_.get());
  throw RunError(fmt::format("cannot write '{}': {}", path_.string(), reason ? reason : "no memory"));
}

}  // namespace cuebench
