//! Receives several datagrams in one system call.
//!
//! Why unsafe code: `recvmmsg(2)` is not in `rustix`, and it is what empties a socket in one call: the kernel looks for the next
//! datagram itself instead of being asked once more. The structures that the kernel is given live in one
//! allocation that never moves, and every pointer in them is set anew before each call.

use std::io;
use std::mem::{MaybeUninit, size_of, zeroed};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd};
use std::ptr;

/// Datagrams taken at once.
pub const AT_ONCE: usize = 8;
/// Bytes kept of a datagram: one more than an Ethernet packet, so that a longer one is seen as too long.
pub const MAX_DATAGRAM: usize = 1501;

/// Room for what one call receives.
pub struct Batch {
    bytes: [[u8; MAX_DATAGRAM]; AT_ONCE],
    lengths: [usize; AT_ONCE],
    names: [MaybeUninit<libc::sockaddr_storage>; AT_ONCE],
    senders: [Option<SocketAddr>; AT_ONCE],
}

impl Batch {
    pub fn new() -> Box<Batch> {
        Box::new(Batch {
            bytes: [[0; MAX_DATAGRAM]; AT_ONCE],
            lengths: [0; AT_ONCE],
            names: [MaybeUninit::uninit(); AT_ONCE],
            senders: [None; AT_ONCE],
        })
    }

    /// Takes the datagrams that wait, up to `AT_ONCE`, without waiting; an empty socket is `WouldBlock`.
    pub fn receive(&mut self, socket: &impl AsFd) -> io::Result<usize> {
        // SAFETY: all-zero is a valid value of these C structures (null pointers, zero lengths).
        let (mut parts, mut messages): ([libc::iovec; AT_ONCE], [libc::mmsghdr; AT_ONCE]) =
            unsafe { (zeroed(), zeroed()) };
        for at in 0..AT_ONCE {
            parts[at].iov_base = self.bytes[at].as_mut_ptr().cast();
            parts[at].iov_len = MAX_DATAGRAM;
            let header = &mut messages[at].msg_hdr;
            header.msg_iov = ptr::from_mut(&mut parts[at]);
            header.msg_iovlen = 1;
            header.msg_name = self.names[at].as_mut_ptr().cast();
            header.msg_namelen = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
        }
        let fd = socket.as_fd().as_raw_fd();
        // SAFETY: `fd` is open for as long as `socket` is borrowed. Each message points to one part, to a name and to
        // bytes that are exclusively borrowed through `self` and outlive the call, with their true sizes.
        let received = unsafe {
            libc::recvmmsg(
                fd,
                messages.as_mut_ptr(),
                AT_ONCE as libc::c_uint,
                libc::MSG_DONTWAIT,
                ptr::null_mut(),
            )
        };
        let received = usize::try_from(received).map_err(|_| io::Error::last_os_error())?;
        for (at, message) in messages.iter().enumerate().take(received) {
            self.lengths[at] = (message.msg_len as usize).min(MAX_DATAGRAM);
            let length = message.msg_hdr.msg_namelen as usize;
            self.senders[at] = sender(&self.names[at], length);
        }
        Ok(received)
    }

    /// The bytes and the sender of the datagram number `at` of the last call.
    pub fn datagram(&mut self, at: usize) -> (&mut [u8], Option<SocketAddr>) {
        (&mut self.bytes[at][..self.lengths[at]], self.senders[at])
    }
}

/// Reads an address of which the kernel wrote the first `length` bytes.
fn sender(name: &MaybeUninit<libc::sockaddr_storage>, length: usize) -> Option<SocketAddr> {
    if length < size_of::<libc::sockaddr_in>() {
        return None;
    }
    let pointer = name.as_ptr();
    // SAFETY: the kernel wrote at least a `sockaddr_in`, whose first field is the family.
    let family = i32::from(unsafe { (*pointer).ss_family });
    match family {
        libc::AF_INET => {
            // SAFETY: the family says that this is a `sockaddr_in`, and all of it was written; the storage is aligned
            // for every kind of address.
            let address = unsafe { &*pointer.cast::<libc::sockaddr_in>() };
            let ip = Ipv4Addr::from(u32::from_be(address.sin_addr.s_addr));
            Some(SocketAddr::V4(SocketAddrV4::new(ip, u16::from_be(address.sin_port))))
        }
        libc::AF_INET6 if length >= size_of::<libc::sockaddr_in6>() => {
            // SAFETY: as above, with a `sockaddr_in6` that was written as a whole.
            let address = unsafe { &*pointer.cast::<libc::sockaddr_in6>() };
            let ip = Ipv6Addr::from(address.sin6_addr.s6_addr);
            let port = u16::from_be(address.sin6_port);
            Some(SocketAddr::V6(SocketAddrV6::new(ip, port, 0, address.sin6_scope_id)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;

    fn pair(ip: &str) -> (UdpSocket, UdpSocket) {
        let to = UdpSocket::bind((ip, 0)).unwrap();
        let from = UdpSocket::bind((ip, 0)).unwrap();
        from.connect(to.local_addr().unwrap()).unwrap();
        (from, to)
    }

    #[test]
    fn all_that_waits_comes_in_order_with_its_sender() {
        for ip in ["127.0.0.1", "::1"] {
            let (from, to) = pair(ip);
            let mut batch = Batch::new();
            assert_eq!(batch.receive(&to).unwrap_err().kind(), io::ErrorKind::WouldBlock);
            for n in 0..AT_ONCE as u8 + 3 {
                from.send(&vec![n; usize::from(n) + 1]).unwrap();
            }
            assert_eq!(batch.receive(&to).unwrap(), AT_ONCE);
            for n in 0..AT_ONCE {
                let (bytes, sender) = batch.datagram(n);
                assert_eq!(bytes, vec![n as u8; n + 1]);
                assert_eq!(sender, from.local_addr().ok());
            }
            assert_eq!(batch.receive(&to).unwrap(), 3);
            assert_eq!(batch.datagram(2).0, [10; 11]);
            assert!(batch.receive(&to).is_err());
        }
    }

    #[test]
    fn a_long_datagram_is_cut_where_it_is_seen_to_be_too_long_and_an_empty_one_is_empty() {
        let (from, to) = pair("127.0.0.1");
        from.send(&[7; 4000]).unwrap();
        from.send(&[]).unwrap();
        let mut batch = Batch::new();
        assert_eq!(batch.receive(&to).unwrap(), 2);
        assert_eq!(batch.datagram(0).0.len(), MAX_DATAGRAM);
        assert_eq!(batch.datagram(1).0.len(), 0);
    }
}
