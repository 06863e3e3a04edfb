// Every file of the collection of damaged and hostile checkpoints has the outcome that its table says.

#include <filesystem>

#include <gtest/gtest.h>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/networks/architecture.hpp>
#include <cuebench/networks/checkpoint.hpp>

#include "test_data.hpp"

namespace cuebench {
namespace {

/// "" when the file loads, else the problem. `message` gets the sentence.
std::string outcome(const std::filesystem::path& path, std::string& message) {
  try {
    Checkpoint checkpoint = read_checkpoint(path);
    // Weights that fit no network are found when one is assembled.
    if (path.filename() == "wrong_shapes.pth")
      assemble_network(std::move(checkpoint), "cifar_resnet", {}, "wrong_shapes.pth");
    return "";
  } catch (const CheckpointError& error) {
    message = error.what();
    return std::string(to_string(error.problem()));
  }
}

TEST(RefusedFiles, HaveTheOutcomeOfTheirTable) {
  CUEBENCH_REQUIRE_SHARED(folder, "data/checkpoints/bad");
  const CsvTable table = parse_csv(read_text_file(folder / "expected.csv"), "expected.csv");
  ASSERT_EQ(table.header[0], "file");
  ASSERT_EQ(table.header[2], "expected");
  ASSERT_GE(table.rows.size(), 48U);
  for (const CsvTable::Row& row : table.rows) {
    const std::string& file = row.fields[0];
    const std::string& expected = row.fields[2];
    std::string message;
    const std::string problem = outcome(folder / file, message);
    if (expected == "ok") {
      EXPECT_EQ(problem, "") << file << ": " << message;
    } else if (expected.starts_with("ok_or_reject:")) {
      EXPECT_TRUE(problem.empty() || problem == expected.substr(13)) << file << ": " << problem << ", " << message;
    } else {
      ASSERT_TRUE(expected.starts_with("reject:")) << file;
      EXPECT_EQ(problem, expected.substr(7)) << file << ": " << message;
    }
    if (!problem.empty()) {
      EXPECT_NE(message.find(file + "'"), std::string::npos) << message;
      EXPECT_EQ(message.find('\n') == std::string::npos, expected != "reject:shape_mismatch") << message;
    }
    RecordProperty(file, problem.empty() ? "loads" : problem);
  }
}

std::string message_for(const std::filesystem::path& path) {
  std::string message;
  outcome(path, message);
  return message;
}

TEST(RefusedFiles, NameWhatTheyWantToRun) {
  CUEBENCH_REQUIRE_SHARED(folder, "data/checkpoints/bad");
  for (const char* file : {"pickle_os_system.pth", "legacy_os_system.pth", "zip_os_system.pth"}) {
    const std::string message = message_for(folder / file);
    EXPECT_TRUE(message.find("os.system") != std::string::npos || message.find("posix.system") != std::string::npos)
        << message;
    EXPECT_NE(message.find("torch.save(model.state_dict())"), std::string::npos) << message;
  }
  EXPECT_NE(message_for(folder / "zip_builtins_eval.pth").find("eval"), std::string::npos);
  const std::string whole = message_for(folder / "pickled_module.pth");
  EXPECT_NE(whole.find("torch.nn.modules.container.Sequential"), std::string::npos) << whole;
  EXPECT_NE(whole.find("whole model"), std::string::npos) << whole;
}

TEST(RefusedFiles, SayWhatTheyAreInstead) {
  CUEBENCH_REQUIRE_SHARED(folder, "data/checkpoints/bad");
  EXPECT_NE(message_for(folder / "empty.pth").find("empty"), std::string::npos);
  EXPECT_NE(message_for(folder / "html_error_page.pth").find("web page"), std::string::npos);
  EXPECT_NE(message_for(folder / "git_lfs_pointer.pth").find("git lfs pull"), std::string::npos);
  EXPECT_NE(message_for(folder / "not_a_checkpoint.pth").find("text of 660 bytes"), std::string::npos);
}

TEST(RefusedFiles, KnowModelFilesOfOtherKinds) {
  CUEBENCH_REQUIRE_SHARED(original, "data/checkpoints/original");
  std::string message;
  EXPECT_EQ(outcome(original / "mobilenet_v1_0.25_128_quant.tflite", message), "other_format");
  EXPECT_NE(message.find("TensorFlow Lite"), std::string::npos) << message;
  EXPECT_EQ(outcome(original / "compressed_SqueezeNet.net", message), "not_a_checkpoint");
  EXPECT_NE(message.find("4e 36 00 00"), std::string::npos) << message;
}

TEST(RefusedFiles, LeaveTheDiskAlone) {
  CUEBENCH_REQUIRE_SHARED(folder, "data/checkpoints/bad");
  const test::TemporaryFolder temporary;
  const auto before = std::filesystem::current_path();
  std::filesystem::create_directories(temporary.path() / "a/b");
  std::filesystem::current_path(temporary.path() / "a/b");
  std::string message;
  outcome(folder / "zip_path_traversal.pth", message);
  std::filesystem::current_path(before);
  EXPECT_FALSE(std::filesystem::exists(temporary.path() / "evil.txt"));
  EXPECT_TRUE(std::filesystem::is_empty(temporary.path() / "a/b"));
}

}  // namespace
}  // namespace cuebench
