//! The description of the REST API, and a page to read and try it.

use super::state::AppState;
use axum::{Router, routing::get};
use http::{StatusCode, header};
use utoipa::{
    OpenApi,
    openapi::{
        OpenApi as Description, RefOr,
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

#[derive(OpenApi)]
#[openapi(info(
    title = "Belvedere",
    description = "Everything that the pages do, for programs. Send `Authorization: Bearer …` with a token from \
                   `POST /api/v1/auth/token`. Errors are `application/problem+json` (RFC 9457). Lists come a page \
                   at a time: pass `next_cursor` back as `cursor`. Amounts are decimal strings, days are \
                   `YYYY-MM-DD` in the organisation's time zone, instants are UTC."
))]
struct Info;

/// Puts the API under `/api/v1` and takes its description out.
pub fn describe(api: OpenApiRouter<AppState>) -> (Router<AppState>, Description) {
    let (router, mut description) = OpenApiRouter::with_openapi(Info::openapi()).nest("/api/v1", api).split_for_parts();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    description
        .components
        .get_or_insert_with(Default::default)
        .add_security_scheme("bearer", SecurityScheme::Http(bearer));
    // Every answer has to be described: the status alone says enough of a usual one.
    for item in description.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for (status, response) in
            operations.into_iter().flatten().flat_map(|operation| &mut operation.responses.responses)
        {
            let usual = status.parse().ok().and_then(|status: StatusCode| status.canonical_reason());
            if let (RefOr::T(response), Some(usual)) = (response, usual)
                && response.description.is_empty()
            {
                response.description = usual.to_owned();
            }
        }
    }
    description.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
    (router, description)
}

/// `/api/openapi.json`, and Swagger UI under `/api/docs`, from our own files.
pub fn router(description: Description) -> Router<AppState> {
    let json = description.to_json().unwrap_or_else(|cause| {
        tracing::error!(%cause, "the API's description could not be written");
        "{}".into()
    });
    let json = axum::body::Bytes::from(json);
    Router::new()
        .route(
            "/api/openapi.json",
            get(move || std::future::ready(([(header::CONTENT_TYPE, "application/json")], json.clone()))),
        )
        .merge(SwaggerUi::new("/api/docs").config(Config::from("/api/openapi.json")))
}
