//! Instructions and allocations of a delivery, and the gates that they have to pass.
//!
//! Instructions are counted by valgrind's callgrind, as the difference of two run lengths, so that nothing of the
//! set-up is in them. Allocations are counted here, under `cargo test` too.

mod support;

use std::alloc::System;
use std::fmt;
use std::process::{Command, ExitCode};

use mta_sim::peer::TlsVersion;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use support::bare::Bare;
use support::delivery::Deliveries;
use support::{Mode, Tls};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Allocations of one plaintext delivery, both ends, at most.
const PLAINTEXT_ALLOCATIONS_MAX: u32 = 100;

/// Allocations that a delivery adds to bare rustls, at most: something worked out anew for each connection shows here,
/// also where no instructions can be counted.
const fn tls_allocations_max(tls: Tls) -> u32 {
    if tls.resumed { 130 } else { 250 }
}

/// Instructions of one plaintext delivery, both ends, at most.
const PLAINTEXT_INSTRUCTIONS_MAX: u32 = 80_000;

/// Instructions of a delivery against bare rustls, at most.
const fn ratio_max(tls: Tls) -> Option<f64> {
    match (tls.version, tls.resumed) {
        (TlsVersion::Tls13, false) => Some(1.05),
        (TlsVersion::Tls13, true) => Some(1.10),
        (TlsVersion::Tls12, true) => Some(1.35),
        (TlsVersion::Tls12, false) => None,
        // No engine here speaks these.
        (TlsVersion::Ssl3 | TlsVersion::Tls10 | TlsVersion::Tls11, _) => None,
    }
}

/// Instructions of a full handshake's delivery against a resumed one's, at least, in the order of [`Tls::ALL`]: what
/// resumption saves must not drown in the delivery.
const FULL_BY_RESUMED_MIN: [Option<f64>; 3] = [Some(2.2), Some(9.0), None];

/// The lengths of the two runs whose difference is taken.
const SHORT: u64 = 10;
const LONG: u64 = 50;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["work", end, mode, times] => {
            work(end, mode, times.parse().expect("a number"));
            return ExitCode::SUCCESS;
        }
        _ if words.contains(&"--bench") => {}
        _ => return judge(&allocations()),
    }
    let mut gates = allocations();
    gates.extend(instructions());
    judge(&gates)
}

/// What was measured, and what it may be.
struct Gate {
    what: String,
    is: f64,
    bound: Bound,
}

#[derive(Clone, Copy)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Gate {
    fn at_most(what: impl Into<String>, is: f64, most: f64) -> Gate {
        let (what, bound) = (what.into(), Bound::AtMost(most));
        Gate { what, is, bound }
    }

    fn at_least(what: impl Into<String>, is: f64, least: f64) -> Gate {
        let (what, bound) = (what.into(), Bound::AtLeast(least));
        Gate { what, is, bound }
    }

    fn holds(&self) -> bool {
        match self.bound {
            Bound::AtMost(most) => self.is <= most,
            Bound::AtLeast(least) => self.is >= least,
        }
    }
}

/// `at most 1.05: ok`
impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.holds() { "ok" } else { "TOO MUCH" };
        write!(f, "{}: {verdict}", self.bound)
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::AtMost(most) => write!(f, "at most {most}"),
            Bound::AtLeast(least) => write!(f, "at least {least}"),
        }
    }
}

/// Says in words which gates do not hold.
#[expect(clippy::print_stdout, reason = "the result is for a person to read")]
fn judge(gates: &[Gate]) -> ExitCode {
    let failed: Vec<&Gate> = gates.iter().filter(|gate| !gate.holds()).collect();
    for Gate { what, is, bound } in &failed {
        // Three places, unless it is a count.
        let is = (is * 1000.0).round() / 1000.0;
        println!("TOO MUCH: {what} is {is}, must be {bound}");
    }
    if failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Does a fixed amount of work, for valgrind to count.
fn work(end: &str, mode: &str, times: u64) {
    let mode = Mode::all().find(|known| known.name() == mode);
    match (end, mode.expect("a known mode")) {
        ("bare", Mode::Tls(tls)) => repeat(times, Bare::new(tls), Bare::next),
        (_, mode) => repeat(times, Deliveries::new(mode), Deliveries::next),
    }
}

fn repeat<T>(times: u64, mut subject: T, next: impl Fn(&mut T)) {
    (0..times).for_each(|_| next(&mut subject));
}

/// Prints allocations; the gates on them.
#[expect(clippy::print_stdout, reason = "the result is for a person to read")]
fn allocations() -> Vec<Gate> {
    println!("allocations, both ends     bare  delivery");
    let mut gates = Vec::new();
    for tls in Tls::ALL {
        let name = tls.name();
        let bare = allocations_of(&mut Bare::new(tls), Bare::next);
        let delivery = allocations_of(&mut Deliveries::new(Mode::Tls(tls)), Deliveries::next);
        let most = bare + tls_allocations_max(tls);
        let what = format!("allocations, {name},");
        let gate = Gate::at_most(what, f64::from(delivery), f64::from(most));
        println!("{name:20} {bare:>10} {delivery:>9}  {gate}");
        gates.push(gate);
    }
    let plaintext = allocations_of(&mut Deliveries::new(Mode::Plaintext), Deliveries::next);
    let most = f64::from(PLAINTEXT_ALLOCATIONS_MAX);
    let gate = Gate::at_most("allocations, plaintext,", f64::from(plaintext), most);
    println!("{:20} {:>10} {plaintext:>9}  {gate}", "plaintext", "");
    gates.push(gate);
    gates
}

/// Allocations of one call in the long run: the mean over many, after some to warm up.
fn allocations_of<T>(subject: &mut T, next: impl Fn(&mut T)) -> u32 {
    const TIMES: usize = 8;
    (0..TIMES).for_each(|_| next(subject));
    let region = Region::new(ALLOCATOR);
    (0..TIMES).for_each(|_| next(subject));
    let change = region.change();
    let allocations = (change.allocations + change.reallocations).div_ceil(TIMES);
    u32::try_from(allocations).expect("some hundred")
}

/// Prints instructions; the gates on them. Without valgrind there is nothing to judge.
#[expect(clippy::print_stdout, reason = "the result is for a person to read")]
fn instructions() -> Vec<Gate> {
    let Some(plaintext) = instructions_of("delivery", Mode::Plaintext) else {
        println!("no instructions counted: valgrind cannot be run");
        return Vec::new();
    };
    println!("instructions, both ends    bare  delivery   ratio");
    let most = f64::from(PLAINTEXT_INSTRUCTIONS_MAX);
    let gate = Gate::at_most("instructions, plaintext,", quotient(plaintext, 1), most);
    println!(
        "{:20} {:>10} {plaintext:>9} {:>7}  {gate}",
        "plaintext", "", ""
    );
    let mut gates = vec![gate];
    let mut deliveries = Vec::new();
    for tls in Tls::ALL {
        let mode = Mode::Tls(tls);
        let counted = instructions_of("bare", mode).zip(instructions_of("delivery", mode));
        let (bare, delivery) = counted.expect("valgrind ran before");
        deliveries.push((tls, delivery));
        let ratio = quotient(delivery, bare);
        print!("{:20} {bare:>10} {delivery:>9} {ratio:>7.3}", tls.name());
        match ratio_max(tls) {
            Some(most) => {
                let what = format!("delivery : bare, {},", tls.name());
                let gate = Gate::at_most(what, ratio, most);
                println!("  {gate}");
                gates.push(gate);
            }
            None => println!(),
        }
    }
    for (pair, min) in deliveries.chunks_exact(2).zip(FULL_BY_RESUMED_MIN) {
        let [(full, full_count), (resumed, resumed_count)] = *pair else {
            continue;
        };
        let ratio = quotient(full_count, resumed_count);
        let what = format!("{} : {}", full.name(), resumed.name());
        print!("{what} {ratio:.2}");
        match min {
            Some(least) => {
                let gate = Gate::at_least(what, ratio, least);
                println!("  {gate}");
                gates.push(gate);
            }
            None => println!(),
        }
    }
    gates
}

#[expect(
    clippy::cast_precision_loss,
    reason = "both are far below 2^52, where f64 is exact"
)]
fn quotient(dividend: u64, divisor: u64) -> f64 {
    dividend as f64 / divisor as f64
}

/// Instructions of one piece of work, or nothing if valgrind cannot be run.
fn instructions_of(end: &str, mode: Mode) -> Option<u64> {
    let short = collected(end, mode, SHORT)?;
    let long = collected(end, mode, LONG)?;
    Some(long.saturating_sub(short) / (LONG - SHORT))
}

fn collected(end: &str, mode: Mode, times: u64) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().ok()?)
        .args(["work", end, mode.name(), &times.to_string()])
        .output()
        .ok()?;
    // callgrind sums up in a line such as "==7== Collected : 123456".
    String::from_utf8_lossy(&output.stderr)
        .lines()
        .find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
}
