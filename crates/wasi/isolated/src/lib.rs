//! A component that links this crate (`use isolated as _;`) and calls nothing of WASI itself imports nothing of WASI.
//!
//! Rust's standard library brings `wasi:cli` and `wasi:io` along for a panic alone: it looks for `RUST_BACKTRACE` in the
//! environment and writes the message to standard error. Both go through one function of the C library each. The linker
//! takes a function from that library only where nobody else defines it, so those two are defined here, and what they
//! would have reached stays out. A panic still traps; its message, which could quote an argument, is not told to anybody.

#![no_std]

#[cfg(all(target_os = "wasi", target_env = "p2"))]
#[allow(unsafe_code, reason = "the symbols of the C library")]
mod libc {
    use core::ffi::{c_char, c_int, c_void};

    /// Whatever is written is gone.
    #[unsafe(no_mangle)]
    extern "C" fn write(_descriptor: c_int, _bytes: *const c_void, count: usize) -> isize {
        isize::try_from(count).unwrap_or(isize::MAX)
    }

    /// No variable is set.
    #[unsafe(no_mangle)]
    extern "C" fn getenv(_name: *const c_char) -> *mut c_char {
        core::ptr::null_mut()
    }
}
