#include "daemon/health_report.h"

#include "event/utc.h"

namespace broker {
namespace {

std::string Count(uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string Because(const std::string& error) {
  return error.empty() ? "" : ": " + error;
}

void ReportSource(const std::string& source, const PumpStatus& pump, HealthReport& out) {
  const std::string since = ", since " + FormatUtc(pump.source_since_us);
  if (pump.source_lost) {
    out.trouble.push_back("the source '" + source + "' has no contact with its system" + since);
  } else if (!pump.source_known && !pump.source_ended) {
    out.trouble.push_back("the source '" + source + "' has not said yet which sessions there are" +
                          since);
  }
  if (pump.source_dropped == 0) return;
  out.losses.push_back(Count(pump.source_dropped, "report") +
                       " of the source came faster than they were taken, and were left out; what "
                       "the sessions had become was asked for");
}

void ReportLog(const PumpStatus& pump, HealthReport& out) {
  if (pump.log.degraded) {
    out.trouble.push_back("the log is degraded since " + FormatUtc(pump.degraded_since_us) + ", " +
                          Count(pump.log.unwritten, "event") + " in memory only" +
                          Because(pump.log.trouble));
  }
  if (!pump.log.unreserved.empty()) {
    out.trouble.push_back("no numbers can be reserved for events" + Because(pump.log.unreserved));
  }
  if (!pump.log.untrimmed.empty()) out.trouble.push_back(pump.log.untrimmed);
  if (pump.log.lost == 0) return;
  out.losses.push_back(Count(pump.log.lost, "event") +
                       " could not be written to the log; log.gap events name them");
}

/// One that is not has its cursor, but nothing is expected of it.
bool IsUp(PluginState state) {
  return state == PluginState::kRunning || state == PluginState::kStarting;
}

void ReportPlugin(const PluginProgress& plugin, HealthReport& out) {
  const PluginStatus& status = plugin.status;
  const std::string name = "plugin '" + status.instance + "' ";
  if (status.state == PluginState::kQuarantined) {
    out.trouble.push_back(name + "is quarantined since " + FormatUtc(status.quarantined_us) +
                          Because(status.last_error));
  } else if (status.state == PluginState::kFailed) {
    out.trouble.push_back(name + "has failed" + Because(status.last_error));
  } else if (IsUp(status.state) && plugin.behind_us >= kTolerableDelayUs) {
    out.trouble.push_back(name + "lags by " + Count(status.lag, "event") + ", the first is " +
                          std::to_string(plugin.behind_us / 1'000'000) + " s old");
  }
  if (status.skipped == 0) return;
  out.losses.push_back(name + "was passed by up to " + Count(status.skipped, "event") +
                       "; plugin.skipped events say why");
}

}  // namespace

HealthReport ReportHealth(const std::string& source, const PumpStatus& pump,
                          const std::vector<PluginProgress>& plugins) {
  HealthReport report;
  ReportSource(source, pump, report);
  ReportLog(pump, report);
  for (const PluginProgress& plugin : plugins) ReportPlugin(plugin, report);
  return report;
}

}  // namespace broker
