//! What a sender may ask of TLS for one message: `TLS-Required: no`, and REQUIRETLS (RFC 8689).

use crate::config::feature::Feature;
use crate::config::reader::Reader;
use crate::config::settings::AskSettings;

/// What a release does not have is off, whatever its main.cf says.
pub(super) fn asks(reader: &mut Reader<'_>) -> AskSettings {
    let mut is_on = |name, feature| reader.yes_or_no(name) && reader.has(feature);
    AskSettings {
        require_tls: is_on("requiretls_enable", Feature::RequireTls),
        tls_optional: is_on("tls_required_enable", Feature::TlsRequiredNo),
        header: is_on("requiretls_esmtp_header", Feature::RequireTlsHeader),
        policy: reader.text("smtp_requiretls_policy"),
    }
}
