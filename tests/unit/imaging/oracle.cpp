#include "oracle.hpp"

#include <cstdlib>
#include <cstring>
#include <sstream>
#include <stdexcept>

#include <sys/wait.h>

namespace cuebench::test {
namespace {

constexpr const char* kPython = "/usr/bin/python3";

/// Standard output of a shell command.
class Pipe {
 public:
  explicit Pipe(const std::string& command) : stream_(popen(command.c_str(), "r")) {
    if (!stream_) throw std::runtime_error("cannot run " + command);
  }
  ~Pipe() {
    if (stream_) pclose(stream_);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  bool read_line(std::string& line) {
    line.clear();
    for (int c; (c = std::fgetc(stream_)) != EOF && c != '\n';) line += static_cast<char>(c);
    return !line.empty();
  }
  void read(std::vector<std::uint8_t>& bytes) {
    if (std::fread(bytes.data(), 1, bytes.size(), stream_) != bytes.size()) throw std::runtime_error("oracle cut off");
  }
  int close() {
    const int status = pclose(stream_);
    stream_ = nullptr;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  std::FILE* stream_;
};

bool is_part(const std::string& key) {
  return key == "file" || key == "input" || key == "output" || key == "luminance";
}

}  // namespace

std::vector<std::byte> OracleRecord::file() const {
  const auto& bytes = parts.at("file");
  std::vector<std::byte> copy(bytes.size());
  if (!bytes.empty()) std::memcpy(copy.data(), bytes.data(), bytes.size());
  return copy;
}

bool oracle_available() {
  const std::string probe = std::string(kPython) + " -c 'import PIL.Image, numpy' >/dev/null 2>&1";
  return std::system(probe.c_str()) == 0;
}

void for_each_oracle_record(const std::string& arguments, const std::function<void(const OracleRecord&)>& visit) {
  Pipe pipe(std::string(kPython) + " '" CUEBENCH_SOURCE_DIR "/tests/parity/imaging_pillow.py' " + arguments);
  for (std::string line; pipe.read_line(line);) {
    OracleRecord record;
    std::istringstream words(line);
    words >> record.name;
    std::vector<std::string> order;
    for (std::string word; words >> word;) {
      const std::size_t equals = word.find('=');
      const std::string key = word.substr(0, equals), value = word.substr(equals + 1);
      if (is_part(key)) {
        record.parts[key].resize(std::stoul(value));
        order.push_back(key);
      } else {
        record.values[key] = value;
      }
    }
    for (const std::string& key : order) pipe.read(record.parts[key]);
    visit(record);
  }
  if (const int status = pipe.close(); status != 0) {
    throw std::runtime_error("the oracle ended with status " + std::to_string(status));
  }
}

std::string run_python(const std::string& code, const std::string& file) {
  Pipe pipe(std::string(kPython) + " -c '" + code + "' '" + file + "'");
  std::string line, all;
  while (pipe.read_line(line)) all += line;
  if (const int status = pipe.close(); status != 0) throw std::runtime_error("python ended with an error");
  return all;
}

}  // namespace cuebench::test
