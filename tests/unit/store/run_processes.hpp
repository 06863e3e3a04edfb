#pragma once
// For tests that need a second process, an error's sentence, or a look at every block of a run.

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cuebench/core/errors.hpp>

#include "run_records.hpp"

namespace cuebench::test {

/// Runs `work` in a child process; true if it returned true there.
inline bool in_child(const std::function<bool()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    bool good = false;
    try {
      good = work();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "child: %s\n", error.what());
    }
    ::_exit(good ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// One byte from one process to another.
class Signal {
 public:
  Signal() {
    if (::pipe(ends_) != 0) throw std::runtime_error("no pipe");
  }
  ~Signal() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  void send() const { EXPECT_EQ(::write(ends_[1], "x", 1), 1); }
  void wait() const {
    char byte = 0;
    EXPECT_EQ(::read(ends_[0], &byte, 1), 1);
  }

 private:
  int ends_[2] = {-1, -1};
};

template <typename Error>
std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  } catch (const std::exception& error) {
    return std::string("another error: ") + error.what();
  }
  return "no error";
}

inline ::testing::AssertionResult says(const std::string& message, std::initializer_list<std::string_view> parts) {
  for (const auto part : parts)
    if (message.find(part) == std::string::npos) return ::testing::AssertionFailure() << message;
  if (message.find('\n') != std::string::npos) return ::testing::AssertionFailure() << "not one sentence: " << message;
  return ::testing::AssertionSuccess();
}

/// Each finished block has all of its rows, and no row belongs to another.
inline void expect_whole_blocks(const RunStore& store) {
  const RunDescription& run = store.description();
  const auto finished = store.finished_blocks();
  std::int64_t wanted = 0;
  for (std::size_t block = 0; block < finished.size(); ++block)
    if (finished[block])
      wanted += std::min<std::int64_t>(run.block_size, static_cast<std::int64_t>(run.items.size()) -
                                                           static_cast<std::int64_t>(block) * run.block_size);
  for (int variant = 0; variant < static_cast<int>(run.variants.size()); ++variant) {
    for (int model = 0; model < static_cast<int>(run.models.size()); ++model) {
      std::int64_t rows = 0;
      store.for_each_outcome(model, variant, [&](std::int64_t item, const Outcome& outcome) {
        ++rows;
        EXPECT_TRUE(finished[static_cast<std::size_t>(item / run.block_size)]);
        EXPECT_TRUE(same(outcome, outcome_of(item, model, variant)));
      });
      EXPECT_EQ(rows, wanted);
    }
    std::vector<bool> with_sums(finished.size());
    store.for_each_channel_block(0, variant, [&](std::int64_t block, const ClassMoments& moments) {
      with_sums[static_cast<std::size_t>(block)] = true;
      EXPECT_EQ(moments, moments_of(block, 0, variant, run.layers[0].channels));
    });
    EXPECT_EQ(with_sums, finished);
  }
}

}  // namespace cuebench::test
