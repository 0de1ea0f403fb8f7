#include "daemon/stderr_diagnostics.h"

#include <array>
#include <string>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "daemon/service.h"
#include "event/text.h"

namespace broker {
namespace {

using spdlog::level::level_enum;

constexpr std::array<level_enum, 4> kLevels{level_enum::debug, level_enum::info, level_enum::warn,
                                            level_enum::err};
constexpr std::array<std::string_view, 4> kJournalPrefixes{"<7>", "<6>", "<4>", "<3>"};

class StderrDiagnostics final : public Diagnostics {
 public:
  explicit StderrDiagnostics(Severity least)
      : journal_(WritesToJournal()),
        logger_("usherd", std::make_shared<spdlog::sinks::stderr_color_sink_mt>()) {
    logger_.set_level(kLevels.at(static_cast<size_t>(least)));
    logger_.set_pattern(journal_ ? "%v" : "%H:%M:%S.%e %^%-7l%$ %v");
    logger_.flush_on(level_enum::trace);
  }

  void Log(Severity severity, std::string_view component, std::string_view text) noexcept override {
    try {
      while (!text.empty()) {
        const size_t end = text.find('\n');
        LogLine(static_cast<size_t>(severity), component, text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      }
    } catch (...) {
      // Out of memory or standard error is gone: there is nobody left to tell.
      return;
    }
  }

 private:
  void LogLine(size_t severity, std::string_view component, std::string_view line) {
    logger_.log(kLevels.at(severity), "{}{}: {}",
                journal_ ? kJournalPrefixes.at(severity) : std::string_view(), component,
                EscapeForTerminal(line));
  }

  const bool journal_;
  spdlog::logger logger_;
};

}  // namespace

std::unique_ptr<Diagnostics> MakeStderrDiagnostics(Severity least) {
  return std::make_unique<StderrDiagnostics>(least);
}

}  // namespace broker
