//! What a sender may ask of TLS for one message: `TLS-Required: no`, and REQUIRETLS (RFC 8689).

use crate::config::reader::Reader;
use crate::config::release::Release;
use crate::config::settings::AskSettings;

/// Nothing of this exists in 3.7, whatever its main.cf says.
pub(super) fn asks(reader: &mut Reader<'_>) -> AskSettings {
    let is_new = reader.release() >= Release::V3_12;
    let require_tls = reader.yes_or_no("requiretls_enable") && is_new;
    AskSettings {
        tls_optional: reader.yes_or_no("tls_required_enable") && is_new,
        require_tls,
        header: reader.yes_or_no("requiretls_esmtp_header") && is_new,
        policy: reader.text("smtp_requiretls_policy"),
    }
}
