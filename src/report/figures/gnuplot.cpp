#include "gnuplot.hpp"

#include <array>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>

#include "../text.hpp"

namespace cuebench {
namespace {

constexpr std::chrono::seconds kPatience{60};  // a figure takes some tens of milliseconds

class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cuebench-figure-XXXXXX").string();
    if (!mkdtemp(pattern.data()))
      throw RunError(fmt::format("cannot make a temporary folder in '{}': set TMPDIR to one that can be written",
                                 std::filesystem::temp_directory_path().string()));
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::string file(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// Exit status of the child, or -1 when it had to be ended.
int wait_for(pid_t child) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  int status = 0;
  while (true) {
    const pid_t done = waitpid(child, &status, WNOHANG);
    if (done == child) return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (done < 0 && errno != EINTR) return -1;
    if (std::chrono::steady_clock::now() > deadline) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      return -1;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

/// @returns 0, or the error of posix_spawnp (ENOENT: no such program); `exit_status` of the child.
int spawn(const std::string& program, std::vector<std::string> arguments, const std::string& messages,
          int& exit_status) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const char* path = std::getenv("PATH");
  std::array<std::string, 2> environment{fmt::format("PATH={}", path ? path : "/usr/bin:/bin"), "LC_ALL=C.UTF-8"};
  std::array<char*, 3> envp{environment[0].data(), environment[1].data(), nullptr};

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, messages.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t child = 0;
  const int error = posix_spawnp(&child, program.c_str(), &actions, nullptr, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  if (error == 0) exit_status = wait_for(child);
  return error;
}

std::string first_line(const std::string& text) {
  const auto begin = text.find_first_not_of(" \n\r\t");
  if (begin == std::string::npos) return "no message";
  return text.substr(begin, text.find('\n', begin) - begin);
}

bool is_id_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.';
}

/// Puts `prefix` behind every occurrence of `marker` that an id follows.
void prefix_ids(std::string& svg, std::string_view marker, std::string_view prefix) {
  for (std::size_t at = svg.find(marker); at != std::string::npos; at = svg.find(marker, at)) {
    at += marker.size();
    if (at < svg.size() && is_id_character(svg[at])) svg.insert(at, prefix);
  }
}

void remove_element(std::string& svg, std::string_view name) {
  const auto begin = svg.find(fmt::format("<{}>", name));
  const auto close = fmt::format("</{}>", name);
  const auto end = svg.find(close);
  if (begin != std::string::npos && end != std::string::npos && begin < end)
    svg.erase(begin, end + close.size() - begin);
}

}  // namespace

Drawing draw_with_gnuplot(const std::string& program, const std::string& script, int width, int height) {
  const ScratchFolder folder;
  const std::string output = folder.file("figure.svg"), messages = folder.file("messages");
  write_file_atomically(folder.file("figure.gnuplot"),
                        fmt::format("set encoding utf8\n"
                                    "set terminal svg size {},{} dynamic noenhanced font 'sans-serif,13'\n"
                                    "set output {}\n{}\nset output\n",
                                    width, height, gnuplot_text(output), script));
  int status = -1;
  const int error = spawn(program, {"gnuplot", "-d", folder.file("figure.gnuplot")}, messages, status);
  Drawing drawing;
  if (error == ENOENT || error == EACCES || status == 127) {
    drawing.status = DrawingStatus::no_gnuplot;
    return drawing;
  }
  const bool written = std::filesystem::exists(output);
  if (error == 0 && status == 0 && written) {
    drawing.svg = read_text_file(output);
    if (drawing.svg.find("</svg>") != std::string::npos) {
      drawing.status = DrawingStatus::drawn;
      return drawing;
    }
  }
  drawing.message = std::filesystem::exists(messages) ? first_line(read_text_file(messages)) : "gnuplot did not start";
  return drawing;
}

std::string gnuplot_text(std::string_view text) {
  std::string result = "'";
  for (const char c : valid_utf8(text)) {
    if (c == '\'') result += '\'';
    result += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  }
  return result + "'";
}

std::string svg_for_page(std::string_view svg, std::string_view name, std::string_view alternative) {
  const auto root = svg.find("<svg");
  if (root == std::string_view::npos) return "";
  std::string page(svg.substr(root));
  remove_element(page, "title");
  remove_element(page, "desc");
  const std::string prefix = fmt::format("{}-", name);
  for (const std::string_view marker : {"id='", "id=\"", "href='#", "href=\"#", "url(#"})
    prefix_ids(page, marker, prefix);
  page.insert(4, fmt::format(" role=\"img\" aria-label=\"{}\"", escape_markup(alternative)));
  return page;
}

}  // namespace cuebench
