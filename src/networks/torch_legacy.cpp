#include <map>

#include "pickle_machine.hpp"
#include "readers.hpp"
#include "state_dict.hpp"

namespace cuebench {
namespace {

// torch/serialization.py: MAGIC_NUMBER = 0x1950a86a20f9469cfc6c, PROTOCOL_VERSION = 1001.
constexpr std::string_view kMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::int64_t kProtocolVersion = 1001;

void check_system(const PickleHeap& heap, const PickleValue& system, const CheckpointFile& file) {
  if (system.kind != PickleKind::dictionary)
    file.refuse(CheckpointProblem::malformed_pickle,
                "is damaged: it does not say what machine wrote it; download or "
                "save it again");
  for (const auto& [key, value] : heap.dictionary(system))
    if (key.kind == PickleKind::text && heap.text(key) == "little_endian" && value.kind == PickleKind::boolean &&
        value.integer == 0)
      file.refuse(CheckpointProblem::unsupported_dtype,
                  "was saved on a big-endian machine; load and save it again on a little-endian one");
}

/// Where each storage starts, and its number of elements.
using StorageTable = std::map<std::string, Bytes, std::less<>>;

StorageTable locate_storages(const PickleHeap& heap, const PickleValue& keys, Bytes data, const CheckpointFile& file) {
  std::map<std::string_view, const StorageRecord*> declared;
  for (const StorageRecord& storage : heap.storages) {
    const auto [known, fresh] = declared.emplace(storage.key, &storage);
    if (!fresh && (known->second->root_elements != storage.root_elements || known->second->type != storage.type))
      file.refuse(CheckpointProblem::storage_out_of_range,
                  "declares storage '" + printable(storage.key) + "' twice with different sizes: refused");
  }
  if (!is_sequence(keys))
    file.refuse(CheckpointProblem::malformed_pickle,
                "is damaged: its list of storages is missing; download or save "
                "it again");
  StorageTable table;
  std::uint64_t at = 0;
  for (const PickleValue& key : heap.sequence(keys)) {
    const auto found = key.kind == PickleKind::text ? declared.find(heap.text(key)) : declared.end();
    if (found == declared.end())
      file.refuse(CheckpointProblem::malformed_pickle,
                  "is damaged: it lists a storage that no tensor uses; download or save it again");
    const StorageRecord& storage = *found->second;
    const auto count = slice(data, at, sizeof(std::int64_t));
    if (!count)
      file.refuse(CheckpointProblem::truncated, "is cut: the data of storage '" + printable(storage.key) +
                                                    "' are missing; download or save it again");
    if (load<std::int64_t>(*count, 0) != storage.root_elements)
      file.refuse(CheckpointProblem::storage_out_of_range,
                  "declares " + std::to_string(storage.root_elements) + " elements for storage '" +
                      printable(storage.key) + "' where the file has " + std::to_string(load<std::int64_t>(*count, 0)) +
                      "; download or save it again");
    at += sizeof(std::int64_t);
    const auto width = static_cast<std::uint64_t>(element_bytes(storage.type));
    const auto elements = static_cast<std::uint64_t>(storage.root_elements);
    const auto content = elements > data.size() ? std::nullopt : slice(data, at, elements * width);
    if (!content)
      file.refuse(CheckpointProblem::truncated, "is cut: the data of storage '" + printable(storage.key) +
                                                    "' end too early; download or save it again");
    table[storage.key] = *content;
    at += content->size();
  }
  return table;
}

}  // namespace

Checkpoint read_torch_legacy(Bytes bytes, CheckpointFile& file) {
  PickleHeap heap;
  PickleMachine machine(bytes, heap, file, CheckpointProblem::truncated);
  const PickleValue magic = machine.run();
  if (magic.kind != PickleKind::long_integer || heap.text(magic) != kMagic)
    file.refuse(CheckpointProblem::not_a_checkpoint,
                "is a Python pickle that torch.save did not write; save the "
                "weights with torch.save(model.state_dict())");
  const PickleValue protocol = machine.run();
  if (protocol.kind != PickleKind::integer || protocol.integer != kProtocolVersion)
    file.refuse(CheckpointProblem::other_format,
                "has an unknown version of the old torch.save format; load and save "
                "it again with a current PyTorch");
  check_system(heap, machine.run(), file);
  const PickleValue root = machine.run();
  const PickleValue keys = machine.run();
  const StorageTable table = locate_storages(heap, keys, bytes.subspan(machine.position()), file);
  const auto storage_bytes = [&](const StorageRecord& storage) {
    const auto found = table.find(storage.key);
    if (found == table.end())
      file.refuse(CheckpointProblem::missing_storage,
                  "lacks the data of storage '" + printable(storage.key) + "'; download or save it again");
    return storage_view(storage, found->second, file);
  };
  return extract_state_dict(heap, root, storage_bytes, file);
}

}  // namespace cuebench
