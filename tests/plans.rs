//! A plan is all of a run: written as TOML and read back it is equal, and makes the same run, to the byte.
//!
//! Every scenario is tried under each release that it is about, and every behaviour at one level, another one than its
//! neighbour's; with `EVERY_LEVEL=1` in the environment, at all eight and under both releases.

mod harness;

use std::ffi::OsStr;

use harness::{behaviours, catalogue, digests, every_run, in_parallel, process};
use mta_core::config::Release;
use mta_sim::behaviour::LEVELS;
use mta_sim::library::Catalogue;
use mta_sim::plan::Plan;
use mta_sim::run::Driver;
use mta_sim::scenario::Scenario;
use mta_sim::seed::Seed;
use mta_sim::strategy;
use proptest::prelude::*;

/// The plans of the catalogue, each with a name.
fn every_plan(catalogue: &Catalogue) -> Vec<(String, Plan)> {
    let scenarios = every_run(catalogue)
        .into_iter()
        .map(|(name, case, version)| {
            let plan = case.plan_for(version, case.plan.seed, catalogue);
            (
                format!("{name} {version}"),
                plan.expect("its peers are there"),
            )
        });
    scenarios.chain(of_behaviours(catalogue)).collect()
}

fn of_behaviours(catalogue: &Catalogue) -> Vec<(String, Plan)> {
    let mut plans = Vec::new();
    let behaviours = behaviours();
    let rows = behaviours.rows().iter().enumerate();
    for (number, (id, _)) in rows.filter(|(_, (_, row))| row.pending.is_none()) {
        let at = number % LEVELS.len();
        let versions = Release::ALL.iter().enumerate();
        for (release, version) in versions {
            for (place, level) in LEVELS.iter().enumerate() {
                let is_next = place == at && release == number % Release::ALL.len();
                if every_level() || is_next {
                    let plan = behaviours.plan(catalogue, id, *level, *version, Seed(1));
                    let name = format!("{id} at {level} {version}");
                    plans.push((name, plan.expect("the row's files are there")));
                }
            }
        }
    }
    plans
}

fn every_level() -> bool {
    std::env::var_os("EVERY_LEVEL").is_some()
}

/// What the run of a plan comes to, in a line.
fn run(name: &str, plan: &Plan) -> String {
    match plan.run(Driver::Memory) {
        Ok(run) => format!("{name}: {}", digests(&run)),
        Err(error) => panic!("{name}: {error}"),
    }
}

#[test]
fn a_plan_that_was_written_and_read_back_makes_the_same_run() {
    let plans = every_plan(&catalogue());
    let wrong = in_parallel(&plans, |(name, plan)| {
        let written = toml::to_string(plan).expect("a plan can be written");
        let read: Plan = match toml::from_str(&written) {
            Ok(read) => read,
            Err(error) => return Some(format!("{name}: {error}\n{written}")),
        };
        if read != *plan {
            return Some(format!("{name}: not equal\n{written}"));
        }
        (run(name, &read) != run(name, plan)).then(|| format!("{name}: another run"))
    });
    assert!(plans.len() > 400, "only {} plans", plans.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Peers with rules that no file of the catalogue has, among other settings.
    #[test]
    fn any_plan_that_was_read_back_makes_the_same_run(plan in strategy::level().prop_flat_map(strategy::plan)) {
        let written = toml::to_string(&plan).expect("a plan can be written");
        let read: Plan = match toml::from_str(&written) {
            Ok(read) => read,
            Err(error) => return Err(TestCaseError::fail(format!("{error}\n{written}"))),
        };
        prop_assert_eq!(&read, &plan, "{}", written);
        prop_assert_eq!(run("it", &read), run("it", &plan));
    }
}

#[test]
fn a_plan_that_was_written_is_a_scenario_about_its_release() {
    let plans = every_plan(&catalogue());
    let nothing_else = Catalogue::default();
    let wrong = in_parallel(&plans, |(name, plan)| {
        let written = toml::to_string(plan).expect("a plan can be written");
        let scenario = match Scenario::load("p.toml", &written) {
            Ok(scenario) => scenario,
            Err(error) => return Some(format!("{name}: {error}\n{written}")),
        };
        let read = scenario.plan_for(plan.postfix, scenario.plan.seed, &nothing_else);
        let same = read.as_ref() == Ok(plan) && scenario.postfix == [plan.postfix];
        (!same).then(|| format!("{name}: not equal\n{written}"))
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn another_process_reads_plans_and_makes_the_same_runs() {
    if let Some(folder) = process::argument() {
        return run_folder(&folder);
    }
    let each = if every_level() { 1 } else { 16 };
    let plans = every_plan(&catalogue()).into_iter().step_by(each);
    let plans: Vec<(String, Plan)> = plans
        .enumerate()
        .map(|(number, (_, plan))| (format!("{number:04}"), plan))
        .collect();
    let folder = std::env::temp_dir().join(format!("mta-sim-plans-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    for (name, plan) in &plans {
        let text = toml::to_string(plan).expect("a plan can be written");
        std::fs::write(folder.join(format!("{name}.toml")), text).expect("a file");
    }
    let mut ours = in_parallel(&plans, |(name, plan)| Some(run(name, plan)));
    ours.sort_unstable();
    let test = "another_process_reads_plans_and_makes_the_same_runs";
    let mut theirs = process::answers(test, &folder);
    std::fs::remove_dir_all(&folder).expect("the folder is gone");
    theirs.sort_unstable();
    assert!(ours.len() > 20, "only {} plans", ours.len());
    assert_eq!(theirs, ours);
}

/// Runs every plan of a folder, and hands over what comes of each.
fn run_folder(folder: &OsStr) {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    let came = in_parallel(&paths, |path| {
        let text = std::fs::read_to_string(path).expect("a file");
        let plan = Plan::load("plan.toml", &text).unwrap_or_else(|error| panic!("{error}"));
        let name = path.file_stem().expect("a name").to_string_lossy();
        Some(run(&name, &plan))
    });
    came.iter().for_each(|run| process::answer(run));
}

#[test]
fn what_a_plan_may_hold_survives() {
    let mut plan = Plan::from_main_cf(b"# f\xFCr\r\nx = \\1\n".to_vec(), Release::V3_12);
    plan.seed = Seed(u64::MAX);
    plan.world.crypto = mta_sim::crypto::Tier::System;
    plan.detail = mta_core::event::Detail::Outcomes;
    plan.host = mta_sim::plan::HostSpec::named("mx.own.test");
    plan.limit = std::time::Duration::from_millis(1500);
    let overrides = [("smtp_tls_security_level".to_owned(), "encrypt".to_owned())];
    plan.services.insert("alt".to_owned(), overrides.into());
    plan.world
        .files
        .insert("/t".to_owned(), b"\x00\xFF".to_vec().into());
    plan.peers
        .insert("good".to_owned(), mta_sim::peer::PeerSpec::default());
    let written = toml::to_string(&plan).expect("a plan can be written");
    assert_eq!(toml::from_str(&written).as_ref(), Ok(&plan), "{written}");
}

#[test]
fn a_fault_in_a_plan_is_told_where_it_stands_with_the_nearest_word() {
    for (text, told) in [
        (
            "main-fc = ''",
            "1:1: unknown key `main-fc`; did you mean `main-cf`?",
        ),
        (
            "[[domian]]",
            "1:3: unknown key `domian`; did you mean `domain`?",
        ),
        (
            "postfix = '3.8'",
            "1:11: unsupported Postfix release `3.8`; expected 3.7 or 3.12",
        ),
        (
            "limit = '1d'\n[[domain]]\nname = 'a.test'\n[domain.peer.tls]\ntickets = 'many'",
            "5:11: invalid type: string \"many\", expected a whole number from 0 to 255",
        ),
        (
            "[peers.slow]\ngreeting = '220'\n  network.latency = 5",
            "3:21: invalid type: integer `5`, expected a span of time, as \"20ms\" or \"6s\"",
        ),
        (
            "[client]\nport = 25\nresolver = 'here'",
            "3:12: invalid socket address syntax",
        ),
    ] {
        let error = Plan::load("p.toml", text).expect_err(text);
        assert_eq!(error.to_string(), format!("p.toml:{told}"));
    }
}

#[test]
fn nothing_that_is_odd_about_a_configuration_is_swallowed() {
    let main_cf = "smtp_tls_secuity_level = encrypt\n";
    let mut plan = Plan::from_main_cf(main_cf, Release::V3_7);
    let warnings = |plan: &Plan| -> Vec<String> {
        let prepared = plan.prepare().unwrap_or_else(|error| panic!("{error}"));
        prepared
            .warnings()
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    let of_main_cf = warnings(&plan);
    assert_eq!(of_main_cf.len(), 1, "{of_main_cf:?}");
    assert!(of_main_cf[0].contains("smtp_tls_secuity_level"));
    let overrides = [("smtp_tls_cafile".to_owned(), "/x".to_owned())];
    plan.services.insert("alt".to_owned(), overrides.into());
    plan.world.changes = vec![mta_sim::world::ChangeSpec {
        at: std::time::Duration::from_secs(1),
        postconf: vec!["smtp_tls_wrapermode = yes".to_owned()],
        ..Default::default()
    }];
    let all = warnings(&plan);
    assert_eq!(all.len(), 3, "{all:?}");
    for (warning, word) in all.iter().zip(["secuity", "cafile", "wrapermode"]) {
        assert!(warning.contains(word), "{all:?}");
    }
}
