//! Dashboards as code: out and in again to the letter, by API, page, command line and provisioned folder.

use crate::support::{self, TestApp};
use belvedere::{
    cli::dashboards::{DashboardsCommand, perform},
    dashboards::{code::provision, templates::Template},
};
use clap::Parser;
use http::Method;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn every_template_goes_out_and_in_to_the_letter() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    for template in Template::ALL {
        let new = json!({"name": template.name(), "template": template.code()});
        let made = ada.post_json("/api/v1/dashboards", &new).await.json();
        let first = ada.get_json(&format!("/api/v1/dashboards/{}/code", made["id"].as_str().unwrap())).await.text;
        let value: Value = serde_json::from_str(&first).unwrap();
        assert_eq!(value["belvedere"], 1);

        let preview = ada.post_json("/api/v1/dashboards/import/preview", &value).await.json();
        assert_eq!(preview["action"], "replace");
        assert_eq!(preview["changes"], json!([]), "{template:?}");
        assert_eq!(preview["warnings"], json!([]), "every metric and field of {template:?} is there");

        let copy = ada.post_json("/api/v1/dashboards/import?into=new", &value).await;
        assert_eq!(copy.status, 201, "{copy:?}");
        let id = copy.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(ada.get_json(&format!("/api/v1/dashboards/{id}/code")).await.text, first);
        assert_eq!(ada.get_json(&format!("/dashboards/{id}/code.json")).await.text, first);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_says_what_it_would_change_and_keeps_widgets_ids() {
    let app = TestApp::new().await;
    let (mut ada, mut bob) = (app.signed_up("Ada").await, app.signed_up("Bob").await);
    let made = ada.post_json("/api/v1/dashboards", &json!({"name": "Cash", "template": "cash_flow"})).await.json();
    let id = made["id"].as_str().unwrap();
    let mut code: Value = ada.get_json(&format!("/api/v1/dashboards/{id}/code")).await.json();
    code["widgets"][0]["settings"]["title"] = "Money in".into();
    code["widgets"][1]["settings"]["metric"] = "cash_outt".into();

    let preview = ada.post_json("/api/v1/dashboards/import/preview", &code).await.json();
    assert_eq!(preview["changes"].as_array().unwrap().len(), 2, "{preview}");
    assert_eq!(preview["warnings"][0]["place"], "widgets[1].settings.metric");
    assert!(preview["warnings"][0]["message"].as_str().unwrap().contains("“cash_out”"), "{preview}");
    assert_eq!(bob.post_json(&format!("/api/v1/dashboards/import?into={id}"), &code).await.status, 404);

    let done = ada.post_json(&format!("/api/v1/dashboards/import?into={id}"), &code).await;
    assert_eq!(done.status, 200, "{done:?}");
    let after = ada.get_json(&format!("/api/v1/dashboards/{id}")).await.json();
    let ids = |d: &Value| {
        d["widgets"].as_array().unwrap().iter().map(|w| w["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&after), ids(&made));

    code["widgets"][0]["kind"] = "kpy".into();
    code["widgets"][1]["w"] = 99.into();
    let preview = ada.post_json("/api/v1/dashboards/import/preview", &code).await.json();
    assert_eq!((&preview["name"], &preview["action"], &preview["id"]), (&json!("Cash"), &json!("replace"), &json!(id)));
    assert_ne!(preview["problems"], json!([]), "{preview}");
    let refused = ada.post_json("/api/v1/dashboards/import", &code).await;
    assert_eq!(refused.status, 422);
    let fields = refused.json()["fields"].to_string();
    assert!(
        fields.contains("widgets[0].kind") && fields.contains("“kpi”") && fields.contains("widgets[1].w"),
        "{fields}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_imports_without_javascript() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let page = ada.get("/dashboards/import").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("multipart/form-data"));
    let form = |text: &str, go: bool| {
        let mut body = String::new();
        for (name, value) in [("text", text), ("into", ""), ("go", "1")].into_iter().filter(|(n, _)| go || *n != "go") {
            body.push_str(&format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
        }
        body.push_str("--x--\r\n");
        http::Request::post("/dashboards/import")
            .header("content-type", "multipart/form-data; boundary=x")
            .header("accept", "text/html")
            .body(axum::body::Body::from(body))
            .unwrap()
    };
    let text = Template::StockHealth.text();
    let shown = ada.send(form(text, false)).await;
    assert_eq!(shown.status, 200);
    assert!(shown.text.contains("A new dashboard, “Stock health”"), "{}", shown.text);
    assert!(shown.text.contains("name=\"go\""), "it can be imported");
    let wrong = ada.send(form("{\"belvedere\": 1, \"nam\": 1}", true)).await;
    assert!(wrong.text.contains("cannot be imported") && wrong.text.contains("“name”"), "{}", wrong.text);
    let done = ada.send(form(text, true)).await;
    assert!(done.status.is_redirection(), "{done:?}");
    let board = ada.get(done.header("location")).await;
    assert!(board.text.contains("Stock health"));
}

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    command: DashboardsCommand,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_exports_compares_and_imports() {
    let app = TestApp::new().await;
    let mut ada = app.signed_up("Ada").await;
    let made = ada.post_json("/api/v1/dashboards", &json!({"name": "Cash", "template": "cash_flow"})).await.json();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let email = support::email("Ada");
    let run = async |words: &[&str]| {
        let line = Line::try_parse_from(["belvedere"].iter().chain(words)).unwrap();
        perform(&app.db, line.command).await
    };
    run(&["export", "--as", &email, "--out", path]).await.unwrap();
    let file = folder.path().join("cash.json");
    let file = file.to_str().unwrap();
    run(&["validate", file]).await.unwrap();
    run(&["diff", "--as", &email, file]).await.unwrap();

    let changed = std::fs::read_to_string(file).unwrap().replace("Cash In", "Money in");
    std::fs::write(file, changed).unwrap();
    assert!(run(&["diff", "--as", &email, file]).await.is_err(), "there is a difference");
    run(&["import", "--as", &email, "--dry-run", file]).await.unwrap();
    assert!(run(&["diff", "--as", &email, file]).await.is_err(), "nothing was changed");
    run(&["import", "--as", &email, file]).await.unwrap();
    run(&["diff", "--as", &email, file]).await.unwrap();
    let after = ada.get_json(&format!("/api/v1/dashboards/{}", made["id"].as_str().unwrap())).await;
    assert!(after.text.contains("Money in"));

    std::fs::write(file, "{\"belvedere\": 1}").unwrap();
    assert!(run(&["validate", file]).await.is_err());
    assert!(run(&["import", "--as", &email, file]).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provisioned_dashboard_is_changed_by_its_file_alone() {
    let app = TestApp::new().await;
    let (mut ada, mut bob) = (app.signed_up("Ada").await, app.signed_up("Bob").await);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cash.json");
    std::fs::write(&file, Template::CashFlow.text()).unwrap();
    std::fs::write(folder.path().join("wrong.json"), "{").unwrap();
    let run = async || provision::run(&app.db, folder.path(), "Ada & Co").await.unwrap();

    let report = run().await;
    assert_eq!((report.made, report.refused.len()), (1, 1), "{report:?}");
    assert_eq!(run().await.unchanged, 1, "the second start finds nothing to do");
    let list = ada.get_json("/api/v1/dashboards").await.json();
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(bob.get_json("/api/v1/dashboards").await.json()["items"], json!([]), "of the named organisation alone");
    let page = ada.get(&format!("/dashboards/{id}")).await.text;
    assert!(page.contains("comes from the file cash.json"), "{page}");

    let whole = ada.get_json(&format!("/api/v1/dashboards/{id}")).await.json();
    let widget = whole["widgets"][0]["id"].as_str().unwrap();
    let at = format!("/api/v1/dashboards/{id}");
    let tries = [
        (Method::PATCH, at.clone(), json!({"name": "Mine"})),
        (Method::DELETE, at.clone(), Value::Null),
        (Method::POST, format!("{at}/widgets"), json!({"kind": "notes"})),
        (Method::PUT, format!("{at}/widgets/{widget}"), json!({"settings": {"metric": "net_profit"}})),
        (Method::DELETE, format!("{at}/widgets/{widget}"), Value::Null),
        (
            Method::POST,
            format!("/api/v1/dashboards/import?into={id}"),
            serde_json::from_str(Template::StockHealth.text()).unwrap(),
        ),
    ];
    for (method, path, body) in tries {
        let answer = ada.json(method.clone(), &path, &body).await;
        assert_eq!(answer.status, 409, "{method} {path}: {}", answer.text);
        assert!(answer.text.contains("cash.json"), "{}", answer.text);
    }
    assert_eq!(ada.json(Method::PUT, &format!("{at}/default"), &Value::Null).await.status, 204);

    std::fs::write(&file, Template::CashFlow.text().replace("Cash Out", "Money out")).unwrap();
    assert_eq!(run().await.changed, 1);
    let after = ada.get_json(&at).await;
    assert!(after.text.contains("Money out") && after.text.contains(widget), "widgets keep their ids");

    std::fs::remove_file(&file).unwrap();
    assert_eq!(run().await.released, 1);
    assert_eq!(ada.json(Method::PATCH, &at, &json!({"name": "Mine"})).await.status, 200);
    assert!(provision::run(&app.db, folder.path(), "Nobody").await.is_err());
}
