#include "eventlog/line_scanner.h"

#include <algorithm>
#include <cstring>
#include <span>

namespace broker {
namespace {

constexpr size_t kBufferBytes = 256U << 10U;

}  // namespace

LineScanner::LineScanner(const ReadFile& file) : file_(file), buffer_(kBufferBytes) {}

Result<LineScanner::Next> LineScanner::Read(size_t max_bytes) {
  unfinished_ = 0;
  while (true) {
    const char* const unseen = buffer_.data() + scanned_;
    const void* const newline = std::memchr(unseen, '\n', end_ - scanned_);
    if (newline != nullptr) {
      const auto at = static_cast<size_t>(static_cast<const char*>(newline) - buffer_.data());
      return Take(at - begin_, max_bytes);
    }
    scanned_ = end_;
    if (skipped_ != 0 || end_ - begin_ > max_bytes) PassOver();
    const Result<size_t> more = FillBuffer(max_bytes);
    if (!more.ok()) return more.status();
    if (more.value() == 0) return AtEnd();
  }
}

LineScanner::Next LineScanner::Take(size_t length, size_t max_bytes) {
  const bool too_long = skipped_ != 0 || length > max_bytes;
  line_ = too_long ? std::string_view() : std::string_view(buffer_.data() + begin_, length);
  line_start_ = offset_;
  offset_ += skipped_ + length + 1;
  skipped_ = 0;
  begin_ += length + 1;
  scanned_ = begin_;
  ++number_;
  return too_long ? Next::kTooLong : Next::kLine;
}

void LineScanner::PassOver() {
  skipped_ += end_ - begin_;
  begin_ = end_ = scanned_ = 0;
}

Result<size_t> LineScanner::FillBuffer(size_t max_bytes) {
  if (begin_ != 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    scanned_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    buffer_.resize(std::max(kBufferBytes, std::min(2 * buffer_.size(), max_bytes + 2)));
  }
  const std::span<char> room(buffer_.data() + end_, buffer_.size() - end_);
  Result<size_t> read = file_.ReadAt(offset_ + skipped_ + end_, room);
  if (read.ok()) end_ += read.value();
  return read;
}

Result<LineScanner::Next> LineScanner::AtEnd() {
  unfinished_ = skipped_ + end_;
  if (skipped_ != 0) skipped_ = unfinished_;  // Its text does not matter: not to be read again.
  begin_ = end_ = scanned_ = 0;
  const Result<uint64_t> size = file_.Size();
  if (!size.ok()) return size.status();
  if (size.value() < offset_ + skipped_) skipped_ = 0;
  offset_ = std::min(offset_, size.value());
  return Next::kEnd;
}

}  // namespace broker
