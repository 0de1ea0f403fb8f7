#pragma once

#include <sstream>
#include <string>

#include "usherctl/streams.h"

namespace broker::testing {

/// Streams that remember what a command wrote.
struct Captured {
  std::ostringstream out;
  std::ostringstream err;
  Streams streams{out, err, false};
};

/// Streams that nobody can write to, as `error` (errno) says.
class BrokenBuffer final : public std::streambuf {
 public:
  explicit BrokenBuffer(int error) : error_(error) {}

 protected:
  int_type overflow(int_type) override {
    errno = error_;
    return traits_type::eof();
  }
  std::streamsize xsputn(const char*, std::streamsize) override {
    errno = error_;
    return 0;
  }

  int sync() override {
    errno = error_;
    return -1;
  }

 private:
  const int error_;
};

}  // namespace broker::testing
