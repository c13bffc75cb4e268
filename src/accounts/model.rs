//! Roles, tiers and the person as pages see them.

use crate::{
    ids::{InvitationId, OrganizationId, UserId},
    zone::Zone,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What somebody may do in one organisation, from most to least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Role {
    Owner,
    Admin,
    Member,
    Viewer,
    /// Tied to one partner, and sees only that partner's rows.
    Partner,
}

impl Role {
    pub const ALL: [Role; 5] = [Role::Owner, Role::Admin, Role::Member, Role::Viewer, Role::Partner];

    /// The roles that people of an organisation can be given. A partner's belongs to the partner.
    pub const ASSIGNABLE: [Role; 4] = [Role::Owner, Role::Admin, Role::Member, Role::Viewer];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "OWNER",
            Self::Admin => "ADMIN",
            Self::Member => "MEMBER",
            Self::Viewer => "VIEWER",
            Self::Partner => "PARTNER",
        }
    }

    /// For people: "Owner".
    pub const fn label(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Admin => "Admin",
            Self::Member => "Member",
            Self::Viewer => "Viewer",
            Self::Partner => "Partner",
        }
    }

    /// What the role allows, for people who choose one.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Owner => "Everything, owners and admins included",
            Self::Admin => "Manages people, settings, metrics and jobs",
            Self::Member => "Adds and changes records, and dashboards of their own",
            Self::Viewer => "Looks, changes nothing",
            Self::Partner => "Sees one partner’s rows only",
        }
    }

    /// Whether somebody in this role may change another's role from `from` to `to`, `None` being outside of the
    /// organisation. Owners may do all; admins deal with members and viewers, so that none makes
    /// themselves or a friend their equal's better. That an owner remains is checked with the rows at hand.
    pub fn may_move(self, from: Option<Role>, to: Option<Role>) -> bool {
        let beneath = |role: Option<Role>| !matches!(role, Some(Role::Owner | Role::Admin));
        let assignable = to.is_none_or(|role| Self::ASSIGNABLE.contains(&role));
        match self {
            Self::Owner => assignable,
            Self::Admin => assignable && beneath(from) && beneath(to),
            _ => false,
        }
    }

    /// May add and change records and dashboards.
    pub const fn can_edit(self) -> bool {
        matches!(self, Self::Owner | Self::Admin | Self::Member)
    }

    /// May manage people, jobs, metrics and the organisation's dashboards.
    pub const fn can_administer(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|r| r.as_str().eq_ignore_ascii_case(s))
            .ok_or_else(|| format!("“{s}” is not a role."))
    }
}

/// What an organisation pays for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Tier {
    #[default]
    Free,
    Starter,
    Growth,
    Enterprise,
}

impl Tier {
    pub const ALL: [Tier; 4] = [Tier::Free, Tier::Starter, Tier::Growth, Tier::Enterprise];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Free => "FREE",
            Self::Starter => "STARTER",
            Self::Growth => "GROWTH",
            Self::Enterprise => "ENTERPRISE",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::Free => "Free",
            Self::Starter => "Starter",
            Self::Growth => "Growth",
            Self::Enterprise => "Enterprise",
        }
    }
}

impl FromStr for Tier {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|t| t.as_str().eq_ignore_ascii_case(s))
            .ok_or_else(|| format!("“{s}” is not a tier."))
    }
}

/// The signed-in person and their current organisation, as pages see them. Carries no authority:
/// the server decides by its own `Member`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Viewer {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    /// Whether they run the platform.
    pub staff: bool,
    pub role: Role,
    pub organization: OrganizationSummary,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct OrganizationSummary {
    pub id: OrganizationId,
    pub name: String,
    /// ISO 4217. Metrics add up amounts in this currency.
    pub base_currency: String,
    /// Days and months are cut in this zone.
    #[cfg_attr(feature = "ssr", schema(value_type = String, example = "Europe/Vienna"))]
    pub time_zone: Zone,
    pub tier: Tier,
}

/// What somebody typed into a form of this feature, without the password.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptInput {
    pub name: String,
    pub email: String,
    pub organization: String,
    pub role: String,
    pub base_currency: String,
    pub time_zone: String,
}

/// Somebody who belongs to the organisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Person {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub joined_at: DateTime<Utc>,
}

/// Somebody who was asked to join and has not answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Invitation {
    pub id: InvitationId,
    pub email: String,
    pub role: Role,
    /// The name of who invited, if they are still here.
    pub invited_by: Option<String>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// What the holder of an invitation's link is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InvitationOffer {
    pub organization_name: String,
    pub email: String,
    pub role: Role,
    pub invited_by: Option<String>,
    /// Whether the address has an account already, which is then asked to sign in.
    pub has_account: bool,
}

/// One of the organisations that somebody belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct OrganizationChoice {
    pub id: OrganizationId,
    pub name: String,
    pub role: Role,
    pub tier: Tier,
    /// Whether it is the one that they work in at the moment.
    pub current: bool,
}

/// What to change about the organisation. An absent field stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct OrganizationPatch {
    pub name: Option<String>,
    /// ISO 4217.
    pub base_currency: Option<String>,
    /// A name of the IANA database, such as "Europe/Vienna".
    pub time_zone: Option<String>,
}

/// A browser that somebody is signed in on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionSummary {
    pub user_agent: String,
    pub address: String,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    /// Whether it is the browser that asks.
    pub current: bool,
}

impl SessionSummary {
    /// "Firefox on Linux", as far as the browser tells.
    pub fn device(&self) -> String {
        let find = |names: &[(&str, &'static str)]| {
            names.iter().find(|(mark, _)| self.user_agent.contains(mark)).map(|(_, name)| *name)
        };
        // Order matters: most browsers name others too, to be served what those are.
        let browser = find(&[
            ("Edg/", "Edge"),
            ("OPR/", "Opera"),
            ("Firefox/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
            ("curl/", "curl"),
        ]);
        let system = find(&[
            ("Android", "Android"),
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Windows", "Windows"),
            ("Mac OS", "macOS"),
            ("Linux", "Linux"),
        ]);
        match (browser, system) {
            (Some(browser), Some(system)) => format!("{browser} on {system}"),
            (Some(one), None) | (None, Some(one)) => one.into(),
            (None, None) => "Unknown program".into(),
        }
    }
}

/// A mail that was handed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutboxMessage {
    pub recipient: String,
    pub subject: String,
    /// Empty once it was sent.
    pub body: String,
    /// "waiting", "sent" or "failed".
    pub status: String,
    pub error: Option<String>,
    pub created_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_owners_deal_with_owners_and_admins() {
        for from in Role::ASSIGNABLE.map(Some).into_iter().chain([None]) {
            for to in Role::ASSIGNABLE.map(Some).into_iter().chain([None]) {
                assert!(Role::Owner.may_move(from, to));
                let touches_power = [from, to].iter().flatten().any(|role| role.can_administer());
                assert_eq!(Role::Admin.may_move(from, to), !touches_power, "{from:?} to {to:?}");
                assert!(!Role::Member.may_move(from, to) && !Role::Viewer.may_move(from, to));
            }
        }
        assert!(!Role::Owner.may_move(None, Some(Role::Partner)));
    }

    #[test]
    fn devices_are_named_by_what_they_are_not_by_what_they_claim_to_be_like() {
        let device = |user_agent: &str| {
            SessionSummary {
                user_agent: user_agent.into(),
                address: String::new(),
                created_at: DateTime::UNIX_EPOCH,
                last_seen_at: DateTime::UNIX_EPOCH,
                current: false,
            }
            .device()
        };
        let edge =
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140 Safari/537.36 Edg/140";
        assert_eq!(device(edge), "Edge on Windows");
        assert_eq!(device("curl/8.5"), "curl");
        assert_eq!(device(""), "Unknown program");
    }
}
