//! Conversations in clear text.

use super::*;

const GMAIL: &str = r#"
    greeting = "220 {host} ESMTP {id} - gsmtp"
    [ehlo]
    text = "at your service, [{client}]"
    keywords = ["SIZE 157286400", "8BITMIME", "STARTTLS", "ENHANCEDSTATUSCODES", "PIPELINING", "CHUNKING", "SMTPUTF8"]
    [replies]
    MAIL = "250 2.1.0 OK {id} - gsmtp"
    RCPT = "250 2.1.5 OK {id} - gsmtp"
    DATA = "354 Go ahead {id} - gsmtp"
    DOT = "250 2.0.0 OK  {epoch} {id} - gsmtp"
    QUIT = "221 2.0.0 closing connection {id} - gsmtp"
"#;

#[test]
fn an_empty_spec_is_a_good_peer() {
    let said = talk(
        &mut peer(""),
        &[
            "EHLO c.test\n",
            "MAIL FROM:<a@c.test>\nRCPT TO:<b@example.test>\nDATA\n",
            "Subject: x\n\n..dot\n.\n",
            "QUIT\n",
        ],
    );
    insta::assert_snapshot!(said);
}

#[test]
fn gmail_shows_its_word_its_client_and_the_time() {
    let mut gmail = peer(GMAIL);
    let said = talk(
        &mut gmail,
        &[
            "EHLO c.test\n",
            "MAIL FROM:<>\nRCPT TO:<b@example.test>\nDATA\n",
            ".\n",
            "QUIT\n",
        ],
    );
    insta::assert_snapshot!(said);
    let again = talk(&mut peer(GMAIL), &["EHLO c.test\n"]);
    assert!(said.starts_with(&again), "the same seed has the same word");
    let second = talk(&mut gmail, &[]);
    assert!(
        !said.starts_with(&second),
        "another connection has another word"
    );
}

#[test]
fn commands_out_of_order_are_refused() {
    insta::assert_snapshot!(talk(
        &mut peer("[ehlo]\nkeywords = ['PIPELINING']"),
        &[
            "RCPT TO:<b>\nDATA\nSTARTTLS\nFOO\n.\n",
            "MAIL FROM:<a>\nMAIL FROM:<a>\nDATA\n",
            "RSET\nNOOP\nVRFY x\nHELO c\nAUTH x\n",
            "BDAT 3\nabcBDAT x\nMAIL FROM:<a>\nRCPT TO:<b>\nBDAT 3\nabcBDAT 2 LAST\ndeQUIT\n",
        ],
    ));
}

#[test]
fn a_pipelined_group_is_answered_with_one_send() {
    let mut peer = peer("");
    let mut talk = Talk::with(&mut peer);
    talk.say(b"EHLO c\r\n");
    talk.sends.clear();
    talk.say(b"MAIL FROM:<a>\r\nRCPT TO:<b>\r\nRCPT TO:<c>\r\nDATA\r\n");
    assert_eq!(talk.sends.len(), 1);
}

#[test]
fn what_was_accepted_is_seen_with_its_recipients_and_digest() {
    use sha2::{Digest, Sha256};
    let mut peer = peer("[[on]]\ncommand = 'RCPT'\nnth = 2\nsend = '550 5.1.1 no'");
    let mut talk = Talk::with(&mut peer);
    talk.say(
        b"EHLO c\r\nMAIL FROM:<a@c>\r\nRCPT TO:<b>\r\nRCPT TO:<no>\r\nRCPT TO:<d>\r\nDATA\r\n",
    );
    talk.say(b"x\r\n..y\r\n.\r\nQUIT\r\n");
    let seen = talk.seen();
    assert_eq!(
        seen.messages,
        [SeenMessage {
            mail: "<a@c>".into(),
            rcpts: vec!["<b>".into(), "<d>".into()],
            bytes: 7,
            digest: Sha256::digest(b"x\r\n.y\r\n").into(),
            in_tls: false,
            text: Some(b"x\r\n.y\r\n"[..].into()),
        }]
    );
    assert_eq!(seen.plain.last().map(String::as_str), Some("QUIT"));
    assert_eq!((seen.plain.len(), seen.end), (8, End::PeerClosed));
}

#[test]
fn a_refused_message_is_not_accepted() {
    let mut peer = peer("[replies]\nDOT = '550 5.7.1 no'");
    let mut talk = Talk::with(&mut peer);
    talk.say(b"MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n");
    assert_eq!(talk.say(b".\r\n"), "550 5.7.1 no\n");
    assert_eq!(talk.seen().messages, []);
}

#[test]
fn rules_apply_to_their_connections_and_times() {
    let mut flaky = peer(
        "[[on]]\ncommand = 'EHLO'\nconnection = 1\nevery = 2\nsend = '250 {host}'
         [[on]]\nmoment = 'connect'\nconnection = 4\nthen = 'refuse'
         [[on]]\nmoment = 'connect'\nconnection = 5\nthen = 'drop'
         [[on]]\nmoment = 'connect'\nconnection = 6\nthen = 'reset'
         [[on]]\nmoment = 'greeting'\nconnection = 7\nsend = '421 4.3.2 busy'\nthen = 'close'",
    );
    let mut lengths = Vec::new();
    for _ in 1..=3 {
        let mut talk = Talk::with(&mut flaky);
        talk.heard();
        lengths.push(talk.say(b"EHLO c\r\n").lines().count());
    }
    assert_eq!(lengths, [1, 7, 1]);
    let client = ([192, 0, 2, 99], 40000).into();
    assert!(matches!(flaky.accept(at(0), client), Accept::Refuse));
    assert!(matches!(flaky.accept(at(0), client), Accept::Drop));
    assert_eq!(talk(&mut flaky, &[]), "[Reset]\n");
    assert_eq!(talk(&mut flaky, &[]), "421 4.3.2 busy\n[Close]\n");
    assert_eq!(flaky.connections(), 7);
}

#[test]
fn ways_to_end_a_conversation() {
    let mut text = String::new();
    for rule in [
        "command = 'STARTTLS'\nsend = '454 4.7.0 TLS not available due to temporary reason'",
        "command = 'STARTTLS'\nsend = '220 ready'\nthen = 'go-on'",
        "command = 'EHLO'\nthen = 'close'",
        "command = 'QUIT'\nthen = 'reset'",
        "command = 'QUIT'\nthen = 'stall'",
        "command = 'NOOP'\ndelay = '250s'",
        "command = 'NOOP'\nsend = ['250-a', { delay = '6s', text = '250 b', then = 'close' }]",
        "command = 'NOOP'\nsend = { hex = '00ff', then = 'go-on' }",
        "moment = 'greeting'\nsend = ['220-teaser', { delay = '6s', text = '220 real' }]",
    ] {
        let mut peer = peer(&format!("[[on]]\n{rule}"));
        let waits = rule.contains("delay");
        let before: &[&str] = if rule.contains("greeting") {
            &["..."]
        } else {
            &[]
        };
        let behind: &[&str] = if waits && before.is_empty() {
            &["..."]
        } else {
            &[]
        };
        let said = ["STARTTLS\nNOOP\n", "EHLO c\nNOOP\n", "QUIT\nNOOP\n"]
            .into_iter()
            .find(|said| {
                said.split([' ', '\n'])
                    .next()
                    .is_some_and(|word| rule.contains(&format!("'{word}'")))
            })
            .unwrap_or("NOOP\nNOOP\n");
        let script = [before, &[said], behind].concat();
        text.push_str(&format!(
            "# {}\n{}\n",
            rule.replace('\n', ", "),
            talk(&mut peer, &script)
        ));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_rule_about_a_text_applies_at_its_byte() {
    let mut talk = Talk::with(&mut peer(
        "[[on]]\nmoment = 'body'\nafter-octets = 4\nsend = '554 5.7.1 Rejected'\nthen = 'close'",
    ));
    talk.say(b"MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n");
    assert_eq!(talk.say(b"abc"), "");
    assert_eq!(talk.say(b"defg"), "554 5.7.1 Rejected\n");
    assert_eq!(talk.ends, [PeerOutput::Close]);

    let early = "[[on]]\nmoment = 'body'\nsend = '250 early'";
    let mut talk = Talk::with(&mut peer(early));
    talk.say(b"MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n");
    assert_eq!(
        talk.say(b"abc\r\n.\r\n"),
        "250 early\n250 2.0.0 Ok: queued\n"
    );
    assert_eq!(talk.seen().messages[0].bytes, 5);
}

#[test]
fn a_client_that_talks_too_early_is_noticed() {
    let mut peer = peer(
        "greeting = ['220-teaser', { delay = '6s', text = '220 real' }]
         [[on]]\nmoment = 'early-talk'\nsend = '521 5.5.1 Protocol error'\nthen = 'close'",
    );
    assert_eq!(
        talk(&mut peer, &["EHLO c\n"]),
        "220-teaser\n> EHLO c\n521 5.5.1 Protocol error\n[Close]\n"
    );
    assert_eq!(
        talk(&mut peer, &["...", "NOOP\n"]),
        "220-teaser\n... 6.000\n220 real\n> NOOP\n250 2.0.0 Ok\n"
    );
}

#[test]
fn a_peer_may_be_followed_by_another() {
    let mut peer = peer("greeting = '220 one'")
        .followed_by(peer("greeting = '220 two'"))
        .followed_by(peer("greeting = '220 three'"));
    let greetings: Vec<String> = (0..4).map(|_| talk(&mut peer, &[])).collect();
    assert_eq!(
        greetings,
        ["220 one\n", "220 two\n", "220 three\n", "220 three\n"]
    );
    assert_eq!(peer.connections(), 4);
}
