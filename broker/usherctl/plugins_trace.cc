#include "usherctl/plugins_trace.h"

#include <array>
#include <cstdio>

#include <boost/json/serialize.hpp>

#include "control/client.h"
#include "control/results.h"
#include "event/utc.h"
#include "usherctl/style.h"

namespace broker {
namespace {

constexpr size_t kTimeWidth = 15;
constexpr size_t kCallWidth = 12;
constexpr size_t kSeqWidth = 10;
constexpr size_t kDurationWidth = 11;
constexpr size_t kMaxResult = 400;

/// With the unit that leaves one to three digits before the point.
std::string DurationText(uint64_t microseconds) {
  constexpr double kThousand = 1000;
  const auto us = static_cast<double>(microseconds);
  const bool long_one = us >= kThousand * kThousand;
  std::array<char, 32> text{};
  if (us < kThousand) return std::to_string(microseconds) + " us";
  std::snprintf(text.data(), text.size(), "%.3f %s",
                us / (long_one ? kThousand * kThousand : kThousand), long_one ? "s" : "ms");
  return text.data();
}

std::string Line(const TraceRow& row, bool colour) {
  constexpr size_t kDate = 11;
  const bool good = row.result == "ok" || row.result == "pending" || row.result == "retry";
  return FormatUtc(row.begin_us).substr(kDate, kTimeWidth) + "  " +
         Padded(Shown(row.call, kCallWidth), kCallWidth) + "  " +
         Padded(row.seq == 0 ? "-" : std::to_string(row.seq), kSeqWidth) + "  " +
         Padded(DurationText(row.duration_us), kDurationWidth) + "  " +
         Styled(Shown(row.result, kMaxResult), good ? Style::kPlain : Style::kAlarm, colour);
}

void PrintHeader(Streams& streams) {
  streams.out << Styled(Padded("TIME (UTC)", kTimeWidth) + "  " + Padded("CALL", kCallWidth) +
                            "  " + Padded("SEQ", kSeqWidth) + "  " +
                            Padded("DURATION", kDurationWidth) + "  RESULT",
                        Style::kBold, streams.colour)
              << '\n';
}

void PrintRows(const TraceResult& trace, Streams& streams) {
  if (trace.lost != 0) streams.out << "-- " << trace.lost << " calls were too fast to be shown\n";
  for (const TraceRow& row : trace.calls) streams.out << Line(row, streams.colour) << '\n';
}

void PrintJson(const boost::json::value& answer, uint64_t lost, Streams& streams) {
  if (lost != 0) streams.out << "{\"lost\":" << lost << "}\n";
  for (const boost::json::value& call : answer.at("calls").as_array()) {
    streams.out << boost::json::serialize(call) << '\n';
  }
}

/// Asks again and again; returns why it can go on no longer.
Status Follow(const AskOptions& options, const std::string& instance, Streams& streams,
              const std::function<bool()>& stop) {
  auto client = ControlClient::Open(options.socket);
  if (!client.ok()) return WhyNotReached(client.status());
  uint64_t after = 0;
  while (!stop() && FlushOutput(streams)) {
    const auto answer =
        client.value().Call("plugins.trace", {{"instance", instance}, {"after", after}});
    if (!answer.ok()) return answer.status();
    const auto trace = ParseTraceResult(answer.value());
    if (!trace.ok()) return trace.status();
    if (after == 0 && !options.json) PrintHeader(streams);
    if (options.json) {
      PrintJson(answer.value(), trace->lost, streams);
    } else {
      PrintRows(trace.value(), streams);
    }
    after = trace->next;
  }
  return {};
}

}  // namespace

int RunPluginsTrace(const AskOptions& options, const std::string& instance, Streams& streams,
                    const std::function<bool()>& stop) {
  const Status followed = Follow(options, instance, streams, stop);
  return followed.ok() ? FinishOutput(streams) : ExplainAnswer(followed, streams);
}

}  // namespace broker
