//! Base64, as AUTH carries its challenges and responses (RFC 4954 §4).

use base64ct::{Base64, Encoding};

/// Bytes as text.
pub fn encode(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// Text as bytes; nothing if it is no base64.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    Base64::decode_vec(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_that_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
        }
        for text in ["Zg", "Z===", "Zm9v ", "Z?=="] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
