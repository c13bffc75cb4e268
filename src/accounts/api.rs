//! REST routes. Server only.

use super::{
    auth::Client,
    events::Event,
    member::Member,
    model::{Invitation, OrganizationChoice, OrganizationPatch, OrganizationSummary, Person, Role, Viewer},
    store::{self, invitations, members, organizations},
    throttle::{self, Limit},
    tokens::{self, TokenPair},
};
use crate::{
    error::AppError,
    ids::{InvitationId, OrganizationId, UserId},
    page::{self, Page},
    server::{
        AppState,
        extract::{Json, Path, Query},
    },
};
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The feature's routes, with addresses relative to `/api/v1`.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_token))
        .routes(routes!(refresh_token))
        .routes(routes!(revoke_token))
        .routes(routes!(find_me))
        .routes(routes!(list_organizations, create_organization))
        .routes(routes!(find_organization, update_organization))
        .routes(routes!(list_members))
        .routes(routes!(update_member, delete_member))
        .routes(routes!(list_invitations, create_invitation))
        .routes(routes!(delete_invitation))
}

/// A person's own credentials.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    email: String,
    password: String,
    /// Where to work; the first organisation that the person joined, if absent.
    organization_id: Option<OrganizationId>,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct RefreshToken {
    refresh_token: String,
}

/// Exchanges an e-mail address and password for an access token and a refresh token.
///
/// A wrong password and an unknown address get the same answer, 422. Attempts are limited per account and per address: 429
/// says how long to wait.
#[utoipa::path(post, path = "/auth/token", tag = "accounts", request_body = Credentials, security(()),
    responses((status = 200, body = TokenPair), (status = 422), (status = 429)))]
async fn create_token(
    State(state): State<AppState>,
    client: Client,
    Json(credentials): Json<Credentials>,
) -> Result<Json<TokenPair>, AppError> {
    let Credentials { email, password, organization_id } = credentials;
    let person = store::check_password(&state.db, &email, password, Event::TokenIssued, &client).await?;
    let organization = organization_id.unwrap_or(person.organization_id);
    organizations::check_membership(&state.db, person.user_id, organization).await?;
    let mut tx = state.db.system("a sign-in of the API belongs to a person").await?;
    let pair = tokens::start(&state, &mut tx, person.user_id, organization, &client).await?;
    tx.commit().await?;
    Ok(Json(pair))
}

/// Exchanges a refresh token for a new pair. Each refresh token works once; a second use ends the sign-in.
#[utoipa::path(post, path = "/auth/refresh", tag = "accounts", request_body = RefreshToken, security(()),
    responses((status = 200, body = TokenPair), (status = 401)))]
async fn refresh_token(
    State(state): State<AppState>,
    client: Client,
    Json(body): Json<RefreshToken>,
) -> Result<Json<TokenPair>, AppError> {
    tokens::refresh(&state, &body.refresh_token, &client).await.map(Json)
}

/// Ends the sign-in that a refresh token belongs to; its access tokens stop working at once.
#[utoipa::path(post, path = "/auth/revoke", tag = "accounts", request_body = RefreshToken, security(()),
    responses((status = 204)))]
async fn revoke_token(State(state): State<AppState>, Json(body): Json<RefreshToken>) -> Result<StatusCode, AppError> {
    tokens::revoke(&state.db, &body.refresh_token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The person, their role and the organisation that they work in.
#[utoipa::path(get, path = "/me", tag = "accounts", responses((status = 200, body = Viewer), (status = 401)))]
async fn find_me(member: Member) -> Json<Viewer> {
    Json(member.viewer().clone())
}

/// The organisations that the person belongs to.
#[utoipa::path(get, path = "/organizations", tag = "accounts",
    responses((status = 200, body = Vec<OrganizationChoice>), (status = 401)))]
async fn list_organizations(
    State(state): State<AppState>,
    member: Member,
) -> Result<Json<Vec<OrganizationChoice>>, AppError> {
    organizations::list(&state.db, &member).await.map(Json)
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewOrganization {
    name: String,
    /// ISO 4217. That of the organisation which the token works in, unless given.
    #[serde(default)]
    base_currency: Option<String>,
}

/// Adds an organisation, owned by the person. A new token is needed to work in it.
#[utoipa::path(post, path = "/organizations", tag = "accounts", request_body = NewOrganization,
    responses((status = 201, body = OrganizationSummary), (status = 401), (status = 422), (status = 429)))]
async fn create_organization(
    State(state): State<AppState>,
    member: Member,
    client: Client,
    Json(new): Json<NewOrganization>,
) -> Result<(StatusCode, Json<OrganizationSummary>), AppError> {
    throttle::take(&state.db, &Limit::sign_up(&client)).await?;
    let organization =
        organizations::create(&state.db, &member, &new.name, &new.base_currency.unwrap_or_default()).await?;
    Ok((StatusCode::CREATED, Json(organization)))
}

/// The organisation that the token works in.
#[utoipa::path(get, path = "/organization", tag = "accounts",
    responses((status = 200, body = OrganizationSummary), (status = 401)))]
async fn find_organization(member: Member) -> Json<OrganizationSummary> {
    Json(member.organization().clone())
}

/// Changes the name, base currency or time zone. For admins.
#[utoipa::path(patch, path = "/organization", tag = "accounts", request_body = OrganizationPatch,
    responses((status = 200, body = OrganizationSummary), (status = 401), (status = 403), (status = 422)))]
async fn update_organization(
    State(state): State<AppState>,
    member: Member,
    Json(patch): Json<OrganizationPatch>,
) -> Result<Json<OrganizationSummary>, AppError> {
    let admin = member.admin()?;
    let mut tx = state.db.tenant(&admin).await?;
    let organization = organizations::update(&mut tx, &admin, patch).await?;
    tx.commit().await?;
    Ok(Json(organization))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// 1 to 200; 50 unless told.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The people of the organisation.
#[utoipa::path(get, path = "/members", tag = "accounts", params(ListQuery),
    responses((status = 200, body = Page<Person>), (status = 401), (status = 422)))]
async fn list_members(
    State(state): State<AppState>,
    member: Member,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Person>>, AppError> {
    let after = query.cursor.map(|cursor| cursor.parse::<UserId>()).transpose();
    let after = after.map_err(|_| AppError::field("cursor", "This is not a cursor of this list."))?;
    let limit = page::limit(query.limit)?;
    let mut tx = state.db.tenant(&member).await?;
    members::list(&mut tx, after, limit).await.map(Json)
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct MemberPatch {
    role: Role,
}

/// Gives a member another role. For admins; only owners deal with owners and admins.
#[utoipa::path(patch, path = "/members/{user_id}", tag = "accounts", params(("user_id" = UserId, Path)),
    request_body = MemberPatch,
    responses((status = 200, body = Person), (status = 401), (status = 403), (status = 404), (status = 409)))]
async fn update_member(
    State(state): State<AppState>,
    member: Member,
    Path(user_id): Path<UserId>,
    Json(patch): Json<MemberPatch>,
) -> Result<Json<Person>, AppError> {
    let admin = member.admin()?;
    let mut tx = state.db.tenant(&admin).await?;
    let person = members::update(&mut tx, &admin, user_id, patch.role).await?;
    tx.commit().await?;
    Ok(Json(person))
}

/// Ends somebody's membership. For admins; anybody may end their own.
#[utoipa::path(delete, path = "/members/{user_id}", tag = "accounts", params(("user_id" = UserId, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404), (status = 409)))]
async fn delete_member(
    State(state): State<AppState>,
    member: Member,
    Path(user_id): Path<UserId>,
) -> Result<StatusCode, AppError> {
    let mut tx = state.db.tenant(&member).await?;
    if user_id == member.viewer().user_id {
        members::leave(&mut tx, &member).await?;
    } else {
        members::delete(&mut tx, &member.admin()?, user_id).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The open invitations. For admins.
#[utoipa::path(get, path = "/invitations", tag = "accounts",
    responses((status = 200, body = Vec<Invitation>), (status = 401), (status = 403)))]
async fn list_invitations(State(state): State<AppState>, member: Member) -> Result<Json<Vec<Invitation>>, AppError> {
    let admin = member.admin()?;
    let mut tx = state.db.tenant(&admin).await?;
    invitations::list(&mut tx).await.map(Json)
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewInvitation {
    email: String,
    role: Role,
}

/// Invites somebody by mail. For admins; only owners invite owners and admins.
#[utoipa::path(post, path = "/invitations", tag = "accounts", request_body = NewInvitation,
    responses((status = 201, body = Invitation), (status = 401), (status = 403), (status = 422), (status = 429)))]
async fn create_invitation(
    State(state): State<AppState>,
    member: Member,
    Json(new): Json<NewInvitation>,
) -> Result<(StatusCode, Json<Invitation>), AppError> {
    let admin = member.admin()?;
    throttle::take(&state.db, &Limit::invitations(&admin)).await?;
    let mut tx = state.db.tenant(&admin).await?;
    let base_url = &state.settings.accounts.public_url;
    let invitation = invitations::create(&mut tx, &admin, &new.email, new.role, base_url).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(invitation)))
}

/// Takes an invitation back: its link stops working. For admins.
#[utoipa::path(delete, path = "/invitations/{id}", tag = "accounts", params(("id" = InvitationId, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
async fn delete_invitation(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<InvitationId>,
) -> Result<StatusCode, AppError> {
    let admin = member.admin()?;
    let mut tx = state.db.tenant(&admin).await?;
    invitations::delete(&mut tx, &admin, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
