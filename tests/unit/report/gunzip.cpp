#include "gunzip.hpp"

#include <array>
#include <memory>
#include <stdexcept>

#include <archive.h>
#include <archive_entry.h>

namespace cuebench::test {

std::string gunzip(const std::filesystem::path& path) {
  const std::unique_ptr<archive, decltype(&archive_read_free)> stream(archive_read_new(), &archive_read_free);
  archive_read_support_filter_gzip(stream.get());
  archive_read_support_format_raw(stream.get());
  archive_entry* entry = nullptr;
  if (archive_read_open_filename(stream.get(), path.c_str(), 1 << 16) != ARCHIVE_OK ||
      archive_read_next_header(stream.get(), &entry) != ARCHIVE_OK)
    throw std::runtime_error("cannot read " + path.string());
  std::string text;
  std::array<char, 4096> buffer{};
  for (la_ssize_t n; (n = archive_read_data(stream.get(), buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(n));
  return text;
}

}  // namespace cuebench::test
