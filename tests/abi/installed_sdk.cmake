# Installs the SDK to an empty prefix, takes the files out of its tutorial to an empty folder outside
# the tree, builds them there with find_package(usher CONFIG), checks what the plugins export, and
# takes each of them through a life.
cmake_policy(SET CMP0007 NEW)

execute_process(COMMAND mktemp -d OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)

function(fail text)
  file(REMOVE_RECURSE ${folder})
  message(FATAL_ERROR "${text}")
endfunction()

function(run)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
  if(result)
    string(REPLACE ";" " " command "${ARGN}")
    fail("${command}: ${result}\n${output}")
  endif()
endfunction()

# Each block after a line "<!-- file: NAME -->" is the file NAME.
function(extract_files)
  file(READ ${README} rest)
  set(marker "<!-- file: ")
  set(fence "\n```")
  string(FIND "${rest}" "${marker}" at)
  while(at GREATER -1)
    string(LENGTH "${marker}" length)
    math(EXPR at "${at} + ${length}")
    string(SUBSTRING "${rest}" ${at} -1 rest)
    string(FIND "${rest}" " -->" end)
    string(SUBSTRING "${rest}" 0 ${end} name)
    string(FIND "${rest}" "${fence}" begin)
    math(EXPR begin "${begin} + 1")
    string(SUBSTRING "${rest}" ${begin} -1 rest)
    string(FIND "${rest}" "\n" begin)
    math(EXPR begin "${begin} + 1")
    string(SUBSTRING "${rest}" ${begin} -1 rest)
    string(FIND "${rest}" "${fence}" end)
    math(EXPR end "${end} + 1")
    string(SUBSTRING "${rest}" 0 ${end} content)
    file(WRITE ${folder}/${name} "${content}")
    string(FIND "${rest}" "${marker}" at)
  endwhile()
endfunction()

function(build_project name)
  run(${CMAKE_COMMAND} -S ${folder}/${name} -B ${folder}/${name}/build -G ${GENERATOR}
      -D CMAKE_PREFIX_PATH=${folder}/prefix
      -D CMAKE_C_COMPILER=${C_COMPILER} -D CMAKE_CXX_COMPILER=${CXX_COMPILER} --no-warn-unused-cli)
  run(${CMAKE_COMMAND} --build ${folder}/${name}/build)
endfunction()

function(check_plugin library)
  if(NOT EXISTS ${folder}/${library})
    fail("${library} was not built")
  endif()
  run(${CMAKE_COMMAND} -D LIBRARY=${folder}/${library} -D NM=${NM}
      -P ${CMAKE_CURRENT_LIST_DIR}/check_exports.cmake)
  run(${DRIVER} ${folder}/${library})
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD_DIRECTORY} --component sdk --prefix ${folder}/prefix)
extract_files()
build_project(cpp)
build_project(c)
check_plugin(cpp/build/lock_notes.so)
check_plugin(cpp/build/visitors.so)
check_plugin(cpp/build/reporter.so)
check_plugin(c/build/lock_notes.so)

# In Rust, as the example's first lines say.
run(${RUSTC} --edition 2021 --crate-type cdylib -C panic=abort -O -o ${folder}/lock_notes.so
    ${folder}/prefix/share/usher/examples/rust/lock_notes.rs)
check_plugin(lock_notes.so)

# The template, copied from where it was installed; its test runs as its README says.
file(COPY ${folder}/prefix/share/usher/template DESTINATION ${folder})
build_project(template)
check_plugin(template/build/greeter.so)
run(ctest --test-dir ${folder}/template/build --output-on-failure --no-tests=error)

file(REMOVE_RECURSE ${folder})
