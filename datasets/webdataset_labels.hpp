#pragma once
// What the members KEY.cls and KEY.json say of a sample, and how class names follow from it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cuebench {

/// Places of names in the order of their first use.
class NameTable {
 public:
  int place(std::string_view name);
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, int> places_;
};

/// As the members say; -1: not said. The names are places in a NameTable.
struct SampleLabels {
  int index = -1;
  int name = -1, shape = -1, texture = -1;
};

/// Reads the text of KEY.cls, a class index. -1, which some use for "none", is none. @throws ImageError.
void read_cls(std::string_view text, SampleLabels& labels);

/// Reads of KEY.json "label" (a name, or an index where no cls says one), "shape" and "texture" (names); other keys and
/// other types are not looked at. @throws ImageError for what is no JSON.
void read_json(std::string_view text, SampleLabels& labels, NameTable& names);

/// Class names for indices: those of `listed` (classes.txt) where it has any; else the names that the samples give
/// their indices where these agree; else the numbers. Names that no index has follow in text order.
class SampleClasses {
 public:
  SampleClasses(const std::vector<SampleLabels>& samples, const NameTable& names, std::vector<std::string> listed);

  const std::vector<std::string>& classes() const { return classes_; }
  /// False when names and indices contradict each other, so that the numbers stand for the classes.
  bool names_agree() const { return names_agree_; }
  /// Of the index, else of the name; -1 for neither. @throws ImageError for an index that `listed` does not have.
  int label(const SampleLabels& labels) const;
  /// Of a place in the NameTable; -1 for -1.
  int of_name(int place) const { return place < 0 ? -1 : class_of_name_[std::size_t(place)]; }

 private:
  void name_by_samples(const std::vector<SampleLabels>& samples, const NameTable& names, int largest);
  void add_names(const std::vector<SampleLabels>& samples, const NameTable& names);
  std::vector<std::string> classes_;
  std::vector<int> class_of_name_;
  int indices_ = 0;  ///< classes that an index may name
  bool names_agree_ = true;
};

}  // namespace cuebench
