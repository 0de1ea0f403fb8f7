#include "platform/linux/exec_command.h"

namespace broker {
namespace {

/// Two dollars stand for one. Source: systemd.service(5), "COMMAND LINES".
std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped.append(c == '$' ? 2 : 1, c);
  return escaped;
}

}  // namespace

void AddCommand(BusWriter& writer, const std::string& program,
                const std::vector<std::string>& arguments) {
  std::vector<std::string> texts{Escaped(program)};
  for (const std::string& argument : arguments) texts.push_back(Escaped(argument));
  writer.Open('r', "sv").Add("s", "ExecStart").Open('v', "a(sasb)").Open('a', "(sasb)");
  writer.Open('r', "sasb").Add("s", program.c_str()).Texts(texts).Add("b", 0);
  writer.Close().Close().Close().Close();
}

}  // namespace broker
