//! `mta-sim schema`

use mta_sim::library::{FileKind, plan_schema, schema as of_files};

use crate::args::{KindWord, SchemaArgs};
use crate::print;
use crate::verdict::{Usage, Verdict};

#[expect(clippy::unnecessary_wraps, reason = "as every command")]
pub(crate) fn schema(args: &SchemaArgs) -> Result<Verdict, Usage> {
    print::json(&match args.kind {
        Some(KindWord::Peer) => of_files(Some(FileKind::Peer)),
        Some(KindWord::World) => of_files(Some(FileKind::World)),
        Some(KindWord::Scenario) => of_files(Some(FileKind::Scenario)),
        Some(KindWord::Plan) => plan_schema(),
        None => of_files(None),
    });
    Ok(Verdict::Fine)
}
