#pragma once
// From the value a pickle gives to a list of named tensors: finds the state_dict inside its wrappers.

#include <functional>

#include "pickle_values.hpp"

namespace cuebench {

/// The bytes of a storage (of its view, where it is one), `elements` times the element size. @throws CheckpointError.
using StorageBytes = std::function<Bytes(const StorageRecord&)>;

/// Peels "state_dict", "[0]" and the like, copies the tensors out, and names what stood beside them.
Checkpoint extract_state_dict(const PickleHeap& heap, PickleValue root, const StorageBytes& storage_bytes,
                              CheckpointFile& file);

/// `elements` of the element type from `content`, the bytes of the root storage. @throws CheckpointError when they are
/// not all there.
Bytes storage_view(const StorageRecord& storage, Bytes content, const CheckpointFile& file);

}  // namespace cuebench
