#include "samples.hpp"

#include <fstream>
#include <memory>
#include <stdexcept>

#include <archive.h>
#include <archive_entry.h>

namespace cuebench::test {
namespace {

struct FreeArchive {
  void operator()(archive* writer) const { archive_write_free(writer); }
};
struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

void require(int outcome, archive* writer) {
  if (outcome != ARCHIVE_OK) throw std::runtime_error(archive_error_string(writer));
}

void set_format(archive* writer, TarFormat format) {
  switch (format) {
    case TarFormat::ustar:
      return require(archive_write_set_format_ustar(writer), writer);
    case TarFormat::pax:
      return require(archive_write_set_format_pax(writer), writer);
    case TarFormat::gnu:
      return require(archive_write_set_format_gnutar(writer), writer);
    case TarFormat::v7:
      return require(archive_write_set_format_v7tar(writer), writer);
  }
}

void set_compression(archive* writer, Compression compression) {
  switch (compression) {
    case Compression::none:
      return require(archive_write_add_filter_none(writer), writer);
    case Compression::gzip:
      return require(archive_write_add_filter_gzip(writer), writer);
    case Compression::xz:
      return require(archive_write_add_filter_xz(writer), writer);
    case Compression::bzip2:
      return require(archive_write_add_filter_bzip2(writer), writer);
    case Compression::zstd:
      return require(archive_write_add_filter_zstd(writer), writer);
  }
}

void set_type(archive_entry* entry, const Member& member) {
  archive_entry_set_filetype(entry, AE_IFREG);
  if (member.type == Member::Type::folder) archive_entry_set_filetype(entry, AE_IFDIR);
  if (member.type == Member::Type::device) archive_entry_set_filetype(entry, AE_IFCHR);
  if (member.type == Member::Type::hard_link) archive_entry_set_hardlink(entry, member.target.c_str());
  if (member.type == Member::Type::symbolic_link) {
    archive_entry_set_filetype(entry, AE_IFLNK);
    archive_entry_set_symlink(entry, member.target.c_str());
  }
}

void write_member(archive* writer, const Member& member) {
  const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
  archive_entry_set_pathname(entry.get(), member.path.c_str());
  archive_entry_set_size(entry.get(), la_int64_t(member.content.size()));
  archive_entry_set_perm(entry.get(), 0644);
  set_type(entry.get(), member);
  if (archive_write_header(writer, entry.get()) < ARCHIVE_WARN) throw std::runtime_error(archive_error_string(writer));
  if (!member.content.empty()) archive_write_data(writer, member.content.data(), member.content.size());
}

}  // namespace

void write_file(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary).write(content.data(), std::streamsize(content.size()));
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string ppm(std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  return "P6\n1 1\n255\n" + std::string{char(red), char(green), char(blue)};
}

std::string pgm(int width, int height, std::uint8_t grey) {
  return "P5\n" + std::to_string(width) + " " + std::to_string(height) + "\n255\n" +
         std::string(std::size_t(width) * height, char(grey));
}

void write_tar(const std::filesystem::path& path, const std::vector<Member>& members, TarFormat format,
               Compression compression) {
  std::filesystem::create_directories(path.parent_path());
  const std::unique_ptr<archive, FreeArchive> writer(archive_write_new());
  set_format(writer.get(), format);
  set_compression(writer.get(), compression);
  require(archive_write_open_filename(writer.get(), path.c_str()), writer.get());
  for (const auto& member : members) write_member(writer.get(), member);
  require(archive_write_close(writer.get()), writer.get());
}

void write_compressed(const std::filesystem::path& path, std::string_view content, Compression compression) {
  const std::unique_ptr<archive, FreeArchive> writer(archive_write_new());
  require(archive_write_set_format_raw(writer.get()), writer.get());
  set_compression(writer.get(), compression);
  require(archive_write_open_filename(writer.get(), path.c_str()), writer.get());
  write_member(writer.get(), {"data", std::string(content)});
  require(archive_write_close(writer.get()), writer.get());
}

}  // namespace cuebench::test
