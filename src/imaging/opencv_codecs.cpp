#include "opencv_codecs.hpp"

#include <filesystem>
#include <stdexcept>
#include <string>

#include <dlfcn.h>

namespace cuebench {
namespace {

constexpr const char* kModule = "libcuebench_opencv_codecs.so";

template <class Function>
Function find(void* library, const char* name) {
  void* const symbol = dlsym(library, name);
  if (!symbol)
    throw std::runtime_error(std::string(kModule) + " belongs to another build of cuebench: install it again");
  return reinterpret_cast<Function>(symbol);
}

OpencvCodecs load() {
  std::error_code ignored;
  const auto folder = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  std::string reason;
  for (const auto& place : {folder / kModule, folder / "../libexec/cuebench" / kModule}) {
    if (void* const library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL))
      return {find<decltype(OpencvCodecs::decode)>(library, "cuebench_imdecode"),
              find<decltype(OpencvCodecs::encode)>(library, "cuebench_imencode")};
    if (std::filesystem::exists(place, ignored)) reason = dlerror();
  }
  throw std::runtime_error(reason.empty() ? std::string(kModule) + " is not beside the program: install cuebench again"
                                          : "cannot load " + reason);
}

}  // namespace

const OpencvCodecs& opencv_codecs() {
  static const OpencvCodecs codecs = load();
  return codecs;
}

}  // namespace cuebench
