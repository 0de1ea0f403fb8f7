#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "event/status.h"
#include "eventlog/codec.h"
#include "eventlog/defect.h"
#include "eventlog/file_system.h"
#include "eventlog/line.h"
#include "eventlog/line_scanner.h"
#include "eventlog/missing_numbers.h"
#include "eventlog/segments.h"

namespace broker {

/// Walks over one segment, event by event, without decoding them: only lines with the right
/// checksum and a rising seq are handed out, the others told to `on_defect`. What readers, the
/// writer's recovery and verify have in common.
///
/// Not thread-safe.
class SegmentReader {
 public:
  enum class Next { kEvent, kEnd };

  /// kNotFound when the segment is gone.
  static Result<std::unique_ptr<SegmentReader>> Open(FileSystem& files,
                                                     const std::string& directory,
                                                     const Segment& segment, OnDefect on_defect);

  /// From now on lines whose heads are `unwanted` are passed over: they are neither checked nor
  /// told of. Null (as at first): none.
  void PassOver(std::function<bool(const LineHead&)> unwanted) { unwanted_ = std::move(unwanted); }

  /// From now on `missing`, which must outlive this, is told of every line up to EndBefore's, those
  /// that are passed over included. Null (as at first): nobody.
  void Tell(MissingNumbers* missing) { missing_ = missing; }

  /// Goes to the next event. kEnd: none is there yet. kInvalid for a newer major version.
  Result<Next> Read();

  [[nodiscard]] std::string_view Line() const { return scanner_.Line(); }  ///< Until the next Read.
  [[nodiscard]] Seq LineSeq() const { return seq_; }

  /// The seq that is due next, each damaged line taken for one event.
  [[nodiscard]] Seq Due() const { return due_; }

  /// The header; null before the first Read, and where it is damaged.
  [[nodiscard]] const SegmentHeader* Header() const { return header_ ? &*header_ : nullptr; }

  /// The segment behind this one begins with `next`: lines from there on were never committed, and
  /// are passed over in silence, as is damage behind the last committed line.
  void EndBefore(Seq next) { end_ = next; }
  [[nodiscard]] bool HasEnd() const { return end_ != 0; }
  /// Whether all that comes now was never committed.
  [[nodiscard]] bool IsBehindEnd() const { return behind_end_ || (end_ != 0 && due_ >= end_); }

  /// Tells of the current line as damaged: its checksum is right, but it cannot be decoded.
  void ReportLine(const std::string& what);

  /// After kEnd: whether the last complete line, other than the header, is damaged.
  [[nodiscard]] bool EndsDamaged() const {
    return damaged_line_ != 0 && damaged_line_ == scanner_.Number();
  }

  /// Tells of an unfinished last line, if there is one. For segments that no writer goes on with.
  void ReportUnfinished();

  /// Whether the segment's name is still that of the file that is read here.
  [[nodiscard]] bool IsStillNamed() const { return file_->IsStillNamed(); }

  [[nodiscard]] const Segment& File() const { return segment_; }
  [[nodiscard]] const LineScanner& Scanner() const { return scanner_; }

 private:
  SegmentReader(Segment segment, std::string path, std::unique_ptr<ReadFile> file,
                OnDefect on_defect);

  Status TakeHeader();
  [[nodiscard]] bool IsUnwanted();
  void NotePassedOver(const LineHead& head);
  [[nodiscard]] bool TakeEvent();
  void ReportDamaged(std::string what);
  void Report(uint64_t line, std::string what);

  const Segment segment_;
  const std::string path_;
  const std::unique_ptr<ReadFile> file_;
  const OnDefect on_defect_;
  std::function<bool(const LineHead&)> unwanted_;
  MissingNumbers* missing_ = nullptr;
  LineScanner scanner_;
  std::optional<SegmentHeader> header_;
  Seq seq_ = 0;  // The last event's; 0 = none yet.
  Seq due_ = 0;
  uint64_t damaged_line_ = 0;  // The last one.
  Seq end_ = 0;                // The next segment's first seq; 0 = there is none, or not known.
  bool behind_end_ = false;    // A line was met that was never committed.
};

}  // namespace broker
