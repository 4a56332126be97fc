//! That there is no route, since a table has no answer.

use crate::event::{Notice, PolicyNotice};
use crate::maps::LookupError;

/// No route can be found now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoRoute;

/// A table had no answer.
pub(super) fn unanswered(
    parameter: &'static str,
    error: LookupError,
    notices: &mut Vec<Notice>,
) -> NoRoute {
    notices.extend(error.notices.into_iter().map(Notice::from));
    notices.push(PolicyNotice::RouteLookupFailed { parameter }.into());
    NoRoute
}
