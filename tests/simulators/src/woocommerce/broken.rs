//! What a broken shop, or whatever stands before it, answers.

use super::faults::Fault;
use super::front::{Answer, put};
use super::json::encode;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

/// A small HTML page.
pub(crate) fn page(status: u16, title: &str, body: &str) -> Answer {
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en-US\">\n<head>\n\t<meta charset=\"UTF-8\" />\n\t<title>{title}</title>\n</head>\n<body id=\"error-page\">\n\t<div class=\"wp-die-message\">{body}</div></body>\n</html>\n"
    );
    let mut answer = Response::new(Full::new(Bytes::from(html)));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    put(
        answer.headers_mut(),
        vec![("server", "nginx/1.26.0".into()), ("content-type", "text/html; charset=UTF-8".into())],
    );
    answer
}

fn error_json(code: &str, message: &str) -> Answer {
    let body = json!({"code": code, "message": message, "data": {"status": 500}, "additional_errors": []});
    let mut answer = Response::new(Full::new(Bytes::from(encode(&body))));
    *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    put(answer.headers_mut(), vec![("content-type", "application/json; charset=UTF-8".into())]);
    unkept(answer)
}

fn unkept(mut answer: Answer) -> Answer {
    let rows = vec![
        ("expires", "Wed, 11 Jan 1984 05:00:00 GMT".to_owned()),
        ("cache-control", "no-cache, must-revalidate, max-age=0, no-store, private".to_owned()),
    ];
    put(answer.headers_mut(), rows);
    answer
}

/// The answer a fault gives in the shop's place, if it does.
pub(crate) fn instead(fault: &Fault, wants_html: bool) -> Option<Answer> {
    let with = |mut answer: Answer, name: &'static str, value: String| {
        put(answer.headers_mut(), vec![(name, value)]);
        answer
    };
    Some(match fault {
        Fault::Maintenance => {
            let body = "Briefly unavailable for scheduled maintenance. Check back in a minute.";
            with(unkept(page(503, "Maintenance", body)), "retry-after", "600".into())
        }
        Fault::HtmlInsteadOfJson => {
            page(200, "Just a moment...", "<p>Checking your browser before you go on.</p>")
        }
        Fault::DatabaseDown if wants_html => {
            unkept(page(500, "Database Error", "<h1>Error establishing a database connection</h1>"))
        }
        Fault::DatabaseDown => error_json("wp_die", "<h1>Error establishing a database connection</h1>"),
        Fault::PhpFatal => error_json(
            "internal_server_error",
            "<p>There has been a critical error on this website.</p><p><a href=\"https://wordpress.org/documentation/article/faq-troubleshooting/\">Learn more about troubleshooting WordPress.</a></p>",
        ),
        Fault::TooManyRequests { retry_after } => {
            let answer = page(429, "429 Too Many Requests", "<h1>429 Too Many Requests</h1>");
            match retry_after {
                Some(seconds) => with(answer, "retry-after", seconds.to_string()),
                None => answer,
            }
        }
        Fault::Forbidden => {
            page(403, "403 Forbidden", "<h1>Forbidden</h1><p>Blocked by a security rule.</p>")
        }
        Fault::MethodsBlocked => page(501, "501 Not Implemented", "<h1>Method Not Implemented</h1>"),
        Fault::SlowPages { .. } => page(504, "504 Gateway Time-out", "<h1>504 Gateway Time-out</h1>"),
        Fault::Redirect { to } => with(page(301, "Moved", "<p>Moved</p>"), "location", to.clone()),
        _ => return None,
    })
}

/// Spoils a good answer.
pub(crate) async fn spoil(fault: &Fault, answer: Answer) -> Answer {
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let spoiled = match fault {
        Fault::NoticeBeforeJson => {
            let notice = "<br />\n<b>Warning</b>:  Undefined variable $x in <b>/var/www/plugin.php</b> on line <b>12</b><br />\n";
            [notice.as_bytes(), &body].concat()
        }
        Fault::BomBeforeJson => ["\u{feff}".as_bytes(), &body].concat(),
        Fault::HiddenRows { ids } => match serde_json::from_slice::<Value>(&body) {
            Ok(Value::Array(mut rows)) => {
                rows.retain(|row| !row["id"].as_u64().is_some_and(|id| ids.contains(&id)));
                encode(&Value::Array(rows))
            }
            _ => body.to_vec(),
        },
        Fault::Oversized { bytes } => [&body[..], &vec![b' '; *bytes]].concat(),
        _ => body.to_vec(),
    };
    Response::from_parts(parts, Full::new(Bytes::from(spoiled)))
}
