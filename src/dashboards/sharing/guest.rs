//! Whoever holds a public link. Server only.

use crate::{
    accounts::OrganizationSummary,
    ids::{OrganizationId, UserId},
    server::TenantScope,
};

/// Somebody who has opened a link and, where it asks for one, given its password. Reads one organisation's rows, through
/// what draws the link's dashboard. Only [`super::store::open`] makes one.
#[derive(Clone, Debug)]
pub struct Guest(OrganizationSummary);

impl Guest {
    pub(super) fn new(organization: OrganizationSummary) -> Self {
        Self(organization)
    }

    pub fn organization(&self) -> &OrganizationSummary {
        &self.0
    }
}

impl TenantScope for Guest {
    fn organization_id(&self) -> OrganizationId {
        self.0.id
    }
    fn user_id(&self) -> Option<UserId> {
        None
    }
}
