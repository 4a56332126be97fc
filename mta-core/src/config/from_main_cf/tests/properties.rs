//! What holds for every text: settings or errors, soon; and what is printed reads back.

use proptest::prelude::*;

use super::*;
use crate::config::parameter::Kind;

/// A value that is right for the type of the parameter.
fn right_value(kind: Kind) -> BoxedStrategy<String> {
    let words = |words: &'static [&'static str]| proptest::sample::select(words);
    match kind {
        Kind::Text { .. } => "[a-z/:$]{0,8}x"
            .prop_map(|text| text.replace('$', "$$"))
            .boxed(),
        Kind::Tables => "hash:/[a-z$]{1,4}(, cidr:/[a-z]{1,4})?"
            .prop_map(|text| text.replace('$', "$$"))
            .boxed(),
        Kind::HostName => "[a-z]{1,8}\\.test".boxed(),
        Kind::YesNo => "yes|no|YES|No".boxed(),
        Kind::Number { .. } => (512..99_999).prop_map(|n: i32| n.to_string()).boxed(),
        Kind::Time { .. } => "[1-9]{1,2}[smhd]?".boxed(),
        Kind::Word(list) => words(list).prop_map(str::to_owned).boxed(),
        Kind::Words(list) => proptest::collection::vec(words(list), 1..4)
            .prop_map(|list| list.join(", "))
            .boxed(),
    }
}

fn right_main_cf() -> impl Strategy<Value = String> {
    let lines: Vec<_> = PARAMETERS
        .iter()
        .map(|row| {
            let name = row.name;
            let value = match name {
                "compatibility_level" => "[0-3](\\.[0-9]{1,2})?".boxed(),
                "smtp_tls_security_level" => "none|may|encrypt|".boxed(),
                "smtp_enforce_tls" => "no".boxed(),
                // Without tables the client does not start.
                "smtp_sasl_auth_enable" => {
                    "no|yes\nsmtp_sasl_password_maps = static:user:secret".boxed()
                }
                "smtp_sasl_auth_cache_name" => "(proxy:btree:/[a-z]{1,4})?".boxed(),
                "smtp_per_record_deadline" => "yes|no|".boxed(),
                "smtp_requiretls_policy" => {
                    "(inline:\\{\\{[a-z.]{1,4}=error\\}\\}, )?[a-z]{1,4}".boxed()
                }
                _ => right_value(row.kind),
            };
            proptest::option::of(value).prop_map(move |value| {
                value.map_or_else(String::new, |value| format!("{name} = {value}\n"))
            })
        })
        .collect();
    lines.prop_map(|lines| lines.concat())
}

proptest! {
    #[test]
    fn printed_settings_read_back(text in right_main_cf(), newer in any::<bool>()) {
        let release = if newer { Release::V3_12 } else { Release::V3_7 };
        let (settings, told) = settings_for(&text, release)
            .map_err(|errors| TestCaseError::fail(format!("{errors:?}\n{text}")))?;
        let printed = settings.to_main_cf();
        let (again, warnings) = settings_for(&printed, release).unwrap();
        prop_assert_eq!(&again, &settings, "{}", printed);
        // What is printed is odd only where the text was.
        for warning in warnings {
            let parameter = &warning.problem().parameter;
            prop_assert!(told.iter().any(|told| &told.problem().parameter == parameter));
        }
    }

    #[test]
    fn any_text_gives_settings_or_errors(text in "([a-z_$ {}#\\n=]{0,9}|\\PC{0,9}|smtp_tls_CAfile = |\n){0,12}") {
        let _ = settings_for(&text, Release::V3_7);
    }

    #[test]
    fn any_value_of_any_parameter_gives_settings_or_errors(
        row in proptest::sample::select(PARAMETERS),
        value in "[${}():?a-z0-9_ ]{0,20}|\\PC{0,20}",
    ) {
        let _ = settings_for(&format!("{} = {value}", row.name), Release::V3_12);
    }

    #[test]
    fn any_bytes_give_settings_or_errors(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let main_cf = MainCf::parse_bytes("main.cf", &bytes);
        let _ = Settings::from_main_cf(&main_cf, Release::V3_7, &Host::default());
    }

    /// Names that refer to each other at random: loops, doublings, both.
    #[test]
    fn any_web_of_names_ends(values in proptest::collection::vec("(\\$[a-h]|\\$\\{[a-h][?:][a-h$]{0,5}\\}|x){0,6}", 8)) {
        let lines = ('a'..='h').zip(values).map(|(name, value)| format!("{name} = {value}\n"));
        let text: String = lines.chain(["smtp_tls_CAfile = $a$b$c\n".to_owned()]).collect();
        let _ = settings_for(&text, Release::V3_7);
    }
}
