// usherd on a disk that may lose power: beside its directories it keeps what of them was synced.
//
//   usherd_unsynced CONFIG ROOT SHADOW
#include <cstdlib>
#include <iostream>
#include <memory>
#include <utility>

#include "daemon/serve.h"
#include "daemon/service.h"
#include "daemon/stderr_diagnostics.h"
#include "settings/load.h"
#include "tests/support/power_loss_file_system.h"

namespace {

int Serve(const char* config, const char* root, const char* shadow) {
  const std::unique_ptr<broker::Service> service = broker::MakeService();
  broker::LoadedSettings loaded = broker::LoadSettings(config);
  for (const broker::SettingsError& error : loaded.errors) {
    std::cerr << broker::ToString(error) << "\n";
  }
  if (!loaded.errors.empty()) return EXIT_FAILURE;
  const auto diagnostics = broker::MakeStderrDiagnostics(broker::Severity::kInfo);
  return static_cast<int>(
      broker::Serve(std::move(loaded.settings),
                    std::make_unique<broker::testing::PowerLossFileSystem>(root, shadow), *service,
                    *diagnostics));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: usherd_unsynced CONFIG ROOT SHADOW\n";
    return 2;
  }
  try {
    return Serve(argv[1], argv[2], argv[3]);
  } catch (const std::exception& error) {
    std::cerr << "usherd_unsynced: " << error.what() << "\n";
    return EXIT_FAILURE;
  }
}
