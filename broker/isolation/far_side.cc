#include "isolation/far_side.h"

#include <system_error>
#include <utility>

namespace broker {
namespace {

constexpr uint64_t kRequest = 1;
constexpr uint64_t kAnswer = 2;

}  // namespace

FarSide::FarSide(Channel& channel, Handler handler, Handler apart)
    : messages_(channel),
      handler_(std::move(handler)),
      apart_(std::move(apart)),
      reader_([this] { Read(); }) {}

FarSide::~FarSide() {
  reader_.join();
  for (std::thread& thread : threads_apart_) thread.join();
}

void FarSide::SetDeadline(Condition::TimePoint deadline) {
  const MutexLock lock(mutex_);
  deadline_ = deadline;
  changed_.NotifyAll();
}

Status FarSide::Send(uint64_t kind, uint64_t id, CallLane lane, std::string_view bytes) {
  MessageWriter message;
  message.Number(kind).Number(id).Number(static_cast<uint64_t>(lane)).Text(bytes);
  return messages_.Send(message);
}

Result<std::string> FarSide::Call(CallLane lane, const MessageWriter& request) {
  uint64_t id = 0;
  {
    const MutexLock lock(mutex_);
    id = ++last_id_;
    answers_.emplace(id, std::nullopt);
  }
  Status sent = Send(kRequest, id, lane, request.Bytes());
  const MutexLock lock(mutex_);
  bool late = false;
  while (sent.ok() && !answers_[id] && !gone_ && !late) {
    if (lane == CallLane::kPlugin && AnswerNext()) continue;
    late = !changed_.WaitUntil(mutex_, deadline_);
  }
  std::optional<std::string> answer = std::move(answers_[id]);
  answers_.erase(id);
  if (answer) return *std::move(answer);
  if (!sent.ok()) return sent;
  if (!gone_) return Status(StatusCode::kTimeout, "the other process does not answer");
  return Status(StatusCode::kStopped, "the other process is gone");
}

void FarSide::Serve() {
  const MutexLock lock(mutex_);
  while (!gone_) {
    if (!AnswerNext()) changed_.Wait(mutex_);
  }
}

bool FarSide::AnswerNext() {
  if (requests_.empty()) return false;
  const Request request = std::move(requests_.front());
  requests_.pop_front();
  mutex_.Unlock();
  Answer(handler_, CallLane::kPlugin, request);
  mutex_.Lock();
  return true;
}

void FarSide::Answer(const Handler& handler, CallLane lane, const Request& request) {
  MessageReader reader(request.bytes);
  // Who is gone needs no answer.
  static_cast<void>(Send(kAnswer, request.id, lane, handler(reader).Bytes()));
}

void FarSide::AnswerApart(const Request& request) {
  const auto answer = [this, request](const Handler& handler) {
    Answer(handler, CallLane::kApart, request);
  };
  try {
    if (apart_ != nullptr) {
      threads_apart_.emplace_back([this, answer] { answer(apart_); });
      return;
    }
  } catch (const std::system_error&) {
    // There is no thread to be had; who asked must not wait for that.
  }
  answer([](MessageReader&) { return MessageWriter(); });
}

void FarSide::Read() noexcept {
  while (true) {
    Result<std::string> message = messages_.Receive(Condition::TimePoint::max());
    if (!message.ok()) break;
    Take(std::move(message).value());
  }
  const MutexLock lock(mutex_);
  gone_ = true;
  changed_.NotifyAll();
}

void FarSide::Take(const std::string& message) {
  MessageReader reader(message);
  const uint64_t kind = reader.Number();
  const uint64_t id = reader.Number();
  const auto lane = static_cast<CallLane>(reader.Number());
  Request content{id, std::string(reader.Text())};
  if (reader.Failed()) return;
  if (kind == kRequest && lane == CallLane::kAny) return Answer(handler_, lane, content);
  if (kind == kRequest && lane == CallLane::kApart) return AnswerApart(content);
  const MutexLock lock(mutex_);
  if (kind == kRequest) {
    requests_.push_back(std::move(content));
  } else if (const auto waiting = answers_.find(id); waiting != answers_.end()) {
    waiting->second = std::move(content.bytes);
  }
  changed_.NotifyAll();
}

}  // namespace broker
