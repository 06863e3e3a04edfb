#include "tiff_errors.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <mutex>

#include <tiffio.h>

namespace cuebench {
namespace {

thread_local std::string* collected = nullptr;

// The second of libtiff's two handlers; the first, which prints, is OpenCV's.
void on_error(thandle_t, const char*, const char* format, va_list arguments) {
  if (!collected || !collected->empty()) return;
  char text[160];
  std::vsnprintf(text, sizeof text, format, arguments);
  *collected = text;
  std::replace(collected->begin(), collected->end(), '\n', ' ');
}

}  // namespace

TiffErrors::TiffErrors() {
  static std::once_flag once;
  std::call_once(once, [] { TIFFSetErrorHandlerExt(on_error); });
  collected = &first_;
}

TiffErrors::~TiffErrors() {
  collected = nullptr;
}

}  // namespace cuebench
