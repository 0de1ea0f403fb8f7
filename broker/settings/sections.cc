#include "settings/sections.h"

#include <filesystem>

#include "settings/describe.h"

namespace broker {

namespace fs = std::filesystem;

namespace {

// Source: unix(7), sun_path, which ends with a NUL.
constexpr size_t kMostSocketBytes = 107;

}  // namespace

std::string ProblemOfPath(const std::string& path) {
  if (path.empty()) return "must not be empty";
  if (path.find('\0') != std::string::npos) return "must not contain NUL characters";
  return "";
}

std::string ResolvePath(const std::string& path, const std::string& file) {
  if (fs::path(path).is_absolute()) return path;
  std::error_code error;
  const fs::path folder = fs::absolute(fs::path(file).parent_path() / ".", error);
  return (folder / path).lexically_normal().string();
}

void ReadAbsolutePath(TableReader& reader, std::string_view key, std::string& out) {
  std::string value = out;
  if (!reader.String(key, value)) return;
  std::string problem = ProblemOfPath(value);
  if (problem.empty() && !fs::path(value).is_absolute()) {
    problem = "must be an absolute path, e.g. " + Quoted(out) + "; found " + Quoted(value);
  }
  if (problem.empty()) {
    out = value;
  } else {
    reader.Fail(key, problem);
  }
}

void ReadControl(TableReader& root, const SectionContext& context, ControlSettings& out) {
  const toml::table* table = root.Table("control");
  if (table == nullptr) return;
  TableReader reader(*table, "control", context.file, context.errors);
  ReadAbsolutePath(reader, "socket", out.socket);
  reader.Boolean("allow_emit", out.allow_emit);
  if (out.socket.size() > kMostSocketBytes) {
    reader.Fail("socket", "has " + std::to_string(out.socket.size()) +
                              " bytes; the path of a socket may have " +
                              std::to_string(kMostSocketBytes) + " at most");
  }
  reader.Finish(HintForTopLevelKey);
}

}  // namespace broker
