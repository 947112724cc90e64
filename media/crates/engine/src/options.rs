//! Command-line options of `centrala-media serve`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Where the control socket listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ControlAddress {
    Unix(PathBuf),
    Tcp(SocketAddr),
}

/// Settings of one engine process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    pub control: ControlAddress,
    /// Address that media sockets bind to.
    pub media_ip: IpAddr,
    /// Address written into answers, when it differs from `media_ip` (NAT).
    pub advertised_ip: Option<IpAddr>,
    /// A second address of the other family, for peers that have no other.
    pub media_ip6: Option<IpAddr>,
    pub advertised_ip6: Option<IpAddr>,
    pub port_min: u16,
    pub port_max: u16,
    /// First UDP port for browser legs, one for each worker thread; 0 lets the kernel choose.
    pub webrtc_port: u16,
    /// Worker threads; by default one for each core.
    pub workers: usize,
    /// Calls without a subscribed client end after this time.
    pub grace: Duration,
}

pub const USAGE: &str = "\
usage: centrala-media serve --control unix:PATH | tcp:127.0.0.1:PORT [options]
       centrala-media probe [--calls N] [--seconds N]
       centrala-media --version

options of serve:
  --media-ip IP          address that media sockets bind to            (127.0.0.1)
  --advertised-ip IP     address told to peers when it differs (NAT)   (the media address)
  --media-ip6 IP         IPv6 address that media sockets bind to too   (none)
  --advertised-ip6 IP    IPv6 address told to peers when it differs    (the IPv6 media address)
  --port-min PORT        first port of the RTP range                   (20000)
  --port-max PORT        last port of the RTP range                    (29999)
  --webrtc-port PORT     first UDP port for browsers, one a worker     (0: any free port)
  --workers N            worker threads                                (number of cores)
  --grace-seconds N      calls outlive their client this long          (30)
";

const MAX_WORKERS: usize = 64;
const MAX_GRACE_SECONDS: u64 = 3600;

impl Options {
    pub fn new(control: ControlAddress) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        Options {
            control,
            media_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            advertised_ip: None,
            media_ip6: None,
            advertised_ip6: None,
            port_min: 20000,
            port_max: 29999,
            webrtc_port: 0,
            workers: cores.min(MAX_WORKERS),
            grace: Duration::from_secs(30),
        }
    }

    /// Reads the arguments that follow `serve`.
    pub fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut options = Options::new(ControlAddress::Unix(PathBuf::new()));
        let mut control = None;
        let mut rest = arguments.iter();
        while let Some(name) = rest.next() {
            let value = rest.next().ok_or_else(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--control" => control = Some(parse_control(value)?),
                "--media-ip" => options.media_ip = number(name, value)?,
                "--advertised-ip" => options.advertised_ip = Some(number(name, value)?),
                "--media-ip6" => options.media_ip6 = Some(number(name, value)?),
                "--advertised-ip6" => options.advertised_ip6 = Some(number(name, value)?),
                "--port-min" => options.port_min = number(name, value)?,
                "--port-max" => options.port_max = number(name, value)?,
                "--webrtc-port" => options.webrtc_port = number(name, value)?,
                "--workers" => options.workers = number(name, value)?,
                "--grace-seconds" => options.grace = Duration::from_secs(number(name, value)?),
                _ => return Err(format!("unknown option {name}")),
            }
        }
        options.control = control.ok_or("--control is required")?;
        options.check()?;
        Ok(options)
    }

    fn check(&self) -> Result<(), String> {
        if self.port_min < 1024 || self.port_max <= self.port_min {
            return Err("the port range must start at 1024 or above and end above its start".into());
        }
        let families = [(self.media_ip6, "--media-ip6"), (self.advertised_ip6, "--advertised-ip6")];
        for (ip, name) in families {
            if ip.is_some_and(|ip| ip.is_ipv4()) {
                return Err(format!("{name} must be an IPv6 address"));
            }
        }
        if self.media_ip6.is_some() && self.media_ip.is_ipv6() {
            return Err("--media-ip6 is for a second address beside an IPv4 --media-ip".into());
        }
        if self.workers == 0 || self.workers > MAX_WORKERS {
            return Err(format!("--workers must be from 1 to {MAX_WORKERS}"));
        }
        if self.grace.as_secs() > MAX_GRACE_SECONDS {
            return Err(format!("--grace-seconds must be at most {MAX_GRACE_SECONDS}"));
        }
        Ok(())
    }
}

/// The addresses that media uses, with what peers are told of each.
pub fn addresses(options: &Options) -> impl Iterator<Item = (IpAddr, IpAddr)> + '_ {
    let first = (options.media_ip, options.advertised_ip.unwrap_or(options.media_ip));
    let second = options.media_ip6.map(|ip| (ip, options.advertised_ip6.unwrap_or(ip)));
    std::iter::once(first).chain(second)
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{name} does not take the value {value:?}"))
}

fn parse_control(value: &str) -> Result<ControlAddress, String> {
    if let Some(path) = value.strip_prefix("unix:") {
        if path.is_empty() {
            return Err("--control unix: needs a path".into());
        }
        return Ok(ControlAddress::Unix(PathBuf::from(path)));
    }
    if let Some(address) = value.strip_prefix("tcp:") {
        let address: SocketAddr = number("--control", address)?;
        // The protocol has no sign-in: whoever reaches the socket rules the calls.
        if !address.ip().is_loopback() {
            return Err("--control tcp: must name a loopback address".into());
        }
        return Ok(ControlAddress::Tcp(address));
    }
    Err("--control must start with unix: or tcp:".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(&line.split_whitespace().map(String::from).collect::<Vec<_>>())
    }

    #[test]
    fn a_unix_path_and_the_defaults() {
        let options = parse("--control unix:/run/m.sock").unwrap();
        assert_eq!(options.control, ControlAddress::Unix("/run/m.sock".into()));
        assert_eq!((options.port_min, options.port_max), (20000, 29999));
        assert_eq!(options.grace, Duration::from_secs(30));
    }

    #[test]
    fn control_over_tcp_is_for_loopback_only() {
        assert!(parse("--control tcp:127.0.0.1:7000").is_ok());
        assert!(parse("--control tcp:[::1]:7000").is_ok());
        assert!(parse("--control tcp:0.0.0.0:7000").unwrap_err().contains("loopback"));
    }

    #[test]
    fn wrong_options_are_named() {
        for (line, part) in [
            ("", "--control is required"),
            ("--control", "needs a value"),
            ("--control http://x", "must start with"),
            ("--control unix:/a --port-min 30000", "port range"),
            ("--control unix:/a --port-min x", "--port-min"),
            ("--control unix:/a --workers 0", "--workers"),
            ("--control unix:/a --media-ip6 192.0.2.1", "--media-ip6"),
            ("--control unix:/a --media-ip ::1 --media-ip6 ::2", "second address"),
            ("--control unix:/a --what 1", "unknown option"),
        ] {
            assert!(parse(line).unwrap_err().contains(part), "{line}");
        }
    }
}
