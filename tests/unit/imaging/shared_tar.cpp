#include "shared_tar.hpp"

#include <clocale>
#include <memory>
#include <stdexcept>
#include <vector>

#include <archive.h>
#include <archive_entry.h>

namespace cuebench::test {

void for_each_member(const std::filesystem::path& tar,
                     const std::function<void(const std::string&, std::span<const std::byte>)>& visit) {
  const std::unique_ptr<archive, decltype(&archive_read_free)> reader(archive_read_new(), archive_read_free);
  archive_read_support_format_tar(reader.get());
  if (archive_read_open_filename(reader.get(), tar.c_str(), 1 << 16) != ARCHIVE_OK) {
    throw std::runtime_error(archive_error_string(reader.get()));
  }
  archive_entry* entry = nullptr;
  std::vector<std::byte> bytes;
  for (int status; (status = archive_read_next_header(reader.get(), &entry)) != ARCHIVE_EOF;) {
    if (status < ARCHIVE_WARN) throw std::runtime_error(archive_error_string(reader.get()));
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    bytes.resize(archive_entry_size(entry));
    if (archive_read_data(reader.get(), bytes.data(), bytes.size()) != static_cast<la_ssize_t>(bytes.size())) {
      throw std::runtime_error("short member in " + tar.string());
    }
    const char* name = archive_entry_pathname_utf8(entry);
    visit(name ? name : archive_entry_pathname(entry), bytes);
  }
}

}  // namespace cuebench::test
