#include <algorithm>
#include <cctype>

#include <cuebench/core/files.hpp>
#include <cuebench/networks/checkpoint.hpp>

#include "checkpoint_file.hpp"
#include "readers.hpp"
#include "zip_archive.hpp"

namespace cuebench {
namespace {

struct Signature {
  std::size_t offset;
  std::string_view bytes;
  CheckpointProblem problem;
  std::string_view what;  ///< "is ..."
};

using std::string_view_literals::operator""sv;
constexpr auto kNot = CheckpointProblem::not_a_checkpoint;
constexpr auto kOther = CheckpointProblem::other_format;

constexpr Signature kSignatures[] = {
    {0, "version https://git-lfs"sv, kNot, "a Git LFS pointer, not the weights; run 'git lfs pull'"},
    {257, "ustar"sv, kOther, "a tar archive; unpack it, or load and save it again with a current PyTorch"},
    {0, "\x1f\x8b"sv, kOther, "compressed with gzip; unpack it first"},
    {0, "BZh"sv, kOther, "compressed with bzip2; unpack it first"},
    {0, "\xfd\x37zXZ"sv, kOther, "compressed with xz; unpack it first"},
    {0, "\x28\xb5\x2f\xfd"sv, kOther, "compressed with Zstandard; unpack it first"},
    {0, "7z\xbc\xaf\x27\x1c"sv, kOther, "a 7-Zip archive; unpack it first"},
    {0, "\x89HDF\r\n\x1a\n"sv, kOther, "an HDF5 file (Keras); convert it to a PyTorch state_dict or safetensors"},
    {4, "TFL3"sv, kOther, "a TensorFlow Lite model; convert it to a PyTorch state_dict or safetensors"},
    {0, "GGUF"sv, kOther, "a GGUF file; convert it to safetensors"},
    {0, "\x93NUMPY"sv, kOther, "a NumPy array; save a state_dict with torch.save"},
    {0, "\x89PNG"sv, kNot, "a PNG image; give the file with the weights"},
    {0, "\xff\xd8\xff"sv, kNot, "a JPEG image; give the file with the weights"},
    {0,
     "\x7f"
     "ELF"sv,
     kNot, "a program; give the file with the weights"},
};

constexpr std::string_view kZip = "PK\x03\x04"sv, kEmptyZip = "PK\x05\x06"sv;
constexpr std::string_view kRemedy =
    "; give a file written by torch.save(model.state_dict()), torch.jit.save or safetensors";

bool has(std::string_view text, std::size_t offset, std::string_view bytes) {
  return text.size() >= offset + bytes.size() && text.compare(offset, bytes.size(), bytes) == 0;
}

bool is_html(std::string_view text) {
  std::string start(text.substr(0, 512));
  std::transform(start.begin(), start.end(), start.begin(), [](unsigned char c) { return std::tolower(c); });
  const std::size_t first = start.find_first_not_of(" \t\r\n");
  return first != std::string::npos && start[first] == '<' &&
         (start.find("<html") != std::string::npos || start.find("<!doctype html") != std::string::npos);
}

bool is_text(std::string_view text) {
  const std::string_view start = text.substr(0, 512);
  return std::all_of(start.begin(), start.end(), [](unsigned char c) {
    return c >= 0x20 ? c != 0x7f : c == '\t' || c == '\n' || c == '\r' || c == '\f';
  });
}

std::string first_bytes(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string result;
  for (const unsigned char c : text.substr(0, 8)) {
    if (!result.empty()) result += ' ';
    result += {kDigits[c >> 4], kDigits[c & 15]};
  }
  return result;
}

/// LibTorch does not look at the checksums of what it loads.
void check_entries(ZipArchive& archive) {
  for (const ZipEntry& entry : archive.entries()) archive.read(entry, entry.bytes);
}

CheckpointFormat zip_format(Bytes bytes, CheckpointFile& file) {
  ZipArchive archive(bytes, file);
  bool code = false, constants = false;
  for (const ZipEntry& entry : archive.entries()) {
    const std::size_t slash = entry.name.find('/');
    if (slash == std::string::npos) continue;
    code = code || has(entry.name, slash, "/code/");
    constants = constants || entry.name.substr(slash) == "/constants.pkl";
  }
  if (code != constants)
    file.refuse(CheckpointProblem::malformed_archive, "is a TorchScript archive without its " +
                                                          std::string(code ? "constants.pkl" : "code") +
                                                          ": part of it was lost; export it again with torch.jit.save");
  if (code) {
    check_entries(archive);
    return CheckpointFormat::torchscript;
  }
  if (find_data_pickle(archive)) return CheckpointFormat::torch_zip;
  const std::string holds =
      archive.entries().empty() ? "nothing" : in_quotes(archive.entries()[0].name) + " and no data.pkl";
  file.refuse(kNot, "is a zip archive that PyTorch did not write (it holds " + holds + ")" + std::string(kRemedy));
}

[[noreturn]] void refuse_unknown(std::string_view text, const CheckpointFile& file) {
  if (text.empty()) file.refuse(kNot, "is empty; download or save it again");
  for (const Signature& signature : kSignatures)
    if (has(text, signature.offset, signature.bytes))
      file.refuse(signature.problem, "is " + std::string(signature.what));
  const std::string size = std::to_string(text.size()) + " bytes";
  if (is_html(text))
    file.refuse(kNot, "is a web page of " + size + ", what a failed download leaves; download the weights again");
  if (is_text(text)) file.refuse(kNot, "is a text of " + size + ", not weights" + std::string(kRemedy));
  file.refuse(kNot, "is no checkpoint (" + size + ", the first are " + first_bytes(text) + ")" + std::string(kRemedy));
}

}  // namespace

std::string_view to_string(CheckpointFormat format) {
  constexpr std::string_view kNames[] = {"torch zip", "torch legacy", "safetensors", "TorchScript"};
  return kNames[static_cast<int>(format)];
}

CheckpointFormat checkpoint_format(std::span<const std::byte> bytes, std::string_view name) {
  CheckpointFile file(name, bytes.size());
  const std::string_view text = as_text(bytes);
  if (has(text, 0, kZip) || has(text, 0, kEmptyZip)) return zip_format(bytes, file);
  // PROTO and its number; whether torch.save wrote the pickle shows when it is read.
  if (text.size() >= 2 && text[0] == '\x80' && text[1] >= 2 && text[1] <= 5) return CheckpointFormat::torch_legacy;
  // A header length, then the JSON object. The bracket alone is a weak sign: known files come first.
  const bool known = std::any_of(std::begin(kSignatures), std::end(kSignatures), [&](const Signature& signature) {
    return has(text, signature.offset, signature.bytes);
  });
  if (!known && has(text, 8, "{") && !is_text(text)) return CheckpointFormat::safetensors;
  refuse_unknown(text, file);
}

CheckpointFormat checkpoint_format(const std::filesystem::path& path) {
  return checkpoint_format(read_file(path), path.string());
}

}  // namespace cuebench
