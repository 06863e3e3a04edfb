#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "torch_answers.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "test_data.hpp"

namespace cuebench::test {

using Json = nlohmann::json;

Json nested(const at::Tensor& tensor) {
  if (tensor.dim() == 0) return tensor.item<double>();
  Json list = Json::array();
  for (std::int64_t i = 0; i < tensor.size(0); ++i) list.push_back(nested(tensor[i]));
  return list;
}

bool torch_is_here() {
  return std::system("/usr/bin/python3 -c 'import torch' >/dev/null 2>&1") == 0;
}

Json answers_of_torch(const std::string& script, const Json& cases) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "cases.json";
  std::ofstream(file) << cases;
  const std::string command =
      "/usr/bin/python3 '" CUEBENCH_SOURCE_DIR "/tests/parity/" + script + "' '" + file.string() + "'";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  std::string text;
  for (int c; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  EXPECT_EQ(::pclose(pipe), 0);
  return Json::parse(text);
}

}  // namespace cuebench::test
