#include "daemon/health_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kMorning = 1'777'881'612'000'000;
constexpr const char* kShown = "2026-05-04T08:00:12.000000Z";

PumpStatus Well() {
  PumpStatus pump;
  pump.source_known = true;
  pump.source_since_us = kMorning;
  return pump;
}

PluginProgress Running() {
  PluginProgress plugin;
  plugin.status.instance = "it";
  plugin.status.state = PluginState::kRunning;
  return plugin;
}

HealthReport Of(const PumpStatus& pump, const PluginProgress& plugin = Running()) {
  return ReportHealth("logind", pump, {plugin});
}

TEST(AHealthReport, HasNothingOfABrokerThatIsWell) {
  PluginProgress busy = Running();
  busy.status.lag = 900;
  busy.behind_us = kTolerableDelayUs - 1;
  EXPECT_THAT(Of(Well(), busy).trouble, IsEmpty());
  EXPECT_THAT(Of(Well(), busy).losses, IsEmpty());
  PluginProgress disabled = Running();
  disabled.status.state = PluginState::kDisabled;
  EXPECT_THAT(Of(Well(), disabled).trouble, IsEmpty());
}

TEST(AHealthReport, TellsOfASourceThatIsLostOrSaysNothing) {
  PumpStatus pump = Well();
  pump.source_lost = true;
  EXPECT_THAT(
      Of(pump).trouble,
      ElementsAre(std::string("the source 'logind' has no contact with its system, since ") +
                  kShown));
  pump.source_lost = pump.source_known = false;
  EXPECT_THAT(Of(pump).trouble,
              ElementsAre(std::string("the source 'logind' has not said yet which sessions there "
                                      "are, since ") +
                          kShown));
  pump.source_ended = true;
  EXPECT_THAT(Of(pump).trouble, IsEmpty());
}

TEST(AHealthReport, TellsOfALogThatIsLargerThanItMayBe) {
  PumpStatus pump = Well();
  pump.log.untrimmed = "the log is larger than it may be";
  EXPECT_THAT(Of(pump).trouble, ElementsAre(pump.log.untrimmed));
}

TEST(AHealthReport, TellsOfNumbersThatCannotBeReserved) {
  PumpStatus pump = Well();
  pump.log.unreserved = "'reserved' is not a regular file";
  EXPECT_THAT(Of(pump).trouble,
              ElementsAre("no numbers can be reserved for events: " + pump.log.unreserved));
}

TEST(AHealthReport, TellsOfReportsThatWereDropped) {
  PumpStatus pump = Well();
  pump.source_dropped = 3;
  EXPECT_THAT(Of(pump).trouble, IsEmpty());
  EXPECT_THAT(Of(pump).losses,
              ElementsAre("3 reports of the source came faster than they were taken, and were left "
                          "out; what the sessions had become was asked for"));
}

TEST(AHealthReport, TellsOfALogThatCannotBeWrittenAndOfWhatThatCost) {
  PumpStatus pump = Well();
  pump.log.degraded = true;
  pump.log.unwritten = 1;
  pump.log.lost = 7;
  pump.log.trouble = "the disk is full";
  pump.degraded_since_us = kMorning;
  EXPECT_THAT(Of(pump).trouble, ElementsAre(std::string("the log is degraded since ") + kShown +
                                            ", 1 event in memory only: the disk is full"));
  EXPECT_THAT(Of(pump).losses,
              ElementsAre("7 events could not be written to the log; log.gap events name them"));
}

TEST(AHealthReport, TellsOfPluginsThatDoNotWork) {
  PluginProgress plugin = Running();
  plugin.status.state = PluginState::kFailed;
  plugin.status.last_error = "it is not there";
  EXPECT_THAT(Of(Well(), plugin).trouble, ElementsAre("plugin 'it' has failed: it is not there"));
  plugin.status.state = PluginState::kQuarantined;
  plugin.status.quarantined_us = kMorning;
  EXPECT_THAT(
      Of(Well(), plugin).trouble,
      ElementsAre(std::string("plugin 'it' is quarantined since ") + kShown + ": it is not there"));
}

TEST(AHealthReport, TellsOfPluginsThatLagAndOfWhatPassedThem) {
  PluginProgress plugin = Running();
  plugin.status.lag = 12;
  plugin.status.skipped = 5;
  plugin.behind_us = kTolerableDelayUs;
  EXPECT_THAT(Of(Well(), plugin).trouble,
              ElementsAre("plugin 'it' lags by 12 events, the first is 10 s old"));
  plugin.status.state = PluginState::kDisabled;
  EXPECT_THAT(Of(Well(), plugin).trouble, IsEmpty()) << "nothing is expected of it";
  EXPECT_THAT(
      Of(Well(), plugin).losses,
      ElementsAre("plugin 'it' was passed by up to 5 events; plugin.skipped events say why"));
}

}  // namespace
}  // namespace broker
