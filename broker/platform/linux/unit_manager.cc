#include "platform/linux/unit_manager.h"

#include <sys/random.h>
#include <systemd/sd-login.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

#include "platform/linux/stable_hash.h"
#include "platform/linux/unit_properties.h"

namespace broker {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr size_t kHashDigits = 8;  // Of the few services that there are.

std::string RandomHex() {
  uint32_t random = 0;
  static_cast<void>(!::getrandom(&random, sizeof random, 0));
  std::array<char, 9> text{};
  std::snprintf(text.data(), text.size(), "%08x", random);
  return text.data();
}

std::string OwnService() {
  char* unit = nullptr;
  if (sd_pid_get_unit(0, &unit) < 0) return {};
  const std::unique_ptr<char, void (*)(void*)> owner(unit, std::free);
  const std::string name = unit;
  return name.ends_with(".service") ? name : std::string();
}

}  // namespace

/// A unit; the manager knows it as long as it lives.
class UnitManager::Program final : public LaunchedProgram {
 public:
  Program(UnitManager& manager, std::string name, microseconds limit)
      : manager_(manager),
        name_(std::move(name)),
        path_(PathOfUnit(name_)),
        out_of_time_at_(steady_clock::now() + limit) {}
  ~Program() override { manager_.Forget(*this); }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  [[nodiscard]] int64_t Pid() const override { return HasStarted(state) ? state.pid : 0; }
  [[nodiscard]] const std::optional<RunEnd>& End() const override { return end; }

  void Look() override {
    if (end) return;
    end = EndOfUnit(state, steady_clock::now() >= out_of_time_at_);
    if (end && cancelled_ && end->kind != RunEndKind::kNotStarted) {
      end = EndOfProgram(RunEndKind::kCancelled, 0);
    }
  }

  void Cancel() noexcept override {
    if (end || std::exchange(cancelled_, true)) return;
    manager_.manager_.Stop(name_);
  }

  /// The service manager does not want to start it, or cannot be asked.
  void Refuse(const sd_bus_error& why) {
    if (end) return;
    const bool lost = sd_bus_error_has_name(&why, SD_BUS_ERROR_DISCONNECTED) > 0 ||
                      sd_bus_error_has_name(&why, SD_BUS_ERROR_NO_REPLY) > 0;
    const std::string text = why.message == nullptr ? why.name : why.message;
    end = lost ? EndOfProgram(RunEndKind::kLost, 0)
               : NotStarted("start", kStartUnitCall, sd_bus_error_get_errno(&why),
                            "the service manager refuses it: " + text);
  }

  [[nodiscard]] const std::string& Name() const { return name_; }
  [[nodiscard]] const std::string& Path() const { return path_; }

  UnitState state;
  std::optional<RunEnd> end;
  std::unique_ptr<BusCall> asked;  ///< The call that asks for it.

 private:
  UnitManager& manager_;
  const std::string name_;
  const std::string path_;
  const Condition::TimePoint out_of_time_at_;
  bool cancelled_ = false;
};

UnitManager::UnitManager()
    : manager_(*this),
      service_(OwnService()),
      owned_("usher-run-" + StableHash().Add(service_).Hex().substr(0, kHashDigits)),
      prefix_(owned_ + RandomHex() + "-") {}

void UnitManager::StopLeftovers() {
  if (service_.empty()) return;
  const auto those = [this](BusWriter& writer) { writer.Texts({}).Texts({owned_ + "*"}); };
  auto asked = manager_.Ask("ListUnitsByPatterns", those,
                            [this](sd_bus_message* answer) { StopListed(answer); });
  if (asked.ok()) leftovers_ = std::move(asked).value();  // Else their time limits end them.
}

void UnitManager::StopListed(sd_bus_message* units) {
  leftovers_.reset();
  ForEachUnit(units, [this](const char* name, std::string_view) {
    if (!std::string_view(name).starts_with(prefix_)) manager_.Stop(name);
  });
}

std::unique_ptr<LaunchedProgram> UnitManager::Start(const RunOrder& order, const RunIo& io) {
  auto program = std::make_unique<Program>(*this, prefix_ + std::to_string(++last_) + ".service",
                                           order.time_limit);
  programs_[program->Path()] = program.get();
  AskForUnit(*program, order, io);
  return program;
}

void UnitManager::AskForUnit(Program& program, const RunOrder& order, const RunIo& io) {
  const auto fill = [&](BusWriter& writer) {
    writer.Add("ss", program.Name().c_str(), "replace").Open('a', "(sv)");
    AddRunProperties(writer, order, io);
    writer.Close().Open('a', "(sa(sv))").Close();
  };
  const auto answered = [&program](sd_bus_message* answer) {
    const sd_bus_error* const error = sd_bus_message_get_error(answer);
    if (error != nullptr) program.Refuse(*error);
  };
  auto asked = manager_.Ask(kStartUnitCall, fill, answered);
  if (asked.ok()) {
    program.asked = std::move(asked).value();
  } else {
    program.end = NotStarted("start", kStartUnitCall, 0, asked.status().message());
  }
}

void UnitManager::Process() {
  manager_.Process();
  const bool idle = programs_.empty() && leftovers_ == nullptr;
  if (idle && !manager_.HasMoreToSend()) manager_.Close();
}

void UnitManager::UnitChanged(std::string_view path, sd_bus_message* change) {
  const auto found = programs_.find(path);
  if (found != programs_.end()) ReadUnitChange(change, found->second->state);
}

/// Of the jobs of a unit the first one is that of its start.
void UnitManager::JobEnded(std::string_view path, std::string_view, std::string_view result) {
  const auto found = programs_.find(path);
  if (found == programs_.end()) return;
  std::string& known = found->second->state.job_result;
  if (known.empty()) known = result;
}

void UnitManager::Forget(const Program& program) {
  programs_.erase(program.Path());
}

void UnitManager::Lost() {
  leftovers_.reset();
  for (const auto& [path, program] : programs_) {
    if (program->end) continue;
    program->end = EndOfProgram(RunEndKind::kLost, 0);
    manager_.Stop(program->Name());  // Where that fails, its time limit ends it.
  }
}

}  // namespace broker
