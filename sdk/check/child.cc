#include "sdk/check/child.h"

#include <cstdlib>
#include <exception>
#include <utility>

#include "isolation/message.h"

namespace broker::check {
namespace {

MessageWriter Begin(Message kind) {
  MessageWriter message;
  message.Number(static_cast<uint64_t>(kind));
  return message;
}

MessageWriter MessageOf(const Finding& finding) {
  MessageWriter message = Begin(Message::kFinding);
  message.Signed(static_cast<int32_t>(finding.verdict))
      .Text(finding.text)
      .Text(finding.change)
      .Text(finding.read);
  return message;
}

/// Runs it; what it throws is a finding, too.
void Run(const Check& check, Workbench& bench) {
  try {
    check.run(bench);
  } catch (const Finding& finding) {
    bench.Add(finding);
  } catch (const std::exception& error) {
    bench.Add({Verdict::kFail, std::string("could not be checked: ") + error.what(), "", ""});
  }
}

}  // namespace

void RunAsChild(const Check& check, CheckOptions options, const std::string& folder,
                Channel& parent) {
  MessageChannel messages(parent);
  Result<CallNote> note = CallNote::Map(folder + kNoteName);
  if (!note.ok()) std::_Exit(1);
  // A parent that is gone needs no answer.
  Workbench bench(
      std::move(options), folder + kCopyName, std::move(note).value(),
      {[&](const Finding& finding) { static_cast<void>(messages.Send(MessageOf(finding))); },
       [&](const std::string& text) {
         static_cast<void>(messages.Send(Begin(Message::kNote).Text(text)));
       }});
  Run(check, bench);
  static_cast<void>(messages.Send(Begin(Message::kDone)));
  std::_Exit(0);
}

}  // namespace broker::check
