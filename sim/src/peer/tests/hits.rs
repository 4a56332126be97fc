//! How often each kind of rule applied.

use super::client::Client;
use super::*;

#[test]
fn commands_moments_and_texts_are_counted_where_they_apply() {
    let mut peer = peer(
        "[[on]]\nmoment = 'greeting'\nsend = '220 hi'
         [[on]]\ncommand = 'NOOP'\nnth = 2\nsend = '250 two'
         [[on]]\ncommand = 'NOOP'\ndelay = '1s'
         [[on]]\nmoment = 'body'\nafter-octets = 4\nsend = '250 early'
         [[on]]\nmoment = 'body'\nafter-octets = 4000\nsend = '250 late'
         [[on]]\ncommand = 'VRFY'\nsend = '252 perhaps'
         [[on]]\nmoment = 'connect'\nconnection = 2\nthen = 'refuse'",
    );
    let mut talk = Talk::with(&mut peer);
    assert_eq!(peer.rule_hits(), [1, 0, 0, 0, 0, 0, 0]);
    talk.say(b"NOOP\r\n");
    talk.hand(at(2000), PeerInput::Timeout);
    talk.say(b"NOOP\r\nMAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\nab");
    assert_eq!(peer.rule_hits(), [1, 1, 1, 0, 0, 0, 0]);
    talk.say(b"cdef\r\n.\r\n");
    assert_eq!(peer.rule_hits(), [1, 1, 1, 1, 0, 0, 0]);
    let client = ([192, 0, 2, 99], 40000).into();
    assert!(matches!(peer.accept(at(0), client), Accept::Refuse));
    assert_eq!(peer.rule_hits(), [1, 1, 1, 1, 0, 0, 1]);
}

#[test]
fn a_broken_handshake_is_counted_once_when_it_breaks() {
    for word in [
        "close-before-hello",
        "garbage-on-hello",
        "hello-retry-twice",
        "alert-mid-flight:handshake_failure",
        "warn-alert-mid-flight:unrecognized_name",
        "corrupt-flight",
        "corrupt-finished",
        "reset-mid-flight",
        "reset-on-client-flight",
        "close-after-handshake",
    ] {
        let rule = format!("[[on]]\nfail = '{word}'\nconnection = 2");
        let mut peer = peer(&rule);
        let mut client = Client::new();
        client.meet(&mut peer, usize::MAX);
        assert_eq!(peer.rule_hits(), [0], "{word}");
        client.meet(&mut peer, usize::MAX);
        assert_eq!(peer.rule_hits(), [1], "{word}");
    }
}

#[test]
fn a_rule_at_a_moment_of_the_handshake_is_counted_once() {
    for moment in [
        "client-hello",
        "mid-flight",
        "client-flight",
        "after-handshake",
    ] {
        let mut peer = peer(&format!("[[on]]\nmoment = '{moment}'\nthen = 'close'"));
        Client::new().meet(&mut peer, usize::MAX);
        assert_eq!(peer.rule_hits(), [1], "{moment}");
    }
}
