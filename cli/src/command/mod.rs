//! One file for each command.

pub(crate) mod catalogue;
pub(crate) mod check;
mod compare;
pub(crate) mod completions;
pub(crate) mod conform;
mod find;
mod fold;
pub(crate) mod list;
mod main_cf;
pub(crate) mod preview;
mod providers;
mod record;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod settings;
mod template;

/// The system's date, for the age of facts; nothing simulated depends on it.
#[expect(
    clippy::disallowed_methods,
    reason = "the day of the reader, not of the simulation"
)]
fn today() -> mta_sim::date::Date {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    mta_sim::date::Date::of_epoch(since_1970.map_or(0, |since| since.as_secs()))
}
