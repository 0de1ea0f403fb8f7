#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "tests/support/temp_directory.h"
#include "tests/unit/usherctl/captured.h"
#include "usherctl/tail.h"

namespace broker::testing {

inline int Lines(const std::string& text) {
  return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

inline std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

/// A log in a folder of its own, and what tail says of it.
class Tail : public ::testing::Test {
 protected:
  static TailOptions In(const std::string& directory) {
    TailOptions options;
    options.directory = directory;
    return options;
  }
  int Run() {
    return RunTail(options_, *files_, captured_.streams, [] { return false; });
  }
  [[nodiscard]] std::string Out() const { return captured_.out.str(); }
  [[nodiscard]] std::string Err() const { return captured_.err.str(); }

  // The log's only segment.
  [[nodiscard]] std::string Segment() const {
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      if (entry.path().extension() == ".jsonl") return entry.path().string();
    }
    return {};
  }

  const TempDirectory directory_;
  const std::unique_ptr<FileSystem> files_ = MakeFileSystem();
  Captured captured_;
  TailOptions options_ = In(directory_.path());
};

}  // namespace broker::testing
