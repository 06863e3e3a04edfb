#include "zip_archive.hpp"

#include <algorithm>
#include <memory>

#include <libdeflate.h>

namespace cuebench {
namespace {

// Signatures and record lengths: PKWARE APPNOTE 6.3.
constexpr std::uint32_t kLocalHeader = 0x04034b50, kDirectoryEntry = 0x02014b50, kEndRecord = 0x06054b50,
                        kZip64EndRecord = 0x06064b50, kZip64Locator = 0x07064b50;
constexpr std::size_t kLocalHeaderBytes = 30, kDirectoryEntryBytes = 46, kEndRecordBytes = 22, kZip64EndBytes = 56,
                      kZip64LocatorBytes = 20, kLongestComment = 65535;
constexpr std::uint16_t kStored = 0, kDeflated = 8, kEncryptedFlag = 1, kZip64Extra = 1;
constexpr std::uint32_t kIn64 = 0xffffffffU;

constexpr std::string_view kAgain = "; download or save it again";

}  // namespace

ZipArchive::ZipArchive(Bytes bytes, CheckpointFile& file) : bytes_(bytes), file_(file) {
  read_directory(find_directory());
}

ZipArchive::Directory ZipArchive::find_directory() const {
  const std::size_t farthest = std::min(bytes_.size(), kEndRecordBytes + kLongestComment);
  for (std::size_t back = kEndRecordBytes; back <= farthest; ++back) {
    const std::size_t at = bytes_.size() - back;
    if (load<std::uint32_t>(bytes_, at) != kEndRecord) continue;
    if (load<std::uint16_t>(bytes_, at + 20) != back - kEndRecordBytes) continue;
    Directory found{load<std::uint32_t>(bytes_, at + 16), load<std::uint32_t>(bytes_, at + 12),
                    load<std::uint16_t>(bytes_, at + 10)};
    if (at >= kZip64LocatorBytes && load<std::uint32_t>(bytes_, at - kZip64LocatorBytes) == kZip64Locator)
      found = zip64_directory(at);
    if (found.offset > at || found.bytes > at - found.offset)
      file_.refuse(CheckpointProblem::malformed_archive,
                   "is a zip archive whose directory lies outside the file" + std::string(kAgain));
    return found;
  }
  file_.refuse(CheckpointProblem::truncated,
               "is a zip archive without the directory at its end: the file was cut" + std::string(kAgain));
}

ZipArchive::Directory ZipArchive::zip64_directory(std::uint64_t end_record) const {
  const std::uint64_t at = load<std::uint64_t>(bytes_, end_record - kZip64LocatorBytes + 8);
  const auto record = slice(bytes_, at, kZip64EndBytes);
  if (!record || load<std::uint32_t>(*record, 0) != kZip64EndRecord)
    file_.refuse(CheckpointProblem::malformed_archive,
                 "is a zip archive whose zip64 directory is not where it says" + std::string(kAgain));
  return {load<std::uint64_t>(*record, 48), load<std::uint64_t>(*record, 40), load<std::uint64_t>(*record, 32)};
}

void ZipArchive::read_directory(const Directory& directory) {
  directory_offset_ = directory.offset;
  Bytes rest = bytes_.subspan(directory.offset, directory.bytes);
  if (directory.entries > rest.size() / kDirectoryEntryBytes)
    file_.refuse(CheckpointProblem::malformed_archive,
                 "is a zip archive whose directory is shorter than it says" + std::string(kAgain));
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    const auto record = slice(rest, 0, kDirectoryEntryBytes);
    const bool valid = record && load<std::uint32_t>(*record, 0) == kDirectoryEntry;
    const std::uint64_t name_bytes = valid ? load<std::uint16_t>(*record, 28) : 0;
    const std::uint64_t extra_bytes = valid ? load<std::uint16_t>(*record, 30) : 0;
    const std::uint64_t comment_bytes = valid ? load<std::uint16_t>(*record, 32) : 0;
    const auto name = slice(rest, kDirectoryEntryBytes, name_bytes);
    const auto extra = slice(rest, kDirectoryEntryBytes + name_bytes, extra_bytes);
    const auto all = slice(rest, 0, kDirectoryEntryBytes + name_bytes + extra_bytes + comment_bytes);
    if (!valid || !name || !extra || !all)
      file_.refuse(CheckpointProblem::malformed_archive,
                   "is a zip archive with a damaged directory" + std::string(kAgain));
    entries_.push_back(parse_entry(*record, *name, *extra));
    if (!by_name_.emplace(entries_.back().name, entries_.size() - 1).second)
      file_.refuse(CheckpointProblem::malformed_archive,
                   "is a zip archive that holds '" + printable(entries_.back().name) + "' twice: refused");
    rest = rest.subspan(all->size());
  }
}

ZipEntry ZipArchive::parse_entry(Bytes record, Bytes name, Bytes extra) const {
  ZipEntry entry;
  entry.name = std::string(as_text(name));
  check_name(entry.name);
  if (load<std::uint16_t>(record, 8) & kEncryptedFlag)
    file_.refuse(CheckpointProblem::malformed_archive, "is an encrypted zip archive; decrypt it first");
  entry.method = load<std::uint16_t>(record, 10);
  entry.checksum = load<std::uint32_t>(record, 16);
  entry.stored_bytes = load<std::uint32_t>(record, 20);
  entry.bytes = load<std::uint32_t>(record, 24);
  entry.header = load<std::uint32_t>(record, 42);
  apply_zip64(entry, extra);
  if (entry.method != kStored && entry.method != kDeflated)
    file_.refuse(CheckpointProblem::malformed_archive, "is a zip archive with compression method " +
                                                           std::to_string(entry.method) +
                                                           "; torch.save writes stored entries: save it again");
  if (entry.method == kStored && entry.bytes != entry.stored_bytes)
    file_.refuse(CheckpointProblem::malformed_archive, "is a zip archive with two sizes for the stored entry '" +
                                                           printable(entry.name) + "'" + std::string(kAgain));
  return entry;
}

void ZipArchive::apply_zip64(ZipEntry& entry, Bytes extra) const {
  while (extra.size() >= 4) {
    const auto id = load<std::uint16_t>(extra, 0);
    const auto field = slice(extra, 4, load<std::uint16_t>(extra, 2));
    if (!field) return;
    std::size_t at = 0;
    if (id == kZip64Extra)
      for (std::uint64_t* value : {&entry.bytes, &entry.stored_bytes, &entry.header})
        if (*value == kIn64 && field->size() >= at + 8) {
          *value = load<std::uint64_t>(*field, at);
          at += 8;
        }
    extra = extra.subspan(4 + field->size());
  }
}

void ZipArchive::check_name(const std::string& name) const {
  bool bad = name.empty() || name[0] == '/' || name.find('\\') != std::string::npos ||
             name.find('\0') != std::string::npos || (name.size() > 1 && name[1] == ':');
  for (std::size_t start = 0; start <= name.size();) {
    const std::size_t end = std::min(name.find('/', start), name.size());
    bad = bad || name.compare(start, end - start, "..") == 0;
    start = end + 1;
  }
  if (bad)
    file_.refuse(CheckpointProblem::suspicious_entry, "is a zip archive with an entry named '" + printable(name) +
                                                          "', which torch.save never writes: refused");
}

const ZipEntry* ZipArchive::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &entries_[found->second];
}

Bytes ZipArchive::raw_content(const ZipEntry& entry) const {
  const auto header = slice(bytes_, entry.header, kLocalHeaderBytes);
  const bool valid = header && load<std::uint32_t>(*header, 0) == kLocalHeader;
  const std::uint64_t name_bytes = valid ? load<std::uint16_t>(*header, 26) : 0;
  const std::uint64_t extra_bytes = valid ? load<std::uint16_t>(*header, 28) : 0;
  const auto name = valid ? slice(bytes_, entry.header + kLocalHeaderBytes, name_bytes) : std::nullopt;
  const auto content = name ? slice(bytes_.first(directory_offset_),
                                    entry.header + kLocalHeaderBytes + name_bytes + extra_bytes, entry.stored_bytes)
                            : std::nullopt;
  if (!content || as_text(*name) != entry.name)
    file_.refuse(CheckpointProblem::malformed_archive, "is a zip archive whose entry '" + printable(entry.name) +
                                                           "' is not where its directory says" + std::string(kAgain));
  return *content;
}

Bytes ZipArchive::read(const ZipEntry& entry, std::uint64_t most) {
  if (const auto known = checked_.find(&entry); known != checked_.end()) return known->second;
  Bytes content = raw_content(entry);
  if (entry.method == kDeflated) {
    if (entry.bytes > most)
      file_.refuse(CheckpointProblem::size_limit, "holds the compressed entry '" + printable(entry.name) + "' of " +
                                                      std::to_string(entry.bytes) + " bytes where at most " +
                                                      std::to_string(most) + " are needed: refused");
    file_.take_memory(entry.bytes);
    std::vector<std::byte>& plain = inflated_[&entry];
    plain.resize(entry.bytes);
    const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> inflater(
        libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
    if (!inflater) throw std::bad_alloc();
    std::byte none{};  // libdeflate wants a place to write to, also for an empty entry
    const auto result = libdeflate_deflate_decompress(inflater.get(), content.data(), content.size(),
                                                      plain.empty() ? &none : plain.data(), plain.size(), nullptr);
    if (result != LIBDEFLATE_SUCCESS)
      file_.refuse(CheckpointProblem::checksum,
                   "has a damaged entry '" + printable(entry.name) + "'" + std::string(kAgain));
    content = plain;
  }
  if (libdeflate_crc32(0, content.data(), content.size()) != entry.checksum)
    file_.refuse(CheckpointProblem::checksum,
                 "has a damaged entry '" + printable(entry.name) + "': its checksum is wrong" + std::string(kAgain));
  checked_[&entry] = content;
  return content;
}

}  // namespace cuebench
