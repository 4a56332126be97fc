//! Nothing that a client sends panics, hangs or grows a peer; and slices change no byte.

use proptest::prelude::*;

use super::*;
use crate::peer::connection::WAITING_BYTES_MAX;
use crate::peer::dialogue::{ERRORS_MAX, LINE_BYTES_MAX};

/// Bytes that look like a dialogue often enough to get somewhere.
fn dialogue() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        prop::sample::select(vec![
            &b"EHLO c\r\n"[..],
            b"MAIL FROM:<a>\r\n",
            b"RCPT TO:<b>\r\n",
            b"DATA\r\n",
            b"x\r\n.\r\n",
            b".\r\n",
            b"BDAT 5\r\nabcde",
            b"BDAT 0 LAST\r\n",
            b"BDAT 18446744073709551615\r\n",
            b"RSET\r\n",
            b"NOOP\n",
            b"QUIT\r\n",
            b"\r",
            b"\n",
        ])
        .prop_map(<[u8]>::to_vec),
        prop::collection::vec(any::<u8>(), 0..20),
        (0usize..5000).prop_map(|length| vec![b'a'; length]),
    ];
    prop::collection::vec(word, 0..30).prop_map(|words| words.concat())
}

const PLAIN: &str = "[ehlo]\nkeywords = ['PIPELINING']
    [[on]]\nmoment = 'body'\nafter-octets = 3\nsend = '250 early'\nthen = 'go-on'
    [[on]]\ncommand = 'RSET'\nnth = 2\nsend = '250-a'";

fn answer(peer: &mut Peer, bytes: &[u8], slices: &[usize]) -> (Vec<u8>, Vec<PeerOutput>, Seen) {
    let mut talk = Talk::with(peer);
    let mut rest = bytes;
    let mut sizes = slices.iter().copied().cycle();
    while !rest.is_empty() {
        let (slice, behind) =
            rest.split_at(sizes.next().unwrap_or(rest.len()).clamp(1, rest.len()));
        talk.hand(at(10), PeerInput::Received(slice));
        rest = behind;
    }
    (
        std::mem::take(&mut talk.said),
        std::mem::take(&mut talk.ends),
        talk.seen(),
    )
}

proptest! {
    #[test]
    fn slices_change_no_byte(bytes in dialogue(), slices in prop::collection::vec(1usize..40, 1..5)) {
        let mut peer = peer(PLAIN);
        prop_assert_eq!(answer(&mut peer, &bytes, &[]), answer(&mut peer, &bytes, &slices));
    }

    #[test]
    fn bytes_instead_of_tls_end_the_connection_at_most(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
        header in any::<bool>(),
        slices in prop::collection::vec(1usize..40, 1..5),
    ) {
        let junk = if header { [&[22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3][..], &bytes].concat() } else { bytes };
        let mut peer = peer("[tls]\nimplicit = true");
        // Another connection has other random bytes, but an alert has none.
        prop_assert_eq!(answer(&mut peer, &junk, &[]).0, answer(&mut peer, &junk, &slices).0);
    }

    #[test]
    fn no_text_trips_the_loader(text in "\\PC{0,200}") {
        let _ = load("p.toml", &text);
    }

    #[test]
    fn no_damage_to_a_file_trips_the_loader(
        at in any::<prop::sample::Index>(),
        cut in 0usize..12,
        insert in "[\\[\\]{}='\"a-z0-9\\n.,#:]{0,8}",
    ) {
        let text = include_str!("whole.toml");
        let at = text.floor_char_boundary(at.index(text.len()));
        let until = text.floor_char_boundary(at + cut);
        let damaged = format!("{}{insert}{}", &text[..at], &text[until..]);
        match load("p.toml", &damaged) {
            Ok(spec) => prop_assert_eq!(load("p.toml", &toml::to_string(&spec).unwrap()), Ok(spec)),
            Err(error) => {
                prop_assert!(error.line >= 1 && error.line <= damaged.lines().count() + 1);
                prop_assert!(!error.to_string().contains('\n'), "{}", error);
            }
        }
    }
}

#[test]
fn a_flood_behind_a_delay_is_reset_and_a_stalled_peer_keeps_nothing() {
    let mut peer =
        peer("[[on]]\ncommand = 'NOOP'\ndelay = '1s'\n[[on]]\ncommand = 'RSET'\nthen = 'stall'");
    let mut talk = Talk::with(&mut peer);
    talk.say(b"NOOP\r\n");
    let flood = vec![b'a'; WAITING_BYTES_MAX];
    talk.hand(at(10), PeerInput::Received(&flood));
    assert_eq!(talk.ends, []);
    talk.hand(at(10), PeerInput::Received(b"a"));
    assert_eq!(talk.ends, [PeerOutput::Reset]);

    let mut talk = Talk::with(&mut peer);
    talk.say(b"RSET\r\n");
    for _ in 0..3 {
        talk.hand(at(10), PeerInput::Received(&flood));
    }
    assert_eq!(talk.ends, []);
    talk.hand(at(10), PeerInput::Closed);
    assert_eq!(
        (&talk.ends[..], talk.seen().end),
        (&[PeerOutput::Close][..], End::ClientClosed)
    );
}

#[test]
fn lines_too_long_and_errors_too_many() {
    let mut talk = Talk::with(&mut peer(""));
    talk.heard();
    let longest = [&b"NOOP "[..], &vec![b'x'; LINE_BYTES_MAX - 7], b"\r\n"].concat();
    assert_eq!(longest.len(), LINE_BYTES_MAX);
    assert_eq!(talk.say(&longest), "250 2.0.0 Ok\n");
    let too_long = [&b"NOOP "[..], &vec![b'x'; LINE_BYTES_MAX], b"\r\n"].concat();
    assert_eq!(talk.say(&too_long), "500 5.5.2 Error: line too long\n");
    for _ in 1..ERRORS_MAX {
        talk.say(b"FOO\r\n");
    }
    assert_eq!(
        talk.say(b"FOO\r\n"),
        format!("421 4.7.0 {HOST} Error: too many errors\n")
    );
    assert_eq!(talk.ends, [PeerOutput::Close]);
}

#[test]
fn a_peer_that_needs_tls_has_a_certificate() {
    let host = Host {
        name: HOST.to_owned(),
        address: [192, 0, 2, 1].into(),
    };
    assert!(matches!(
        Peer::new(&PeerSpec::default(), &host, None, Seed(1)),
        Err(PeerError::NoTlsMaterial)
    ));
    assert!(Peer::new(&spec("[ehlo]\nkeywords = []"), &host, None, Seed(1)).is_ok());
}
