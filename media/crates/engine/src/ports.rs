//! The range of RTP ports: even ones for RTP, the next for RTCP (RFC 3550 section 11).

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::net::{IpAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};

/// Ports tried before giving up, when others on the machine hold them.
const MAX_TRIES: usize = 64;
/// Receive buffer asked for, in bytes: half a second of G.711 packets with their kernel overhead.
const RECEIVE_BUFFER: usize = 64 * 1024;

/// Free pairs; a freed pair goes to the end, so that late packets of an old call find nobody.
#[derive(Clone, Debug)]
pub struct PortPool {
    ip: IpAddr,
    /// Told to peers.
    advertised: IpAddr,
    free: Arc<Mutex<VecDeque<u16>>>,
}

/// Two bound sockets, and their place in the pool until they are dropped.
#[derive(Debug)]
pub struct PortPair {
    pub rtp: UdpSocket,
    pub rtcp: UdpSocket,
    pub port: u16,
    pool: PortPool,
}

impl PortPool {
    pub fn new(ip: IpAddr, first: u16, last: u16) -> Self {
        let start = first.next_multiple_of(2);
        let free = (start..last).step_by(2).collect();
        PortPool { ip, advertised: ip, free: Arc::new(Mutex::new(free)) }
    }

    /// Peers are told another address (NAT).
    pub fn advertising(self, advertised: IpAddr) -> Self {
        PortPool { advertised, ..self }
    }

    pub fn ip(&self) -> IpAddr {
        self.ip
    }

    pub fn free(&self) -> usize {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Binds the next free pair.
    pub fn take(&self) -> Option<PortPair> {
        for _ in 0..MAX_TRIES {
            let port = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop_front()?;
            match self.bind(port) {
                Ok((rtp, rtcp)) => return Some(PortPair { rtp, rtcp, port, pool: self.clone() }),
                Err(error) => {
                    self.give_back(port);
                    if error.kind() != ErrorKind::AddrInUse {
                        return None;
                    }
                }
            }
        }
        None
    }

    fn bind(&self, port: u16) -> std::io::Result<(UdpSocket, UdpSocket)> {
        let rtp = UdpSocket::bind((self.ip, port))?;
        let rtcp = UdpSocket::bind((self.ip, port + 1))?;
        for socket in [&rtp, &rtcp] {
            socket.set_nonblocking(true)?;
        }
        let _ = rustix::net::sockopt::set_socket_recv_buffer_size(&rtp, RECEIVE_BUFFER);
        // RFC 4594: telephony is Expedited Forwarding, DSCP 46. Not every network allows it.
        let _ = match self.ip {
            IpAddr::V4(_) => rustix::net::sockopt::set_ip_tos(&rtp, 46 << 2),
            IpAddr::V6(_) => rustix::net::sockopt::set_ipv6_tclass(&rtp, 46 << 2),
        };
        Ok((rtp, rtcp))
    }

    fn give_back(&self, port: u16) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push_back(port);
    }
}

impl PortPair {
    pub fn advertised(&self) -> IpAddr {
        self.pool.advertised
    }

    pub fn is_ipv6(&self) -> bool {
        self.pool.ip.is_ipv6()
    }
}

impl Drop for PortPair {
    fn drop(&mut self) {
        self.pool.give_back(self.port);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn pairs_are_even_unique_and_come_back_last() {
        let pool = PortPool::new(LOCALHOST, 41_001, 41_008);
        assert_eq!(pool.free(), 3);
        let pairs: Vec<_> = (0..3).map(|_| pool.take().unwrap()).collect();
        assert_eq!(pairs.iter().map(|p| p.port).collect::<Vec<_>>(), [41_002, 41_004, 41_006]);
        assert!(pool.take().is_none());
        drop(pairs);
        assert_eq!(pool.free(), 3);
    }

    #[test]
    fn a_port_that_somebody_else_holds_is_passed_over() {
        let taken = UdpSocket::bind((LOCALHOST, 41_101)).unwrap();
        let pool = PortPool::new(LOCALHOST, 41_100, 41_104);
        assert_eq!(pool.take().unwrap().port, 41_102);
        drop(taken);
    }
}
