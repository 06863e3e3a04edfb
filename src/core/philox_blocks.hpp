#pragma once
// Many blocks of Philox4x32-10 with counters that follow one another.

#include <array>
#include <cstddef>
#include <cstdint>

namespace cuebench {

/// Writes the 2 * blocks words of the blocks `counter`, `counter` + 1, ... (the lower half of the counter, as one
/// 64-bit number; `upper` is the other half) to `out`.
using PhiloxBlocks = void (*)(std::array<std::uint32_t, 2> key, std::uint64_t counter,
                              std::array<std::uint32_t, 2> upper, std::size_t blocks, std::uint64_t* out);

/// The implementation for this processor.
PhiloxBlocks philox_blocks();
/// The one that runs everywhere, to test the other against.
PhiloxBlocks portable_philox_blocks();

}  // namespace cuebench
