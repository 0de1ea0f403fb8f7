#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "settings/describe.h"
#include "settings/sections.h"

namespace broker {
namespace {

bool NamesPrograms(const std::string& path) {
  const std::filesystem::path program(path);
  return program.is_absolute() && program.lexically_normal().string() == path;
}

void ReadPrograms(TableReader& reader, std::vector<std::string>& out) {
  std::vector<std::string> programs{"/usr/libexec/example-agent"};
  if (!reader.Strings("programs", programs)) return;
  for (const std::string& program : programs) {
    if (NamesPrograms(program)) continue;
    reader.Fail("programs",
                "must be absolute paths without \".\" and \"..\"; one with \"/\" at its end is a "
                "folder, and all in it; found " +
                    Quoted(program));
  }
  out = std::move(programs);
}

void ReadTokens(TableReader& reader, std::vector<std::string>& out) {
  const std::vector<std::string> tokens{"user", "elevated", "system"};
  reader.Strings("tokens", out);
  for (const std::string& token : out) {
    if (std::ranges::find(tokens, token) != tokens.end()) continue;
    reader.Fail("tokens",
                R"(must be some of "user", "elevated" and "system"; found )" + Quoted(token));
  }
}

}  // namespace

void ReadLaunchGrant(const toml::table& table, const std::string& dotted,
                     const SectionContext& context, LaunchGrant& out) {
  TableReader reader(table, dotted, context.file, context.errors);
  ReadPrograms(reader, out.programs);
  ReadTokens(reader, out.tokens);
  reader.Strings("classes", out.classes);
  reader.Finish();
}

}  // namespace broker
