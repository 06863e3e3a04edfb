// What happens when the process is killed, the disk is full, the file is damaged, or somebody else has it.
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

#include "run_records.hpp"
#include "test_data.hpp"

namespace cuebench::test {
namespace {

/// Runs `work` in a child process; true if it returned true there.
bool in_child(const std::function<bool()>& work) {
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

::testing::AssertionResult says(const std::string& message, std::initializer_list<std::string_view> parts) {
  for (const auto part : parts)
    if (message.find(part) == std::string::npos) return ::testing::AssertionFailure() << message;
  if (message.find('\n') != std::string::npos) return ::testing::AssertionFailure() << "not one sentence: " << message;
  return ::testing::AssertionSuccess();
}

/// Each finished block has all of its rows, and no row belongs to another.
void expect_whole_blocks(const RunStore& store) {
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

void run_sql(const std::filesystem::path& file, const char* sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(::sqlite3_open(file.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(::sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
  ::sqlite3_close(database);
}

TEST(ForeignRun, OfAnotherLayoutOrAnotherProgramIsRefused) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "run.sqlite";
  RunStore::create_or_resume(folder.path(), small_run());
  const auto continuing = [&] { RunStore::create_or_resume(folder.path(), small_run()); };
  const auto reading = [&] { RunStore::open(folder.path()); };
  run_sql(file, "PRAGMA user_version=99");
  for (const auto& work : {std::function<void()>(continuing), std::function<void()>(reading)})
    EXPECT_TRUE(says(message_of<UsageError>(work), {file.string(), "layout 99", "--overwrite"}));
  run_sql(file, "PRAGMA application_id=0");
  for (const auto& work : {std::function<void()>(continuing), std::function<void()>(reading)})
    EXPECT_TRUE(says(message_of<UsageError>(work), {file.string(), "not a run of cuebench"}));
  EXPECT_TRUE(
      says(message_of<UsageError>([&] { RunStore::open(folder.path() / "nowhere"); }), {"is not a run folder"}));
}

/// Not root, or permissions do not bind. 65534 is "nobody".
bool as_nobody(const std::function<bool()>& work) {
  return in_child([&] {
    if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) return false;
    return work();
  });
}

/// Makes the folder and its files readable by all and writable by none; undone at the end.
class ReadOnly {
 public:
  explicit ReadOnly(std::filesystem::path folder) : folder_(std::move(folder)) { set(0555, 0444); }
  ~ReadOnly() { set(0755, 0644); }

 private:
  void set(mode_t folder_mode, mode_t file_mode) const {
    ::chmod(folder_.c_str(), 0755);
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) ::chmod(entry.path().c_str(), file_mode);
    ::chmod(folder_.c_str(), folder_mode);
  }
  std::filesystem::path folder_;
};

TEST(ReadOnlyRun, IsReadWhetherClosedOrCopiedWithoutItsLog) {
  const TemporaryFolder closed, copied;
  const RunDescription run = small_run();
  RunStore::create_or_resume(closed.path(), run).commit(block_of(run, 1));
  std::filesystem::copy(closed.path() / "run.sqlite", copied.path() / "run.sqlite");
  run_sql(copied.path() / "run.sqlite", "PRAGMA journal_mode=WAL");  // as another program, or a crash, may leave it
  const ReadOnly first(closed.path()), second(copied.path());
  for (const auto* folder : {&closed, &copied})
    EXPECT_TRUE(as_nobody([&]() -> bool { return RunStore::open(folder->path()).finished_blocks()[1]; }));
}

TEST(ReadOnlyRun, WithBlocksOnlyInTheLogIsReadOrRefusedButNeverCut) {
  const TemporaryFolder folder;
  const RunDescription run = small_run();
  ASSERT_FALSE(in_child([&] {
    RunStore store = RunStore::create_or_resume(folder.path(), run);
    store.commit(block_of(run, 1));
    return ::raise(SIGKILL) == 0;
  }));
  std::filesystem::remove(folder.path() / "run.sqlite-shm");
  const ReadOnly guard(folder.path());
  EXPECT_TRUE(as_nobody([&] {
    return bool(says(message_of<UsageError>([&] { RunStore::open(folder.path()); }),
                     {"was not closed", "copy the whole folder"}));
  }));
}

TEST(ReadOnlyRun, CannotBeContinued) {
  const TemporaryFolder folder;
  RunStore::create_or_resume(folder.path(), small_run());
  const ReadOnly guard(folder.path());
  EXPECT_TRUE(as_nobody([&] {
    return bool(says(message_of<UsageError>([&] { RunStore::create_or_resume(folder.path(), small_run()); }),
                     {folder.path().string(), "--out"}));
  }));
}

}  // namespace
}  // namespace cuebench::test
