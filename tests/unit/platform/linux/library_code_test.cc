// Which code goes with a library.
#include "plugin_host/library_code.h"

#include <dlfcn.h>

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace broker {
namespace {

using ::testing::SizeIs;

/// Unloaded when it is destroyed.
using Handle = std::unique_ptr<void, int (*)(void*)>;

Handle Load(const std::string& name) {
  const std::string file = std::string(TEST_PLUGIN_DIRECTORY) + "/" + name;
  Handle library(::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL), ::dlclose);
  EXPECT_NE(library, nullptr) << ::dlerror();
  return library;
}

/// Whether that is the code around `symbol`, as `library` sees it.
bool IsAround(const CodeRange& code, const Handle& library, const char* symbol) {
  const auto address = reinterpret_cast<uintptr_t>(::dlsym(library.get(), symbol));
  return code.begin != 0 && CodeAround(address).begin == code.begin;
}

TEST(TheCodeThatIsUnloaded, IsTheLibrarysAloneWhereOthersNeedWhatItNeeds) {
  const Handle library = Load("good.so");
  const auto code = CodeUnloadedWith(library.get());
  ASSERT_THAT(code, SizeIs(1));
  EXPECT_TRUE(IsAround(code[0], library, "usher_plugin_entry"));
}

TEST(TheCodeThatIsUnloaded, HasWhatCameWithIt) {
  const Handle library = Load("thread_elsewhere.so");
  const auto code = CodeUnloadedWith(library.get());
  ASSERT_THAT(code, SizeIs(2));
  EXPECT_TRUE(IsAround(code[0], library, "usher_plugin_entry"));
  EXPECT_TRUE(IsAround(code[1], library, "MakeThread"));
}

TEST(TheCodeThatIsUnloaded, IsNotWhatAnotherLibraryNeedsToo) {
  const Handle library = Load("thread_elsewhere.so");
  const Handle other = Load("thread_elsewhere_too.so");
  EXPECT_THAT(CodeUnloadedWith(library.get()), SizeIs(1));
}

TEST(TheCodeThatIsUnloaded, IsNotWhatStays) {
  const Handle library = Load("thread_elsewhere_for_good.so");
  EXPECT_THAT(CodeUnloadedWith(library.get()), SizeIs(1));
}

}  // namespace
}  // namespace broker
