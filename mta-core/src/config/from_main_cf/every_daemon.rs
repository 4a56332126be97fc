//! What every daemon of Postfix reads when it starts, smtp(8) among them, and refuses to start over
//! (src/global/mail_params.c `mail_params_init`). The values have no effect here.

use super::super::inet::words;
use super::super::reader::Reader;
use super::super::value::{self, Refusal, nearest};
use crate::config::problem::clip;
use crate::event::{Assignment, ConfigNotice, WordWeight};

/// Texts that must not be empty.
const FILLED: [&str; 32] = [
    "address_verify_service_name",
    "bounce_service_name",
    "cleanup_service_name",
    "command_directory",
    "daemon_directory",
    "default_database_type",
    "default_privs",
    "defer_service_name",
    "double_bounce_sender",
    "error_service_name",
    "flush_service_name",
    "hash_queue_names",
    "mail_name",
    "mail_owner",
    "maillog_file_compressor",
    "maillog_file_prefixes",
    "maillog_file_rotate_suffix",
    "meta_directory",
    "myorigin",
    "mynetworks_style",
    "pickup_service_name",
    "postlog_service_name",
    "process_id_directory",
    "proxymap_service_name",
    "proxywrite_service_name",
    "queue_directory",
    "queue_service_name",
    "rewrite_service_name",
    "setgid_group",
    "showq_service_name",
    "syslog_facility",
    "trace_service_name",
];

const YES_OR_NO: [&str; 18] = [
    "address_verify_negative_cache",
    "backwards_bounce_logfile_compatibility",
    "daemon_table_open_error_is_fatal",
    "disable_dns_lookups",
    "disable_mime_input_processing",
    "disable_mime_output_conversion",
    "dns_ncache_ttl_fix_enable",
    "enable_idna2003_compatibility",
    "enable_long_queue_ids",
    "enable_original_recipient",
    "helpful_warnings",
    "multi_instance_enable",
    "owner_request_special",
    "send_cyrus_sasl_authzid",
    "strict_7bit_headers",
    "strict_8bitmime",
    "strict_8bitmime_body",
    "strict_smtputf8",
];

/// Whole numbers, with their limits.
const NUMBERS: [(&str, i32, i32); 14] = [
    ("berkeley_db_create_buffer_size", 1, 0),
    ("berkeley_db_read_buffer_size", 1, 0),
    ("debug_peer_level", 1, 0),
    ("default_process_limit", 1, 0),
    ("delay_logging_resolution_limit", 0, 6),
    ("deliver_lock_attempts", 1, 0),
    ("dont_remove", 0, 0),
    ("fork_attempts", 1, 0),
    ("hash_queue_depth", 1, 0),
    ("header_address_token_limit", 1, 0),
    ("header_size_limit", 1, 0),
    ("mime_boundary_length_limit", 1, 0),
    ("mime_nesting_limit", 1, 0),
    ("tcp_windowsize", 0, 0),
];

/// Whole numbers that may be greater than others.
const LONG_NUMBERS: [(&str, i32); 2] = [("lmdb_map_size", 1), ("message_size_limit", 0)];

/// Times, with the least and the greatest in seconds.
const TIMES: [(&str, i32, i32); 10] = [
    ("application_event_drain_time", 1, 0),
    ("daemon_timeout", 1, 0),
    ("deliver_lock_delay", 1, 0),
    ("fork_delay", 1, 0),
    ("in_flow_delay", 0, 10),
    ("ipc_idle", 1, 0),
    ("ipc_timeout", 1, 0),
    ("ipc_ttl", 1, 0),
    ("stale_lock_time", 1, 0),
    ("trigger_timeout", 1, 0),
];

/// The words of `mynetworks_style`.
const STYLES: [&str; 3] = ["class", "subnet", "host"];

pub(super) fn check(reader: &mut Reader<'_>) {
    for name in FILLED {
        reader.check(name, |text| value::at_least(name, text, 1).map(drop));
    }
    for name in YES_OR_NO {
        reader.check(name, |text| value::yes_or_no(name, text).map(drop));
    }
    for (name, min, max) in NUMBERS {
        reader.check(name, |text| value::number(name, text, min, max).map(drop));
    }
    for (name, min) in LONG_NUMBERS {
        reader.check(name, |text| value::long_number(name, text, min));
    }
    for (name, min, max) in TIMES {
        reader.check(name, |text| {
            value::time(name, text, 's', min, max).map(drop)
        });
    }
    // The style is looked at only where it is needed.
    if reader.is_unset("mynetworks") {
        reader.check("mynetworks_style", style);
    }
}

fn style(text: &str) -> Result<(), Refusal> {
    let unknown = words(text).find(|word| !STYLES.contains(word));
    unknown.map_or(Ok(()), |word| {
        Err(Refusal {
            what: format!("unknown word \"{}\"", clip(word)),
            nearest: nearest(&word.to_ascii_lowercase(), &STYLES),
            notice: ConfigNotice::UnknownWord {
                set: Assignment::of("mynetworks mask style", text),
                word: word.into(),
                weight: WordWeight::Fatal,
            },
        })
    })
}
