//! What the pages get.

use crate::dashboards::{
    model::{DashboardRow, LeftBehind, Recipient},
    personal::model::Standing,
};
use serde::{Deserialize, Serialize};

/// Every dashboard that the person sees, in the order of their tabs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    pub dashboards: Vec<(DashboardRow, Standing)>,
    /// For admins: what people have left behind.
    pub left_behind: Vec<LeftBehind>,
    /// To whom those may be given; empty when there are none.
    pub recipients: Vec<Recipient>,
}

/// The settings of one dashboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub row: DashboardRow,
    pub standing: Standing,
    pub recipients: Vec<Recipient>,
}
