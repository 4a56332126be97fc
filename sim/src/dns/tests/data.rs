//! Zone data: what is accepted, what is refused and how.

use super::super::NameSpec;
use super::{Kind, World, Zones, specs, zones};

#[test]
fn data_written_back_reads_the_same() {
    let toml = r#"
        [[dns]]
        name = "example.test"
        mx = ["10 mx1.example.test"]
        cname = "x"
        ttl = 5
        dnssec = "secure"
        delay = "2min"
        [dns.fault]
        mx = "truncated-no-tcp"
        a = "timeout"
    "#;
    let dns = specs(toml);
    let back = toml::to_string(&World { dns: dns.clone() }).expect("serializes");
    assert_eq!(specs(&back), dns, "{back}");
}

/// The message for the first mistake, from TOML to zones.
fn mistake(fields: &str) -> String {
    match toml::from_str::<World>(&format!("[[dns]]\nname = \"x.test\"\n{fields}")) {
        Err(error) => error.message().to_owned(),
        Ok(world) => match Zones::new(&world.dns) {
            Err(error) => error.to_string(),
            Ok(_) => "none".into(),
        },
    }
}

#[test]
fn mistakes_are_told_with_name_field_text_and_cure() {
    let long = format!("a = [\"{}\"]", "9".repeat(200));
    let big = format!("txt = [\"{}\"]", "t".repeat(66_000));
    let many = format!(
        "txt = [{}]",
        format!("\"{}\",", "t".repeat(2_000)).repeat(29)
    );
    let fields = [
        r#"mx = ["10 mx1.example.test"]"#,
        r#"mx = ["1O mx1.example.test"]"#,
        r#"mx = ["mx1.example.test"]"#,
        r#"mx = ["10 a..b"]"#,
        r#"mx = ["65536 a"]"#,
        r#"a = ["192.0.2.256"]"#,
        r#"aaaa = ["192.0.2.1"]"#,
        r#"tlsa = ["3 1 abc"]"#,
        r#"tlsa = ["3 1 256 ab"]"#,
        r#"tlsa = ["3 1 1 abc"]"#,
        r#"tlsa = ["3 1 1 0g"]"#,
        r#"cname = "a\\25""#,
        "cname = \"a\"\na = [\"192.0.2.1\"]",
        r#"delay = "200""#,
        r#"delay = "fast""#,
        r#"delay = "61min""#,
        r#"delay = "99999999999999999999h""#,
        r#"fault = "servfial""#,
        r#"fault.mx = "tiemout""#,
        r#"fault.mxx = "timeout""#,
        r#"fault = 3"#,
        r#"dnssec = "secured""#,
        r#"mxx = []"#,
        "[[dns]]\nname = \"X.Test.\"",
        &long,
        &big,
        &many,
    ];
    let told = fields.map(|field| {
        let field_short: String = field.chars().take(60).collect();
        format!("{field_short}\n    {}\n", mistake(field))
    });
    insta::assert_snapshot!(told.concat());
}

#[test]
fn a_full_record_set_fits_into_a_message_behind_a_full_chain() {
    // No two names share a label, so that compression finds little.
    let name = |n: u8| {
        let label = char::from(b'a' + n).to_string().repeat(61);
        format!("1{label}.2{label}.3{label}.4{label}")
    };
    let mut dns: Vec<NameSpec> = (0..11)
        .map(|n| NameSpec {
            name: name(n),
            cname: Some(name(n + 1)),
            ..NameSpec::default()
        })
        .collect();
    // A thousand bytes, four of lengths, twelve around: 57 of them are just under the limit.
    dns.push(NameSpec {
        name: name(11),
        txt: vec!["t".repeat(1000); 57],
        ..NameSpec::default()
    });
    let zones = Zones::new(&dns).expect("at the limit");
    let exchange = super::lookup(&zones, &name(0), Kind::Txt);
    let records = exchange.answer.found.clone().expect("records");
    assert_eq!(records.data.len(), 57);
    assert!(exchange.reply.as_ref().expect("a reply").len() > 60_000);
}

#[test]
fn a_name_below_the_root_may_be_the_root() {
    let zones = zones("[[dns]]\nname = '.'\nns = ['a.root.test']\ndnssec = 'secure'");
    assert!(super::answer(&zones, "", Kind::Ns).secure);
    assert!(super::answer(&zones, ".", Kind::Ns).found.is_ok());
    assert!(super::answer(&zones, "nothing.test", Kind::Mx).secure);
}
