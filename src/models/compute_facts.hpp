#pragma once
// What is read from the system to say which placements work.

#include <istream>

namespace cuebench {

/// Whether the flags of the first processor in /proc/cpuinfo have what oneDNN's bfloat16 kernels need (AVX-512 BW, VL
/// and DQ; native bfloat16 instructions come with these).
bool has_bf16_flags(std::istream& cpuinfo);

}  // namespace cuebench
