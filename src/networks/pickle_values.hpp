#pragma once
// What a pickle may build: plain data, referred to by index, so that nothing is nested in memory and neither reading
// nor freeing recurses.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tensor_data.hpp"

namespace cuebench {

enum class PickleKind : std::uint8_t {
  none,
  boolean,
  integer,
  real,
  long_integer,  ///< more than 64 bits: its little-endian bytes are a text
  text,
  list,
  tuple,
  set,
  dictionary,
  global,
  storage,
  tensor,
};

struct PickleValue {
  PickleKind kind = PickleKind::none;
  /// Value of a boolean or integer; index into the heap (text, sequence, dictionary, storage, tensor); global's number.
  std::int64_t integer = 0;
  double real = 0;
};

/// A tensor as the pickle rebuilds it: a checked view into a storage whose bytes have not been looked at yet.
struct PickledTensor {
  std::size_t storage = 0;
  TensorView view;
};

struct PickleHeap {
  using Sequence = std::vector<PickleValue>;
  using Dictionary = std::vector<std::pair<PickleValue, PickleValue>>;

  std::vector<std::string> texts;
  std::vector<Sequence> sequences;  ///< lists, tuples, sets
  std::vector<Dictionary> dictionaries;
  std::vector<StorageRecord> storages;
  std::vector<PickledTensor> tensors;

  const std::string& text(const PickleValue& value) const { return texts[value.integer]; }
  const Sequence& sequence(const PickleValue& value) const { return sequences[value.integer]; }
  Sequence& sequence(const PickleValue& value) { return sequences[value.integer]; }
  const Dictionary& dictionary(const PickleValue& value) const { return dictionaries[value.integer]; }
  Dictionary& dictionary(const PickleValue& value) { return dictionaries[value.integer]; }

  PickleValue add_text(std::string text, PickleKind kind = PickleKind::text) {
    texts.push_back(std::move(text));
    return {kind, static_cast<std::int64_t>(texts.size()) - 1};
  }
  PickleValue add_sequence(PickleKind kind, Sequence items) {
    sequences.push_back(std::move(items));
    return {kind, static_cast<std::int64_t>(sequences.size()) - 1};
  }
  PickleValue add_dictionary() {
    dictionaries.emplace_back();
    return {PickleKind::dictionary, static_cast<std::int64_t>(dictionaries.size()) - 1};
  }
  PickleValue add_storage(StorageRecord storage) {
    storages.push_back(std::move(storage));
    return {PickleKind::storage, static_cast<std::int64_t>(storages.size()) - 1};
  }
  PickleValue add_tensor(PickledTensor tensor) {
    tensors.push_back(std::move(tensor));
    return {PickleKind::tensor, static_cast<std::int64_t>(tensors.size()) - 1};
  }
  std::size_t objects() const {
    return texts.size() + sequences.size() + dictionaries.size() + storages.size() + tensors.size();
  }
};

inline bool is_sequence(const PickleValue& value) {
  return value.kind == PickleKind::list || value.kind == PickleKind::tuple;
}

}  // namespace cuebench
