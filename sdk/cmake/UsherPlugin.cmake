# usher_add_plugin(NAME SOURCES file... [LIBRARIES target...])
#
# Makes the plugin NAME: a shared library without the "lib" prefix (NAME.so, NAME.dll), from C or C++
# sources, that exports exactly one symbol, `usher_plugin_entry`. It is put into the directory
# USHER_PLUGIN_OUTPUT_DIRECTORY where that is set, else where CMake puts modules.
#
# Linux: -fvisibility=hidden alone still exports weak symbols of libstdc++, which would bind plugins
# to each other's code; a version script leaves the one symbol. libgcc and libstdc++ stay shared:
# the broker has them loaded anyway. To build for an older system, add -static-libstdc++; the version
# script hides that copy. Never -static-libgcc alone: the shared libstdc++ would then unwind through
# another copy of libgcc than the plugin's own frames.
# Windows (mingw-w64): everything of the compiler's is linked in, so that the DLL stands alone.
#
# Undefined symbols are link errors (-z defs), except under a sanitizer, whose runtime lives in the
# program: set USHER_SANITIZE, or have -fsanitize= in the compiler's flags.

# usher_add_plugin_test(NAME PLUGIN plugin SOURCES file... [LIBRARIES target...])
#
# Makes the program NAME of the sources of PLUGIN, which usher_add_plugin has made in the same folder,
# and of SOURCES, which test it with <usher/testing.hpp>; and a test of ctest's that runs it.

function(usher_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 PLUGIN "" "" "SOURCES;LIBRARIES")
  if(NOT PLUGIN_SOURCES OR PLUGIN_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "usage: usher_add_plugin(NAME SOURCES file... [LIBRARIES target...])")
  endif()
  add_library(${name} MODULE ${PLUGIN_SOURCES})
  target_link_libraries(${name} PRIVATE usher::sdk ${PLUGIN_LIBRARIES})
  set_target_properties(${name} PROPERTIES
    PREFIX ""
    C_VISIBILITY_PRESET hidden
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON)
  if(USHER_PLUGIN_OUTPUT_DIRECTORY)
    set_target_properties(${name} PROPERTIES
      LIBRARY_OUTPUT_DIRECTORY ${USHER_PLUGIN_OUTPUT_DIRECTORY})
  endif()
  _usher_use_cxx17(${name})
  if(MINGW)
    target_link_options(${name} PRIVATE -static LINKER:--exclude-all-symbols)
  elseif(UNIX AND NOT APPLE)
    _usher_restrict_elf(${name})
  endif()
endfunction()

function(usher_add_plugin_test name)
  cmake_parse_arguments(PARSE_ARGV 1 TEST "" "PLUGIN" "SOURCES;LIBRARIES")
  if(NOT TEST_PLUGIN OR NOT TEST_SOURCES OR TEST_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR
      "usage: usher_add_plugin_test(NAME PLUGIN plugin SOURCES file... [LIBRARIES target...])")
  endif()
  find_package(Threads REQUIRED)
  get_target_property(sources ${TEST_PLUGIN} SOURCES)
  get_target_property(libraries ${TEST_PLUGIN} LINK_LIBRARIES)
  add_executable(${name} ${TEST_SOURCES} ${sources})
  target_link_libraries(${name} PRIVATE ${libraries} ${TEST_LIBRARIES} Threads::Threads)
  _usher_use_cxx17(${name})
  add_test(NAME ${name} COMMAND ${name})
endfunction()

# At least C++17, where the project has C++ at all.
function(_usher_use_cxx17 name)
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if(CXX IN_LIST languages)
    target_compile_features(${name} PRIVATE cxx_std_17)
  endif()
endfunction()

function(_usher_restrict_elf name)
  set(version_script ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/usher-plugin.map)
  target_link_options(${name} PRIVATE
    LINKER:--version-script=${version_script} LINKER:-z,now LINKER:-z,relro)
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${version_script})
  if(NOT USHER_SANITIZE AND NOT "${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS}" MATCHES "-fsanitize=")
    target_link_options(${name} PRIVATE LINKER:-z,defs)
  endif()
endfunction()
