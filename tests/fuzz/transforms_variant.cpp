// Any text is either refused with a UsageError or has a canonical form that reads back as itself.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <cuebench/core/errors.hpp>
#include <cuebench/transforms/transform.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::string canonical;
  try {
    canonical = cuebench::canonical_variant(text);
  } catch (const cuebench::UsageError&) {
    return 0;
  }
  if (cuebench::canonical_variant(canonical) != canonical) std::abort();
  return 0;
}
