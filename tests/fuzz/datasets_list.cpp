// Fuzzes the CSV list reader: a data set with unique ids and labels within its classes, or a UsageError.

#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/dataset.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = ::memfd_create("list", MFD_CLOEXEC);
  if (file < 0 || ::write(file, data, size) != ssize_t(size)) std::abort();
  try {
    const auto set = cuebench::open_dataset("list:/proc/self/fd/" + std::to_string(file));
    const int classes = int(set.classes.size());
    std::set<std::string> ids;
    for (const auto& item : set.items) {
      if (!ids.insert(item.id).second) std::abort();
      for (const int label : {item.label, item.shape_label, item.texture_label}) {
        if (label < -1 || label >= classes) std::abort();
      }
    }
  } catch (const cuebench::UsageError&) {
  }
  ::close(file);
  return 0;
}
