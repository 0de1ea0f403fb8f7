#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "control/endpoint.h"
#include "control/line_splitter.h"
#include "event/status.h"

namespace broker {

/// The most bytes an answer may have.
inline constexpr size_t kMaxAnswerBytes = 64U << 20U;

/// The asking end of the control channel. Not thread-safe.
class ControlClient {
 public:
  /// kNotFound: no broker answers there. kPermission: this user may not ask it.
  static Result<ControlClient> Open(const std::string& path);

  /// A client of a connection made otherwise.
  explicit ControlClient(std::unique_ptr<ControlConnection> connection);

  /// Calls a method and returns its result; `params` is an object, or null for none. `timeout` is
  /// for all of it.
  ///
  /// What the broker answers with an error keeps its sentence: kInvalid (it knows no such method or
  /// parameter, or it failed), kPermission, kUnavailable (too many connections), kTimeout (too slow
  /// a request), kInternal (its bug). Else kUnavailable: the broker went away; kTimeout: it did not
  /// answer; kCorrupt: what it answered is not the protocol. After an error open a new one.
  Result<boost::json::value> Call(std::string_view method, const boost::json::value& params = {},
                                  std::chrono::milliseconds timeout = std::chrono::seconds(30));

 private:
  Result<std::string> ReadLine(std::chrono::steady_clock::time_point deadline);

  std::unique_ptr<ControlConnection> connection_;
  std::unique_ptr<LineSplitter> lines_;
  int64_t last_id_ = 0;
};

}  // namespace broker
