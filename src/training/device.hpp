#pragma once
// Where training runs, and in which precision.

#include <string>

#include <c10/core/Device.h>

namespace cuebench {

/// auto (the first GPU where there is one), cpu, cuda or cuda:N. @throws UsageError for another word, or a GPU that is
/// not there.
at::Device choose_device(const std::string& name);

/// While it lives, operations run in bfloat16 where PyTorch holds that safe (CUDA only); off: changes nothing.
class AutocastScope {
 public:
  explicit AutocastScope(bool on);
  ~AutocastScope();
  AutocastScope(const AutocastScope&) = delete;
  AutocastScope& operator=(const AutocastScope&) = delete;

 private:
  bool on_;
};

}  // namespace cuebench
