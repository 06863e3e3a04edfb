// What happens when the process is killed, the disk is full, or the file is damaged.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cuebench/core/errors.hpp>

#include "run_processes.hpp"
#include "test_data.hpp"

namespace cuebench::test {
namespace {

TEST(KilledRun, EveryFinishedBlockIsWholeAndTheRunContinues) {
  const RunDescription run = small_run({.items = 8000, .block_size = 16});
  std::mt19937 moments(20);  // fixed seed; the kill itself is as random as the scheduler
  std::int64_t finished_before = 0;
  const TemporaryFolder folder;
  for (int round = 0; round < 20; ++round) {
    const Signal opened, stored_one;
    const pid_t child = ::fork();
    if (child == 0) {
      RunStore store = RunStore::create_or_resume(folder.path(), run);
      opened.send();
      const auto finished = store.finished_blocks();
      for (std::int64_t block = 0; block < store.block_count(); ++block) {
        if (finished[static_cast<std::size_t>(block)]) continue;
        store.commit(block_of(run, block));
        stored_one.send();
      }
      stored_one.send();  // nothing was left to store
      ::pause();
    }
    // Every fourth round may also kill while the run is made or opened; every fourth stores something, however slow
    // the machine.
    if (round % 4 != 0) opened.wait();
    if (round % 4 == 3) stored_one.wait();
    std::this_thread::sleep_for(std::chrono::microseconds(moments() % 10000));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    const RunStore store = RunStore::create_or_resume(folder.path(), run);
    const auto finished = store.finished_blocks();
    const auto count = std::count(finished.begin(), finished.end(), true);
    EXPECT_GE(count, finished_before);  // nothing stored was lost
    finished_before = count;
    expect_whole_blocks(store);
  }
  EXPECT_GT(finished_before, 0);
}

TEST(KilledRun, CanBeReadWithoutContinuingIt) {
  const RunDescription run = small_run();
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    RunStore store = RunStore::create_or_resume(folder.path(), run);
    store.commit(block_of(run, 0));
    store.commit(block_of(run, 2));
    ::raise(SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(std::filesystem::file_size(folder.path() / "run.sqlite-wal") > 0);  // the blocks lie in the log
  const RunStore store = RunStore::open(folder.path());
  EXPECT_EQ(store.finished_blocks(), (std::vector<bool>{true, false, true, false, false}));
  expect_whole_blocks(store);
}

TEST(SharedRun, IsReadWhileItIsWritten) {
  const RunDescription run = small_run();
  const TemporaryFolder folder;
  RunStore writer = RunStore::create_or_resume(folder.path(), run);
  writer.commit(block_of(run, 0));
  const RunStore reader = RunStore::open(folder.path());
  bool committed = false;
  reader.for_each_outcome(0, 0, [&](std::int64_t, const Outcome&) {
    if (!committed) writer.commit(block_of(run, 1));  // in the middle of a scan
    committed = true;
  });
  expect_whole_blocks(reader);
  EXPECT_EQ(reader.finished_blocks(), (std::vector<bool>{true, true, false, false, false}));
}

TEST(SharedRun, IsReadWhileAnotherProcessWritesIt) {
  const RunDescription run = small_run();
  const TemporaryFolder folder;
  Signal stored, read;
  const pid_t child = ::fork();
  if (child == 0) {
    RunStore writer = RunStore::create_or_resume(folder.path(), run);
    writer.commit(block_of(run, 0));
    stored.send();
    read.wait();
    ::_exit(0);
  }
  stored.wait();
  {
    const RunStore reader = RunStore::open(folder.path());
    EXPECT_EQ(reader.finished_blocks(), (std::vector<bool>{true, false, false, false, false}));
    expect_whole_blocks(reader);
  }
  read.send();
  int status = 0;
  ::waitpid(child, &status, 0);
}

TEST(SharedRun, HasOneWriter) {
  const TemporaryFolder folder;
  const auto second = [&] {
    return message_of<UsageError>([&] { RunStore::create_or_resume(folder.path(), small_run()); });
  };
  {
    const RunStore writer = RunStore::create_or_resume(folder.path(), small_run());
    EXPECT_TRUE(says(second(), {folder.path().string(), "another cuebench is writing", "--out"}));
    EXPECT_TRUE(in_child([&] { return bool(says(second(), {"another cuebench is writing"})); }));
  }
  EXPECT_EQ(second(), "no error");
}

/// While this lives, every database opened afterwards may have at most `pages` pages: a full disk.
class SmallDisk {
 public:
  explicit SmallDisk(int pages) {
    limit() = pages;
    ::sqlite3_auto_extension(reinterpret_cast<void (*)()>(&apply));
  }
  ~SmallDisk() { ::sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&apply)); }

 private:
  static int& limit() {
    static int pages = 0;
    return pages;
  }
  static int apply(sqlite3* database, char**, const void*) {
    const std::string pragma = "PRAGMA max_page_count=" + std::to_string(limit());
    return ::sqlite3_exec(database, pragma.c_str(), nullptr, nullptr, nullptr);
  }
};

TEST(FullDisk, KeepsWhatIsStoredAndTheRunContinuesWhereThereIsRoom) {
  const TemporaryFolder folder;
  const RunDescription run = small_run({.items = 2000, .block_size = 200});
  RunStore::create_or_resume(folder.path(), run).commit(block_of(run, 0));
  const auto pages = static_cast<int>(std::filesystem::file_size(folder.path() / "run.sqlite") / 4096);
  std::int64_t stored = 1;
  {
    const SmallDisk disk(pages + 40);
    RunStore store = RunStore::create_or_resume(folder.path(), run);
    const std::string message = message_of<RunError>([&] {
      for (; stored < store.block_count(); ++stored) store.commit(block_of(run, stored));
    });
    EXPECT_TRUE(says(message, {"disk full", folder.path().string(), "repeat the same command"}));
    EXPECT_GT(stored, 1);
    EXPECT_LT(stored, 10);
    expect_whole_blocks(store);  // still usable
    EXPECT_TRUE(says(message_of<RunError>([&] { store.commit(block_of(run, stored)); }), {"disk full"}));
  }
  RunStore store = RunStore::create_or_resume(folder.path(), run);
  const auto finished = store.finished_blocks();
  EXPECT_EQ(std::count(finished.begin(), finished.end(), true), stored);
  for (; stored < store.block_count(); ++stored) store.commit(block_of(run, stored));
  EXPECT_TRUE(store.complete());
  expect_whole_blocks(store);
}

TEST(FullDisk, ARunThatCouldNotBeMadeDoesNotBlockTheNextTry) {
  const TemporaryFolder folder;
  const RunDescription run = small_run({.items = 5000});
  {
    const SmallDisk disk(20);
    EXPECT_TRUE(says(message_of<RunError>([&] { RunStore::create_or_resume(folder.path(), run); }), {"disk full"}));
  }
  EXPECT_EQ(RunStore::create_or_resume(folder.path(), small_run()).block_count(), 5);  // another run, even
}

TEST(FullDisk, AShardIsAbsorbedWholeOrNotAtAll) {
  const TemporaryFolder shard, whole;
  const RunDescription run = small_run({.items = 2000, .block_size = 200});
  {
    RunStore store = RunStore::create_or_resume(shard.path(), run);
    for (std::int64_t block = 0; block < 10; ++block) store.commit(block_of(run, block));
  }
  RunStore::create_or_resume(whole.path(), run);
  {
    const SmallDisk disk(static_cast<int>(std::filesystem::file_size(whole.path() / "run.sqlite") / 4096) + 40);
    RunStore store = RunStore::create_or_resume(whole.path(), run);
    EXPECT_TRUE(says(message_of<RunError>([&] { store.absorb(RunStore::open(shard.path())); }), {"disk full"}));
    EXPECT_EQ(store.finished_blocks(), std::vector<bool>(10, false));
  }
  RunStore store = RunStore::create_or_resume(whole.path(), run);
  store.absorb(RunStore::open(shard.path()));
  EXPECT_TRUE(store.complete());
}

void overwrite_bytes(const std::filesystem::path& file, std::streamoff at, const std::string& bytes) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(at);
  stream << bytes;
}

TEST(DamagedRun, IsNamedInOneSentence) {
  const TemporaryFolder folder;
  const RunDescription run = small_run({.items = 500});
  const auto file = folder.path() / "run.sqlite";
  {
    RunStore store = RunStore::create_or_resume(folder.path(), run);
    for (std::int64_t block = 0; block < store.block_count(); ++block) store.commit(block_of(run, block));
  }
  const auto size = std::filesystem::file_size(file);
  const auto reading_all = [&] {
    const RunStore store = RunStore::open(folder.path());
    for (int variant = 0; variant < 3; ++variant) {
      store.for_each_outcome(0, variant, [](std::int64_t, const Outcome&) {});
      store.for_each_channel_block(0, variant, [](std::int64_t, const ClassMoments&) {});
    }
  };
  reading_all();

  overwrite_bytes(file, static_cast<std::streamoff>(size / 2 / 4096 * 4096), std::string(8 * 4096, '\xa5'));
  EXPECT_TRUE(says(message_of<RunError>(reading_all), {file.string(), "damaged", "--overwrite"}));
  std::filesystem::resize_file(file, size / 2);
  EXPECT_TRUE(says(message_of<RunError>(reading_all), {file.string(), "damaged", "--overwrite"}));
  overwrite_bytes(file, 0, "this is no database at all");
  const auto continuing = [&] { RunStore::create_or_resume(folder.path(), run); };
  EXPECT_TRUE(says(message_of<UsageError>(reading_all), {file.string(), "not a run", "--overwrite"}));
  EXPECT_TRUE(says(message_of<UsageError>(continuing), {file.string(), "not a run", "--overwrite"}));
}

TEST(DamagedRun, InAShardIsNamedNotTheMergedRun) {
  const TemporaryFolder shard, whole;
  const RunDescription run = small_run({.items = 500});
  {
    RunStore store = RunStore::create_or_resume(shard.path(), run);
    for (std::int64_t block = 0; block < store.block_count(); ++block) store.commit(block_of(run, block));
  }
  const auto file = shard.path() / "run.sqlite";
  overwrite_bytes(file, static_cast<std::streamoff>(std::filesystem::file_size(file) / 2 / 4096 * 4096),
                  std::string(8 * 4096, '\xa5'));
  RunStore store = RunStore::create_or_resume(whole.path(), run);
  EXPECT_TRUE(
      says(message_of<RunError>([&] { store.absorb(RunStore::open(shard.path())); }), {file.string(), "damaged"}));
  EXPECT_EQ(store.finished_blocks(), std::vector<bool>(32, false));
}

}  // namespace
}  // namespace cuebench::test
