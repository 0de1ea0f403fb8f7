#include <array>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "platform/linux/trusted_path.h"
#include "plugin_host/module_trust.h"

namespace broker {
namespace {

/// A variable that ld.so(8) obeys, and what stands between the entries of its list.
struct LoaderVariable {
  const char* name;
  std::string_view separators;
  Status (*check)(const std::string& entry);
};

Status CheckPlainPath(const std::string& entry) {
  if (entry.find('$') != std::string::npos) {
    return {StatusCode::kPermission, "only plain paths are understood there"};
  }
  if (!entry.starts_with('/')) {
    return {StatusCode::kPermission, "it depends on the working directory"};
  }
  return {};
}

Status CheckFolder(const std::string& entry) {
  Status plain = CheckPlainPath(entry);
  return plain.ok() ? CheckSearchFolder(entry) : plain;
}

/// Libraries usually go by links: both the link and what it leads to must be trusted.
Status CheckLibraryFile(const std::string& entry) {
  if (entry.find_first_of("/$") == std::string::npos) return {};  // Looked for in the folders.
  Status checked = CheckPlainPath(entry);
  if (checked.ok()) {
    checked = CheckSearchFolder(std::filesystem::path(entry).parent_path().string());
  }
  if (!checked.ok()) return checked;
  std::error_code missing;
  const auto file = std::filesystem::canonical(entry, missing);
  return missing ? Status() : CheckTrustedFile(file.string());
}

constexpr std::array kVariables = {
    LoaderVariable{"LD_PRELOAD", " :", CheckLibraryFile},
    LoaderVariable{"LD_AUDIT", ":", CheckLibraryFile},
    LoaderVariable{"LD_LIBRARY_PATH", ":;", CheckFolder},
};

Status CheckEntries(const LoaderVariable& variable, std::string_view list) {
  while (true) {
    const size_t end = list.find_first_of(variable.separators);
    const std::string entry(list.substr(0, end));
    const Status checked = variable.check(entry);
    if (!checked.ok()) {
      return {checked.code(), std::string(variable.name) + " has '" + entry +
                                  "', by which others could slip in a library: " +
                                  checked.message() + ". Start it without this variable"};
    }
    if (end == std::string_view::npos) return {};
    list.remove_prefix(end + 1);
  }
}

}  // namespace

Result<std::vector<std::string>> CheckLoaderVariables() {
  std::vector<std::string> found;
  for (const LoaderVariable& variable : kVariables) {
    const char* const value = std::getenv(variable.name);
    if (value == nullptr || *value == '\0') continue;
    Status checked = CheckEntries(variable, value);
    if (!checked.ok()) return checked;
    found.push_back(std::string(variable.name) + "=" + value);
  }
  return found;
}

}  // namespace broker
