// Per-trial files as anybody may hand them in: refused with a UsageError, or read and scored without a number that is
// not one.
#include "scoring_trials.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cuebench::scoring::read_and_score({reinterpret_cast<const char*>(data), size});
  return 0;
}
