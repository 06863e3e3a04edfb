#pragma once
// The only names a checkpoint may refer to, and what is done in place of calling them.

#include "pickle_values.hpp"

namespace cuebench {

/// @throws CheckpointError: forbidden_global with the name; unsupported_dtype for quantised, sparse and complex
/// tensors.
PickleValue resolve_global(std::string_view module, std::string_view name, const CheckpointFile& file);

/// What the call of `global` with `arguments` (a tuple) would have returned: a container or a tensor.
PickleValue apply_global(PickleHeap& heap, const PickleValue& global, const PickleValue& arguments,
                         const CheckpointFile& file);

/// A reference ("storage", type, key, location, elements[, view]) to data outside the pickle.
PickleValue resolve_persistent(PickleHeap& heap, const PickleValue& reference, const CheckpointFile& file);

}  // namespace cuebench
