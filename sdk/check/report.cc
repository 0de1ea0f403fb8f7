#include "sdk/check/report.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "event/text.h"
#include "usher/version.h"
#include "usherctl/style.h"

namespace broker::check {
namespace {

constexpr size_t kVerdictColumns = 8;
constexpr size_t kNameColumns = 12;
constexpr size_t kTextColumns = 78;

Style StyleOf(Verdict verdict) {
  if (verdict == Verdict::kFail) return Style::kAlarm;
  if (verdict == Verdict::kWarn) return Style::kBold;
  return verdict == Verdict::kSkipped ? Style::kDim : Style::kPlain;
}

size_t CountOf(const std::vector<CheckResult>& results, Verdict verdict) {
  return static_cast<size_t>(
      std::count_if(results.begin(), results.end(),
                    [=](const CheckResult& result) { return result.verdict == verdict; }));
}

std::string Seconds(int64_t duration_us) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(duration_us) / 1'000'000);
  return text;
}

int64_t DurationOf(const std::vector<CheckResult>& results) {
  int64_t sum = 0;
  for (const CheckResult& result : results) sum += result.duration_us;
  return sum;
}

boost::json::object JsonOf(const Finding& finding) {
  return {{"verdict", Name(finding.verdict)},
          {"text", finding.text},
          {"change", finding.change},
          {"read", finding.read}};
}

boost::json::object JsonOf(const CheckResult& result) {
  boost::json::array findings;
  for (const Finding& finding : result.findings) findings.push_back(JsonOf(finding));
  boost::json::array notes;
  for (const std::string& note : result.notes) notes.emplace_back(note);
  return {{"name", result.name},
          {"about", result.about},
          {"verdict", Name(result.verdict)},
          {"duration_us", result.duration_us},
          {"notes", std::move(notes)},
          {"findings", std::move(findings)}};
}

}  // namespace

Verdict Overall(const std::vector<CheckResult>& results) {
  if (CountOf(results, Verdict::kFail) != 0) return Verdict::kFail;
  return CountOf(results, Verdict::kWarn) != 0 ? Verdict::kWarn : Verdict::kPass;
}

void TextReport::Begin(const ReportHead& head) {
  out_ << Styled(EscapeForTerminal(head.plugin), Style::kBold, colour_) << "\n\n" << std::flush;
}

void TextReport::Add(const CheckResult& result) {
  out_ << "  "
       << Styled(Padded(std::string(Name(result.verdict)), kVerdictColumns),
                 StyleOf(result.verdict), colour_)
       << Padded(result.name, kNameColumns) << result.about;
  std::string notes;
  for (const std::string& note : result.notes) {
    notes.append(notes.empty() ? "" : "; ").append(note);
  }
  if (!notes.empty()) {
    out_ << Styled(" (" + EscapeForTerminal(notes) + ")", Style::kDim, colour_);
  }
  out_ << '\n';
  for (const Finding& finding : result.findings) AddFinding(finding);
  out_ << std::flush;
}

void TextReport::AddFinding(const Finding& finding) {
  AddWrapped("It", finding.text);
  AddWrapped("Change", finding.change);
  AddWrapped("Read", finding.read);
}

void TextReport::AddWrapped(const std::string& label, const std::string& text) {
  if (text.empty()) return;
  const std::string margin(2 + kVerdictColumns, ' ');
  const std::string inner(Columns("Change: "), ' ');
  std::string line = margin + Padded(label + (label == "It" ? "" : ":"), inner.size());
  size_t words = 0;
  const std::string safe = EscapeForTerminal(text);
  for (size_t begin = 0; begin < safe.size();) {
    const size_t end = std::min(safe.find(' ', begin), safe.size());
    const std::string word = safe.substr(begin, end - begin);
    if (words++ > 0 && Columns(line) + 1 + Columns(word) > margin.size() + kTextColumns) {
      out_ << line << '\n';
      line = margin + inner + word;
    } else {
      line.append(words == 1 ? "" : " ").append(word);
    }
    begin = end + 1;
  }
  out_ << line << '\n';
}

void TextReport::End(const ReportHead& head, const std::vector<CheckResult>& results) {
  const Verdict overall = Overall(results);
  out_ << '\n'
       << Styled(std::string(Name(overall)), StyleOf(overall), colour_) << ": "
       << CountOf(results, Verdict::kPass) << " checks passed, " << CountOf(results, Verdict::kWarn)
       << " warned, " << CountOf(results, Verdict::kFail) << " failed, "
       << CountOf(results, Verdict::kSkipped) << " skipped, in " << Seconds(DurationOf(results))
       << " (seed " << head.seed << ")\n"
       << std::flush;
}

std::string JsonReport(const ReportHead& head, const std::vector<CheckResult>& results) {
  boost::json::array checks;
  for (const CheckResult& result : results) checks.push_back(JsonOf(result));
  const std::string abi = std::to_string(USHER_ABI_MAJOR) + "." + std::to_string(USHER_ABI_MINOR);
  return boost::json::serialize(boost::json::object{{"plugin", ToUtf8(head.plugin, 4096)},
                                                    {"usher", USHER_VERSION},
                                                    {"abi", abi},
                                                    {"seed", head.seed},
                                                    {"verdict", Name(Overall(results))},
                                                    {"duration_us", DurationOf(results)},
                                                    {"checks", std::move(checks)}});
}

}  // namespace broker::check
