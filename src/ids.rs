//! Identifiers: one type per entity, so that a payment's id can never be passed for a person's.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ssr", derive(sqlx::Type, utoipa::ToSchema), sqlx(transparent), schema(value_type = Uuid))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        #[cfg(feature = "ssr")]
        impl $name {
            /// A new identifier. Version 7, so that ids sort by creation and indexes stay compact.
            #[expect(clippy::new_without_default, reason = "a default id would be a different one at each call")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(s).map(Self)
            }
        }
    )+};
}

id! {
    OrganizationId,
    UserId,
    InvitationId,
    ActivityId,
    TransactionId,
    CategoryId,
    PaymentId,
    BudgetId,
    MaterialId,
    ImportId,
    JobId,
    MetricId,
    DashboardId,
    WidgetId,
    DraftId,
    ShareId,
    ViewId,
}
