#include "pickle_machine.hpp"
#include "readers.hpp"
#include "state_dict.hpp"
#include "zip_archive.hpp"

namespace cuebench {
namespace {

// A compressed pickle may not grow beyond this; a stored one is bounded by the file.
constexpr std::uint64_t kMostPickleBytes = std::uint64_t{16} << 20;
constexpr std::uint64_t kMostByteOrderBytes = 16;
constexpr std::string_view kPickle = "/data.pkl";

void check_byte_order(ZipArchive& archive, const std::string& folder, const CheckpointFile& file) {
  const ZipEntry* entry = archive.find(folder + "/byteorder");
  if (entry && as_text(archive.read(*entry, kMostByteOrderBytes)) != "little")
    file.refuse(CheckpointProblem::unsupported_dtype,
                "was saved on a big-endian machine; load and save it again on a little-endian one");
}

}  // namespace

const std::string* find_data_pickle(const ZipArchive& archive) {
  for (const ZipEntry& entry : archive.entries())
    if (const auto slash = entry.name.find('/'); slash != std::string::npos && entry.name.substr(slash) == kPickle)
      return &entry.name;
  return nullptr;
}

Checkpoint read_torch_zip(Bytes bytes, CheckpointFile& file) {
  ZipArchive archive(bytes, file);
  const std::string* pickle = find_data_pickle(archive);
  if (!pickle)
    file.refuse(CheckpointProblem::not_a_checkpoint,
                "is a zip archive without data.pkl; save the weights with "
                "torch.save(model.state_dict())");
  const std::string folder = pickle->substr(0, pickle->find('/'));
  check_byte_order(archive, folder, file);

  PickleHeap heap;
  const Bytes stream = archive.read(*archive.find(*pickle), kMostPickleBytes);
  const PickleValue root = PickleMachine(stream, heap, file, CheckpointProblem::malformed_pickle).run();
  const auto storage_bytes = [&](const StorageRecord& storage) {
    const ZipEntry* entry = archive.find(folder + "/data/" + storage.key);
    if (!entry)
      file.refuse(CheckpointProblem::missing_storage,
                  "lacks the data of storage '" + printable(storage.key) + "'; download or save it again");
    const auto width = static_cast<std::uint64_t>(element_bytes(storage.type));
    const auto elements = static_cast<std::uint64_t>(storage.root_elements);
    return storage_view(storage, archive.read(*entry, elements > ~std::uint64_t{0} / width ? 0 : elements * width),
                        file);
  };
  return extract_state_dict(heap, root, storage_bytes, file);
}

}  // namespace cuebench
