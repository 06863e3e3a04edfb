// A whole report of a run as users have them. With CUEBENCH_KEEP_REPORT=FOLDER the run folder stays there to be looked
// at.

#include <cstdlib>

#include <gtest/gtest.h>

#include <cuebench/core/files.hpp>
#include <cuebench/report/report.hpp>

#include "synthetic_run.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

TEST(RealisticReport, WritesEveryFileOfTheRunFolder) {
  const test::TemporaryFolder temporary;
  const char* keep = std::getenv("CUEBENCH_KEEP_REPORT");
  const std::filesystem::path folder = keep ? std::filesystem::path(keep) : temporary.path();
  test::realistic_run(1000).store(folder);
  ReportOptions options;
  options.predictions = true;
  Manifest manifest;
  manifest.command = "cuebench evaluate --data cifar10:data --model standard=a.pt,role=standard --out run";
  manifest.configuration = R"({"data": "cifar10:data", "threads": 2})";
  manifest.versions = {{"cuebench", "0.1.0"}, {"revision", "abcdef0"}};
  manifest.host = {{"name", "example"}, {"cores", "2"}};
  manifest.times = {{"finished", "2025-01-01T00:00:00Z"}, {"seconds", "12.5"}};
  options.manifest = manifest;
  const RunSummary summary = write_report(folder, options);

  for (const char* file : {"results.json", "metrics.csv", "channels.csv", "bad_images.csv", "predictions.csv.gz",
                           "manifest.json", "report.html"})
    EXPECT_TRUE(std::filesystem::is_regular_file(folder / file)) << file;
  EXPECT_LT(std::filesystem::file_size(folder / "report.html"), 2'000'000u);
  ASSERT_EQ(summary.pairs.size(), 1u);
  EXPECT_EQ(summary.pairs[0].verdict, Verdict::more_shape) << summary.pairs[0].sentence;
}

}  // namespace
}  // namespace cuebench
