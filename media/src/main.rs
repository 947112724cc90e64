fn main() { println!("centrala-media {}", env!("CARGO_PKG_VERSION")); }
