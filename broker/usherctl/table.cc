#include "usherctl/table.h"

#include <algorithm>

#include "event/text.h"

namespace broker {
namespace {

constexpr size_t kGap = 2;

}  // namespace

Table::Table(std::vector<Column> columns) {
  for (Column& column : columns) {
    limits_.push_back(column.limit);
    widths_.push_back(Columns(column.header));
    header_.push_back({std::move(column.header), Style::kBold});
  }
}

void Table::AddRow(std::vector<Cell> cells) {
  cells.resize(header_.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    std::string& text = cells[i].text;
    text = text.empty() ? "-" : Shown(text, limits_[i]);
    widths_[i] = std::max(widths_[i], Columns(text));
  }
  rows_.push_back(std::move(cells));
}

void Table::Print(std::ostream& out, bool colour) const {
  PrintRow(out, header_, colour);
  for (const auto& row : rows_) PrintRow(out, row, colour);
}

void Table::PrintRow(std::ostream& out, const std::vector<Cell>& cells, bool colour) const {
  for (size_t i = 0; i < cells.size(); ++i) {
    const auto& [text, style] = cells[i];
    out << Styled(text, style, colour);
    const bool last = i + 1 == cells.size();
    if (!last) out << std::string(widths_[i] - Columns(text) + kGap, ' ');
  }
  out << '\n';
}

}  // namespace broker
