#include <algorithm>
#include <cstddef>
#include <cstring>

#include "event/event_type.h"
#include "plugin_host/entry_check.h"
#include "plugin_host/host_services/extensions.h"
#include "sdk/check/check.h"
#include "sdk/check/platform/exported_symbols.h"
#include "sdk/check/platform/this_process.h"
#include "settings/suggest.h"

namespace broker::check {
namespace {

constexpr const char* kEntryName = "usher_plugin_entry";
constexpr const char* kReadAboutExports = "sdk/README.md, usher_add_plugin";
constexpr size_t kMostNamed = 5;

std::vector<ExportedSymbol> Symbols(Workbench& bench) {
  auto symbols = ReadExportedSymbols(bench.File());
  if (symbols.ok()) return std::move(symbols).value();
  throw Finding{Verdict::kFail, symbols.status().message(), "build it with usher_add_plugin()",
                kReadAboutExports};
}

std::string Several(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kMostNamed); ++i) {
    text.append(i == 0 ? "" : ", ").append(names[i]);
  }
  return names.size() > kMostNamed ? text + ", …" : text;
}

std::vector<std::string> EveryTypeName() {
  std::vector<std::string> names;
  for (auto i = static_cast<int32_t>(EventType::kUnknown) + 1;
       i < static_cast<int32_t>(EventType::kCount); ++i) {
    names.emplace_back(Name(static_cast<EventType>(i)));
  }
  return names;
}

/// What is wrong with the entry itself, whatever its descriptor says.
Status CheckEntryAlone(const usher_plugin_entry_t& entry) {
  const char* const text = "org.example.any";
  usher_plugin_descriptor any{};
  any.size = sizeof any;
  any.id = any.name = any.version = text;
  usher_plugin_entry_t alone{};
  std::memcpy(&alone, &entry, std::min<size_t>(entry.size, sizeof alone));
  alone.descriptor = &any;
  return ReadEntry(alone, ExtensionIds()).status();
}

}  // namespace

void CheckEntry(Workbench& bench) {
  const std::vector<ExportedSymbol> symbols = Symbols(bench);
  const auto entry = std::find_if(symbols.begin(), symbols.end(), [](const ExportedSymbol& symbol) {
    return symbol.name == kEntryName;
  });
  if (entry == symbols.end()) {
    throw Finding{Verdict::kFail, "exports no usher_plugin_entry",
                  "define it once, with USHER_PLUGIN(…) or in C, and build with usher_add_plugin()",
                  "usher/plugin.h, usher_plugin_entry; " + std::string(kReadAboutExports)};
  }
  if (entry->data) return;
  throw Finding{Verdict::kFail, "exports usher_plugin_entry as a function; it must be data",
                "define it as a constant of the type usher_plugin_entry_t",
                "usher/plugin.h, usher_plugin_entry"};
}

void CheckExports(Workbench& bench) {
  std::vector<std::string> others;
  for (ExportedSymbol& symbol : Symbols(bench)) {
    if (symbol.name != kEntryName) others.push_back(std::move(symbol.name));
  }
  if (others.empty()) return;
  throw Finding{Verdict::kFail,
                "exports " + std::to_string(others.size()) +
                    " symbols besides usher_plugin_entry, which other libraries may be bound to: " +
                    Several(others),
                "build with usher_add_plugin(), or link with its version script usher-plugin.map",
                kReadAboutExports};
}

void CheckLoad(Workbench& bench) {
  const size_t before = ThreadCount();
  bench.Load();
  const size_t after = ThreadCount();
  if (after <= before) return;
  throw Finding{Verdict::kFail,
                "starts " + std::to_string(after - before) + " threads when it is loaded",
                "start threads in init, and join them in stop or destroy",
                "usher/plugin.h, usher_plugin_entry_t"};
}

void CheckAbi(Workbench& bench) {
  const Status status = CheckEntryAlone(bench.Load()->Entry());
  if (status.ok()) return;
  throw Finding{Verdict::kFail, status.message(), "build it with this SDK",
                "usher/version.h; usher/plugin.h, usher_plugin_entry_t"};
}

void CheckDescriptor(Workbench& bench) {
  const PluginInfo info = bench.Info();
  bench.Note(info.id + " " + info.version);
  const std::vector<std::string> known = EveryTypeName();
  for (const std::string& type : info.event_types) {
    if (ParseEventType(type) || type.starts_with(info.id + ".")) continue;
    const auto near = Nearest(type, known);
    bench.Add(
        {Verdict::kWarn,
         "wants events of the type '" + type + "', which is neither Usher's nor below its own id",
         near ? "did you mean '" + *near + "'?" : "leave it, if another plugin makes these events",
         "usher/event_names.h"});
  }
}

}  // namespace broker::check
