//! Ctrl-C. It ends the program, except where that would leave something behind: a terminal that shows nothing of
//! what is typed, or a session at a server that nobody knows of. There the first one is only noted.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use tokio::sync::Notify;

/// The code with which a shell reports a program that ended by Ctrl-C.
const CODE: i32 = 130;

static WATCHED: Once = Once::new();
static IS_PATIENT: AtomicBool = AtomicBool::new(false);
static WAS_PRESSED: AtomicBool = AtomicBool::new(false);
static PRESSED: Notify = Notify::const_new();

/// While this lives the first Ctrl-C is only noted. The next one ends the program all the same.
#[derive(Debug)]
pub struct Patience {
    was_patient: bool,
}

impl Patience {
    /// Begins.
    pub fn begin() -> Self {
        WATCHED.call_once(watch);
        Self { was_patient: IS_PATIENT.swap(true, Ordering::SeqCst) }
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        IS_PATIENT.store(self.was_patient, Ordering::SeqCst);
        if !self.was_patient && was_pressed() {
            stop();
        }
    }
}

/// Whether somebody wants an end.
pub fn was_pressed() -> bool {
    WAS_PRESSED.load(Ordering::SeqCst)
}

/// Waits until somebody wants an end.
pub async fn pressed() {
    if !was_pressed() {
        PRESSED.notified().await;
    }
}

/// Ends the program as Ctrl-C does.
pub fn stop() -> ! {
    std::process::exit(CODE)
}

/// Takes Ctrl-C over, for as long as the program runs. It comes back when that is done.
fn watch() {
    let (ready, is_ready) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // Without it Ctrl-C does what it always does.
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            loop {
                let next = tokio::signal::ctrl_c();
                tokio::pin!(next);
                let begun = tokio::select! {
                    biased;
                    pressed = &mut next => Some(pressed),
                    () = std::future::ready(()) => None,
                };
                let _ = ready.send(());
                let pressed = match begun {
                    Some(pressed) => pressed,
                    None => next.await,
                };
                if pressed.is_err() {
                    return;
                }
                if !IS_PATIENT.load(Ordering::SeqCst) || WAS_PRESSED.swap(true, Ordering::SeqCst) {
                    stop();
                }
                PRESSED.notify_one();
            }
        });
    });
    let _ = is_ready.recv();
}
