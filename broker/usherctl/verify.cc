#include "usherctl/verify.h"
namespace broker {
int RunVerify(const VerifyOptions&, FileSystem&, Streams&) {
  return 1;
}
}  // namespace broker
