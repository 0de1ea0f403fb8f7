#include "sdk/check/workbench.h"

#include <exception>
#include <thread>
#include <utility>

#include "plugin_host/entry_check.h"
#include "plugin_host/host_services/extensions.h"

namespace broker::check {

Workbench::Workbench(CheckOptions options, std::string copy, CallNote note, Listener listener)
    : options_(std::move(options)),
      copy_(std::move(copy)),
      note_(std::move(note)),
      listener_(std::move(listener)) {}

const std::shared_ptr<const Library>& Workbench::Load() {
  if (library_ != nullptr) return library_;
  note_.Begin(0, "a constructor of the library, before create", 0, nullptr);
  auto library = Library::Open(ScopedFile(copy_), options_.plugin);
  note_.End(0);
  if (!library.ok()) {
    throw Finding{Verdict::kFail, "cannot be used: " + library.status().message(),
                  "build it with usher_add_plugin(), which makes undefined symbols an error",
                  "sdk/README.md, usher_add_plugin"};
  }
  return library_ = std::move(library).value();
}

PluginInfo Workbench::Info() {
  Result<PluginInfo> info = ReadEntry(Load()->Entry(), ExtensionIds());
  if (!info.ok()) {
    throw Finding{Verdict::kFail, info.status().message(),
                  "correct the descriptor (in C++: USHER_PLUGIN)",
                  "usher/plugin.h, usher_plugin_descriptor"};
  }
  return std::move(info).value();
}

std::unique_ptr<Subject> Workbench::Make(SubjectOptions options) {
  options.patience = options_.time_limit;
  return std::make_unique<Subject>(Load(), Info(), options_.settings, note_, std::move(options));
}

std::unique_ptr<Subject> Workbench::Start(SubjectOptions options) {
  std::unique_ptr<Subject> subject = Make(std::move(options));
  const Status status = subject->Activate();
  if (status.ok()) return subject;
  throw Finding{Verdict::kFail, "could not be started: " + status.message(),
                "if it needs a configuration, pass one with --config FILE; else let init succeed",
                "usher/plugin.h, usher_plugin; sdk/README.md, Lifecycle"};
}

void OnThread(const std::function<void()>& body) {
  std::exception_ptr thrown;
  std::thread([&] {
    try {
      body();
    } catch (...) {
      thrown = std::current_exception();
    }
  }).join();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace broker::check
