//! The channel under a dialogue: cleartext, or TLS.

use crate::tls::TlsStream;

/// The channel.
#[derive(Debug)]
pub(super) enum Wire {
    Cleartext,
    Tls(Box<TlsStream>),
}

impl Wire {
    pub(super) const fn is_tls(&self) -> bool {
        matches!(self, Wire::Tls(_))
    }

    /// Takes plaintext to send; where the channel is cleartext it is ready at once.
    pub(super) fn write(&mut self, plaintext: &[u8], ready: &mut Vec<u8>) {
        match self {
            Wire::Cleartext => ready.extend_from_slice(plaintext),
            Wire::Tls(stream) => stream.write(plaintext),
        }
    }

    /// Appends what waits to be sent.
    pub(super) fn drain(&mut self, ready: &mut Vec<u8>) {
        match self {
            Wire::Cleartext => {}
            Wire::Tls(stream) => stream.drain(ready),
        }
    }
}
