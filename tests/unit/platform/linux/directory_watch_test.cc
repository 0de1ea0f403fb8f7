#include "eventlog/watch.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/temp_directory.h"

namespace broker {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

class AWatch : public ::testing::Test {
 protected:
  void Write(const std::string& name) {
    std::ofstream(directory_ / name, std::ios::app) << "line\n";
  }

  /// Whether the watch returns before a time that nobody would wait for.
  void ExpectWoken() { watch_->Wait(hours(1)); }

  /// Takes what has been reported so far.
  void Drain() { watch_->Wait(milliseconds(0)); }

  testing::TempDirectory directory_;
  std::unique_ptr<DirectoryWatch> watch_ = WatchDirectory(directory_.path()).value();
};

TEST_F(AWatch, ReturnsForAChangeThatWasThereBefore) {
  Write("new");
  ExpectWoken();
}

TEST_F(AWatch, ReturnsForEveryKindOfChange) {
  Write("file");
  Drain();
  Write("file");
  ExpectWoken();
  std::filesystem::rename(directory_ / "file", directory_ / "other");
  ExpectWoken();
  std::filesystem::remove(directory_ / "other");
  ExpectWoken();
}

TEST_F(AWatch, ReturnsForAChangeThatComesWhileItWaits) {
  std::thread writing([this] { Write("new"); });
  ExpectWoken();
  writing.join();
}

TEST_F(AWatch, ReturnsAfterItsTimeWhenNothingChanges) {
  Write("file");
  Drain();
  const auto start = steady_clock::now();
  watch_->Wait(milliseconds(30));
  EXPECT_GE(steady_clock::now() - start, milliseconds(30));
}

TEST_F(AWatch, NeedsADirectory) {
  EXPECT_EQ(WatchDirectory(directory_ / "none").status().code(), StatusCode::kNotFound);
  Write("file");
  EXPECT_EQ(WatchDirectory(directory_ / "file").status().code(), StatusCode::kInvalid);
}

}  // namespace
}  // namespace broker
