#include "script_errors.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include <fmt/format.h>
#include <torch/version.h>

namespace cuebench {
namespace {

constexpr const char* kAgain = "; export it again with torch.jit.save";

std::string older_pytorch() {
  return fmt::format("export it with PyTorch {}.{} or earlier, or build cuebench with a newer LibTorch",
                     TORCH_VERSION_MAJOR, TORCH_VERSION_MINOR);
}

/// What stands behind `before`, up to a character that `stops` takes; nothing where `before` is absent.
template <typename Stops>
std::optional<std::string> word_after(std::string_view text, std::string_view before, Stops stops) {
  const std::size_t found = text.find(before);
  if (found == std::string_view::npos) return std::nullopt;
  std::string_view rest = text.substr(found + before.size());
  while (!rest.empty() && std::isspace(static_cast<unsigned char>(rest.front()))) rest.remove_prefix(1);
  return std::string(rest.begin(), std::find_if(rest.begin(), rest.end(), stops));
}

std::optional<std::string> name_after(std::string_view text, std::string_view before) {
  auto name = word_after(text, before, [](char c) {
    return !std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != ':' && c != '.' && c != '/';
  });
  if (name) name->erase(name->find_last_not_of(".:") + 1);
  return name;
}

/// The first line that says something, without LibTorch's place in its own source.
std::string first_sentence(std::string_view text) {
  const auto from = text.find_first_not_of(" \t\n");
  if (from == std::string_view::npos) return "no reason given";
  std::string line(text.substr(from, text.find('\n', from) - from));
  if (line.starts_with("[enforce fail"))
    if (const auto end = line.find("] "); end != std::string::npos) line.erase(0, end + 2);
  const auto begin = line.find_first_not_of(" .:");
  line.erase(0, begin == std::string::npos ? line.size() : begin);
  line.erase(line.find_last_not_of(" .:") + 1);
  return line;
}

std::string foreign_operator(const std::string& name) {
  if (name.starts_with("aten::") || name.starts_with("prim::"))
    return fmt::format("uses the operator {}, which this LibTorch {} does not have; {}", name, TORCH_VERSION,
                       older_pytorch());
  return fmt::format("uses the operator {}, which is not part of LibTorch; export the network without it", name);
}

}  // namespace

std::string script_load_problem(std::string_view error) {
  const auto format = word_after(error, "PyTorch file with version", [](char c) { return c == ','; });
  if (const auto most = name_after(error, "maximum supported version for reading is"); format && most)
    return fmt::format("is written in TorchScript's file format {}, and this LibTorch {} reads up to {}; {}", *format,
                       TORCH_VERSION, *most, older_pytorch());
  if (const auto least = name_after(error, "minimum supported version for reading is"); format && least)
    return fmt::format(
        "is written in TorchScript's file format {}, and this LibTorch {} reads from {} on; load it with "
        "an old PyTorch and export it again with a current one",
        *format, TORCH_VERSION, *least);
  if (error.find("parse the version") != std::string_view::npos ||
      error.find("hasRecord(\"version\")") != std::string_view::npos)
    return std::string("is a TorchScript archive whose entry 'version' is missing or no number") + kAgain;
  if (const auto name = name_after(error, "Unknown builtin op:")) return foreign_operator(*name);
  if (const auto name = name_after(error, "Unknown custom class type"))
    return fmt::format("uses the class {}, which this LibTorch {} does not have; export the network without it", *name,
                       TORCH_VERSION);
  if (const auto name = name_after(error, "variants are available:"))
    return fmt::format("calls {} in a way that this LibTorch {} does not know; {}", *name, TORCH_VERSION,
                       older_pytorch());
  if (error.find("find engine for operation") != std::string_view::npos ||
      error.find("NoQEngine") != std::string_view::npos)
    return fmt::format(
        "is quantised to 8-bit integers, and this LibTorch {} has no engine that computes with them; "
        "export the float32 model",
        TORCH_VERSION);
  if (const auto entry = name_after(error, "failed locating file"))
    return fmt::format("is a TorchScript archive without its entry '{}'{}", *entry, kAgain);
  return fmt::format("is not TorchScript that this LibTorch {} can load: {}{}", TORCH_VERSION, first_sentence(error),
                     kAgain);
}

}  // namespace cuebench
