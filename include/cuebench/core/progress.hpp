#pragma once
// Progress on standard error: a bar with rate and time left on a terminal, a line every ten seconds elsewhere.

#include <chrono>
#include <cstdint>
#include <string>

namespace cuebench {

enum class LogFormat { text, json };

/// What `--quiet` and `--log-format` chose; handed to whoever reports.
struct ReportingOptions {
  bool quiet = false;
  LogFormat format = LogFormat::text;
};

/// Sets up spdlog's default logger on standard error. Called once at start.
void start_logging(const ReportingOptions& options);

/// Counts finished units of `total`; not thread-safe (one owner calls it, in order).
class Progress {
 public:
  Progress(std::string what, std::string unit, std::int64_t total, const ReportingOptions& options);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void advance(std::int64_t units);
  /// Units that an earlier session had finished; shown, but not counted in the rate.
  void resume_at(std::int64_t units);
  void finish();

 private:
  void show(bool last);
  using Clock = std::chrono::steady_clock;
  std::string what_, unit_;
  std::int64_t total_ = 0, done_ = 0, resumed_ = 0;
  ReportingOptions options_;
  bool terminal_ = false, finished_ = false;
  Clock::time_point start_, shown_;
};

}  // namespace cuebench
