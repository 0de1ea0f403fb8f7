#pragma once

#include <string>
#include <vector>

#include "platform/linux/bus_writer.h"

namespace broker {

/// Adds the property ExecStart to a unit's: `program` with `arguments`, which reach it as they are.
/// The service manager would put values of variables into them, and so into a text that a shell is
/// to read; ExecStartEx could keep it from that, but what systemd 252 writes of it into a unit's
/// file it cannot read again. What is read again has a backslash before each "$" and ";" in
/// systemd 252: do not start such a unit another time. Source: systemd.service(5), "COMMAND LINES".
void AddCommand(BusWriter& writer, const std::string& program,
                const std::vector<std::string>& arguments);

}  // namespace broker
