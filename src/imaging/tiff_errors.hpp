#pragma once
// The errors that libtiff reports to its handler only: OpenCV takes the picture with what it has when a strip cannot be
// decoded.

#include <string>

namespace cuebench {

/// Collects the first error of libtiff on this thread while it lives. Does not nest.
class TiffErrors {
 public:
  TiffErrors();
  ~TiffErrors();
  TiffErrors(const TiffErrors&) = delete;
  TiffErrors& operator=(const TiffErrors&) = delete;

  /// "" when there was none; one line.
  const std::string& first() const { return first_; }

 private:
  std::string first_;
};

}  // namespace cuebench
