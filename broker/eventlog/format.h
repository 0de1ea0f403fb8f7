#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace broker {

// The constants of the log's files. FORMAT.md describes the files; the two change together.

/// A reader refuses a higher major version; it ignores what a higher minor version added.
inline constexpr uint32_t kLogFormatMajor = 1;
inline constexpr uint32_t kLogFormatMinor = 0;

/// "events-00000000000000000001.jsonl": the number is the first seq that may stand in the file.
inline constexpr std::string_view kSegmentPrefix = "events-";
inline constexpr std::string_view kSegmentSuffix = ".jsonl";
inline constexpr size_t kSegmentDigits = 20;

/// "events-00000000000000000001.index": what is known of the closed segment of that number.
inline constexpr std::string_view kIndexSuffix = ".index";

/// Which numbers may have been given; Reservation.
inline constexpr std::string_view kReservationName = "reserved";

/// Every line ends with a member of fixed size: `,"sum":"` 16 lower-case hexadecimal digits `"}`.
/// They are the XXH3-64 (seed 0) of all bytes of the line before that member's comma.
inline constexpr std::string_view kSumOpening = ",\"sum\":\"";
inline constexpr std::string_view kSumClosing = "\"}";
inline constexpr size_t kSumDigits = 16;
inline constexpr size_t kSumBytes = kSumOpening.size() + kSumDigits + kSumClosing.size();

/// Every event's line begins with its number.
inline constexpr std::string_view kSeqOpening = "{\"seq\":";

/// Longer lines are damage: they are skipped, and never held in memory. The newline not counted.
inline constexpr size_t kMaxLineBytes = 1U << 20U;
inline constexpr size_t kMaxHeaderBytes = 16U << 20U;

/// Texts are cut to this many bytes; in a line that would still be too long, to kMinTextBytes.
inline constexpr size_t kMaxTextBytes = 16U << 10U;
inline constexpr size_t kMinTextBytes = 256;
/// What an event may have of details; the writer leaves out those behind.
inline constexpr size_t kMaxDetails = 256;

/// No log counts further: what does, a line, a file's name, the reserved numbers, is damage.
inline constexpr uint64_t kMaxSeq = uint64_t{1} << 62U;
/// A log that has come so far is not gone on with: too few numbers are left.
inline constexpr uint64_t kMaxFirstSeq = kMaxSeq - (uint64_t{1} << 20U);
/// Nor are numbers reserved so far ahead of a log: it is to have some left to count by.
inline constexpr uint64_t kMaxAhead = kMaxSeq / 4;

inline constexpr uint32_t kLogDirectoryMode = 0750;
inline constexpr uint32_t kSegmentMode = 0640;

}  // namespace broker
