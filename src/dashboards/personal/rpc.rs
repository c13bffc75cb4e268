//! Server functions.

use crate::wire::Wire;
use crate::{dashboards::model::Place, error::AppError, ids::DashboardId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::{
    model::{Direction, Step},
    store,
};
#[cfg(feature = "ssr")]
use crate::{dashboards, ids::WidgetId, server};

/// What the buttons of a dashboard's menu do for the person alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Favour,
    Unfavour,
    First,
    NotFirst,
    Left,
    Right,
    Keep,
    Reset,
    Duplicate,
}

impl Act {
    /// As forms send it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Favour => "favour",
            Self::Unfavour => "unfavour",
            Self::First => "first",
            Self::NotFirst => "not_first",
            Self::Left => "left",
            Self::Right => "right",
            Self::Keep => "keep",
            Self::Reset => "reset",
            Self::Duplicate => "duplicate",
        }
    }
}

/// One function for all of them: each is a button of one form.
#[server(name = ActOnDashboard, prefix = "/rpc", endpoint = "dashboards/personal/act", output = Wire)]
pub async fn act(id: DashboardId, act: Act) -> Result<(), AppError> {
    let colleague = server::member()?.colleague()?;
    let mut tx = server::state()?.db.tenant(&colleague).await?;
    let mut goes_to = None;
    match act {
        Act::Favour => store::set_favourite(&mut tx, &colleague, id, true).await?,
        Act::Unfavour => store::set_favourite(&mut tx, &colleague, id, false).await?,
        Act::First => store::set_first(&mut tx, &colleague, Some(id)).await?,
        Act::NotFirst => store::set_first(&mut tx, &colleague, None).await?,
        Act::Left => store::move_tab(&mut tx, &colleague, id, Direction::Left).await?,
        Act::Right => store::move_tab(&mut tx, &colleague, id, Direction::Right).await?,
        Act::Keep => store::keep_arrangement(&mut tx, &colleague.editor()?, id).await?,
        Act::Reset => store::reset_arrangement(&mut tx, &colleague.editor()?, id).await?,
        Act::Duplicate => {
            let made = dashboards::store::duplicate(&mut tx, &colleague.editor()?, id).await?;
            goes_to = Some(format!("/dashboards/{}", made.id));
        }
    }
    tx.commit().await?;
    if let Some(page) = goes_to {
        leptos_axum::redirect(&page);
    }
    Ok(())
}

/// One step of arranging a dashboard of the organisation for oneself: works without JavaScript.
#[server(name = StepWidget, prefix = "/rpc", endpoint = "dashboards/personal/step", output = Wire)]
pub async fn step_widget(id: DashboardId, widget: String, step: String) -> Result<(), AppError> {
    let editor = server::member()?.editor()?;
    let widget: WidgetId = widget.parse().map_err(|_| AppError::not_found("The widget"))?;
    let step: Step = step.parse().map_err(AppError::invalid)?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    store::step(&mut tx, &editor, id, widget, step).await?;
    tx.commit().await
}

/// A whole arrangement at once, for who drags.
#[server(name = Arrange, prefix = "/rpc", endpoint = "dashboards/personal/arrange", input = Wire, output = Wire)]
pub async fn arrange(id: DashboardId, places: Vec<Place>) -> Result<(), AppError> {
    let editor = server::member()?.editor()?;
    let mut tx = server::state()?.db.tenant(&editor).await?;
    store::arrange(&mut tx, &editor, id, &places).await?;
    tx.commit().await
}
