// TorchScript networks on pictures give what PyTorch gives.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/models/script_network.hpp>

#include "test_data.hpp"

namespace cuebench {
namespace {

Planes picture(int height, int width) {
  Planes planes{3, height, width, {}};
  for (int i = 0; i < 3 * height * width; ++i) planes.values.push_back(static_cast<float>(37 * i % 256) / 255.0F);
  return planes;
}

TEST(ScriptNetwork, GivesWhatPyTorchGivesOnEveryThread) {
  CUEBENCH_REQUIRE_SHARED(fixtures, "reference/fixtures/variants.json");
  const test::TemporaryFolder folder;
  const std::string command = "/usr/bin/python3 '" CUEBENCH_SOURCE_DIR "/tests/parity/script_network_torch.py' '" +
                              folder.path().string() + "' '" + fixtures.string() + "'";
  const int status = WEXITSTATUS(std::system(command.c_str()));
  if (status == 77 && !test::must_have_shared_data()) GTEST_SKIP() << "python3-torch is not installed";
  ASSERT_EQ(status, 0);
  const auto expected = nlohmann::json::parse(std::ifstream(folder.path() / "expected.json"));
  const auto check = [&](const char* name, const Planes& found) {
    const auto values = expected[name]["values"].get<std::vector<float>>();
    EXPECT_EQ((std::vector<int>{found.channels, found.height, found.width}),
              expected[name]["shape"].get<std::vector<int>>());
    ASSERT_EQ(found.values.size(), values.size());
    float scale = 0, worst = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      scale = std::max(scale, std::abs(values[i]));
      worst = std::max(worst, std::abs(values[i] - found.values[i]));
    }
    // Nine convolutions each way in single precision, summed in another order at most.
    EXPECT_LT(worst, 1e-4F * scale) << name;
  };
  const PlanarNetwork adain = open_script_network(folder.path() / "adain.pt");
  const std::vector<Planes> arguments = {picture(41, 56), picture(56, 56)};
  const Planes first = adain(arguments);
  check("adain", first);
  const PlanarNetwork segment = open_script_network(folder.path() / "segment.pt");
  check("segment", segment(std::vector{picture(41, 56)}));

  std::vector<Planes> again(4);
  {
    std::vector<std::jthread> threads;
    for (Planes& one : again) threads.emplace_back([&] { one = adain(arguments); });
  }
  for (const Planes& one : again) EXPECT_EQ(one.values, first.values) << "the same bits on any thread, in any call";

  EXPECT_THROW(adain(std::vector{picture(41, 56)}), UsageError) << "one argument too few";
  EXPECT_THROW(open_script_network(folder.path() / "tuple.pt")(std::vector{picture(8, 8)}), UsageError);
}

TEST(ScriptNetwork, AFileThatIsNoTorchScriptIsOneSentence) {
  try {
    open_script_network(CUEBENCH_SOURCE_DIR "/README.md");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("README.md' is not TorchScript"), std::string::npos);
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace cuebench
