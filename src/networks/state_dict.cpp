#include "state_dict.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <cuebench/core/parameters.hpp>

namespace cuebench {
namespace {

// Names under which training programs keep the weights, the most telling first.
constexpr std::string_view kWrappers[] = {"state_dict", "model_state_dict", "model",   "net",
                                          "network",    "module",           "weights", "params"};
constexpr int kDeepestWrapper = 8;
constexpr std::size_t kMostOthers = 64, kMostNamesInMessage = 8;

bool is_container(const PickleHeap& heap, const PickleValue& value) {
  if (value.kind == PickleKind::dictionary) return !heap.dictionary(value).empty();
  return is_sequence(value) && heap.sequence(value).size() == 1;
}

bool has_tensors(const PickleHeap& heap, const PickleValue& value) {
  if (value.kind != PickleKind::dictionary) return false;
  const auto& items = heap.dictionary(value);
  return std::any_of(items.begin(), items.end(),
                     [](const auto& item) { return item.second.kind == PickleKind::tensor; });
}

std::string count_text(std::string_view what, std::size_t count) {
  return std::string(what) + " of " + std::to_string(count);
}

std::string describe(const PickleHeap& heap, const PickleValue& value) {
  switch (value.kind) {
    case PickleKind::none:
      return "None";
    case PickleKind::boolean:
      return value.integer ? "True" : "False";
    case PickleKind::integer:
      return std::to_string(value.integer);
    case PickleKind::real:
      return std::isnan(value.real) ? "nan" : format_real(value.real);
    case PickleKind::long_integer:
      return "a number of more than 64 bits";
    case PickleKind::text:
      return in_quotes(heap.text(value), 60);
    case PickleKind::list:
      return count_text("list", heap.sequence(value).size());
    case PickleKind::tuple:
      return count_text("tuple", heap.sequence(value).size());
    case PickleKind::set:
      return count_text("set", heap.sequence(value).size());
    case PickleKind::dictionary:
      return count_text("dict", heap.dictionary(value).size());
    case PickleKind::global:
      return "a type";
    case PickleKind::storage:
      return "a storage";
    case PickleKind::tensor:
      return "tensor " + shape_text(heap.tensors[value.integer].view.shape);
  }
  return "?";
}

std::string key_text(const PickleHeap& heap, const PickleValue& key) {
  return key.kind == PickleKind::text ? printable(heap.text(key), 200) : describe(heap, key);
}

class Extraction {
 public:
  Extraction(const PickleHeap& heap, const StorageBytes& storage_bytes, CheckpointFile& file)
      : heap_(heap), storage_bytes_(storage_bytes), file_(file) {}

  Checkpoint run(PickleValue root) {
    read_tensors(unwrap(root));
    return std::move(result_);
  }

 private:
  PickleValue unwrap(PickleValue value) {
    for (int depth = 0; depth < kDeepestWrapper; ++depth) {
      if (is_sequence(value) && heap_.sequence(value).size() == 1) {
        result_.peeled.emplace_back("[0]");
        value = heap_.sequence(value)[0];
        continue;
      }
      if (value.kind != PickleKind::dictionary) refuse_value(value);
      const auto inner = wrapped(value);
      if (!inner) return value;
      result_.peeled.push_back(key_text(heap_, inner->first));
      for (const auto& item : heap_.dictionary(value))
        if (&item != inner) add_other(item);
      value = inner->second;
    }
    file_.refuse(CheckpointProblem::malformed_pickle, "holds its weights under more than " +
                                                          std::to_string(kDeepestWrapper) +
                                                          " wrappers: refused; save model.state_dict() itself");
  }

  using Item = std::pair<PickleValue, PickleValue>;

  /// The entry that holds the state_dict, or none where `value` is one itself.
  const Item* wrapped(const PickleValue& value) {
    const auto& items = heap_.dictionary(value);
    for (const std::string_view name : kWrappers)
      for (const Item& item : items)
        if (item.first.kind == PickleKind::text && heap_.text(item.first) == name && is_container(heap_, item.second))
          return &item;
    if (has_tensors(heap_, value)) return nullptr;
    std::vector<const Item*> candidates;
    for (const Item& item : items)
      if (has_tensors(heap_, item.second)) candidates.push_back(&item);
    if (candidates.size() == 1) return candidates[0];
    if (candidates.empty()) refuse_value(value);
    std::string names;
    for (std::size_t i = 0; i < std::min(candidates.size(), kMostNamesInMessage); ++i)
      names += (i ? ", " : "") + key_text(heap_, candidates[i]->first);
    file_.refuse(CheckpointProblem::ambiguous, "holds several sets of weights (" + names +
                                                   "); save the one you mean with torch.save(model.state_dict())");
  }

  [[noreturn]] void refuse_value(const PickleValue& value) {
    std::string what = describe(heap_, value);
    if (value.kind == PickleKind::dictionary) {
      const auto& items = heap_.dictionary(value);
      for (std::size_t i = 0; i < std::min(items.size(), kMostNamesInMessage); ++i)
        what += (i ? ", " : ": ") + key_text(heap_, items[i].first);
    }
    file_.refuse(CheckpointProblem::not_a_checkpoint,
                 "holds no state_dict but " + what + "; save the weights with torch.save(model.state_dict())");
  }

  void add_other(const Item& item) {
    if (result_.others.size() == kMostOthers) result_.others.emplace_back("...");
    if (result_.others.size() < kMostOthers)
      result_.others.push_back(key_text(heap_, item.first) + " = " + describe(heap_, item.second));
  }

  void read_tensors(const PickleValue& state) {
    std::set<std::string> names;
    for (const Item& item : heap_.dictionary(state)) {
      if (item.second.kind != PickleKind::tensor) {
        add_other(item);
        continue;
      }
      std::string name = item.first.kind == PickleKind::text ? heap_.text(item.first) : describe(heap_, item.first);
      if (name != printable(name, name.size()))
        file_.refuse(CheckpointProblem::malformed_pickle,
                     "holds a tensor whose name is not plain text ('" + printable(name) + "'); save it again");
      if (!names.insert(name).second)
        file_.refuse(CheckpointProblem::malformed_pickle,
                     "holds the tensor '" + printable(name) + "' twice; save it again");
      const PickledTensor& tensor = heap_.tensors[item.second.integer];
      const StorageRecord& storage = heap_.storages[tensor.storage];
      const Bytes content = storage_bytes_(storage);
      WeightTensor weights = materialise(storage.type, content, tensor.view, name, file_);
      result_.tensors.emplace_back(std::move(name), std::move(weights));
    }
  }

  const PickleHeap& heap_;
  const StorageBytes& storage_bytes_;
  CheckpointFile& file_;
  Checkpoint result_;
};

}  // namespace

Checkpoint extract_state_dict(const PickleHeap& heap, PickleValue root, const StorageBytes& storage_bytes,
                              CheckpointFile& file) {
  return Extraction(heap, storage_bytes, file).run(root);
}

Bytes storage_view(const StorageRecord& storage, Bytes content, const CheckpointFile& file) {
  const std::uint64_t width = element_bytes(storage.type);
  const std::uint64_t available = content.size() / width;
  if (static_cast<std::uint64_t>(storage.root_elements) > available)
    file.refuse(CheckpointProblem::storage_out_of_range, "declares " + std::to_string(storage.root_elements) +
                                                             " elements for storage '" + printable(storage.key) +
                                                             "' where the file has " + std::to_string(available) +
                                                             "; download or save it again");
  return content.subspan(storage.first * width, storage.elements * width);
}

}  // namespace cuebench
