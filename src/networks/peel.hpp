#pragma once
// Takes off the names what training wrappers put on them, and lists it.

#include "checkpoint_file.hpp"

namespace cuebench {

/// In this order: a prefix ("module.", "_orig_mod.") that every name has; copies under
/// "attacker."; a normaliser's mean and std; then also "model.", "net." and "network." where every name has it.
/// @throws CheckpointError (ambiguous) where a copy differs from its original.
void peel_names(Checkpoint& checkpoint, const CheckpointFile& file);

}  // namespace cuebench
