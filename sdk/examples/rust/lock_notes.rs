//! Lock notes in Rust: says who locked the screen. No crate, only the C structures it needs.
//!
//!     rustc --edition 2021 --crate-type cdylib -C panic=abort -O -o lock_notes.so lock_notes.rs
//!
//! A structure of the interface may be declared as far as it is used, for `size` says how far it
//! reaches; what is read of the broker's must be declared in full up to there.

use std::ffi::CStr;
use std::os::raw::{c_char, c_void};
use std::ptr;

// usher/version.h, usher/status.h
const ABI_VERSION: u32 = 3; // 0.3
const OK: i32 = 0;
const ERROR: i32 = -1;
const LOG_INFO: i32 = 1;

#[repr(C)]
struct Error {
    size: u32,
    text: [c_char; 512],
}

// usher/event.h
#[repr(C)]
struct Session {
    size: u32,
    state: i32,
    locked: i32,
    active: u8,
    remote: u8,
    reserved: [u8; 2],
    logon_time_us: i64,
    id: *const c_char,
    key: *const c_char,
    user: *const c_char,
}

#[repr(C)]
struct Event {
    size: u32,
    kind: i32,
    type_name: *const c_char,
    seq: u64,
    cause: u64,
    realtime_us: i64,
    monotonic_us: i64,
    boot_id: *const c_char,
    origin: i32,
    flags: u32,
    source: *const c_char,
    reason: *const c_char,
    session: *const Session,
}

// usher/plugin.h
#[repr(C)]
struct Host {
    size: u32,
    abi_version: u32,
    host_data: *mut c_void,
    get_extension: unsafe extern "C" fn(*const Host, *const c_char) -> *const c_void,
}

#[repr(C)]
struct Plugin {
    size: u32,
    plugin_data: *mut c_void,
    init: unsafe extern "C" fn(*const Plugin, *mut Error) -> i32,
    on_snapshot: *const c_void,
    on_event: unsafe extern "C" fn(*const Plugin, *const Event, *mut Error) -> i32,
    stop: *const c_void,
    destroy: unsafe extern "C" fn(*const Plugin),
}

#[repr(C)]
pub struct Descriptor {
    size: u32,
    id: *const c_char,
    name: *const c_char,
    version: *const c_char,
    event_types: *const *const c_char,
    event_type_count: u32,
    required_extensions: *const *const c_char,
    required_extension_count: u32,
    flags: u32,
}

#[repr(C)]
pub struct Entry {
    size: u32,
    abi_version: u32,
    descriptor: *const Descriptor,
    create: unsafe extern "C" fn(*const c_void, *mut c_void) -> *const c_void,
}

// Constant data that nobody writes to.
unsafe impl Sync for Descriptor {}
unsafe impl Sync for Entry {}

// usher/ext/log.h
#[repr(C)]
struct Log {
    size: u32,
    log: unsafe extern "C" fn(*const Host, i32, *const c_char),
}

/// One instance; `plugin` leads to it.
struct LockNotes {
    plugin: Plugin,
    host: *const Host,
    log: *const Log,
}

/// A text with its final NUL.
const fn text(bytes: &'static [u8]) -> *const c_char {
    bytes.as_ptr() as *const c_char
}

/// Puts a sentence where the broker reads it.
unsafe fn explain(error: *mut Error, sentence: &str) {
    let text = &mut (*error).text;
    let room = text.len() - 1;
    text[room] = 0;
    for (to, from) in text[..room].iter_mut().zip(sentence.bytes().chain([0])) {
        *to = from as c_char;
    }
}

unsafe extern "C" fn create(host: *const c_void, _error: *mut c_void) -> *const c_void {
    let notes = Box::into_raw(Box::new(LockNotes {
        plugin: Plugin {
            size: std::mem::size_of::<Plugin>() as u32,
            plugin_data: ptr::null_mut(),
            init,
            on_snapshot: ptr::null(),
            on_event,
            stop: ptr::null(),
            destroy,
        },
        host: host as *const Host,
        log: ptr::null(),
    }));
    (*notes).plugin.plugin_data = notes as *mut c_void;
    ptr::addr_of!((*notes).plugin) as *const c_void
}

unsafe extern "C" fn init(plugin: *const Plugin, error: *mut Error) -> i32 {
    let notes = &mut *((*plugin).plugin_data as *mut LockNotes);
    notes.log = ((*notes.host).get_extension)(notes.host, text(b"usher.log/1\0")) as *const Log;
    if notes.log.is_null() {
        explain(error, "the broker offers no log");
        return ERROR;
    }
    OK
}

unsafe extern "C" fn on_event(plugin: *const Plugin, event: *const Event, _: *mut Error) -> i32 {
    let notes = &*((*plugin).plugin_data as *const LockNotes);
    if let Some(session) = (*event).session.as_ref() {
        let mut sentence = b"locked: ".to_vec();
        sentence.extend_from_slice(CStr::from_ptr(session.user).to_bytes_with_nul());
        ((*notes.log).log)(notes.host, LOG_INFO, sentence.as_ptr() as *const c_char);
    }
    OK
}

unsafe extern "C" fn destroy(plugin: *const Plugin) {
    drop(Box::from_raw((*plugin).plugin_data as *mut LockNotes));
}

struct Names([*const c_char; 1]);
unsafe impl Sync for Names {}
static TYPES: Names = Names([text(b"session.locked\0")]);
static REQUIRED: Names = Names([text(b"usher.log/1\0")]);

static DESCRIPTOR: Descriptor = Descriptor {
    size: std::mem::size_of::<Descriptor>() as u32,
    id: text(b"org.example.lock-notes-rust\0"),
    name: text(b"Lock notes in Rust\0"),
    version: text(b"1.0.0\0"),
    event_types: ptr::addr_of!(TYPES.0) as *const *const c_char,
    event_type_count: 1,
    required_extensions: ptr::addr_of!(REQUIRED.0) as *const *const c_char,
    required_extension_count: 1,
    flags: 0,
};

/// The one symbol that is exported.
#[no_mangle]
pub static usher_plugin_entry: Entry = Entry {
    size: std::mem::size_of::<Entry>() as u32,
    abi_version: ABI_VERSION,
    descriptor: &DESCRIPTOR,
    create,
};
