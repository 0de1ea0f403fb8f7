#include "settings/source_files.h"

#include <filesystem>
#include <string>
#include <system_error>

#include "settings/describe.h"

namespace broker {
namespace {

namespace fs = std::filesystem;

/// Empty where nobody can tell.
std::string ProblemOf(const std::string& path, fs::file_type wanted) {
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  if (type == fs::file_type::not_found) return "there is no " + Quoted(path);
  if (error || type == wanted) return "";
  return Quoted(path) + (wanted == fs::file_type::regular ? " is not a file" : " is not a folder");
}

}  // namespace

std::vector<SettingsError> CheckSourceFiles(const Settings& settings) {
  const SourceSettings& source = settings.source;
  std::string problem;
  if (source.type == "simulated") problem = ProblemOf(source.scenario, fs::file_type::regular);
  if (source.type == "replay") problem = ProblemOf(source.recording, fs::file_type::directory);
  if (problem.empty()) return {};
  const char* const key = source.type == "simulated" ? "source.scenario" : "source.recording";
  return {{source.position, key, problem}};
}

}  // namespace broker
