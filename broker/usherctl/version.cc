#include "usherctl/version.h"

namespace broker {

int RunVersion(bool json, Streams& streams) {
  if (json) {
    streams.out << R"({"version":")" USHER_VERSION R"("})" << '\n';
  } else {
    streams.out << "usherctl " USHER_VERSION "\n";
  }
  return FinishOutput(streams);
}

}  // namespace broker
