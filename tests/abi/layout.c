/*
 * The layout of the interface on systems with 64-bit pointers. Compiled as C and as C++; a plugin
 * in somebody's hands was built with these numbers, so they change with the version only.
 */
#include <assert.h>
#include <stddef.h>

#include "usher/event.h"
#include "usher/ext/config.h"
#include "usher/ext/emit.h"
#include "usher/ext/launch.h"
#include "usher/ext/log.h"
#include "usher/ext/run.h"
#include "usher/ext/session.h"
#include "usher/ext/sessions.h"
#include "usher/ext/storage.h"
#include "usher/ext/thread_check.h"
#include "usher/ext/timer.h"
#include "usher/plugin.h"

#define IS_AT(type, member, offset) \
  static_assert(offsetof(type, member) == (offset), #type " " #member)
#define HAS_SIZE(type, bytes) static_assert(sizeof(type) == (bytes), #type)

static_assert(USHER_ABI_VERSION == 3, "a new version has a new layout: change both together");
static_assert(sizeof(void*) == 8, "these are the numbers for 64-bit pointers");

IS_AT(usher_error, size, 0);
IS_AT(usher_error, text, 4);
HAS_SIZE(usher_error, 516);

IS_AT(usher_session, size, 0);
IS_AT(usher_session, state, 4);
IS_AT(usher_session, locked, 8);
IS_AT(usher_session, active, 12);
IS_AT(usher_session, remote, 13);
IS_AT(usher_session, reserved, 14);
IS_AT(usher_session, logon_time_us, 16);
IS_AT(usher_session, id, 24);
IS_AT(usher_session, key, 32);
IS_AT(usher_session, user, 40);
IS_AT(usher_session, user_id, 48);
IS_AT(usher_session, session_class, 56);
IS_AT(usher_session, type, 64);
IS_AT(usher_session, seat, 72);
IS_AT(usher_session, tty, 80);
IS_AT(usher_session, display, 88);
IS_AT(usher_session, remote_host, 96);
HAS_SIZE(usher_session, 104);

IS_AT(usher_detail, key, 0);
IS_AT(usher_detail, value, 8);
HAS_SIZE(usher_detail, 16);

IS_AT(usher_event, size, 0);
IS_AT(usher_event, type, 4);
IS_AT(usher_event, type_name, 8);
IS_AT(usher_event, seq, 16);
IS_AT(usher_event, cause, 24);
IS_AT(usher_event, realtime_us, 32);
IS_AT(usher_event, monotonic_us, 40);
IS_AT(usher_event, boot_id, 48);
IS_AT(usher_event, origin, 56);
IS_AT(usher_event, flags, 60);
IS_AT(usher_event, source, 64);
IS_AT(usher_event, reason, 72);
IS_AT(usher_event, session, 80);
IS_AT(usher_event, before, 88);
IS_AT(usher_event, details, 96);
IS_AT(usher_event, detail_count, 104);
IS_AT(usher_event, reserved, 108);
IS_AT(usher_event, json, 112);
HAS_SIZE(usher_event, 120);

IS_AT(usher_snapshot, size, 0);
IS_AT(usher_snapshot, reason, 4);
IS_AT(usher_snapshot, as_of_seq, 8);
IS_AT(usher_snapshot, realtime_us, 16);
IS_AT(usher_snapshot, sessions, 24);
IS_AT(usher_snapshot, session_count, 32);
IS_AT(usher_snapshot, reserved, 36);
HAS_SIZE(usher_snapshot, 40);

IS_AT(usher_host, size, 0);
IS_AT(usher_host, abi_version, 4);
IS_AT(usher_host, host_data, 8);
IS_AT(usher_host, get_extension, 16);
IS_AT(usher_host, subscribe, 24);
IS_AT(usher_host, complete, 32);
IS_AT(usher_host, should_stop, 40);
HAS_SIZE(usher_host, 48);

IS_AT(usher_plugin_descriptor, size, 0);
IS_AT(usher_plugin_descriptor, id, 8);
IS_AT(usher_plugin_descriptor, name, 16);
IS_AT(usher_plugin_descriptor, version, 24);
IS_AT(usher_plugin_descriptor, event_types, 32);
IS_AT(usher_plugin_descriptor, event_type_count, 40);
IS_AT(usher_plugin_descriptor, required_extensions, 48);
IS_AT(usher_plugin_descriptor, required_extension_count, 56);
IS_AT(usher_plugin_descriptor, flags, 60);
IS_AT(usher_plugin_descriptor, optional_extensions, 64);
IS_AT(usher_plugin_descriptor, optional_extension_count, 72);
IS_AT(usher_plugin_descriptor, reserved, 76);
IS_AT(usher_plugin_descriptor, check_config, 80);
HAS_SIZE(usher_plugin_descriptor, 88);

IS_AT(usher_plugin, size, 0);
IS_AT(usher_plugin, plugin_data, 8);
IS_AT(usher_plugin, init, 16);
IS_AT(usher_plugin, on_snapshot, 24);
IS_AT(usher_plugin, on_event, 32);
IS_AT(usher_plugin, stop, 40);
IS_AT(usher_plugin, destroy, 48);
IS_AT(usher_plugin, interrupt, 56);
HAS_SIZE(usher_plugin, 64);

IS_AT(usher_plugin_entry_t, size, 0);
IS_AT(usher_plugin_entry_t, abi_version, 4);
IS_AT(usher_plugin_entry_t, descriptor, 8);
IS_AT(usher_plugin_entry_t, create, 16);
HAS_SIZE(usher_plugin_entry_t, 24);

IS_AT(usher_ext_config, size, 0);
IS_AT(usher_ext_config, get_string, 8);
IS_AT(usher_ext_config, get_integer, 16);
IS_AT(usher_ext_config, get_number, 24);
IS_AT(usher_ext_config, get_boolean, 32);
IS_AT(usher_ext_config, get_count, 40);
IS_AT(usher_ext_config, get_string_at, 48);
IS_AT(usher_ext_config, config_error, 56);
IS_AT(usher_ext_config, get_table_count, 64);
HAS_SIZE(usher_ext_config, 72);

IS_AT(usher_ext_emit, size, 0);
IS_AT(usher_ext_emit, emit, 8);
HAS_SIZE(usher_ext_emit, 16);

IS_AT(usher_launch_limits, memory_bytes, 0);
IS_AT(usher_launch_limits, tasks, 8);
IS_AT(usher_launch_limits, open_files, 16);
IS_AT(usher_launch_limits, cpu_percent, 24);
HAS_SIZE(usher_launch_limits, 32);

IS_AT(usher_launch_request, size, 0);
IS_AT(usher_launch_request, token, 4);
IS_AT(usher_launch_request, agent, 8);
IS_AT(usher_launch_request, session_id, 16);
IS_AT(usher_launch_request, program, 24);
IS_AT(usher_launch_request, arguments, 32);
IS_AT(usher_launch_request, variables, 40);
IS_AT(usher_launch_request, argument_count, 48);
IS_AT(usher_launch_request, variable_count, 52);
IS_AT(usher_launch_request, directory, 56);
IS_AT(usher_launch_request, desktop, 64);
IS_AT(usher_launch_request, scope, 68);
IS_AT(usher_launch_request, limits, 72);
IS_AT(usher_launch_request, ready_when, 104);
IS_AT(usher_launch_request, keep, 108);
IS_AT(usher_launch_request, ready_timeout_us, 112);
IS_AT(usher_launch_request, stop_time_us, 120);
IS_AT(usher_launch_request, cause, 128);
HAS_SIZE(usher_launch_request, 136);

IS_AT(usher_launch_news, size, 0);
IS_AT(usher_launch_news, change, 4);
IS_AT(usher_launch_news, code, 8);
IS_AT(usher_launch_news, adopted, 12);
IS_AT(usher_launch_news, pid, 16);
IS_AT(usher_launch_news, duration_us, 24);
IS_AT(usher_launch_news, stage, 32);
IS_AT(usher_launch_news, call, 40);
IS_AT(usher_launch_news, meaning, 48);
IS_AT(usher_launch_news, advice, 56);
IS_AT(usher_launch_news, remedy, 64);
IS_AT(usher_launch_news, until, 68);
HAS_SIZE(usher_launch_news, 72);

IS_AT(usher_agent_status, size, 0);
IS_AT(usher_agent_status, state, 4);
IS_AT(usher_agent_status, agent, 8);
IS_AT(usher_agent_status, session_id, 16);
IS_AT(usher_agent_status, last_exit, 24);
IS_AT(usher_agent_status, reason, 32);
IS_AT(usher_agent_status, pid, 40);
IS_AT(usher_agent_status, next_try_us, 48);
IS_AT(usher_agent_status, restarts, 56);
IS_AT(usher_agent_status, cause, 64);
HAS_SIZE(usher_agent_status, 72);

IS_AT(usher_ext_launch, size, 0);
IS_AT(usher_ext_launch, start, 8);
IS_AT(usher_ext_launch, stop, 16);
IS_AT(usher_ext_launch, release, 24);
IS_AT(usher_ext_launch, settle, 32);
IS_AT(usher_ext_launch, list, 40);
IS_AT(usher_ext_launch, describe, 48);
HAS_SIZE(usher_ext_launch, 56);

IS_AT(usher_ext_log, size, 0);
IS_AT(usher_ext_log, log, 8);
HAS_SIZE(usher_ext_log, 16);

IS_AT(usher_ext_sessions, size, 0);
IS_AT(usher_ext_sessions, visit, 8);
HAS_SIZE(usher_ext_sessions, 16);

IS_AT(usher_ext_storage, size, 0);
IS_AT(usher_ext_storage, put, 8);
IS_AT(usher_ext_storage, get, 16);
IS_AT(usher_ext_storage, remove, 24);
HAS_SIZE(usher_ext_storage, 32);

IS_AT(usher_ext_thread_check, size, 0);
IS_AT(usher_ext_thread_check, is_plugin_thread, 8);
HAS_SIZE(usher_ext_thread_check, 16);

IS_AT(usher_run_request, size, 0);
IS_AT(usher_run_request, run_as, 4);
IS_AT(usher_run_request, program, 8);
IS_AT(usher_run_request, arguments, 16);
IS_AT(usher_run_request, variables, 24);
IS_AT(usher_run_request, argument_count, 32);
IS_AT(usher_run_request, variable_count, 36);
IS_AT(usher_run_request, input, 40);
IS_AT(usher_run_request, input_size, 48);
IS_AT(usher_run_request, session_id, 56);
IS_AT(usher_run_request, directory, 64);
IS_AT(usher_run_request, time_limit_us, 72);
IS_AT(usher_run_request, output_limit, 80);
IS_AT(usher_run_request, cause, 88);
HAS_SIZE(usher_run_request, 96);

IS_AT(usher_run_result, size, 0);
IS_AT(usher_run_result, end, 4);
IS_AT(usher_run_result, code, 8);
IS_AT(usher_run_result, reserved, 12);
IS_AT(usher_run_result, stage, 16);
IS_AT(usher_run_result, call, 24);
IS_AT(usher_run_result, meaning, 32);
IS_AT(usher_run_result, output, 40);
IS_AT(usher_run_result, output_size, 48);
IS_AT(usher_run_result, output_dropped, 56);
IS_AT(usher_run_result, duration_us, 64);
HAS_SIZE(usher_run_result, 72);

IS_AT(usher_ext_run, size, 0);
IS_AT(usher_ext_run, start, 8);
IS_AT(usher_ext_run, cancel, 16);
HAS_SIZE(usher_ext_run, 24);

IS_AT(usher_ext_session, size, 0);
IS_AT(usher_ext_session, request, 8);
HAS_SIZE(usher_ext_session, 16);

IS_AT(usher_ext_timer, size, 0);
IS_AT(usher_ext_timer, start, 8);
IS_AT(usher_ext_timer, cancel, 16);
IS_AT(usher_ext_timer, now, 24);
HAS_SIZE(usher_ext_timer, 32);
