#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "usherctl/style.h"

namespace broker {

/// Text in aligned columns under headers, one line a row whatever the text is. Not thread-safe.
class Table {
 public:
  struct Column {
    std::string header;
    size_t limit = 24;  ///< Cells are cut to this many columns.
  };

  struct Cell {
    std::string text;  ///< As it came; made safe here. Empty is shown as "-".
    Style style = Style::kPlain;
  };

  explicit Table(std::vector<Column> columns);

  /// As many cells as there are columns.
  void AddRow(std::vector<Cell> cells);

  void Print(std::ostream& out, bool colour) const;

 private:
  void PrintRow(std::ostream& out, const std::vector<Cell>& cells, bool colour) const;

  std::vector<size_t> limits_;
  std::vector<size_t> widths_;
  std::vector<Cell> header_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace broker
