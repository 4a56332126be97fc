//! `mta-sim schema`

use mta_sim::library::FileKind;

use crate::args::{KindWord, SchemaArgs};
use crate::{Usage, Verdict, print};

#[expect(clippy::unnecessary_wraps, reason = "as every command")]
pub(crate) fn schema(args: &SchemaArgs) -> Result<Verdict, Usage> {
    let kind = args.kind.map(|kind| match kind {
        KindWord::Peer => FileKind::Peer,
        KindWord::World => FileKind::World,
        KindWord::Scenario => FileKind::Scenario,
    });
    print::json(&mta_sim::library::schema(kind));
    Ok(Verdict::Fine)
}
