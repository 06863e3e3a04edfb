#pragma once
// Orderly end on Ctrl-C and SIGTERM: long loops ask, finish their block, and stop with exit code 130.

#include <stdexcept>

namespace cuebench {

/// Thrown by a run that stopped because of a signal; everything finished is stored.
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Installs handlers for SIGINT and SIGTERM. A second signal ends the process at once. SIGXFSZ is ignored: the write
/// fails.
void catch_interrupts();
bool interrupt_requested();

}  // namespace cuebench
