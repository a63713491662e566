//! The words of the API and of the resource files for the enums of the model.

use crate::{Category, ClusterType, Usage, WorkerType};

impl ClusterType {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Physical => "physical",
            Self::Virtual => "virtual",
        }
    }

    /// Parses the word; `None` where it is unknown.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Physical, Self::Virtual]
            .into_iter()
            .find(|known| known.as_str() == word)
    }
}

impl Usage {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Worker => "worker",
        }
    }

    /// Parses the word; `None` where it is unknown.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Host, Self::Worker]
            .into_iter()
            .find(|known| known.as_str() == word)
    }
}

impl WorkerType {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::Pipeline => "pipeline",
        }
    }

    /// Parses the word; `None` where it is unknown.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Deployment, Self::Pipeline]
            .into_iter()
            .find(|known| known.as_str() == word)
    }
}

impl Category {
    /// All of them, in the order of the WIT enum.
    pub const ALL: [Self; 10] = [
        Self::MultiTenant,
        Self::SecretSync,
        Self::Gateway,
        Self::Deployment,
        Self::ProgressiveDelivery,
        Self::Pipeline,
        Self::EventListener,
        Self::CertManagement,
        Self::SecretManagement,
        Self::OauthProxy,
    ];

    /// The key in requests and answers.
    #[must_use]
    pub const fn snake_case(self) -> &'static str {
        match self {
            Self::MultiTenant => "multi_tenant",
            Self::SecretSync => "secret_sync",
            Self::Gateway => "gateway",
            Self::Deployment => "deployment",
            Self::ProgressiveDelivery => "progressive_delivery",
            Self::Pipeline => "pipeline",
            Self::EventListener => "event_listener",
            Self::CertManagement => "cert_management",
            Self::SecretManagement => "secret_management",
            Self::OauthProxy => "oauth_proxy",
        }
    }

    /// The key in resource files.
    #[must_use]
    pub const fn camel_case(self) -> &'static str {
        match self {
            Self::MultiTenant => "multiTenant",
            Self::SecretSync => "secretSync",
            Self::Gateway => "gateway",
            Self::Deployment => "deployment",
            Self::ProgressiveDelivery => "progressiveDelivery",
            Self::Pipeline => "pipeline",
            Self::EventListener => "eventListener",
            Self::CertManagement => "certManagement",
            Self::SecretManagement => "secretManagement",
            Self::OauthProxy => "oauthProxy",
        }
    }

    /// Tells whether a request may choose the component; the others are always the catalog's first.
    #[must_use]
    pub const fn is_requestable(self) -> bool {
        !matches!(self, Self::SecretManagement | Self::OauthProxy)
    }
}
