#include "sdk/check/plugin_file.h"

#include <algorithm>
#include <filesystem>
#include <random>
#include <system_error>
#include <utility>

#include "plugin_host/module_trust.h"
#include "sdk/check/platform/this_process.h"
#include "settings/load.h"

namespace broker::check {
namespace {

constexpr const char* kAbout = "is a library that the broker may load";
constexpr const char* kRead = "sdk/README.md, Build, configure, install";

std::string StemOf(const std::string& path) {
  return std::filesystem::path(path).stem().string();
}

Finding FindingOf(const Status& status, Verdict verdict) {
  return {verdict, status.message(), "", kRead};
}

/// Where nobody is privileged, a file that others can change is still worth a check.
Status CopyAnyway(const std::string& path, const std::string& copy) {
  std::error_code error;
  std::filesystem::copy_file(path, copy, error);
  if (!error) return {};
  return {StatusCode::kIo, "cannot copy '" + path + "': " + error.message()};
}

}  // namespace

Result<RunFolder> RunFolder::Make() {
  std::error_code error;
  const std::filesystem::path base = std::filesystem::temp_directory_path(error);
  const std::string path =
      (base / ("usher-check-" + std::to_string(std::random_device{}()))).string();
  if (error || !std::filesystem::create_directory(path, error)) {
    return Status(StatusCode::kIo, "cannot make the folder '" + path + "': " + error.message());
  }
  std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  return RunFolder(path);
}

RunFolder::~RunFolder() {
  std::error_code ignored;  // What is left is in the folder for temporary files.
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

CheckedFile CheckFile(const std::string& path, const RunFolder& folder) {
  CheckedFile checked;
  checked.result = {"file", kAbout, Verdict::kPass, {}, {}, 0};
  const std::string copies = folder.Path() + "/copies";
  Status status = PrepareCopyDirectory(copies);
  if (status.ok()) {
    Result<std::string> copied = CopyTrusted(path, copies);
    if (copied.ok()) {
      checked.copy = std::move(copied).value();
      return checked;
    }
    status = copied.status();
  }
  const bool untrusted = status.code() == StatusCode::kPermission;
  checked.refused = untrusted && IsPrivileged();
  if (untrusted && !checked.refused) {
    checked.result.findings.push_back(FindingOf(status, Verdict::kWarn));
    const std::string copy = folder.Path() + "/untrusted";
    status = CopyAnyway(path, copy);
    if (status.ok()) checked.copy = copy;
  }
  if (checked.copy.empty()) {
    checked.result.findings.push_back(FindingOf(status, Verdict::kFail));
  }
  checked.result.verdict = checked.copy.empty() ? Verdict::kFail : Verdict::kWarn;
  return checked;
}

Result<PluginSettings> ReadPluginSettings(const std::string& file, const std::string& plugin) {
  const LoadedSettings loaded = LoadSettings(file);
  std::string errors;
  for (const SettingsError& error : loaded.errors) {
    errors.append(errors.empty() ? "" : "\n").append(ToString(error));
  }
  if (!errors.empty()) return Status(StatusCode::kInvalid, errors);
  const std::vector<PluginSettings>& tables = loaded.settings.plugins;
  const auto named = std::find_if(tables.begin(), tables.end(), [&](const PluginSettings& table) {
    return StemOf(table.library) == StemOf(plugin);
  });
  if (named != tables.end()) return *named;
  if (tables.size() == 1) return tables.front();
  return Status(StatusCode::kInvalid, "'" + file + "' has " + std::to_string(tables.size()) +
                                          " tables [plugins.NAME], and none whose library is '" +
                                          StemOf(plugin) + "': name it there, or leave one table");
}

}  // namespace broker::check
