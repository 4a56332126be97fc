//! The channel under a dialogue: clear text, or TLS.

use crate::tls::TlsStream;

/// The channel.
#[derive(Debug)]
pub(super) enum Wire {
    Clear,
    Tls(Box<TlsStream>),
}

impl Wire {
    pub(super) const fn is_tls(&self) -> bool {
        matches!(self, Wire::Tls(_))
    }

    /// Takes plain bytes to send; in clear text they are ready at once.
    pub(super) fn write(&mut self, plain: &[u8], ready: &mut Vec<u8>) {
        match self {
            Wire::Clear => ready.extend_from_slice(plain),
            Wire::Tls(stream) => stream.write(plain),
        }
    }

    /// Appends what waits to be sent.
    pub(super) fn drain(&mut self, ready: &mut Vec<u8>) {
        match self {
            Wire::Clear => {}
            Wire::Tls(stream) => stream.drain(ready),
        }
    }
}
