#include "settings/text_file.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace broker {
namespace {

namespace fs = std::filesystem;

StatusCode CodeOf(const std::error_code& error) {
  if (error == std::errc::no_such_file_or_directory) return StatusCode::kNotFound;
  if (error == std::errc::permission_denied) return StatusCode::kPermission;
  return StatusCode::kIo;
}

Status CannotRead(const std::error_code& error) {
  return {CodeOf(error), "cannot be read: " + error.message() + " (error " +
                             std::to_string(error.value()) + "); check the path and its rights"};
}

std::error_code LastError() {
  return {errno, std::generic_category()};
}

/// Devices and pipes are refused: reading one may never end.
Status CheckRegular(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::none || status.type() == fs::file_type::not_found) {
    return CannotRead(error);
  }
  if (fs::is_directory(status)) return {StatusCode::kInvalid, "is a directory, not a file"};
  if (!fs::is_regular_file(status)) return {StatusCode::kInvalid, "is not a regular file"};
  return {};
}

}  // namespace

Result<std::string> ReadTextFile(const std::string& path, size_t most_bytes) {
  if (Status status = CheckRegular(path); !status.ok()) return status;
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return CannotRead(LastError());
  std::string text(most_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return CannotRead(LastError());
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() <= most_bytes) return text;
  return Status(StatusCode::kInvalid,
                "has more than " + std::to_string(most_bytes) + " bytes; is it the right file?");
}

}  // namespace broker
