# cmake -D LIBRARY=… -D NM=… -D OBJDUMP=… -D WINDOWS=… -P check_exports.cmake
# Fails unless LIBRARY exports exactly the symbol usher_plugin_entry, as data.
if(WINDOWS)
  execute_process(COMMAND ${OBJDUMP} -p ${LIBRARY} OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCH "\\[Ordinal/Name Pointer\\] Table\n(.*)" table "${output}")
  string(REGEX MATCHALL "\n[ \t]*\\[ *[0-9]+\\] [^\n]+" lines "${table}")
  list(TRANSFORM lines REPLACE "^[^]]*\\] " "")
  set(expected "^usher_plugin_entry$")
else()
  execute_process(COMMAND ${NM} -D --defined-only ${LIBRARY}
                  OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[^\n]+" lines "${output}")
  set(expected "^[0-9a-f]+ [DR] usher_plugin_entry$")
endif()

list(LENGTH lines count)
if(NOT count EQUAL 1 OR NOT lines MATCHES "${expected}")
  message(FATAL_ERROR "${LIBRARY} must export usher_plugin_entry and nothing else; it exports "
                      "${count} symbols:\n${lines}")
endif()
