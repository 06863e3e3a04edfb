#include <fstream>

#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/models/model.hpp>

#include "test_data.hpp"

namespace cuebench::test {
namespace {

class ModelSpecText : public testing::Test {
 protected:
  std::string file(const std::string& name) const {
    const auto path = folder_.path() / name;
    std::ofstream(path) << "x";
    return path.string();
  }
  void sidecar(const std::string& file, const std::string& json) const { std::ofstream(file + ".json") << json; }
  static std::string refusal(const std::string& text) {
    try {
      parse_model_spec(text);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  }

  TemporaryFolder folder_;
};

TEST_F(ModelSpecText, NameFileAndOptionsAreRead) {
  const std::string path = file("a.pth");
  const ModelSpec spec =
      parse_model_spec("net=" + path + ",role=robust,arch=cifar_resnet:depth=20,shortcut=append,preset=imagenet");
  EXPECT_EQ(spec.name, "net");
  EXPECT_EQ(spec.file, path);
  EXPECT_EQ(spec.role, "robust");
  EXPECT_EQ(spec.sidecar.arch, "cifar_resnet:depth=20,shortcut=append");
  EXPECT_EQ(spec.preset, "imagenet");
}

TEST_F(ModelSpecText, FileNamesMayHoldCommasAndEqualSigns) {
  const std::string path = file("lr=0.1,wd.pth");
  EXPECT_EQ(parse_model_spec("net=" + path).file, path);
}

TEST_F(ModelSpecText, FlagWinsOverSidecar) {
  const std::string path = file("a.pth");
  sidecar(path, R"({"role": "standard", "arch": "cifar_resnet:depth=56", "preset": "none", "mean": [0.5, 0.5, 0.5],
               "std": [0.25, 0.25, 0.25]})");
  const ModelSpec from_file = parse_model_spec("net=" + path);
  EXPECT_EQ(from_file.role, "standard");
  EXPECT_EQ(from_file.sidecar.arch, "cifar_resnet:depth=56");
  EXPECT_EQ(from_file.preset, "none");
  const ModelSpec typed = parse_model_spec("net=" + path + ",arch=cifar_resnet:depth=20,role=robust");
  EXPECT_EQ(typed.role, "robust");
  EXPECT_EQ(typed.sidecar.arch, "cifar_resnet:depth=20");
  EXPECT_EQ(typed.sidecar.mean, (std::vector<double>{0.5, 0.5, 0.5}));
}

TEST_F(ModelSpecText, WrongTextsAreRefusedWithARemedy) {
  const std::string path = file("a.pth");
  EXPECT_NE(refusal(path).find("NAME=FILE"), std::string::npos);
  EXPECT_NE(refusal("=" + path).find("no name"), std::string::npos);
  EXPECT_NE(refusal("net=").find("no file"), std::string::npos);
  EXPECT_NE(refusal("a b=" + path).find("blank"), std::string::npos);
  EXPECT_NE(refusal("a:b=" + path).find(":"), std::string::npos);
  EXPECT_NE(refusal("net=" + path + ",role=sturdy").find("standard or robust"), std::string::npos);
  EXPECT_NE(refusal("net=" + path + ",rolle=robust").find("did you mean role"), std::string::npos);
  EXPECT_NE(refusal("net=" + path + ",role=robust,role=robust").find("twice"), std::string::npos);
  EXPECT_NE(refusal("net=" + path + ",role=").find("empty"), std::string::npos);
  EXPECT_NE(refusal("net=" + path + ".absent").find("does not exist"), std::string::npos);
  EXPECT_NE(refusal("net=" + folder_.path().string()).find("folder"), std::string::npos);
  sidecar(path, "{");
  EXPECT_NE(refusal("net=" + path).find("a.pth.json"), std::string::npos);
}

}  // namespace
}  // namespace cuebench::test
