//! How a run is told to end.

/// Waits for Ctrl-C or, as those who start programs for others do, SIGTERM.
#[cfg(unix)]
pub(super) async fn interrupted() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub(super) async fn interrupted() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
