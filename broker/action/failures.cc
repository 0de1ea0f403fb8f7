#include "action/failures.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <utility>

#include "action/common_failures.h"
#include "action/linux_failures.h"
#include "action/systemd_failures.h"
#include "action/windows_failures.h"
#include "event/names.h"

namespace broker {
namespace {

constexpr std::array<std::string_view, 6> kStages{"policy",      "session", "token",
                                                  "environment", "spawn",   "early exit"};
constexpr std::array<std::string_view, 4> kRemedies{"retry", "defer", "fix", "drop"};
constexpr std::array<std::string_view, 3> kSystems{"any", "windows", "linux"};
constexpr std::array<std::string_view, 4> kSessions{"anyhow", "gone", "away", "front"};

template <size_t... N>
constexpr auto Joined(const std::array<FailureRow, N>&... parts) {
  std::array<FailureRow, (N + ...)> all;
  auto* end = all.begin();
  ((end = std::copy(parts.begin(), parts.end(), end)), ...);
  return all;
}

constexpr auto kRows = Joined(kFirstFailures, kCommonFailures, kWindowsFailures, kLinuxFailures,
                              kSystemdFailures, kLastFailures);

bool IsOfStage(const FailureRow& row, LaunchStage stage) {
  if (row.stage) return row.stage == stage;
  return !row.code || stage != LaunchStage::kEarlyExit;
}

bool Fits(const FailureRow& row, CodeSystem system, LaunchStage stage, std::string_view call,
          int32_t code, SessionIs session) {
  return (row.system == CodeSystem::kAny || row.system == system) && IsOfStage(row, stage) &&
         (row.call.empty() || row.call == call) && row.code.value_or(code) == code &&
         (row.session == SessionIs::kAnyhow || row.session == session);
}

bool SameWord(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

/// "ERROR_NO_TOKEN" is also "NO_TOKEN", "…systemd1.UnitExists" also "UnitExists".
bool IsSymbol(const FailureRow& row, std::string_view word) {
  if (row.symbol.empty()) return false;
  if (SameWord(row.symbol, word)) return true;
  for (const std::string_view prefix : {"ERROR_", "STATUS_", "EXIT_", "USHER_"}) {
    if (row.symbol.starts_with(prefix) && SameWord(row.symbol.substr(prefix.size()), word))
      return true;
  }
  const size_t dot = row.symbol.rfind('.');
  return dot != std::string_view::npos && SameWord(row.symbol.substr(dot + 1), word);
}

/// A number of up to 32 bits, decimal with or without a sign, or hexadecimal.
std::optional<int32_t> ParseCode(std::string_view text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  if (hex) text.remove_prefix(2);
  int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number, hex ? 16 : 10);
  if (error != std::errc() || stopped != end) return std::nullopt;
  if (number < INT32_MIN || number > UINT32_MAX || (hex && number < 0)) return std::nullopt;
  return static_cast<int32_t>(number);
}

/// An HRESULT that wraps an error of Windows stands for it. Source: HRESULT_FROM_WIN32.
bool IsCode(const FailureRow& row, int32_t code) {
  constexpr uint32_t kWrapped = 0x80070000;
  if (row.code == code) return true;
  const auto bits = static_cast<uint32_t>(code);
  return row.system == CodeSystem::kWindows && (bits & 0xFFFF0000) == kWrapped &&
         row.code == static_cast<int32_t>(bits & 0xFFFF);
}

/// `text` is a code, its name, both as "203/EXEC", or the row's id.
bool IsCalled(const FailureRow& row, std::string_view text) {
  const size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    return IsCalled(row, text.substr(0, slash)) && IsSymbol(row, text.substr(slash + 1));
  }
  if (const auto code = ParseCode(text)) return IsCode(row, *code);
  return SameWord(row.id, text) || IsSymbol(row, text);
}

/// Where to look for what no row knows. A unit has its instance's and its agent's name.
std::string_view WhereToLook(CodeSystem system, LaunchStage stage) {
  const bool ran = stage == LaunchStage::kEarlyExit;
  switch (system) {
    case CodeSystem::kLinux:
      return ran ? "see what it says: journalctl -u 'usher-agent-*_NAME-*', or run it by hand as "
                   "that user"
                 : "see journalctl -u 'usher-agent-*_NAME-*', and journalctl -u usherd at that "
                   "time";
    case CodeSystem::kWindows:
      return ran ? "see the Event Viewer, Windows Logs, Application, or run it by hand as that user"
                 : "see the Event Viewer, Windows Logs, Application and System, at that time, and "
                   "net helpmsg CODE";
    case CodeSystem::kAny:
      break;
  }
  return ran ? "see what it writes, or run it by hand as that user"
             : "see what the broker's diagnostics say at that time";
}

std::string MeaningOf(int32_t code, std::string_view otherwise) {
  if (!otherwise.empty()) return std::string(otherwise);
  return "it failed with code " + std::to_string(code);
}

}  // namespace

std::string_view Name(LaunchStage stage) {
  return NameIn(kStages, stage);
}

std::string_view Name(Remedy remedy) {
  return NameIn(kRemedies, remedy);
}

std::string_view Name(CodeSystem system) {
  return NameIn(kSystems, system);
}

std::string_view Name(SessionIs session) {
  return NameIn(kSessions, session);
}

SessionIs HowIs(const Session* session) {
  if (session == nullptr || session->state == SessionState::kClosing) return SessionIs::kGone;
  return session->active ? SessionIs::kFront : SessionIs::kAway;
}

std::span<const FailureRow> FailureRows() {
  return kRows;
}

LaunchFailure Explain(CodeSystem system, LaunchStage stage, std::string_view call, int32_t code,
                      std::string_view otherwise, SessionIs session) {
  LaunchFailure failure;
  failure.stage = stage;
  failure.call = call;
  failure.code = code;
  failure.meaning = MeaningOf(code, otherwise);
  failure.remedy = Remedy::kRetry;
  failure.advice = WhereToLook(system, stage);
  const auto row = std::find_if(kRows.begin(), kRows.end(), [&](const FailureRow& candidate) {
    return Fits(candidate, system, stage, call, code, session);
  });
  if (row == kRows.end()) return failure;
  failure.meaning = row->meaning;
  failure.remedy = row->remedy;
  failure.until = row->until;
  failure.advice = row->advice;
  return failure;
}

LaunchFailure Refusal(LaunchStage stage, std::string_view call, int32_t code, std::string why,
                      std::string advice) {
  LaunchFailure failure = Explain(CodeSystem::kAny, stage, call, code, why);
  failure.meaning = std::move(why);
  if (!advice.empty()) failure.advice = std::move(advice);
  return failure;
}

std::optional<int32_t> CodeOf(std::string_view symbol) {
  for (const FailureRow& row : kRows) {
    if (row.symbol == symbol) return row.code;
  }
  return std::nullopt;
}

std::vector<const FailureRow*> FindRows(std::string_view code) {
  std::vector<const FailureRow*> found;
  for (const FailureRow& row : kRows) {
    if (IsCalled(row, code)) found.push_back(&row);
  }
  return found;
}

std::string CodeText(const FailureRow& row) {
  if (!row.code) return "any";
  constexpr int32_t kLargestDecimal = 0xFFFF;
  const bool is_small = *row.code >= 0 && *row.code <= kLargestDecimal;
  if (is_small || row.system == CodeSystem::kAny) return std::to_string(*row.code);
  std::array<char, 8> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(),
                                          static_cast<uint32_t>(*row.code), 16);
  std::string text(digits.data(), end);
  for (char& digit : text)
    digit = static_cast<char>(std::toupper(static_cast<unsigned char>(digit)));
  return "0x" + text;
}

}  // namespace broker
