#pragma once

#include "action/run.h"
#include "platform/linux/bus_writer.h"
#include "platform/linux/run_io.h"

namespace broker {

/// Adds the properties of the transient unit that runs what is ordered, each `(sv)`.
/// Source: org.freedesktop.systemd1(5), systemd.exec(5), systemd.service(5).
void AddRunProperties(BusWriter& writer, const RunOrder& order, const RunIo& io);

}  // namespace broker
