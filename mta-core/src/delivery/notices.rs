//! What smtp(8) remarks on that concerns no message in particular.

use crate::connection::Env;
use crate::event::{Notice, What};

/// It noticed all this.
pub(super) fn tell(notices: Vec<Notice>, env: &mut Env<'_>) {
    for one in notices {
        notice(one, env);
    }
}

/// It noticed this.
pub(super) fn notice(notice: impl Into<Notice>, env: &mut Env<'_>) {
    env.out.tell(env.now.time, None, What::noticed(notice));
}
