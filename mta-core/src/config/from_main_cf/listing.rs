//! Every parameter that counts, with its value in force.

use super::super::host_name::Host;
use super::super::in_force::InForce;
use super::super::main_cf::MainCf;
use super::super::problem::ConfigError;
use super::super::reader::Reader;
use super::super::release::Release;
use super::super::settings::Settings;
use super::super::table::PARAMETERS;

impl Settings {
    /// Every parameter that counts in this release, in the order of [`PARAMETERS`].
    ///
    /// # Errors
    /// As [`Settings::from_main_cf`].
    ///
    /// ```
    /// use mta_core::config::{Host, MainCf, Release, Settings};
    ///
    /// let main_cf = MainCf::parse("main.cf", "relayhost = [mx.$mydomain]\n");
    /// let host = Host::named("mail.client.example");
    /// let in_force = Settings::in_force(&main_cf, Release::V3_7, &host).unwrap();
    /// let relayhost = in_force.iter().find(|one| one.parameter.name == "relayhost").unwrap();
    /// assert_eq!(relayhost.value, "[mx.client.example]");
    /// assert_eq!(relayhost.place.as_ref().unwrap().to_string(), "main.cf:1");
    /// ```
    pub fn in_force(
        main_cf: &MainCf,
        release: Release,
        host: &Host,
    ) -> Result<Vec<InForce>, Vec<ConfigError>> {
        Settings::from_main_cf(main_cf, release, host)?;
        let mut reader = Reader::of(main_cf, release);
        super::read(&mut reader, host);
        let known = PARAMETERS.iter().filter(|row| row.is_known_to(release));
        Ok(known.map(|row| reader.in_force(row)).collect())
    }
}
