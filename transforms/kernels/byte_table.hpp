#pragma once
// One table of 256 bytes applied to many.

#include <array>
#include <cstdint>
#include <span>

namespace cuebench {

using ByteTable = std::array<std::uint8_t, 256>;

/// out[i] = table[in[i]]; both of one length, and the same memory at most as a whole.
void apply_table(const ByteTable& table, std::span<const std::uint8_t> in, std::span<std::uint8_t> out);

}  // namespace cuebench
