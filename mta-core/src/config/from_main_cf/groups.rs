//! Groups for key exchange, and what Postfix says of those that OpenSSL does not know (src/tls/tls_dh.c).

use std::collections::BTreeSet;

use crate::config::feature::Feature;
use crate::config::inet::words;
use crate::config::problem::clip;
use crate::config::reader::Reader;
use crate::config::settings::GroupSettings;
use crate::config::table::{DEFAULT_CURVES, DEFAULT_FINITE};
use crate::config::value::Refusal;
use crate::event::{Assignment, ConfigNotice};

const CURVES: &str = "tls_eecdh_auto_curves";

/// OpenSSL 3.0's names of groups, those that RFC 8422 left out aside. Case matters.
const GROUPS: [&str; 14] = [
    "X25519",
    "X448",
    "prime256v1",
    "secp384r1",
    "secp521r1",
    "secp256k1",
    "brainpoolP256r1",
    "brainpoolP384r1",
    "brainpoolP512r1",
    "ffdhe2048",
    "ffdhe3072",
    "ffdhe4096",
    "ffdhe6144",
    "ffdhe8192",
];

/// Further names, and the group that each means. Those of NIST are known everywhere, those of TLS only where names are
/// looked up in TLS.
const NIST: [(&str, &str); 3] = [
    ("P-256", "prime256v1"),
    ("P-384", "secp384r1"),
    ("P-521", "secp521r1"),
];
const OF_TLS: [(&str, &str); 3] = [
    ("x25519", "X25519"),
    ("x448", "X448"),
    ("secp256r1", "prime256v1"),
];

/// The groups that the engine has; of the others there is no telling how a handshake would go.
const SIMULATED: [&str; 3] = ["X25519", "prime256v1", "secp384r1"];

pub(super) fn groups(reader: &mut Reader<'_>) -> GroupSettings {
    let may_be_empty = reader.has(Feature::EmptyGroupList);
    let curves = reader.parsed(CURVES, String::new(), |text| {
        if text.is_empty() && !may_be_empty {
            let set = Assignment::of(CURVES, text);
            let too_short = ConfigNotice::TooShort { set, min: 1 };
            return Err(Refusal::new("must not be empty".to_owned(), too_short));
        }
        Ok(text.to_owned())
    });
    let mut finite = reader.text("tls_ffdhe_auto_groups");
    if !reader.has(Feature::FiniteFieldGroups) {
        finite = String::new();
    }
    let offered = if reader.has(Feature::GroupsAsOneList) {
        all_or_the_usual(&curves, &finite, reader)
    } else {
        each_or_a_warning(&curves, reader)
    };
    let is_simulated = |group: &String| SIMULATED.contains(&group.as_str());
    if !offered.is_empty() && !offered.iter().any(is_simulated) {
        let what =
            "none of these groups is simulated; X25519 and others are offered in their place";
        reader.ignored(CURVES, what);
    }
    GroupSettings {
        curves,
        finite,
        offered,
    }
}

/// 3.7: every unknown name is warned of; where one stands twice OpenSSL takes none.
fn each_or_a_warning(text: &str, reader: &mut Reader<'_>) -> Vec<String> {
    let mut offered: Vec<String> = Vec::new();
    for word in words(text) {
        match by_name(word, &NIST) {
            Some(group) => offered.push(group.to_owned()),
            None => {
                let what = format!("unknown group \"{}\"; it is left out", clip(word));
                reader.remark(CURVES, &what, ConfigNotice::UnknownCurve(word.into()));
            }
        }
    }
    let different: BTreeSet<&String> = offered.iter().collect();
    if different.len() < offered.len() {
        let what = "a group stands twice, so none of them counts";
        reader.remark(CURVES, what, ConfigNotice::CurvesRefused);
        return Vec::new();
    }
    offered
}

/// Since 3.8: unknown names are left out in silence; where none is left, Postfix's own list counts.
fn all_or_the_usual(curves: &str, finite: &str, reader: &mut Reader<'_>) -> Vec<String> {
    if curves.is_empty() && finite.is_empty() {
        return Vec::new();
    }
    let text = format!("{curves} {finite}");
    let mut names = text
        .split([' ', '\t', '\r', '\n', ',', ':'])
        .filter(|word| !word.is_empty())
        .peekable();
    let is_empty = names.peek().is_none();
    let mut offered: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for word in names {
        let group = by_name(word, &NIST).or_else(|| by_name(word, &OF_TLS));
        if let Some(group) = group.filter(|_| seen.insert(word.to_ascii_lowercase())) {
            offered.push(group.to_owned());
        }
    }
    if !offered.is_empty() {
        return offered;
    }
    let what = "no group is known; Postfix's own list counts";
    reader.remark(CURVES, what, ConfigNotice::NoGroup { is_empty });
    let usual = format!("{DEFAULT_CURVES} {DEFAULT_FINITE}");
    words(&usual).map(str::to_owned).collect()
}

fn by_name(word: &str, others: &[(&str, &'static str)]) -> Option<&'static str> {
    let other = others.iter().find(|(name, _)| *name == word);
    let own = || GROUPS.into_iter().find(|known| *known == word);
    other.map(|(_, group)| *group).or_else(own)
}

#[cfg(test)]
mod tests {
    use crate::config::{Host, MainCf, Release, Settings};

    /// The groups, and what is logged.
    fn read(text: &str, release: Release) -> (String, Vec<String>) {
        let text = format!("smtp_tls_security_level = may\n{text}\n");
        let main_cf = MainCf::parse("main.cf", &text);
        let (settings, warnings) =
            Settings::from_main_cf(&main_cf, release, &Host::default()).unwrap();
        let said = warnings.iter().filter_map(|warning| warning.postfix_says());
        (settings.tls.groups.offered.join(" "), said.collect())
    }

    #[test]
    fn postfix_3_7_warns_of_each_name_that_is_unknown() {
        let read = |curves: &str| {
            let (groups, said) = read(&format!("tls_eecdh_auto_curves = {curves}"), Release::V3_7);
            (groups, said.join("\n"))
        };
        for (curves, groups, said) in [
            ("P-256, X25519", "prime256v1 X25519", ""),
            // Case matters, and names of TLS are not looked up.
            (
                "x25519 secp384r1",
                "secp384r1",
                "warning: ignoring unknown ECDHE curve \"x25519\"",
            ),
            (
                "secp256r1",
                "",
                "warning: ignoring unknown ECDHE curve \"secp256r1\"",
            ),
            // proto-curves-bad
            (
                "nosuch",
                "",
                "warning: ignoring unknown ECDHE curve \"nosuch\"",
            ),
            (
                "P-256 prime256v1",
                "",
                "warning: failed to configure ECDHE curves",
            ),
        ] {
            assert_eq!(
                read(curves),
                (groups.to_owned(), said.to_owned()),
                "{curves}"
            );
        }
    }

    #[test]
    fn later_ones_leave_unknown_names_out_in_silence() {
        for (text, groups, said) in [
            (
                "",
                "X25519 X448 prime256v1 secp384r1 secp521r1 ffdhe2048 ffdhe3072",
                "",
            ),
            // proto-curves-bad
            ("tls_eecdh_auto_curves = nosuch", "ffdhe2048 ffdhe3072", ""),
            (
                "tls_eecdh_auto_curves = secp384r1",
                "secp384r1 ffdhe2048 ffdhe3072",
                "",
            ),
            (
                "tls_eecdh_auto_curves = x25519:P-256\ntls_ffdhe_auto_groups =",
                "X25519 prime256v1",
                "",
            ),
            ("tls_eecdh_auto_curves =\ntls_ffdhe_auto_groups =", "", ""),
            (
                "tls_eecdh_auto_curves = nosuch\ntls_ffdhe_auto_groups =",
                "X25519 X448 prime256v1 secp384r1 secp521r1 ffdhe2048 ffdhe3072",
                "warning: none of the configured key exchange groups are supported\n\
                 warning: using Postfix default key exchange groups instead",
            ),
        ] {
            let (found, lines) = read(text, Release::V3_12);
            let lines: Vec<String> = lines
                .into_iter()
                .filter(|line| !line.contains("backwards"))
                .collect();
            assert_eq!(
                (found.as_str(), lines.join("\n").as_str()),
                (groups, said),
                "{text}"
            );
        }
    }
}
