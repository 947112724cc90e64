//! Counts the allocations of one thread, in a test that makes this its global allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

static WATCHED: AtomicI32 = AtomicI32::new(0);
static COUNT: AtomicU64 = AtomicU64::new(0);

/// The system's allocator with a counter.
pub struct Counting;

/// Counts for the thread with this kernel id from now on, from 0.
pub fn watch(thread: i32) {
    COUNT.store(0, Ordering::SeqCst);
    WATCHED.store(thread, Ordering::SeqCst);
}

/// Allocations of the watched thread so far.
pub fn count() -> u64 {
    COUNT.load(Ordering::SeqCst)
}

fn note() {
    let watched = WATCHED.load(Ordering::Relaxed);
    // SAFETY: gettid has no arguments and cannot fail.
    if watched != 0 && unsafe { libc::gettid() } == watched {
        COUNT.fetch_add(1, Ordering::Relaxed);
    }
}

// SAFETY: every call goes to the system's allocator with its arguments unchanged; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`; the pointer came from the system's allocator.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note();
        // SAFETY: the caller keeps the contract of `realloc`; the pointer came from the system's allocator.
        unsafe { System.realloc(pointer, layout, size) }
    }
}
