#pragma once
// OpenCV prints errors that it also returns or throws; a bad image must not write to the user's terminal.

namespace cuebench {

/// While one exists, nothing that OpenCV reports on this thread reaches standard error: neither through its log and
/// error handler, nor through std::cerr, where imdecode writes the exceptions that it swallows. The first one also
/// switches off OpenCV's thread pool, since threads have one budget. Other threads' std::cerr is not touched. Does not
/// nest.
class OpencvSilence {
 public:
  OpencvSilence();
  ~OpencvSilence();
  OpencvSilence(const OpencvSilence&) = delete;
  OpencvSilence& operator=(const OpencvSilence&) = delete;
};

}  // namespace cuebench
