//! What a delivery uses besides its environment: numbers, the memory of DNS, connections that stayed open.

use super::memory::DnsMemory;
use crate::connection::{Env, Idle};
use crate::dns::{Answer, Question};
use crate::event::What;
use crate::outbox::Output;

/// What a delivery uses besides its environment.
pub(crate) struct Resources<'a> {
    pub(crate) next_query: &'a mut u32,
    pub(crate) next_connection: &'a mut u32,
    /// What its process learnt of DNS before.
    pub(crate) memory: &'a mut DnsMemory,
    /// Connections that stayed open.
    pub(crate) idle: &'a mut Idle,
}

impl Resources<'_> {
    /// Asks the resolver; the number of the query.
    pub(super) fn ask(&mut self, question: &Question, env: &mut Env<'_>) -> u32 {
        let query = *self.next_query;
        *self.next_query = query.wrapping_add(1);
        let asked = What::Asked(question.clone());
        env.out.tell(env.now.time, None, asked);
        let question = question.clone();
        env.out.put(Output::Resolve { query, question });
        query
    }
}

/// Tells what the resolver answered.
pub(super) fn answered(question: &Question, answer: &Answer, env: &mut Env<'_>) {
    let what = What::answered(question.clone(), answer);
    env.out.tell(env.now.time, None, what);
}
