//! Opens the control socket.

use std::io::{self, ErrorKind};
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use rustix::fs::Mode;

use super::connection::Stream;
use crate::options::ControlAddress;

/// A listening control socket; a Unix socket's file goes away with it.
#[derive(Debug)]
pub enum Listener {
    Unix { socket: UnixListener, path: PathBuf },
    Tcp(TcpListener),
}

impl Listener {
    /// Binds; the error is one line for the person who started the engine.
    pub fn bind(address: &ControlAddress) -> Result<Self, String> {
        match address {
            ControlAddress::Unix(path) => bind_unix(path),
            ControlAddress::Tcp(address) => {
                let failed = |error| format!("cannot listen on tcp:{address}: {error}");
                let socket = TcpListener::bind(address).map_err(failed)?;
                socket.set_nonblocking(true).map_err(failed)?;
                Ok(Listener::Tcp(socket))
            }
        }
    }

    /// Where it listens, as the option is written; tells the port when the kernel chose it.
    pub fn name(&self) -> String {
        match self {
            Listener::Unix { path, .. } => format!("unix:{}", path.display()),
            Listener::Tcp(socket) => {
                socket.local_addr().map_or_else(|_| "tcp:?".into(), |a| format!("tcp:{a}"))
            }
        }
    }

    /// The next waiting client, if any.
    pub fn accept(&self) -> io::Result<Option<Stream>> {
        let accepted = match self {
            Listener::Unix { socket, .. } => socket.accept().map(|(s, _)| Stream::Unix(s)),
            Listener::Tcp(socket) => socket.accept().map(|(s, _)| {
                let _ = s.set_nodelay(true);
                Stream::Tcp(s)
            }),
        };
        match accepted {
            Ok(stream) => {
                stream.set_nonblocking()?;
                Ok(Some(stream))
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Listener::Unix { socket, .. } => socket.as_fd(),
            Listener::Tcp(socket) => socket.as_fd(),
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Listener::Unix { path, .. } = self {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn bind_unix(path: &Path) -> Result<Listener, String> {
    let failed = |error: io::Error| format!("cannot listen on unix:{}: {error}", path.display());
    clear_stale(path)?;
    // The mask, not a chmod afterwards: no moment at which others may connect.
    let before = rustix::process::umask(Mode::from_raw_mode(0o177));
    let bound = UnixListener::bind(path);
    rustix::process::umask(before);
    let socket = bound.map_err(failed)?;
    socket.set_nonblocking(true).map_err(failed)?;
    Ok(Listener::Unix { socket, path: path.to_owned() })
}

/// Removes the socket file of an engine that is gone; refuses to touch anything else.
fn clear_stale(path: &Path) -> Result<(), String> {
    let Ok(metadata) = std::fs::symlink_metadata(path) else { return Ok(()) };
    if !metadata.file_type().is_socket() {
        return Err(format!("{} exists and is not a socket", path.display()));
    }
    match UnixStream::connect(path) {
        Ok(_) => Err(format!("another engine listens on {}", path.display())),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => std::fs::remove_file(path)
            .map_err(|error| format!("cannot remove the stale socket {}: {error}", path.display())),
        Err(error) => Err(format!("cannot use {}: {error}", path.display())),
    }
}
