#pragma once

#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "control/client.h"
#include "control/endpoint.h"
#include "control/line_splitter.h"

namespace broker::testing {

/// The other end of a control socket, which sends whatever bytes a test wants.
class RawPeer {
 public:
  explicit RawPeer(const std::string& path) : connection_(ConnectOrThrow(path)) {}

  bool Send(std::string_view bytes) {
    return connection_->Write(bytes, std::chrono::seconds(20)).ok();
  }

  /// The next line; nullopt once the broker has closed.
  std::optional<std::string> ReadLine() {
    while (true) {
      if (auto line = lines_.Next()) return line;
      std::array<char, 65536> buffer;
      const auto count = connection_->Read(buffer, std::chrono::seconds(20));
      if (!count.ok() || count.value() == 0) return std::nullopt;
      lines_.Append({buffer.data(), count.value()});
    }
  }

 private:
  static std::unique_ptr<ControlConnection> ConnectOrThrow(const std::string& path) {
    auto connection = Connect(path);
    if (!connection.ok()) throw std::runtime_error(connection.status().message());
    return std::move(connection).value();
  }

  std::unique_ptr<ControlConnection> connection_;
  LineSplitter lines_{kMaxAnswerBytes};
};

}  // namespace broker::testing
