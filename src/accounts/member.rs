//! Authority as types. Server only.

use super::model::{OrganizationSummary, Role, Viewer};
use crate::{
    error::AppError,
    ids::{OrganizationId, UserId},
    server::TenantScope,
};
use std::ops::Deref;

/// Somebody who has proved who they are, in one of their organisations.
#[derive(Clone, Debug)]
pub struct Member(Viewer);

impl Member {
    /// For `accounts` alone, which has just looked this membership up.
    pub(in crate::accounts) fn authenticated(viewer: Viewer) -> Self {
        Self(viewer)
    }

    pub fn viewer(&self) -> &Viewer {
        &self.0
    }

    pub fn role(&self) -> Role {
        self.0.role
    }

    pub fn organization(&self) -> &OrganizationSummary {
        &self.0.organization
    }

    /// Belongs to the organisation itself: everybody but a partner, who sees only what is theirs.
    pub fn colleague(&self) -> Result<Colleague, AppError> {
        if self.role() == Role::Partner {
            Err(AppError::forbidden("This is for people of the organisation itself."))
        } else {
            Ok(Colleague(self.clone()))
        }
    }

    /// May add and change records: OWNER, ADMIN and MEMBER.
    pub fn editor(&self) -> Result<Editor, AppError> {
        if self.role().can_edit() {
            Ok(Editor(self.clone()))
        } else {
            Err(AppError::forbidden("Your role in this organisation is to look, not to change. Ask an admin for more."))
        }
    }

    /// May manage the organisation: OWNER and ADMIN.
    pub fn admin(&self) -> Result<Admin, AppError> {
        if self.role().can_administer() {
            Ok(Admin(self.clone()))
        } else {
            Err(AppError::forbidden("Only owners and admins of this organisation may do this."))
        }
    }

    /// May decide about the organisation itself: OWNER.
    pub fn owner(&self) -> Result<Owner, AppError> {
        if self.role() == Role::Owner {
            Ok(Owner(self.clone()))
        } else {
            Err(AppError::forbidden("Only an owner of this organisation may do this."))
        }
    }
}

impl TenantScope for Member {
    fn organization_id(&self) -> OrganizationId {
        self.0.organization.id
    }
    fn user_id(&self) -> Option<UserId> {
        Some(self.0.user_id)
    }
    /// A PARTNER sees what is tied to their partner; as long as nothing is, that is nothing.
    fn sees_rows(&self) -> bool {
        self.role() != Role::Partner
    }
}

macro_rules! authority {
    ($($(#[$doc:meta])* $name:ident),+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(Member);

        impl Deref for $name {
            type Target = Member;
            fn deref(&self) -> &Member {
                &self.0
            }
        }

        impl TenantScope for $name {
            fn organization_id(&self) -> OrganizationId {
                self.0.organization_id()
            }
            fn user_id(&self) -> Option<UserId> {
                self.0.user_id()
            }
        }
    )+};
}

authority! {
    /// A [`Member`] who belongs to the organisation itself, in whatever role.
    Colleague,
    /// A [`Member`] who may add and change records.
    Editor,
    /// A [`Member`] who may manage the organisation.
    Admin,
    /// A [`Member`] who owns the organisation.
    Owner
}
