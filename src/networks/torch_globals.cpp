#include "torch_globals.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace cuebench {
namespace {

enum Global : std::int64_t {
  ordered_dict,
  set,
  size,
  rebuild_tensor,
  rebuild_parameter,
  storage_types  ///< and from here on: storage_types + ElementType
};

struct StorageName {
  std::string_view name;
  ElementType type;
};
constexpr std::array kStorages = {
    StorageName{"HalfStorage", ElementType::float16},  StorageName{"BFloat16Storage", ElementType::bfloat16},
    StorageName{"FloatStorage", ElementType::float32}, StorageName{"DoubleStorage", ElementType::float64},
    StorageName{"BoolStorage", ElementType::boolean},  StorageName{"CharStorage", ElementType::int8},
    StorageName{"ByteStorage", ElementType::uint8},    StorageName{"ShortStorage", ElementType::int16},
    StorageName{"IntStorage", ElementType::int32},     StorageName{"LongStorage", ElementType::int64},
};

std::optional<std::int64_t> known_global(std::string_view module, std::string_view name) {
  if (module == "collections" && name == "OrderedDict") return ordered_dict;
  if ((module == "builtins" || module == "__builtin__") && (name == "set" || name == "frozenset")) return set;
  if (module == "torch" && name == "Size") return size;
  if (module == "torch._utils" && (name == "_rebuild_tensor" || name == "_rebuild_tensor_v2")) return rebuild_tensor;
  if (module == "torch._utils" && name == "_rebuild_parameter") return rebuild_parameter;
  if (module == "torch" || module == "torch.cuda")
    for (const StorageName& storage : kStorages)
      if (storage.name == name) return storage_types + static_cast<std::int64_t>(storage.type);
  return std::nullopt;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

[[noreturn]] void malformed(const CheckpointFile& file, std::string_view cause) {
  file.refuse(CheckpointProblem::malformed_pickle, "is damaged: " + std::string(cause) + "; download or save it again");
}

std::int64_t integer(const PickleValue& value, const CheckpointFile& file, std::string_view what) {
  if (value.kind != PickleKind::integer) malformed(file, "the " + std::string(what) + " of a tensor is not a number");
  return value.integer;
}

std::vector<std::int64_t> integers(const PickleHeap& heap, const PickleValue& value, const CheckpointFile& file,
                                   std::string_view what) {
  if (!is_sequence(value)) malformed(file, "the " + std::string(what) + " of a tensor is not a tuple");
  std::vector<std::int64_t> numbers;
  // More than a few are refused by check_view; no need to copy a million of them first.
  for (const PickleValue& item : heap.sequence(value)) {
    numbers.push_back(integer(item, file, what));
    if (numbers.size() > 64) break;
  }
  return numbers;
}

PickleValue tensor(PickleHeap& heap, const PickleHeap::Sequence& arguments, const CheckpointFile& file) {
  if (arguments.size() < 4 || arguments[0].kind != PickleKind::storage) malformed(file, "a tensor has no storage");
  PickledTensor result;
  result.storage = static_cast<std::size_t>(arguments[0].integer);
  result.view = {integer(arguments[1], file, "offset"), integers(heap, arguments[2], file, "shape"),
                 integers(heap, arguments[3], file, "strides")};
  check_view(result.view, heap.storages[result.storage].elements, file);
  return heap.add_tensor(std::move(result));
}

/// OrderedDict() of Python 3, OrderedDict([[key, value], ...]) of Python 2.
PickleValue dictionary(PickleHeap& heap, const PickleHeap::Sequence& arguments, const CheckpointFile& file) {
  PickleHeap::Dictionary items;
  if (arguments.size() > 1) malformed(file, "a dictionary is built from several values");
  if (arguments.size() == 1) {
    if (!is_sequence(arguments[0])) malformed(file, "a dictionary is not built from a list");
    for (const PickleValue& item : heap.sequence(arguments[0])) {
      if (!is_sequence(item) || heap.sequence(item).size() != 2) malformed(file, "a dictionary item is not a pair");
      items.emplace_back(heap.sequence(item)[0], heap.sequence(item)[1]);
    }
  }
  const PickleValue result = heap.add_dictionary();
  heap.dictionary(result) = std::move(items);
  return result;
}

PickleValue copied_sequence(PickleHeap& heap, PickleKind kind, const PickleHeap::Sequence& arguments,
                            const CheckpointFile& file) {
  if (arguments.empty()) return heap.add_sequence(kind, {});
  if (arguments.size() != 1 || !is_sequence(arguments[0])) malformed(file, "a container is not built from a list");
  if (kind == PickleKind::tuple && arguments[0].kind == PickleKind::tuple) return arguments[0];
  return heap.add_sequence(kind, PickleHeap::Sequence(heap.sequence(arguments[0])));
}

/// (key, offset, elements) of a storage that is a part of another (legacy files), or None.
void apply_view(StorageRecord& storage, const PickleHeap& heap, const PickleValue& view, const CheckpointFile& file) {
  if (view.kind == PickleKind::none) return;
  if (!is_sequence(view) || heap.sequence(view).size() != 3) malformed(file, "a storage view is not a triple");
  const PickleHeap::Sequence& parts = heap.sequence(view);
  storage.first = integer(parts[1], file, "view");
  storage.elements = integer(parts[2], file, "view");
  if (storage.first < 0 || storage.elements < 0 || storage.first > storage.root_elements ||
      storage.elements > storage.root_elements - storage.first)
    file.refuse(CheckpointProblem::storage_out_of_range,
                "declares a storage view that reaches past its storage; download or save it again");
}

}  // namespace

PickleValue resolve_global(std::string_view module, std::string_view name, const CheckpointFile& file) {
  if (const auto known = known_global(module, name)) return {PickleKind::global, *known};
  const std::string full = printable(module) + "." + printable(name);
  const bool odd_storage = module == "torch" && ends_with(name, "Storage");
  const bool odd_tensor = module == "torch._utils" && name.substr(0, 9) == "_rebuild_";
  if (odd_storage || odd_tensor)
    file.refuse(CheckpointProblem::unsupported_dtype,
                "holds tensors of a kind that networks here do not have (" + full +
                    "): complex, quantised and sparse tensors do not load; save dense float weights");
  const bool whole_module = module.substr(0, 8) == "torch.nn" || module == "__main__";
  file.refuse(
      CheckpointProblem::forbidden_global,
      "wants to run " + full + ": refused; " +
          (whole_module ? "it is a whole model saved with torch.save(model), which needs its Python classes: " : "") +
          "a state_dict saved with torch.save(model.state_dict()) loads");
}

PickleValue apply_global(PickleHeap& heap, const PickleValue& global, const PickleValue& arguments,
                         const CheckpointFile& file) {
  if (global.kind != PickleKind::global || arguments.kind != PickleKind::tuple)
    malformed(file, "it calls something that is not a function");
  // A copy: the heap may move its sequences while a container is added.
  const PickleHeap::Sequence values = heap.sequence(arguments);
  switch (global.integer) {
    case ordered_dict:
      return dictionary(heap, values, file);
    case set:
      return copied_sequence(heap, PickleKind::set, values, file);
    case size:
      return copied_sequence(heap, PickleKind::tuple, values, file);
    case rebuild_tensor:
      return tensor(heap, values, file);
    case rebuild_parameter:
      if (values.empty() || values[0].kind != PickleKind::tensor) malformed(file, "a parameter has no tensor");
      return values[0];
    default:
      malformed(file, "it calls a storage type");
  }
}

PickleValue resolve_persistent(PickleHeap& heap, const PickleValue& reference, const CheckpointFile& file) {
  if (reference.kind != PickleKind::tuple) malformed(file, "a reference to outside data is not a tuple");
  const PickleHeap::Sequence& parts = heap.sequence(reference);
  const bool names_storage = parts.size() >= 5 && parts[0].kind == PickleKind::text &&
                             heap.text(parts[0]) == "storage" && parts[1].kind == PickleKind::global &&
                             parts[1].integer >= storage_types && parts[2].kind == PickleKind::text &&
                             parts[4].kind == PickleKind::integer;
  if (!names_storage) malformed(file, "a reference to outside data does not name a storage");
  StorageRecord storage;
  storage.type = static_cast<ElementType>(parts[1].integer - storage_types);
  storage.key = heap.text(parts[2]);
  storage.root_elements = storage.elements = parts[4].integer;
  if (storage.elements < 0)
    file.refuse(CheckpointProblem::bad_geometry, "declares a storage of negative size; download or save it again");
  if (parts.size() > 5) apply_view(storage, heap, parts[5], file);
  return heap.add_storage(std::move(storage));
}

}  // namespace cuebench
