#include "plugin_host/module.h"

#include <exception>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/dll/shared_library.hpp>

#include "plugin_host/host_services/extensions.h"
#include "plugin_host/module_trust.h"

namespace broker {
namespace {

constexpr const char* kEntryName = "usher_plugin_entry";

// For a thread that is just ending.
constexpr std::chrono::milliseconds kThreadsEnd{500};

constexpr std::string_view kLoaderText = "dlerror system message: ";

/// The loader's own text out of what Boost.DLL made of it, with the copy's name replaced by the
/// file's, which is the one people know.
std::string Translated(std::string text, const std::string& copy, const std::string& path) {
  const size_t begin = text.find(kLoaderText);
  const size_t end = text.rfind(')');
  if (begin != std::string::npos && end != std::string::npos && end > begin) {
    text = text.substr(begin + kLoaderText.size(), end - begin - kLoaderText.size());
  }
  for (size_t at = text.find(copy); at != std::string::npos;
       at = text.find(copy, at + path.size())) {
    text.replace(at, copy.size(), path);
  }
  return text;
}

Result<boost::dll::shared_library> Map(const std::string& copy, const std::string& path) {
  try {
    return boost::dll::shared_library(
        copy, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  } catch (const std::exception& error) {
    return Status(StatusCode::kInvalid,
                  "'" + path + "' cannot be loaded: " + Translated(error.what(), copy, path) +
                      ". (A private copy is loaded, so libraries beside the plugin are not found: "
                      "link them statically or install them in a system folder.)");
  }
}

/// The library's entry; null if there is none.
const usher_plugin_entry_t* FindEntry(const boost::dll::shared_library& library) {
  if (!library.has(kEntryName)) return nullptr;
  try {
    return &library.get<const usher_plugin_entry_t>(kEntryName);
  } catch (const std::exception&) {
    return nullptr;
  }
}

/// A plugin that runs in this process.
class LoadedModule final : public Module {
 public:
  LoadedModule(std::shared_ptr<const Library> library, PluginInfo info)
      : Module(std::move(info)), library_(std::move(library)) {}

  usher_status CheckConfig(const usher_host* host, usher_error* error) const override {
    return Info().checks_config ? library_->Entry().descriptor->check_config(host, error)
                                : USHER_OK;
  }

  const usher_plugin* Create(const usher_host* host, usher_error* error) const override {
    return library_->Entry().create(host, error);
  }

  [[nodiscard]] std::shared_ptr<const LeftThreads> Left() const override {
    return library_->Left();
  }

 private:
  const std::shared_ptr<const Library> library_;
};

}  // namespace

ScopedFile::~ScopedFile() {
  std::error_code ignored;  // What is left behind goes at the next start.
  if (!path_.empty()) std::filesystem::remove(path_, ignored);
}

/// One that must never be unloaded owns itself.
struct Library::Mapping {
  Mapping(ScopedFile file, boost::dll::shared_library mapped)
      : copy(std::move(file)), library(std::move(mapped)) {}

  ScopedFile copy;  // Outlives the library.
  boost::dll::shared_library library;
  std::shared_ptr<Mapping> self;
};

Library::Library(std::shared_ptr<Mapping> mapping, const ThreadMark& loading,
                 std::shared_ptr<LeftThreads> left)
    : mapping_(std::move(mapping)),
      entry_(FindEntry(mapping_->library)),
      loading_(loading),
      left_(std::move(left)) {}

Library::~Library() {
  const std::vector<CodeRange> code = CodeUnloadedWith(mapping_->library.native());
  // A library that came with this one may have been there with another one before.
  const ThreadMark since = code.size() > 1 ? ThreadMark{0, loading_.thread, {}} : loading_;
  const CodeUsers users = WaitForCodeUsers(code, since, kThreadsEnd);
  left_->inside = users.inside;
  left_->unknown = users.unknown;
  if (!users.None()) mapping_->self = mapping_;
}

Result<std::shared_ptr<const Library>> Library::Open(ScopedFile copy, const std::string& path,
                                                     std::shared_ptr<LeftThreads> left) {
  const std::string file = copy.Path();
  return OpenFile(file, path, std::move(copy), std::move(left));
}

Result<std::shared_ptr<const Library>> Library::OpenFile(const std::string& file,
                                                         const std::string& path, ScopedFile copy,
                                                         std::shared_ptr<LeftThreads> left) {
  const ThreadMark loading = MarkThread();
  Result<boost::dll::shared_library> library = Map(file, path);
  if (!library.ok()) return library.status();
  auto opened = std::make_shared<const Library>(
      std::make_shared<Mapping>(std::move(copy), std::move(library).value()), loading,
      std::move(left));
  if (opened->entry_ != nullptr) return opened;
  return Status(StatusCode::kInvalid,
                "'" + path + "' exports no " + kEntryName + ": build it with usher_add_plugin()");
}

Result<std::shared_ptr<const Module>> Module::Load(const std::string& path,
                                                   const std::string& copies) {
  Result<std::string> copied = CopyTrusted(path, copies);
  if (!copied.ok()) return copied.status();
  return LoadCopy(ScopedFile(std::move(copied).value()), path);
}

Result<std::shared_ptr<const Module>> Module::LoadCopy(ScopedFile copy, const std::string& path,
                                                       std::shared_ptr<LeftThreads> left) {
  auto library = Library::Open(std::move(copy), path, std::move(left));
  if (!library.ok()) return library.status();
  Result<PluginInfo> info = ReadEntry(library.value()->Entry(), ExtensionIds());
  if (!info.ok()) {
    return Status(info.status().code(), "'" + path + "' " + info.status().message());
  }
  return std::shared_ptr<const Module>(
      std::make_shared<LoadedModule>(std::move(library).value(), std::move(info).value()));
}

}  // namespace broker
