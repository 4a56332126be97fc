//! What main.cf and master.cf say of the sender, as its processes find it when they start.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use rustls::crypto::CryptoProvider;

use super::SMTP;
use crate::config::{ConfigError, Files, Settings, Warning};
use crate::event::Notice;
use crate::maps::Unsupported;
use crate::policy_table::{Tables, tafiles};
use crate::tls::{Engine, EngineFault, Material, TermsKnown};

/// The sender's part of main.cf and master.cf, read and with the files that it names.
#[derive(Clone, Debug)]
pub struct Services {
    /// What main.cf says: the queue manager goes by it, and trivial-rewrite(8).
    settings: Arc<Settings>,
    tables: Arc<Tables>,
    clients: BTreeMap<Arc<str>, Client>,
}

/// A SMTP client of master.cf.
#[derive(Clone, Debug)]
pub enum Client {
    /// Its processes start with this.
    Starts(Arc<Service>),
    /// No process of it can start.
    Fatal(Arc<FatalConfig>),
}

/// Why no process of a service can start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FatalConfig {
    /// What smtp(8) notices before it exits.
    pub notice: Notice,
}

/// What a smtp(8) process starts with. Its TLS engine is set up when the first one does.
#[derive(Debug)]
pub struct Service {
    settings: Arc<Settings>,
    tables: Arc<Tables>,
    files: Arc<Files>,
    notices: Vec<Notice>,
    material: Option<Material>,
    engine: OnceLock<Result<Arc<Engine>, EngineFault>>,
    pub(super) terms: Mutex<TermsKnown>,
}

impl Services {
    /// A master.cf without SMTP clients, beside a main.cf that says this.
    pub const fn new(settings: Arc<Settings>, tables: Arc<Tables>) -> Services {
        Services {
            settings,
            tables,
            clients: BTreeMap::new(),
        }
    }

    /// The same with one more SMTP client, or with another one of this name.
    #[must_use]
    pub fn with(mut self, name: &str, client: Client) -> Services {
        self.clients.insert(name.into(), client);
        self
    }

    /// What main.cf says.
    pub const fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    pub(crate) const fn tables(&self) -> &Arc<Tables> {
        &self.tables
    }

    /// A SMTP client by its name.
    pub fn client(&self, name: &str) -> Option<&Client> {
        self.clients.get(name)
    }

    /// All SMTP clients.
    pub fn clients(&self) -> impl Iterator<Item = (&Arc<str>, &Client)> {
        self.clients.iter()
    }
}

impl Client {
    /// What its processes start with, if they can.
    pub const fn starts(&self) -> Option<&Arc<Service>> {
        match self {
            Client::Starts(service) => Some(service),
            Client::Fatal(_) => None,
        }
    }
}

/// The service `smtp` alone, without overrides in master.cf.
impl From<Service> for Services {
    fn from(service: Service) -> Services {
        let (settings, tables) = (service.settings.clone(), service.tables.clone());
        Services::new(settings, tables).with(SMTP, service.into())
    }
}

impl From<Service> for Client {
    fn from(service: Service) -> Client {
        Client::Starts(Arc::new(service))
    }
}

impl FatalConfig {
    /// What Postfix says of the first of these errors that it speaks of; nothing if it speaks of none, so that its
    /// processes start.
    pub fn among(errors: &[ConfigError]) -> Option<FatalConfig> {
        let mut notices = errors
            .iter()
            .filter_map(|error| error.problem().notice.clone());
        notices.next().map(|notice| FatalConfig { notice })
    }
}

impl Service {
    /// A service with these settings, the tables and the files that they name, and what its TLS engine is made of.
    /// Without that there is no TLS.
    pub fn new(
        settings: Arc<Settings>,
        tables: Arc<Tables>,
        files: Arc<Files>,
        material: Option<Material>,
    ) -> Service {
        let material = material.filter(|_| settings.tls.needs_engine());
        Service {
            settings,
            tables,
            files,
            notices: Vec::new(),
            material,
            engine: OnceLock::new(),
            terms: Mutex::default(),
        }
    }

    /// A service that reads what its settings name: tables, trusted authorities, the client's certificates and keys; and
    /// what tables name as `tafile`. `read`, `list` and `provider` are those of [`Material::load`].
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use mta_core::config::{Host, MainCf, Release, Settings};
    /// use mta_core::process::Service;
    ///
    /// let main_cf = MainCf::parse("main.cf", "smtp_tls_security_level = may\nsmtp_tls_policy_maps = texthash:/etc/policy\n");
    /// let (settings, _) = Settings::from_main_cf(&main_cf, Release::V3_12, &Host::default()).unwrap();
    /// let disk = |path: &str| (path == "/etc/policy").then(|| b"example.test secure\n".to_vec());
    /// let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    /// let service = Service::load(Arc::new(settings), provider, &disk, &|_| Vec::new()).unwrap();
    /// assert!(service.tables().policy.is_some());
    /// ```
    ///
    /// # Errors
    /// [`Unsupported`] for a table that Postfix could read and the core cannot.
    pub fn load(
        settings: Arc<Settings>,
        provider: Arc<CryptoProvider>,
        read: &dyn Fn(&str) -> Option<Vec<u8>>,
        list: &dyn Fn(&str) -> Vec<String>,
    ) -> Result<Service, Unsupported> {
        let mut anchors = settings.tls.trust_anchor_files.clone();
        let mut note = |text: &str| {
            let named = tafiles(text)
                .into_iter()
                .filter_map(|place| text.get(place));
            anchors.extend(named.map(str::to_owned));
        };
        note(&settings.tls.policy_maps);
        let mut read_noting = |path: &str| {
            let text = read(path)?;
            note(&String::from_utf8_lossy(&text));
            Some(text)
        };
        let tables = Arc::new(Tables::load(&settings, &mut read_noting)?);
        let found = anchors.into_iter().filter_map(|path| {
            let text = read(&path)?.into();
            Some((path, text))
        });
        let files = Arc::new(Files::from(found.collect::<BTreeMap<_, _>>()));
        let material = Material::load(&settings.tls, provider, read, list);
        Ok(Service::new(settings, tables, files, Some(material)))
    }

    /// A service without tables, files and TLS.
    pub fn without_tls(settings: Arc<Settings>) -> Service {
        Service::new(settings, Arc::default(), Arc::default(), None)
    }

    /// The same; each of its processes remarks on what was odd in its main.cf.
    #[must_use]
    pub fn warned(mut self, warnings: &[Warning]) -> Service {
        let notices = warnings
            .iter()
            .filter_map(|warning| warning.problem().notice.clone());
        self.notices = notices.collect();
        self
    }

    /// What its processes go by.
    pub const fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// The tables that they open.
    pub const fn tables(&self) -> &Arc<Tables> {
        &self.tables
    }

    pub(crate) const fn files(&self) -> &Arc<Files> {
        &self.files
    }

    /// What each process notices in its main.cf when it starts.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The TLS engine of its processes, or why they have none; nothing if they need none, or none has started.
    pub fn engine(&self) -> Option<Result<&Arc<Engine>, &EngineFault>> {
        self.engine.get().map(Result::as_ref)
    }

    /// Sets the engine up, if that was not done before. It resumes the sessions of `before`.
    pub(super) fn set_up(&self, before: Option<&Arc<Engine>>) -> Option<&Arc<Engine>> {
        let material = self.material.as_ref()?;
        let engine = self.engine.get_or_init(|| {
            let engine = match before {
                Some(before) => before.succeed(material.clone()),
                None => Engine::new(material.clone()),
            };
            engine.map(Arc::new)
        });
        engine.as_ref().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Release;

    #[test]
    fn trust_anchors_are_read_with_the_rest() {
        let mut settings = Settings::default_for(Release::V3_12);
        let anchors = ["/etc/anchor.pem", "/etc/missing.pem"];
        settings.tls.trust_anchor_files = anchors.map(str::to_owned).into();
        settings.tls.policy_maps =
            "texthash:/t, inline:{ {a.test = verify tafile=/a.pem} }".to_owned();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let read = |path: &str| match path {
            "/t" => Some(b"b.test secure tafile=/b.pem\n".to_vec()),
            "/etc/missing.pem" => None,
            _ => Some(b"an anchor".to_vec()),
        };
        let service = Service::load(Arc::new(settings), provider, &read, &|_| Vec::new()).unwrap();
        for path in [anchors[0], "/a.pem", "/b.pem"] {
            assert_eq!(service.files().get(path).unwrap()[..], *b"an anchor");
        }
        assert_eq!(service.files().get(anchors[1]), None);
    }
}
