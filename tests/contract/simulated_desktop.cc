#include "platform/simulated/desktop.h"

#include <stdexcept>
#include <utility>

#include "platform/simulated/session_source.h"
#include "tests/contract/source_contract.h"

namespace broker::contract {
namespace {

constexpr Timestamp kStart{1767600000000000, 8000000};

void Demand(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.message());
}

/// The model that the simulated source reports on.
class SimulatedDriver final : public Desktop {
 public:
  std::unique_ptr<Source> MakeSource(Diagnostics&) override {
    return std::make_unique<SimulatedSource>(desktop_);
  }

  std::string Logon(const std::string& user) override {
    desktop_->GetClock().Advance(1000);
    LogonRequest request;
    request.user = user;
    Result<std::string> id = desktop_->Logon(request);
    Demand(id.status());
    return std::move(id).value();
  }

  void Lock(const std::string& id) override { Demand(desktop_->Lock(id)); }
  void Unlock(const std::string& id) override { Demand(desktop_->Unlock(id)); }
  void RequestLock(const std::string& id) override { Demand(desktop_->RequestLock(id)); }
  void SwitchTo(const std::string& id) override { Demand(desktop_->SwitchTo(id)); }
  void Logoff(const std::string& id) override { Demand(desktop_->Logoff(id)); }

 private:
  std::shared_ptr<SimulatedDesktop> desktop_ = std::make_shared<SimulatedDesktop>(kStart);
};

std::unique_ptr<Desktop> Make() {
  return std::make_unique<SimulatedDriver>();
}

INSTANTIATE_TEST_SUITE_P(Simulated, SourceContract, testing::Values(DesktopFactory(&Make)));

}  // namespace
}  // namespace broker::contract
