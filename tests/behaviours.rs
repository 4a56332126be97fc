//! Every behaviour of the catalogue comes to what its row says at each level, or to what a correction says.

mod harness;

use std::sync::LazyLock;

use harness::{behaviours, catalogue};
use mta_core::config::Release;
use mta_sim::behaviour::{Options, Table, Verdict};
use mta_sim::run::Driver;
use mta_sim::seed::Seed;

/// Behaviours that may wait for a capability.
const PENDING_MAX: usize = 12;

const OPTIONS: Options = Options {
    release: Release::V3_12,
    seed: Seed(1),
    driver: Driver::Memory,
};

/// The whole table, made once for all tests.
static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::make(&behaviours(), &catalogue(), OPTIONS, |_| true));

#[test]
fn behaviours_come_to_what_their_rows_say() {
    let table = &*TABLE;
    let wrong: Vec<String> = table
        .cells()
        .filter(|(_, cell)| cell.verdict == Verdict::Disagree)
        .map(|(id, cell)| {
            let (level, expected, came) = (cell.level, &cell.expected, &cell.came);
            format!("{id} at {level}: expected {expected}, came {came}")
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let waits = |cell: &mta_sim::behaviour::Judged| matches!(cell.verdict, Verdict::Pending(_));
    let waiting = table.rows.values().filter(|cells| cells.iter().any(waits));
    assert!(waiting.count() <= PENDING_MAX);
}

#[test]
fn a_correction_is_needed_where_it_stands() {
    let behaviours = behaviours();
    let table = &*TABLE;
    for correction in behaviours.corrections() {
        let id = &correction.behaviour;
        let cells = table
            .rows
            .get(id)
            .unwrap_or_else(|| panic!("no behaviour {id}"));
        let about = cells.iter().filter(|cell| correction.is_about(cell.level));
        let settled = about
            .filter(|cell| cell.verdict == Verdict::Settled)
            .count();
        let wanted = correction.levels.len().max(1);
        assert!(
            settled >= wanted,
            "{id}: a row that is right has a correction"
        );
    }
}
