// Runs of other programs and layouts, and runs that cannot be written.
#include <csignal>
#include <functional>

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "run_processes.hpp"
#include "test_data.hpp"

namespace cuebench::test {
namespace {

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

TEST(ForeignRun, OfAnEarlierProgramHasNoAggregationsAndIsContinuedAndMergedWithoutThem) {
  const TemporaryFolder folder, merged_folder;
  const RunDescription run = small_run();
  RunStore::create_or_resume(folder.path(), run).commit(block_of(run, 0));
  run_sql(folder.path() / "run.sqlite", "DROP TABLE aggregation_blocks");
  RunStore store = RunStore::create_or_resume(folder.path(), run);
  store.commit(block_of(run, 1));
  EXPECT_TRUE(store.aggregations().empty());
  RunStore merged = RunStore::create_or_resume(merged_folder.path(), run);
  merged.commit(block_of(run, 2));
  merged.absorb(store);
  EXPECT_EQ(merged.finished_blocks(), (std::vector<bool>{true, true, true, false, false}));
  EXPECT_EQ(merged.aggregations().size(), 2 * run.variants.size());
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
