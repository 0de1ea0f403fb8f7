// usherd on a disk that may stop to answer: writes hang while the file FOLDER/write is there, syncs
// while FOLDER/sync is.
//
//   usherd_hangs CONFIG FOLDER
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "daemon/serve.h"
#include "daemon/service.h"
#include "daemon/stderr_diagnostics.h"
#include "settings/load.h"
#include "tests/support/forwarding_file_system.h"

namespace {

void HangWhileThereIs(const std::string& file) {
  while (std::filesystem::exists(file)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

class HangingFile final : public broker::testing::ForwardingAppendFile {
 public:
  HangingFile(std::unique_ptr<broker::AppendFile> file, std::string folder)
      : ForwardingAppendFile(std::move(file)), folder_(std::move(folder)) {}
  broker::Status Append(std::string_view bytes) override {
    HangWhileThereIs(folder_ + "/write");
    return ForwardingAppendFile::Append(bytes);
  }
  broker::Status Sync() override {
    HangWhileThereIs(folder_ + "/sync");
    return ForwardingAppendFile::Sync();
  }

 private:
  const std::string folder_;
};

class HangingFileSystem final : public broker::testing::ForwardingFileSystem {
 public:
  explicit HangingFileSystem(std::string folder)
      : ForwardingFileSystem(broker::MakeFileSystem()), folder_(std::move(folder)) {}
  broker::Result<std::unique_ptr<broker::AppendFile>> OpenAppend(const std::string& path) override {
    auto file = ForwardingFileSystem::OpenAppend(path);
    if (!file.ok()) return file.status();
    return std::unique_ptr<broker::AppendFile>(
        std::make_unique<HangingFile>(std::move(file).value(), folder_));
  }

 private:
  const std::string folder_;
};

int Serve(const char* config, const char* folder) {
  const std::unique_ptr<broker::Service> service = broker::MakeService();
  broker::LoadedSettings loaded = broker::LoadSettings(config);
  if (!loaded.errors.empty()) return EXIT_FAILURE;
  const auto diagnostics = broker::MakeStderrDiagnostics(broker::Severity::kInfo);
  return static_cast<int>(broker::Serve(std::move(loaded.settings),
                                        std::make_unique<HangingFileSystem>(folder), *service,
                                        *diagnostics));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: usherd_hangs CONFIG FOLDER\n";
    return 2;
  }
  try {
    return Serve(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::cerr << "usherd_hangs: " << error.what() << "\n";
    return EXIT_FAILURE;
  }
}
