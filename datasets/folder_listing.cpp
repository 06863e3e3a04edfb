#include "folder_listing.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cuebench/core/errors.hpp>

#include "left_out.hpp"

namespace cuebench {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

class FolderWalk {
 public:
  FolderWalk(const std::filesystem::path& root, std::size_t limit) : root_(root), left_(limit) {}

  FileSource run() {
    struct stat status {};
    if (::stat(root_.c_str(), &status) != 0) throw_unreadable("", errno);
    enter("", status);
    if (loops_.count > 0) {
      source_.notes.push_back(loops_.note("symbolic link that leads back to a folder above it",
                                          "symbolic links that lead back to a folder above them"));
    }
    if (special_.count > 0) {
      source_.notes.push_back(
          special_.note("entry that is neither file nor folder", "entries that are neither files nor folders"));
    }
    return std::move(source_);
  }

 private:
  using Identity = std::pair<dev_t, ino_t>;

  void enter(const std::string& path, const struct stat& status) {
    const Identity identity{status.st_dev, status.st_ino};
    if (std::find(above_.begin(), above_.end(), identity) != above_.end()) {
      return loops_.add(path);
    }
    if (!path.empty()) source_.folders.push_back(path);
    const std::unique_ptr<DIR, CloseFolder> folder(::opendir((root_ / path).c_str()));
    if (!folder) throw_unreadable(path, errno);
    above_.push_back(identity);
    while (left_ > 0) {
      errno = 0;
      const dirent* entry = ::readdir(folder.get());
      if (!entry && errno != 0) throw_unreadable(path, errno);
      if (!entry) break;
      const std::string name = entry->d_name;
      if (name.starts_with('.')) continue;
      --left_;
      take(::dirfd(folder.get()), name, path.empty() ? name : path + '/' + name);
    }
    above_.pop_back();
  }

  void take(int folder, const std::string& name, std::string path) {
    struct stat status {};
    if (::fstatat(folder, name.c_str(), &status, 0) != 0) {
      // A link that leads nowhere stays in the list: reading it says so, and the run counts it.
      source_.files.push_back({std::move(path), 0, -1});
    } else if (S_ISDIR(status.st_mode)) {
      enter(path, status);
    } else if (S_ISREG(status.st_mode)) {
      source_.files.push_back({std::move(path), status.st_size, -1});
    } else {
      special_.add(path);
    }
  }

  [[noreturn]] void throw_unreadable(const std::string& path, int error) const {
    throw UsageError(
        fmt::format("cannot read folder '{}': {}", (root_ / path).string(), std::generic_category().message(error)));
  }

  const std::filesystem::path& root_;
  std::size_t left_;
  FileSource source_;
  std::vector<Identity> above_;  // the folders from the root to the one being read
  LeftOut loops_, special_;
};

}  // namespace

FileSource list_folder(const std::filesystem::path& root, std::size_t limit) {
  return FolderWalk(root, limit).run();
}

}  // namespace cuebench
