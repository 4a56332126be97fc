//! The parameters that name tables and files.

use mta_core::config::Settings;

/// Those that name the client's own certificate and key, pair by pair.
pub(super) const OWN: [[&str; 2]; 3] = [
    ["smtp_tls_cert_file", "smtp_tls_key_file"],
    ["smtp_tls_eccert_file", "smtp_tls_eckey_file"],
    ["smtp_tls_dcert_file", "smtp_tls_dkey_file"],
];

/// The one that names tables of passwords.
pub(super) const PASSWORDS: &str = "smtp_sasl_password_maps";

/// The parameters that name tables, with their values.
pub(super) fn tables(settings: &Settings) -> [(&'static str, &str); 9] {
    let (tls, dialogue) = (&settings.tls, &settings.dialogue);
    let sasl = dialogue.sasl.as_ref();
    let passwords = sasl.map_or("", |sasl| sasl.password_maps.as_str());
    [
        ("transport_maps", &settings.routing.transport_maps),
        (
            "sender_dependent_relayhost_maps",
            &settings.routing.sender_relayhost_maps,
        ),
        (
            "sender_dependent_default_transport_maps",
            &settings.routing.sender_transport_maps,
        ),
        ("smtp_tls_policy_maps", &tls.policy_maps),
        ("smtp_tls_per_site", &tls.per_site),
        (
            "smtp_discard_ehlo_keyword_address_maps",
            &dialogue.discard_ehlo_keyword_maps,
        ),
        (PASSWORDS, passwords),
        ("smtp_tls_loglevel_maps", &tls.log.maps),
        (
            "smtp_requiretls_policy",
            match tls.asks.require_tls {
                true => &tls.asks.policy,
                false => "",
            },
        ),
    ]
}

/// The client's own certificates and keys, and OpenSSL's configuration.
pub(super) fn own_files(settings: &Settings) -> Vec<(&'static str, &str)> {
    let credentials = &settings.tls.credentials;
    let mut files: Vec<(&'static str, &str)> = Vec::new();
    for (kind, cert, key) in &credentials.pairs {
        let [rsa, ecdsa, dsa] = OWN;
        let [cert_file, key_file] = match *kind {
            "ECDSA" => ecdsa,
            "DSA" => dsa,
            _ => rsa,
        };
        files.extend([(cert_file, cert.as_str()), (key_file, key.as_str())]);
    }
    let chain = credentials.chain_files.iter();
    files.extend(chain.map(|path| ("smtp_tls_chain_files", path.as_str())));
    let library = settings.tls.own_library_config();
    files.extend(library.map(|path| ("tls_config_file", path.as_str())));
    files
}
