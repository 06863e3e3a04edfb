// Channel sums as a damaged or foreign run.sqlite may hold them. What is accepted must come back from its own bytes.
#include <cstdlib>

#include <cuebench/core/errors.hpp>
#include <cuebench/metrics/channel_statistics.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cuebench;
  try {
    const ClassMoments moments = parse_class_moments(std::as_bytes(std::span(data, size)));
    const auto bytes = serialise(moments);
    if (serialise(parse_class_moments(bytes)) != bytes) std::abort();  // bytes, since NaN equals nothing
  } catch (const RunError&) {
  }
  return 0;
}
