#include "opencv_silence.hpp"

#include <iostream>
#include <mutex>
#include <streambuf>

#include <opencv2/core/utility.hpp>
#include <opencv2/core/utils/logger.hpp>

namespace cuebench {
namespace {

thread_local bool silent = false;

/// Stands before std::cerr's buffer and drops what comes from a silent thread.
class SilenceableBuffer : public std::streambuf {
 public:
  SilenceableBuffer() : target_(std::cerr.rdbuf(this)) {}
  ~SilenceableBuffer() override { std::cerr.rdbuf(target_); }
  SilenceableBuffer(const SilenceableBuffer&) = delete;
  SilenceableBuffer& operator=(const SilenceableBuffer&) = delete;

 protected:
  int_type overflow(int_type c) override {
    if (silent || traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
    return target_->sputc(traits_type::to_char_type(c));
  }
  std::streamsize xsputn(const char* text, std::streamsize length) override {
    return silent ? length : target_->sputn(text, length);
  }
  int sync() override { return silent ? 0 : target_->pubsync(); }

 private:
  std::streambuf* target_;
};

void prepare_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    static SilenceableBuffer buffer;
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    cv::redirectError([](int, const char*, const char*, const char*, int, void*) { return 0; });
    cv::setNumThreads(0);
  });
}

}  // namespace

OpencvSilence::OpencvSilence() {
  prepare_once();
  silent = true;
}

OpencvSilence::~OpencvSilence() {
  silent = false;
}

}  // namespace cuebench
