#include "usherctl/emit.h"

namespace broker {

int RunEmit(const AskOptions& options, const Emission& emission, Streams& streams) {
  const auto show = [&](const boost::json::value&) {
    streams.out << emission.type << " is told to the plugins, marked as injected\n";
    return Status();
  };
  return Ask(options, "emit", streams, show, ToJson(emission));
}

}  // namespace broker
