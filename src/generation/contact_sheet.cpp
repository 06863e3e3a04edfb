#include "contact_sheet.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

namespace cuebench {
namespace {

constexpr int kMargin = 14, kGap = 8;
constexpr int kNarrowest = 104;   // of a column: room for a word such as "patch_shuffle"
constexpr int kTitleWidth = 116;  // of the texts beside the rows
constexpr int kLineHeight = 16;
constexpr std::size_t kMostLines = 6;  // of each text beside a row
constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr double kFontScale = 0.42;

const cv::Scalar dark(32, 32, 32), grey(128, 128, 128), empty(232, 232, 232), frame(208, 208, 208);

/// Hershey fonts have ASCII only: every other character, of however many bytes, becomes one '?'.
std::string as_ascii(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 && byte < 0xc0) continue;
    result += byte < 32 || byte > 126 ? '?' : c;
  }
  return result;
}

int width_of(const std::string& text) {
  int baseline = 0;
  return cv::getTextSize(text, kFont, kFontScale, 1, &baseline).width;
}

/// How many characters of `text` go on a line: whole words as far as they fit, else parts of a name, else letters.
std::size_t line_length(const std::string& text, int width) {
  std::size_t fitting = 1;
  while (fitting < text.size() && width_of(text.substr(0, fitting + 1)) <= width) ++fitting;
  if (fitting == text.size()) return fitting;
  if (const auto space = text.rfind(' ', fitting); space != text.npos && space > 0) return space;
  const auto mark = text.find_last_of("_-/,", fitting - 1);
  return mark != text.npos ? mark + 1 : fitting;
}

std::vector<std::string> wrapped(const std::string& any_text, int width) {
  std::string text = as_ascii(any_text);
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t length = line_length(text, width);
    lines.push_back(text.substr(0, length));
    text.erase(0, length);
    text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  }
  return lines;
}

void draw_lines(cv::Mat& sheet, const std::vector<std::string>& lines, int x, int y, const cv::Scalar& colour) {
  for (const auto& line : lines) {
    cv::putText(sheet, line, {x, y + kLineHeight - 5}, kFont, kFontScale, colour, 1, cv::LINE_AA);
    y += kLineHeight;
  }
}

std::size_t most_lines(const std::vector<std::vector<std::string>>& headings) {
  std::size_t lines = 0;
  for (const auto& heading : headings) lines = std::max(lines, heading.size());
  return lines;
}

/// Down to the bottom line, so that each stands on its column.
void draw_heading(cv::Mat& sheet, const std::vector<std::string>& lines, std::size_t most, int x) {
  draw_lines(sheet, lines, x, kMargin + int(most - lines.size()) * kLineHeight, dark);
}

/// Title and remark, cut to what a row has room for.
int draw_row_text(cv::Mat* sheet, const SheetRow& row, int y) {
  auto title = wrapped(row.title, kTitleWidth), remark = wrapped(row.remark, kTitleWidth);
  title.resize(std::min(title.size(), kMostLines));
  remark.resize(std::min(remark.size(), kMostLines));
  if (sheet) {
    draw_lines(*sheet, title, kMargin, y, dark);
    draw_lines(*sheet, remark, kMargin, y + int(title.size()) * kLineHeight, grey);
  }
  return int(title.size() + remark.size()) * kLineHeight;
}

struct Layout {
  std::vector<int> widths, heights;  // of columns and rows
};

Layout lay_out(std::size_t columns, const std::vector<SheetRow>& rows) {
  Layout layout;
  layout.widths.assign(columns, kNarrowest);
  for (const auto& row : rows) {
    int height = draw_row_text(nullptr, row, 0);
    for (std::size_t c = 0; c < row.cells.size(); ++c) {
      layout.widths[c] = std::max(layout.widths[c], row.cells[c].width);
      height = std::max(height, row.cells[c].height);
    }
    layout.heights.push_back(height);
  }
  return layout;
}

/// In the middle of its place, with a frame: edges and silhouettes are white where the page is.
void draw_cell(cv::Mat& sheet, const Image& cell, const cv::Rect& place) {
  if (cell.empty()) return cv::rectangle(sheet, place, empty, cv::FILLED);
  const int x = place.x + (place.width - cell.width) / 2, y = place.y + (place.height - cell.height) / 2;
  cv::rectangle(sheet, {x - 1, y - 1, cell.width + 2, cell.height + 2}, frame);
  for (int row = 0; row < cell.height; ++row)
    std::memcpy(sheet.ptr(y + row, x), cell.row(row), std::size_t(cell.width) * Image::kChannels);
}

}  // namespace

Image draw_contact_sheet(const std::vector<std::string>& headings, const std::vector<SheetRow>& rows) {
  const Layout layout = lay_out(headings.size(), rows);
  std::vector<std::vector<std::string>> heading_lines;
  for (std::size_t c = 0; c < headings.size(); ++c) heading_lines.push_back(wrapped(headings[c], layout.widths[c]));
  const std::size_t most = most_lines(heading_lines);
  const int first_column = kMargin + kTitleWidth + kGap, first_row = kMargin + int(most) * kLineHeight + kGap / 2;
  int width = first_column + kMargin - kGap, height = first_row + kMargin - kGap;
  for (const int column : layout.widths) width += column + kGap;
  for (const int row : layout.heights) height += row + kGap;

  Image image(height, width);
  std::fill(image.pixels.begin(), image.pixels.end(), std::uint8_t{255});
  cv::Mat sheet(height, width, CV_8UC3, image.pixels.data());
  int x = first_column;
  for (std::size_t c = 0; c < headings.size(); x += layout.widths[c++] + kGap)
    draw_heading(sheet, heading_lines[c], most, x);
  int y = first_row;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    draw_row_text(&sheet, rows[r], y);
    x = first_column;
    for (std::size_t c = 0; c < rows[r].cells.size(); ++c) {
      draw_cell(sheet, rows[r].cells[c], {x, y, layout.widths[c], layout.heights[r]});
      x += layout.widths[c] + kGap;
    }
    y += layout.heights[r] + kGap;
  }
  return image;
}

}  // namespace cuebench
