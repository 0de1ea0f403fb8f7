#pragma once

#include <optional>
#include <string>

#include <boost/json/value.hpp>

#include "event/event.h"
#include "event/status.h"

namespace broker {

/// An event that somebody wants plugins to be told of though it did not happen.
struct Emission {
  std::string type;     ///< Its dotted name.
  std::string session;  ///< The id of the session it is to be about; empty for none.
  std::string reason;
  Details details;

  friend bool operator==(const Emission&, const Emission&) = default;
};

/// The parameters of `emit`; kInvalid with a sentence where they are others than PROTOCOL.md says.
[[nodiscard]] Result<Emission> ParseEmission(const boost::json::value& params);

/// The same, to be sent.
[[nodiscard]] boost::json::value ToJson(const Emission& emission);

}  // namespace broker
