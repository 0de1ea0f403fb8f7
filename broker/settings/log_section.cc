#include <array>

#include "event/names.h"
#include "settings/describe.h"
#include "settings/quantity.h"
#include "settings/sections.h"

namespace broker {
namespace {

constexpr uint64_t kLeastSegment = 64ULL << 10U;
constexpr uint64_t kMostSegment = 1ULL << 30U;
constexpr uint64_t kMostTotal = 16ULL << 40U;

constexpr int64_t kMillisecond = 1'000;
constexpr int64_t kMinute = 60'000'000;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;

constexpr std::array<std::string_view, 3> kSyncModes{"always", "interval", "never"};

void CheckSizes(TableReader& reader, bool has_total, const LogSettings& log) {
  if (log.total_bytes / 2 >= log.segment_bytes) return;
  const std::string sizes = "total_size " + Quoted(FormatBytes(log.total_bytes)) +
                            ", segment_size " + Quoted(FormatBytes(log.segment_bytes));
  reader.Fail(has_total ? "total_size" : "segment_size",
              "total_size must hold two segments at least; found " + sizes);
}

void ReadSizes(TableReader& reader, const SectionContext& context, LogSettings& out) {
  const size_t errors = context.errors.size();
  reader.Bytes("segment_size", kLeastSegment, kMostSegment, out.segment_bytes);
  const bool has_total = reader.Bytes("total_size", 2 * kLeastSegment, kMostTotal, out.total_bytes);
  if (context.errors.size() == errors) CheckSizes(reader, has_total, out);
}

void ReadSync(TableReader& reader, const SectionContext& context, LogSettings& out) {
  const size_t errors = context.errors.size();
  std::string mode = "always";
  reader.Choice("sync", {kSyncModes.begin(), kSyncModes.end()}, mode);
  out.sync = *ValueIn<SyncSetting>(kSyncModes, mode);
  const bool has_interval =
      reader.Duration("sync_interval", 10 * kMillisecond, kHour, out.sync_interval_us);
  if (context.errors.size() == errors && has_interval && out.sync != SyncSetting::kInterval)
    reader.Fail("sync_interval",
                "goes with sync = \"interval\" only; remove it, or set sync = \"interval\"");
}

}  // namespace

void ReadLog(TableReader& root, const SectionContext& context, LogSettings& out) {
  const toml::table* table = root.Table("log");
  if (table == nullptr) return;
  TableReader reader(*table, "log", context.file, context.errors);
  ReadAbsolutePath(reader, "directory", out.directory);
  ReadSync(reader, context, out);
  ReadSizes(reader, context, out);
  reader.Duration("segment_age", kMinute, 365 * kDay, out.segment_age_us);
  reader.DurationOrUnlimited("total_age", kMinute, 36500 * kDay, out.total_age_us);
  reader.Finish(HintForTopLevelKey);
}

}  // namespace broker
