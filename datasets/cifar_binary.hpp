#pragma once
// The binary versions of CIFAR-10 and CIFAR-100 (https://www.cs.toronto.edu/~kriz/cifar.html): records of one or two
// label bytes, then 1,024 red, 1,024 green and 1,024 blue values, row by row. Any number of records a file.

#include <filesystem>
#include <span>
#include <string_view>

#include <cuebench/datasets/dataset.hpp>

namespace cuebench {

struct CifarLayout {
  std::string_view title;  ///< for messages: "CIFAR-10"
  /// Label bytes before the pixels; the last one is the label, the one before it (CIFAR-100) the superclass.
  int label_bytes;
  /// Superclasses, where there are two label bytes.
  int superclasses;
  std::span<const std::string_view> classes;
  /// The file that a folder or archive is opened for, and the folder that the published archive holds.
  std::string_view test_file, folder;
  /// Other files of the set, by which it is recognised.
  std::span<const std::string_view> other_files;
};

int recognise_cifar(const CifarLayout& layout, const std::filesystem::path& path);
Dataset open_cifar(const CifarLayout& layout, const std::filesystem::path& path, const OpenOptions& options);

}  // namespace cuebench
