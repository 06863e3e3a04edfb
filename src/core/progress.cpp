#include <algorithm>
#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cuebench/core/progress.hpp>

namespace cuebench {
namespace {

using namespace std::chrono_literals;

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds + 0.5);
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

void start_logging(const ReportingOptions& options) {
  auto logger = std::make_shared<spdlog::logger>("cuebench", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern(options.format == LogFormat::json
                          ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e","level":"%l","message":"%v"})"
                          : "cuebench: %v");
  logger->set_level(options.quiet ? spdlog::level::warn : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

Progress::Progress(std::string what, std::string unit, std::int64_t total, const ReportingOptions& options)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      total_(total),
      options_(options),
      terminal_(options.format == LogFormat::text && isatty(STDERR_FILENO) != 0),
      start_(Clock::now()),
      shown_(start_) {}

Progress::~Progress() {
  // An unfinished bar leaves its line, so that the next message begins on a fresh one.
  if (!finished_ && terminal_ && !options_.quiet && done_ > 0) std::fputc('\n', stderr);
}

void Progress::resume_at(std::int64_t units) {
  done_ = resumed_ = units;
}

void Progress::advance(std::int64_t units) {
  done_ += units;
  if (Clock::now() - shown_ >= (terminal_ ? Clock::duration(200ms) : Clock::duration(10s))) show(false);
}

void Progress::finish() {
  if (!finished_) show(true);
  finished_ = true;
}

void Progress::show(bool last) {
  shown_ = Clock::now();
  if (options_.quiet) return;
  const double seconds = std::chrono::duration<double>(shown_ - start_).count();
  const double rate = seconds > 0 ? static_cast<double>(done_ - resumed_) / seconds : 0;
  const double share = total_ > 0 ? static_cast<double>(done_) / static_cast<double>(total_) : 1;
  const std::string left = rate > 0 ? duration_text(static_cast<double>(total_ - done_) / rate) : "?";
  const std::string state = last ? fmt::format("took {}", duration_text(seconds)) : fmt::format("{} left", left);
  if (terminal_) {
    constexpr int kWidth = 24;
    const auto filled = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * kWidth);
    fmt::print(stderr, "\r{} [{}{}] {:3.0f} %  {:.0f} {}/s  {}   {}", what_, std::string(filled, '='),
               std::string(kWidth - filled, ' '), 100 * share, rate, unit_, state, last ? "\n" : "");
    std::fflush(stderr);
  } else {
    spdlog::info("{}: {} of {} {} ({:.0f} %), {:.0f} {}/s, {}", what_, done_, total_, unit_, 100 * share, rate, unit_,
                 state);
  }
}

}  // namespace cuebench
