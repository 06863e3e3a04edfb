// Any bytes either give a state_dict of finite weights or a CheckpointError: no crash, no hang, no runaway memory.
// The first byte chooses how the rest is wrapped, so that mutations of a pickle get past the checksums of a zip archive
// and past the header of a legacy file:
//   0  the file itself
//   1  the pickle of a zip archive with two storages
//   2  the object pickle of a legacy file, and what follows it
//   3  the header of a safetensors file with 64 bytes of data

#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include <libdeflate.h>

#include <cuebench/networks/architecture.hpp>
#include <cuebench/networks/checkpoint.hpp>

namespace {

template <typename T>
void put(std::string& to, T value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

struct Entry {
  std::string name, content;
};

/// A zip archive of stored entries with right checksums.
std::string zip_of(const std::vector<Entry>& entries) {
  std::string file, directory;
  for (const Entry& entry : entries) {
    const auto offset = static_cast<std::uint32_t>(file.size());
    const auto size = static_cast<std::uint32_t>(entry.content.size());
    std::string common;  // flags, method, time, date, checksum, sizes, length of the name, of the extra field
    for (int i = 0; i < 4; ++i) put<std::uint16_t>(common, 0);
    put<std::uint32_t>(common, libdeflate_crc32(0, entry.content.data(), entry.content.size()));
    put(common, size);
    put(common, size);
    put<std::uint16_t>(common, static_cast<std::uint16_t>(entry.name.size()));
    put<std::uint16_t>(common, 0);
    put<std::uint32_t>(file, 0x04034b50);
    put<std::uint16_t>(file, 20);
    file += common + entry.name + entry.content;
    put<std::uint32_t>(directory, 0x02014b50);
    put<std::uint32_t>(directory, 0x00140014);
    directory += common + std::string(10, '\0');  // comment, disk, attributes
    put(directory, offset);
    directory += entry.name;
  }
  const auto start = static_cast<std::uint32_t>(file.size());
  file += directory;
  put<std::uint32_t>(file, 0x06054b50);
  put<std::uint32_t>(file, 0);
  put<std::uint16_t>(file, static_cast<std::uint16_t>(entries.size()));
  put<std::uint16_t>(file, static_cast<std::uint16_t>(entries.size()));
  put(file, static_cast<std::uint32_t>(directory.size()));
  put(file, start);
  put<std::uint16_t>(file, 0);
  return file;
}

std::string wrap(int way, std::string rest) {
  using namespace std::string_literals;
  if (way == 1)
    return zip_of({{"archive/data.pkl", std::move(rest)},
                   {"archive/data/0", std::string(432, '\1')},
                   {"archive/data/1", std::string(16, '\2')}});
  if (way == 2)
    return "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
           "\x80\x02M\xe9\x03."
           "\x80\x02}."s +
           rest;
  if (way == 3) {
    std::string file;
    put<std::uint64_t>(file, rest.size());
    return file + rest + std::string(64, '\1');
  }
  return rest;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string file = wrap(data[0] % 4, std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
  try {
    cuebench::Checkpoint checkpoint = cuebench::read_checkpoint(std::as_bytes(std::span(file)), "fuzzed");
    for (const auto& [name, tensor] : checkpoint.tensors) {
      if (static_cast<std::size_t>(tensor.size()) != tensor.values.size() + tensor.integers.size()) std::abort();
      for (const float value : tensor.values)
        if (!std::isfinite(value)) std::abort();
    }
    cuebench::assemble_network(std::move(checkpoint), "", {}, "fuzzed");
  } catch (const cuebench::UsageError&) {
  }
  return 0;
}
