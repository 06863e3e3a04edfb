#pragma once
// A device that is not the CPU, on every machine.

#include <c10/core/Device.h>

namespace cuebench::test {

/// Its memory is the host's with every byte complemented, so that code which takes a tensor's data for the CPU's reads
/// nonsense, and LibTorch refuses to mix its tensors with the CPU's as it does for a GPU. Every operation is done on
/// decoded copies by the CPU's kernels.
at::Device second_device();

}  // namespace cuebench::test
