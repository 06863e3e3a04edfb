#include "safetensors_header.hpp"

#include <limits>
#include <set>

#include <nlohmann/json.hpp>

namespace cuebench {
namespace {

/// Follows the parser's events; a state for each place in {name: {dtype, shape: [...], data_offsets: [...]}}.
class HeaderEvents : public nlohmann::json_sax<nlohmann::json> {
 public:
  HeaderEvents(std::vector<std::string>& metadata, const CheckpointFile& file) : metadata_(metadata), file_(file) {}

  std::vector<SafetensorsEntry> entries;

  bool start_object(std::size_t) override {
    if (place_ == Place::start) {
      place_ = Place::top;
    } else if (place_ == Place::top) {
      place_ = key_ == "__metadata__" ? Place::metadata : Place::tensor;
      fields_.clear();
      if (place_ == Place::tensor) entries.emplace_back().name = key_;
    } else {
      malformed("an object stands where none belongs");
    }
    return true;
  }
  bool end_object() override {
    if (place_ == Place::tensor && fields_.size() != 3)
      malformed("'" + printable(entries.back().name) + "' lacks dtype, shape or data_offsets");
    place_ = place_ == Place::top ? Place::finished : Place::top;
    return true;
  }
  bool key(string_t& name) override {
    key_ = name;
    auto& seen = place_ == Place::top ? names_ : fields_;
    if (!seen.insert(name).second) malformed("the key '" + printable(name) + "' stands twice");
    if (place_ == Place::top && name != printable(name, name.size())) malformed("a tensor name is not plain text");
    if (place_ == Place::tensor && name != "dtype" && name != "shape" && name != "data_offsets")
      malformed("the key '" + printable(name) + "' is unknown");
    return true;
  }
  bool string(string_t& text) override {
    if (place_ == Place::metadata) {
      metadata_.push_back(printable(key_) + " = '" + printable(text, 60) + "'");
    } else if (place_ == Place::tensor && key_ == "dtype") {
      entries.back().dtype = text;
    } else {
      malformed("a text stands where none belongs");
    }
    return true;
  }
  bool start_array(std::size_t) override {
    if (place_ != Place::tensor || key_ == "dtype") malformed("a list stands where none belongs");
    place_ = Place::numbers;
    numbers_.clear();
    return true;
  }
  bool end_array() override {
    place_ = Place::tensor;
    if (key_ == "shape") {
      entries.back().shape.assign(numbers_.begin(), numbers_.end());
      return true;
    }
    if (numbers_.size() != 2) malformed("data_offsets is not a pair");
    entries.back().begin = numbers_[0];
    entries.back().end = numbers_[1];
    return true;
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (place_ != Place::numbers) malformed("a number stands where none belongs");
    if (value > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max()))
      malformed("a number is too large");
    numbers_.push_back(value);
    return true;
  }
  bool number_integer(number_integer_t) override { malformed("a number is negative"); }
  bool number_float(number_float_t, const string_t&) override { malformed("a number is not whole"); }
  bool boolean(bool) override { malformed("true or false stands where none belongs"); }
  bool null() override { malformed("null stands where none belongs"); }
  bool binary(binary_t&) override { malformed("binary data stand where none belong"); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override {
    malformed("no JSON at byte " + std::to_string(position));
  }

 private:
  enum class Place { start, top, metadata, tensor, numbers, finished };

  [[noreturn]] void malformed(const std::string& cause) const {
    file_.refuse(CheckpointProblem::malformed_header,
                 "has a damaged safetensors header: " + cause + "; download or save it again");
  }

  std::vector<std::string>& metadata_;
  const CheckpointFile& file_;
  Place place_ = Place::start;
  std::string key_;
  std::set<std::string> names_, fields_;
  std::vector<std::uint64_t> numbers_;
};

}  // namespace

std::vector<SafetensorsEntry> parse_safetensors_header(std::string_view json, std::vector<std::string>& metadata,
                                                       const CheckpointFile& file) {
  HeaderEvents events(metadata, file);
  nlohmann::json::sax_parse(json, &events);
  return std::move(events.entries);
}

}  // namespace cuebench
