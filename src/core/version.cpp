#include <cuebench/core/version.hpp>

namespace cuebench {

std::string_view version() {
  return CUEBENCH_VERSION;
}
std::string_view revision() {
  return CUEBENCH_REVISION;
}

}  // namespace cuebench
