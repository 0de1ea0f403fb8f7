#include "isolation/message.h"

#include <array>
#include <cstddef>

namespace broker {
namespace {

constexpr size_t kNumberBytes = 8;
constexpr size_t kReadBytes = 64UL << 10U;

void PutNumber(std::string& out, uint64_t number) {
  for (size_t i = 0; i < kNumberBytes; ++i) {
    out.push_back(static_cast<char>((number >> (8 * i)) & 0xFFU));
  }
}

uint64_t GetNumber(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < kNumberBytes; ++i) {
    number |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return number;
}

}  // namespace

MessageWriter& MessageWriter::Number(uint64_t number) {
  PutNumber(bytes_, number);
  return *this;
}

MessageWriter& MessageWriter::Append(const MessageWriter& other) {
  bytes_ += other.bytes_;
  return *this;
}

MessageWriter& MessageWriter::Text(std::string_view text) {
  PutNumber(bytes_, text.size());
  bytes_.append(text);
  return *this;
}

uint64_t MessageReader::Number() {
  if (rest_.size() < kNumberBytes) {
    failed_ = true;
    return 0;
  }
  const uint64_t number = GetNumber(rest_);
  rest_.remove_prefix(kNumberBytes);
  return number;
}

std::string_view MessageReader::Text() {
  const uint64_t size = Number();
  if (size > rest_.size()) {
    failed_ = true;
    return {};
  }
  const std::string_view text = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return text;
}

Status MessageChannel::Send(const MessageWriter& message) {
  if (message.Bytes().size() > kMaxMessageBytes) {
    return {StatusCode::kInvalid, "a message to another process has " +
                                      std::to_string(message.Bytes().size()) + " bytes, at most " +
                                      std::to_string(kMaxMessageBytes) + " are sent"};
  }
  std::string frame;
  frame.reserve(kNumberBytes + message.Bytes().size());
  PutNumber(frame, message.Bytes().size());
  frame.append(message.Bytes());
  const MutexLock lock(writing_);
  return channel_.Write(frame);
}

Result<std::string> MessageChannel::Receive(Condition::TimePoint deadline) {
  while (true) {
    if (auto message = TakeMessage()) return *std::move(message);
    if (received_.size() >= kNumberBytes && GetNumber(received_) > kMaxMessageBytes) {
      return Status(StatusCode::kCorrupt, "the other process sent what is no message");
    }
    std::array<char, kReadBytes> buffer{};
    const Result<size_t> size = channel_.Read(buffer, deadline);
    if (!size.ok()) return size.status();
    if (size.value() == 0) return Status(StatusCode::kStopped, "the other process is gone");
    received_.append(buffer.data(), size.value());
  }
}

std::optional<std::string> MessageChannel::TakeMessage() {
  if (received_.size() < kNumberBytes) return std::nullopt;
  const uint64_t size = GetNumber(received_);
  if (size > received_.size() - kNumberBytes) return std::nullopt;
  std::string message = received_.substr(kNumberBytes, size);
  received_.erase(0, kNumberBytes + size);
  return message;
}

}  // namespace broker
