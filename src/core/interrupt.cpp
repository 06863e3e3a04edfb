#include <csignal>

#include <unistd.h>

#include <cuebench/core/interrupt.hpp>

namespace cuebench {
namespace {

volatile std::sig_atomic_t requested = 0;

void note_signal(int signal) {
  if (requested) _exit(128 + signal);
  requested = 1;
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = note_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = SIG_IGN;  // a file beyond the limit on sizes is an error of its write, not a death
  sigaction(SIGXFSZ, &action, nullptr);
}

bool interrupt_requested() {
  return requested != 0;
}

}  // namespace cuebench
