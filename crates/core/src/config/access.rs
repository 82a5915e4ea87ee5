//! Who has access, and how it is proved: the settings and secrets of the HTTP API.
//!
//! Separate from [`Config`](super::Config), so that no secret reaches an object, the consumer or the simulator.

use super::{
    cors, email_domain,
    error::ConfigError,
    reader::Reader,
    secret::{self, Secret, StripeSecret},
    service_key::ServiceKey,
    stripe::{self, StripeApi, StripeScope},
    tokens,
};

pub use super::tokens::{TokenKey, TokenRules};

/// What signs links in open mode if nothing else is set. Everybody may know it: there, a link opens nothing that is not open
/// without it. It is never used in another mode.
const OPEN_SECRET: &str = "links-of-an-open-worker-protect-nothing";

/// Whether a request without a credential is served (`AUTH`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AuthMode {
    /// `credentials`, the default: never.
    Credentials,
    /// `open`: always, and it may act for any user. For local development.
    Open,
}

/// Who has access.
#[derive(Clone, Debug)]
pub struct Access {
    /// `AUTH`, default `credentials`.
    pub mode: AuthMode,
    /// `SERVICE_KEYS`: keys that act for any user.
    pub service_keys: Vec<ServiceKey>,
    /// `JWT_…`: the rules for user tokens; `None` if no key is set, and no token is accepted.
    pub tokens: Option<TokenRules>,
    /// `STRIPE_WEBHOOK_SECRETS`: signing secrets of the Stripe endpoint; without one, the webhook is not configured.
    pub stripe_secrets: Vec<StripeSecret>,
    /// `STRIPE_MODE`, `STRIPE_ACCOUNTS`: which of its events are taken.
    pub stripe_scope: StripeScope,
    /// `STRIPE_API_KEY`, `STRIPE_API_URL`: how subscriptions are read from Stripe; without the key, they are not.
    pub stripe_api: Option<StripeApi>,
    /// `SUBMIT_RATE_LIMIT`, default `auto` (`on`, except in open mode): whether submissions and failed
    /// credentials are limited by the platform's rate limiter.
    pub rate_limit: bool,
    /// `CORS_ORIGINS`, none by default: the origins whose pages may submit an episode and follow it.
    pub cors_origins: Vec<String>,
    /// `EMAIL_DOMAIN`, none by default: the domain of the addresses whose mails become episodes.
    pub email_domain: Option<String>,
    /// `LINK_SECRET`: what links to artifacts are signed with, the first of them, and checked with, all of them. Without one
    /// there are no such links, except in open mode.
    pub link_secrets: Vec<Secret>,
}

impl Access {
    /// The secrets that [`Access::from_vars`] reads: never in `[vars]`.
    pub const SECRETS: [&str; 5] = [
        "SERVICE_KEYS",
        "JWT_SECRET",
        "STRIPE_WEBHOOK_SECRETS",
        "STRIPE_API_KEY",
        "LINK_SECRET",
    ];

    /// Reads every setting through `lookup` (variable name → string).
    ///
    /// # Errors
    /// [`ConfigError`] lists all errors; of a secret it shows only the length.
    pub fn from_vars(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(lookup);
        let modes = [
            ("credentials", AuthMode::Credentials),
            ("open", AuthMode::Open),
        ];
        let mode = reader.choice("AUTH", &modes);
        let is_closed = mode != AuthMode::Open;
        let limits = [("auto", is_closed), ("off", false), ("on", true)];
        let access = Self {
            mode,
            service_keys: secret::listed(&mut reader, "SERVICE_KEYS")
                .iter()
                .map(ServiceKey::new)
                .collect(),
            tokens: tokens::read(&mut reader),
            stripe_secrets: stripe::secrets(&mut reader),
            stripe_scope: stripe::scope(&mut reader, mode == AuthMode::Open),
            stripe_api: stripe::api(&mut reader),
            rate_limit: reader.choice("SUBMIT_RATE_LIMIT", &limits),
            cors_origins: cors::read(&mut reader),
            email_domain: email_domain::read(&mut reader),
            link_secrets: link_secrets(&mut reader, mode),
        };
        reader.finish(access)
    }

    /// Whether anyone could have access at all.
    #[must_use]
    pub const fn admits_somebody(&self) -> bool {
        matches!(self.mode, AuthMode::Open)
            || !self.service_keys.is_empty()
            || self.tokens.is_some()
    }
}

fn link_secrets(reader: &mut Reader, mode: AuthMode) -> Vec<Secret> {
    let secrets = secret::listed(reader, "LINK_SECRET");
    if secrets.is_empty() && mode == AuthMode::Open {
        Secret::try_from(OPEN_SECRET).into_iter().collect()
    } else {
        secrets
    }
}
