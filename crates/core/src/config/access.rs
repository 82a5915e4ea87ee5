//! Who has access, and how it is proved: the settings and secrets of the HTTP API.
//!
//! Separate from [`Config`](super::Config), so that no secret reaches an object, the consumer or the simulator.

use super::{
    error::ConfigError,
    public_key::PublicKey,
    reader::Reader,
    secret::{SECRETS_MAX, Secret, StripeSecret},
    service_key::ServiceKey,
    stripe::{self, StripeScope},
};
use std::time::Duration;

/// Whether a request without a credential is served (`AUTH`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AuthMode {
    /// `credentials`, the default: never.
    Credentials,
    /// `open`: always, and it may act for any user. For local development.
    Open,
}

/// How the signature of a user token is checked: with one algorithm, whatever the token itself says.
#[derive(Clone, Debug)]
pub enum TokenKey {
    /// `HS256` with each of the secrets of `JWT_SECRET`.
    Hs256(Vec<Secret>),
    /// `ES256` or `EdDSA` with the key of `JWT_PUBLIC_KEY`.
    Public(PublicKey),
}

/// The rules for user tokens.
#[derive(Clone, Debug)]
pub struct TokenRules {
    /// The key that checks the signature.
    pub key: TokenKey,
    /// `JWT_MAX_LIFETIME_SECONDS`, default 86,400: the longest time from issue, and from now, to expiry. A tier in a
    /// token can outlive a downgrade by this time.
    pub max_lifetime: Duration,
    /// `JWT_ISSUER`: `iss` must equal it.
    pub issuer: Option<String>,
    /// `JWT_AUDIENCE`: `aud` must equal it or contain it.
    pub audience: Option<String>,
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
    /// `SUBMIT_RATE_LIMIT`, default `auto` (`on`, except in open mode): whether submissions and failed
    /// credentials are limited by the platform's rate limiter.
    pub rate_limit: bool,
}

impl Access {
    /// The secrets that [`Access::from_vars`] reads: never in `[vars]`.
    pub const SECRETS: [&str; 3] = ["SERVICE_KEYS", "JWT_SECRET", "STRIPE_WEBHOOK_SECRETS"];

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
            service_keys: secrets(&mut reader, "SERVICE_KEYS")
                .iter()
                .map(ServiceKey::new)
                .collect(),
            tokens: tokens(&mut reader),
            stripe_secrets: stripe::secrets(&mut reader),
            stripe_scope: stripe::scope(&mut reader, mode == AuthMode::Open),
            rate_limit: reader.choice("SUBMIT_RATE_LIMIT", &limits),
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

/// What a token is signed with (`JWT_ALGORITHM`).
#[derive(Clone, Copy, Eq, PartialEq)]
enum Algorithm {
    Hs256,
    Es256,
    EdDsa,
}

fn tokens(reader: &mut Reader) -> Option<TokenRules> {
    const SECRET: &str = "JWT_SECRET";
    const PUBLIC_KEY: &str = "JWT_PUBLIC_KEY";
    let algorithms = [
        ("HS256", Algorithm::Hs256),
        ("ES256", Algorithm::Es256),
        ("EdDSA", Algorithm::EdDsa),
    ];
    let algorithm = reader.choice("JWT_ALGORITHM", &algorithms);
    let lifetime = reader.seconds("JWT_MAX_LIFETIME_SECONDS", 86_400, 60..=31_536_000);
    let issuer = exact(reader, "JWT_ISSUER");
    let audience = exact(reader, "JWT_AUDIENCE");
    let hmac_keys = secrets(reader, SECRET);
    let public = reader.text(PUBLIC_KEY);
    let key = if algorithm == Algorithm::Hs256 {
        if public.is_some() {
            let detail =
                "is set, but JWT_ALGORITHM is HS256, which uses JWT_SECRET; change one of them";
            reader.fault(PUBLIC_KEY, detail);
        }
        (!hmac_keys.is_empty()).then_some(TokenKey::Hs256(hmac_keys))
    } else {
        if reader.text(SECRET).is_some() {
            let detail = "is set, but JWT_ALGORITHM uses JWT_PUBLIC_KEY; change one of them";
            reader.fault(SECRET, detail);
        }
        let read = match (algorithm, &public) {
            (_, None) => Err("is not set, but JWT_ALGORITHM needs it"),
            (Algorithm::EdDsa, Some(text)) => PublicKey::ed25519(text),
            (_, Some(text)) => PublicKey::p256(text),
        };
        read.map(TokenKey::Public)
            .map_err(|detail| reader.fault(PUBLIC_KEY, detail))
            .ok()
    };
    key.map(|key| TokenRules {
        key,
        max_lifetime: lifetime,
        issuer,
        audience,
    })
}

/// A string that a claim must equal. An empty one is an error, because it would look like a rule without being one.
fn exact(reader: &mut Reader, name: &str) -> Option<String> {
    let text = reader.text(name)?;
    if (1..=255).contains(&text.len()) {
        return Some(text);
    }
    let found = text.len();
    let detail = format!("has {found} bytes, must have 1 to 255; remove it if you need no rule");
    reader.fault(name, detail);
    None
}

/// The secrets under that name; each is valid or an error. An empty string is an error, too.
fn secrets(reader: &mut Reader, name: &str) -> Vec<Secret> {
    reader.listed(name, "secret", SECRETS_MAX, |text| {
        Secret::try_from(text).map_err(|error| error.to_string())
    })
}
