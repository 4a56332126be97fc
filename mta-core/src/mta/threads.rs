//! What may move to another thread, and what several may use at once; the compiler judges.

use super::{Input, Mta, Output};
use crate::config::{Files, Settings};
use crate::policy_table::Tables;
use crate::process::Services;
use crate::tls::{Engine, Material, SessionCache, SessionStore, Terms, Ticket, TlsStream};

const fn moves<T: Send + ?Sized>() {}
const fn is_shared<T: Send + Sync + ?Sized>() {}

/// A call of `check` is ambiguous, and so does not compile, for a type that is `Sync`.
trait NotSync<Why> {
    fn check() {}
}
struct Anyway;
struct BecauseItIsSync;
impl<T: ?Sized> NotSync<Anyway> for T {}
impl<T: Sync + ?Sized> NotSync<BecauseItIsSync> for T {}

#[test]
fn senders_move_between_threads_and_share_engine_and_sessions() {
    moves::<Mta>();
    <Mta as NotSync<_>>::check();
    moves::<TlsStream>();
    moves::<Ticket>();
    moves::<Input<'static>>();
    moves::<Output>();

    is_shared::<Engine>();
    is_shared::<Material>();
    is_shared::<dyn SessionStore>();
    is_shared::<SessionCache>();
    is_shared::<Terms>();
    is_shared::<Services>();
    is_shared::<Settings>();
    is_shared::<Tables>();
    is_shared::<Files>();
}
