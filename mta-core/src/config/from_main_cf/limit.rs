//! Limits, where 0 and less is none.

use std::num::NonZeroU32;

/// Postfix counts up until it meets the limit, so nothing below 1 is ever met.
pub(super) fn limit(number: i32) -> Option<NonZeroU32> {
    u32::try_from(number).ok().and_then(NonZeroU32::new)
}
