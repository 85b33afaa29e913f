//! The signals that end a process.

use std::future::pending;

/// Returns when the process is told to stop: by Ctrl-C, or by the SIGTERM of a service manager. Cancel-safe.
///
/// From its first call on, neither ends the process by itself any more: whoever awaits this stops it. Where a signal cannot be listened to, it is not waited for.
///
/// ```no_run
/// use htmx_ws_components::{Hub, stop_signal};
///
/// # async fn serve(app: axum::Router, listener: tokio::net::TcpListener, hub: Hub) -> std::io::Result<()> {
/// let shutdown = async move {
///     stop_signal().await;
///     hub.drain().await;
/// };
/// axum::serve(listener, app).with_graceful_shutdown(shutdown).await
/// # }
/// ```
pub async fn stop_signal() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupted => {}
        () = terminated() => {}
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};

    match signal(SignalKind::terminate()) {
        Ok(mut signals) => {
            signals.recv().await;
        }
        Err(_) => pending::<()>().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    pending::<()>().await;
}
