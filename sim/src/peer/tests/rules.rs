//! When rules apply: over connections, in time, by message.

use super::*;

/// A connection at this second, and what it hears of its greeting.
fn greeting_at(peer: &mut Peer, secs: u64) -> (Talk, String) {
    let mut talk = Talk::begun(peer, at(secs * 1000));
    let greeting = talk.heard();
    (talk, greeting)
}

/// What a peer says to these lines at this second, each on its own; the last line of each reply.
fn says_at(peer: &mut Peer, secs: u64, lines: &[&str]) -> Vec<String> {
    let (mut talk, _) = greeting_at(peer, secs);
    let mut answer = |line: &&str| {
        let line = format!("{line}\r\n");
        talk.hand(at(secs * 1000 + 1), PeerInput::Received(line.as_bytes()));
        let heard = talk.heard();
        heard.lines().last().unwrap_or_default().to_owned()
    };
    lines.iter().map(&mut answer).collect()
}

#[test]
fn three_connections_a_minute_then_421() {
    let mut peer = peer(
        "[[on]]
         moment = 'greeting'
         more-than = '3 per 1m'
         send = '421 4.7.0 Too many connections'
         then = 'close'",
    );
    let mut codes = Vec::new();
    for secs in [0, 1, 2, 3, 59, 60, 119, 120] {
        codes.push((secs, greeting_at(&mut peer, secs).1[..3].to_owned()));
    }
    // Those that were refused count too: at 60 the first is a minute old, and three later ones are not.
    let expected = [
        (0, "220"),
        (1, "220"),
        (2, "220"),
        (3, "421"),
        (59, "421"),
        (60, "421"),
        (119, "220"),
        (120, "220"),
    ];
    assert_eq!(codes, expected.map(|(secs, code)| (secs, code.to_owned())));
}

#[test]
fn every_second_connection_does_not_offer_starttls() {
    let mut peer = peer("[[on]]\ncommand = 'EHLO'\nevery = 2\nwithout = ['STARTTLS']");
    for offers in [true, false, true, false] {
        let mut talk = Talk::with(&mut peer);
        assert_eq!(talk.say(b"EHLO c\r\n").contains("STARTTLS"), offers);
        // What is not offered is not spoken.
        let answer = talk.say(b"STARTTLS\r\n");
        assert_eq!(answer.starts_with("220"), offers, "{answer}");
    }
}

#[test]
fn keywords_come_and_go_and_are_replaced() {
    let mut peer = peer(
        "[ehlo]
         keywords = ['SIZE 1000', 'PIPELINING', 'CHUNKING']
         [[on]]
         command = 'EHLO'
         without = ['pipelining']
         with = ['SIZE lots', 'XYZ a']",
    );
    assert_eq!(
        talk(&mut peer, &["EHLO c\n"]),
        "220 mx1.example.test ESMTP\n> EHLO c\n250-mx1.example.test\n250-CHUNKING\n250-SIZE lots\n250 XYZ a\n"
    );
}

#[test]
fn starttls_that_only_a_rule_offers_is_spoken() {
    let mut peer =
        peer("[ehlo]\nkeywords = []\n[[on]]\ncommand = 'EHLO'\nevery = 2\nwith = ['STARTTLS']");
    let lines = ["EHLO c", "STARTTLS"];
    let answers = |peer: &mut Peer| says_at(peer, 0, &lines);
    assert!(answers(&mut peer)[1].starts_with("502"));
    assert_eq!(answers(&mut peer)[0], "250 STARTTLS");
    assert!(answers(&mut peer)[1].starts_with("502"));
    assert!(answers(&mut peer)[1].starts_with("220"));
}

#[test]
fn a_chance_is_drawn_once_for_a_connection_and_follows_from_the_seed() {
    let flapping = "[[on]]\ncommand = 'EHLO'\nchance = 0.3\nwithout = ['STARTTLS']";
    let lacks = |text: &str| -> Vec<bool> {
        let mut peer = peer(text);
        (0..200)
            .map(|_| {
                let mut talk = Talk::with(&mut peer);
                let mut ehlo = || talk.say(b"EHLO c\r\n").contains("STARTTLS");
                let offers = ehlo();
                assert_eq!(ehlo(), offers, "the same connection, the same answer");
                !offers
            })
            .collect()
    };
    let drawn = lacks(flapping);
    let hits = drawn.iter().filter(|lacks| **lacks).count();
    assert!((40..=80).contains(&hits), "{hits} of 200");
    assert_eq!(drawn, lacks(flapping));
    let behind_another =
        format!("{flapping}\n[[on]]\ncommand = 'NOOP'\nchance = 0.5\nsend = '250 x'");
    assert_eq!(drawn, lacks(&behind_another));
}

#[test]
fn commands_are_counted_over_all_connections_where_a_rule_asks_for_it() {
    let mut peer = peer(
        "[[on]]
         command = 'MAIL'
         per = 'peer'
         nth = 2
         every-nth = 3
         send = '450 {n}'
         [[on]]
         command = 'MAIL'
         from-nth = 7
         every-nth = 2
         per = 'peer'
         send = '451 {n}'
         [[on]]
         command = 'NOOP'
         every-nth = 2
         send = '252 {n}'",
    );
    let lines = ["MAIL FROM:<a@b>", "RSET", "MAIL FROM:<a@b>", "NOOP", "NOOP"];
    let answers: Vec<String> = (0..5)
        .map(|secs| {
            let said = says_at(&mut peer, secs, &lines);
            let said: Vec<&str> = said.iter().map(|line| &line[..5]).collect();
            said.join(", ")
        })
        .collect();
    assert_eq!(
        answers,
        [
            "250 2, 250 2, 450 1, 250 2, 252 1",
            "250 2, 250 2, 250 2, 250 2, 252 2",
            "450 3, 250 2, 250 2, 250 2, 252 3",
            "250 2, 250 2, 450 4, 250 2, 252 4",
            "250 2, 250 2, 451 5, 250 2, 252 5",
        ]
    );
}

#[test]
fn message_texts_are_counted_over_all_connections_too() {
    let mut peer = peer(
        "[[on]]
         moment = 'body'
         after-octets = 3
         per = 'peer'
         every-nth = 2
         then = 'close'",
    );
    let lines = ["MAIL FROM:<a@b>", "RCPT TO:<c@d>", "DATA", "text", "."];
    let mut ends = Vec::new();
    for secs in 0..4 {
        ends.push(says_at(&mut peer, secs, &lines)[4].clone());
    }
    assert_eq!(
        ends,
        ["250 2.0.0 Ok: queued", "", "250 2.0.0 Ok: queued", ""]
    );
}

#[test]
fn five_at_once_and_no_more() {
    let mut peer = peer(
        "[[on]]
         moment = 'greeting'
         at-once = 5
         send = '421 4.7.0 Too many at once'
         then = 'close'",
    );
    let mut open: Vec<(Talk, String)> = (0..6).map(|_| greeting_at(&mut peer, 0)).collect();
    let codes: Vec<&str> = open.iter().map(|(_, greeting)| &greeting[..3]).collect();
    assert_eq!(codes, ["220", "220", "220", "220", "220", "421"]);
    open[0].0.hand(at(10), PeerInput::Closed);
    open[5].0.hand(at(10), PeerInput::Closed);
    assert!(greeting_at(&mut peer, 0).1.starts_with("220"));
    drop(open);
    assert!(greeting_at(&mut peer, 0).1.starts_with("220"));
}

#[test]
fn greylisting_by_client_sender_and_recipient() {
    let mut peer = peer(
        "[[on]]
         command = 'RCPT'
         greylist = '5m'
         send = '451 4.7.1 <{recipient}>: Greylisted, {sender} at {client}'",
    );
    let lines = |sender: &str, recipient: &str| {
        [
            "EHLO c".to_owned(),
            format!("MAIL FROM:<{sender}>"),
            format!("RCPT TO:<{recipient}>"),
        ]
    };
    let mut rcpt = |secs, sender, recipient| {
        let lines = lines(sender, recipient);
        says_at(&mut peer, secs, &lines.each_ref().map(String::as_str))[2].clone()
    };
    let greylisted = "451 4.7.1 <b@d.test>: Greylisted, a@c.test at 192.0.2.99";
    assert_eq!(rcpt(0, "a@c.test", "b@d.test"), greylisted);
    assert_eq!(rcpt(200, "a@c.test", "b@d.test"), greylisted);
    assert_eq!(rcpt(301, "A@C.test", "b@D.test"), "250 2.1.5 Ok");
    assert!(rcpt(302, "a@c.test", "other@d.test").starts_with("451"));
    assert!(rcpt(303, "", "b@d.test").starts_with("451"));
}

#[test]
fn greylisting_at_mail_and_at_the_dot() {
    let mut at_mail = peer("[[on]]\ncommand = 'MAIL'\ngreylist = '1m'\nsend = '451 4.7.1 later'");
    let mail = ["EHLO c", "MAIL FROM:<a>"];
    assert!(says_at(&mut at_mail, 0, &mail)[1].starts_with("451"));
    assert!(says_at(&mut at_mail, 60, &mail)[1].starts_with("250"));

    let mut at_dot = peer("[[on]]\ncommand = 'DOT'\ngreylist = '1m'\nsend = '451 4.7.1 later'");
    let one = ["MAIL FROM:<a>", "RCPT TO:<b>", "DATA", "x\r\n."];
    let two = [
        "MAIL FROM:<a>",
        "RCPT TO:<b>",
        "RCPT TO:<c>",
        "DATA",
        "x\r\n.",
    ];
    assert!(says_at(&mut at_dot, 0, &one)[3].starts_with("451"));
    // One of the two is new.
    assert!(says_at(&mut at_dot, 61, &two)[4].starts_with("451"));
    assert!(says_at(&mut at_dot, 122, &two)[4].starts_with("250"));
}

#[test]
fn a_rule_for_a_while() {
    let mut peer =
        peer("[[on]]\ncommand = 'NOOP'\nsince = '10m'\nuntil = '1h'\nsend = '250 while'");
    let mut noop = |secs| says_at(&mut peer, secs, &["NOOP"])[0].clone();
    for (secs, expected) in [
        (599, "250 2.0.0 Ok"),
        (600, "250 while"),
        (3599, "250 while"),
        (3600, "250 2.0.0 Ok"),
    ] {
        assert_eq!(noop(secs), expected, "{secs}");
    }
}

#[test]
fn rules_for_senders_recipients_sizes_and_clients() {
    let mut peer = peer(
        "[[on]]\ncommand = 'MAIL'\nmessage-over = 1000\nsend = '552 5.3.4 {octets} octets'
         [[on]]\ncommand = 'MAIL'\nsender = '*@Spam.test'\nsend = '550 5.7.1 no'
         [[on]]\ncommand = 'RCPT'\nrecipient = 'nobody@*'\nsend = '550 5.1.1 {recipient} from {helo}'
         [[on]]\ncommand = 'DOT'\nrecipient = 'filtered@*'\nsend = '554 5.7.1 on connection {n}'
         [[on]]\ncommand = 'DOT'\nmessage-over = 10\nsend = '552 5.3.4 {octets} octets'
         [[on]]\ncommand = 'NOOP'\nclient = '198.51.100.0/24'\nsend = '250 not for you'",
    );
    insta::assert_snapshot!(talk(
        &mut peer,
        &[
            "EHLO c.test\n",
            "NOOP\n",
            "MAIL FROM:<a@c.test> SIZE=1001\n",
            "MAIL FROM:<a@spam.TEST> SIZE=1000\n",
            "MAIL FROM:<a@c.test>\nRCPT TO:<nobody@d.test>\nRCPT TO:<b@d.test>\nDATA\n",
            "12\n.\n",
            "MAIL FROM:<>\nRCPT TO:<b@d.test>\nRCPT TO:<filtered@d.test>\nDATA\n",
            ".\n",
            "MAIL FROM:<>\nRCPT TO:<b@d.test>\nDATA\n",
            "12345678\n.\n",
        ],
    ));
}

#[test]
fn counts_may_begin_with_the_transaction() {
    let mut peer = peer(
        "[[on]]\ncommand = 'RCPT'\nfrom-nth = 3\nper = 'transaction'\nsend = '452 4.5.3 Too many recipients'",
    );
    let mut talk = Talk::with(&mut peer);
    talk.heard();
    for _ in 0..2 {
        let said =
            talk.say(b"MAIL FROM:<a>\r\nRCPT TO:<b>\r\nRCPT TO:<c>\r\nRCPT TO:<d>\r\nRSET\r\n");
        let codes: Vec<&str> = said.lines().map(|line| &line[..3]).collect();
        assert_eq!(codes, ["250", "250", "250", "452", "250"]);
    }
}

#[test]
fn what_a_peer_says_and_what_it_does_are_two_things() {
    let mut silent = peer("[[on]]\ncommand = 'DOT'\nthen = 'close'\nacts = true");
    let mut talk = Talk::with(&mut silent);
    talk.say(b"MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n");
    assert_eq!(talk.say(b".\r\n"), "");
    assert_eq!((talk.ends.len(), talk.seen().messages.len()), (1, 1));

    let mut liar =
        peer("[[on]]\ncommand = ['RCPT', 'DOT']\nsend = '250 2.0.0 Of course'\nacts = false");
    let mut talk = Talk::with(&mut liar);
    let said = talk.say(b"MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n");
    assert_eq!(
        said.lines().last(),
        Some("554 5.5.1 Error: no valid recipients")
    );

    let mut odd = peer("[[on]]\ncommand = 'RCPT'\nsend = '550 5.1.1 no'\nacts = true");
    let mut talk = Talk::with(&mut odd);
    let said = talk.say(b"MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n");
    assert_eq!(
        said.lines().last(),
        Some("354 End data with <CR><LF>.<CR><LF>")
    );
}

#[test]
fn any_command_may_be_late() {
    let mut peer = peer("[[on]]\ncommand = 'any'\ndelay = '280s'");
    assert_eq!(
        talk(&mut peer, &["NOOP\n", "...", "WHAT\n", "..."]),
        "220 mx1.example.test ESMTP\n> NOOP\n... 280.010\n250 2.0.0 Ok\n> WHAT\n... 280.010\n502 5.5.2 Error: command not recognized\n"
    );
}

#[test]
fn replies_may_be_long_and_many() {
    let mut peer = peer(
        "greeting = { text = '220 ', pad = 102400 }
         [[on]]
         command = 'EHLO'
         send = [{ text = '250-X{n}', times = 3 }, { text = '250-y', times = 2, delay = '1s' }, '250 z']",
    );
    let mut talk = Talk::with(&mut peer);
    assert_eq!(talk.heard(), format!("220 {}\n", "a".repeat(102_400)));
    assert_eq!(talk.say(b"EHLO c\r\n"), "250-X1\n250-X1\n250-X1\n");
    talk.hand(at(1010), PeerInput::Timeout);
    assert_eq!(talk.heard(), "250-y\n");
    talk.hand(at(2010), PeerInput::Timeout);
    assert_eq!(talk.heard(), "250-y\n250 z\n");
}

#[test]
fn what_comes_behind_a_command_may_be_thrown_away() {
    let mut peer = peer(
        "discards-pipelined = true
         [[on]]
         command = 'RSET'
         delay = '1s'",
    );
    let mut talk = Talk::with(&mut peer);
    talk.heard();
    assert_eq!(
        talk.say(b"MAIL FROM:<a>\r\nRCPT TO:<b>\r\n"),
        "250 2.1.0 Ok\n"
    );
    // A line that comes in pieces is no pipelining.
    assert_eq!(talk.say(b"RCPT TO:"), "");
    assert_eq!(talk.say(b"<b>\r\nDA"), "250 2.1.5 Ok\n");
    assert_eq!(
        talk.say(b"DATA\r\nx\r\n"),
        "354 End data with <CR><LF>.<CR><LF>\n"
    );
    talk.say(b"y\r\n.\r\nQUIT\r\n");
    assert_eq!(talk.seen().messages[0].bytes, 3);
    assert_eq!(talk.say(b"RSET\r\n"), "");
    assert_eq!(talk.say(b"NOOP\r\n"), "");
    talk.hand(at(1010), PeerInput::Timeout);
    assert_eq!(talk.heard(), "250 2.0.0 Ok\n");
}

#[test]
fn a_peer_may_close_its_side_and_read_on() {
    let mut peer = peer("[[on]]\nmoment = 'greeting'\nsend = '220 hi'\nthen = 'half-close'");
    let mut talk = Talk::with(&mut peer);
    assert_eq!((talk.heard().as_str(), talk.ends.len()), ("220 hi\n", 1));
    assert_eq!(talk.say(b"EHLO c\r\n"), "");
    assert_eq!(talk.seen().end, End::Open);
    talk.hand(at(10), PeerInput::Closed);
    assert_eq!((talk.ends.len(), talk.seen().end), (1, End::ClientClosed));
}

#[test]
fn a_sloppy_peer_finds_an_end_where_there_is_none() {
    let mut peer = peer("end-of-data = ['lf.lf']");
    let mut talk = Talk::with(&mut peer);
    talk.say(b"MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n");
    let said = talk.say(b"x\n.\nMAIL FROM:<smuggled>\r\n");
    assert_eq!(said, "250 2.0.0 Ok: queued\n250 2.1.0 Ok\n");
}
