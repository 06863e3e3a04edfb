// Fuzzes the reader of tar shards. The input is cut at every zero byte into names and contents in turn, which make one
// tar file: ids are unique, labels lie within the classes, and every item loads or is an ImageError.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/dataset.hpp>

namespace {

std::string member(const std::string& name, const std::string& content) {
  std::string header(512, '\0');
  header.replace(0, std::min<std::size_t>(name.size(), 100), name, 0, 100);
  std::snprintf(&header[124], 12, "%011zo", content.size());
  header[156] = '0';
  header.replace(148, 8, 8, ' ');
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  std::snprintf(&header[148], 8, "%06o", sum);
  return header + content + std::string((512 - content.size() % 512) % 512, '\0');
}

std::string archive(const std::string& input) {
  std::string tar, name;
  bool is_name = true;
  for (std::size_t begin = 0; begin <= input.size(); is_name = !is_name) {
    const auto end = std::min(input.find('\0', begin), input.size());
    const std::string part = input.substr(begin, end - begin);
    if (is_name) {
      name = part;
    } else {
      tar += member(name, part);
    }
    begin = end + 1;
  }
  return tar + std::string(1024, '\0');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string tar = archive({reinterpret_cast<const char*>(data), size});
  const int file = ::memfd_create("shard", MFD_CLOEXEC);
  if (file < 0 || ::write(file, tar.data(), tar.size()) != ssize_t(tar.size())) std::abort();
  try {
    const auto set = cuebench::open_dataset("webdataset:/proc/self/fd/" + std::to_string(file));
    const int classes = int(set.classes.size());
    std::set<std::string> ids;
    for (std::size_t i = 0; i < set.items.size(); ++i) {
      const auto& item = set.items[i];
      if (!ids.insert(item.id).second) std::abort();
      for (const int label : {item.label, item.shape_label, item.texture_label})
        if (label < -1 || label >= classes) std::abort();
      try {
        set.load_image(i);
        set.load_mask(i);
      } catch (const cuebench::ImageError&) {
      }
    }
  } catch (const cuebench::UsageError&) {
  }
  ::close(file);
  return 0;
}
