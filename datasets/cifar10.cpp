// CIFAR-10, binary version: cifar-10-batches-bin with test_batch.bin and data_batch_1.bin to data_batch_5.bin.

#include <array>

#include "cifar_binary.hpp"

namespace cuebench {
namespace {

constexpr std::array<std::string_view, 10> kClasses = {"airplane", "automobile", "bird",  "cat",  "deer",
                                                       "dog",      "frog",       "horse", "ship", "truck"};
constexpr std::array<std::string_view, 5> kOtherFiles = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                                         "data_batch_4.bin", "data_batch_5.bin"};
constexpr CifarLayout kLayout = {.title = "CIFAR-10",
                                 .label_bytes = 1,
                                 .superclasses = 0,
                                 .classes = kClasses,
                                 .test_file = "test_batch.bin",
                                 .folder = "cifar-10-batches-bin",
                                 .other_files = kOtherFiles};

}  // namespace

extern const ReaderInfo cifar10_reader;
const ReaderInfo cifar10_reader = {
    .name = "cifar10",
    .summary = "CIFAR-10 binary: a .bin file (also .xz, .gz), or the folder or tar with test_batch.bin",
    .recognise = [](const std::filesystem::path& path) { return recognise_cifar(kLayout, path); },
    .open = [](const std::filesystem::path& path,
               const OpenOptions& options) { return open_cifar(kLayout, path, options); },
};

}  // namespace cuebench
