//! Which pages may open a socket: those of the same origin (RFC 6455 section 10.2), and those that the application names.

use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};

/// Whether the page that asks for the socket comes from the host that it asks, or from one of `allowed` (`https://example.com`).
///
/// The scheme is not compared: behind a proxy that ends TLS, the page's is `https` and ours is not known.
pub(super) fn is_allowed(headers: &HeaderMap, allowed: &[String]) -> bool {
    let Some(origin) = headers.get(ORIGIN).and_then(|value| value.to_str().ok()) else { return false };
    if allowed.iter().any(|other| other.eq_ignore_ascii_case(origin)) {
        return true;
    }
    let Some(host) = headers.get(HOST).and_then(|value| value.to_str().ok()) else { return false };
    let authority = |scheme: &str, port: &str| {
        let authority = origin.strip_prefix(scheme)?;
        // A browser leaves the scheme's own port out of the origin; a proxy may write it into the host.
        Some(authority.eq_ignore_ascii_case(host) || authority.eq_ignore_ascii_case(host.strip_suffix(port)?))
    };
    authority("https://", ":443").or_else(|| authority("http://", ":80")).unwrap_or(false)
}

/// As [`is_allowed`], for a request whose origin a browser leaves out where it is the page's own. Another one's page could not read the answer; but it has no business here.
pub(super) fn may_read(headers: &HeaderMap, allowed: &[String]) -> bool {
    if headers.contains_key(ORIGIN) {
        return is_allowed(headers, allowed);
    }
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    site.is_none_or(|site| site == "same-origin" || site == "none")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(origin: Option<&str>, host: &str, expected: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        assert_eq!(is_allowed(&headers, &["https://partner.example".to_owned()]), expected, "{origin:?} to {host}");
    }

    #[test]
    fn the_same_origin_is_allowed() {
        check(Some("http://localhost:3000"), "localhost:3000", true);
        check(Some("https://example.com"), "example.com", true);
        check(Some("https://example.com"), "example.com:443", true);
        check(Some("https://EXAMPLE.com"), "example.com", true);
        check(Some("https://partner.example"), "example.com", true);
    }

    #[test]
    fn a_request_without_an_origin_is_one_of_the_page_itself() {
        let may_read = |headers: &[(&'static str, &str)]| {
            let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
            super::may_read(&headers, &[])
        };
        assert!(may_read(&[]) && may_read(&[("sec-fetch-site", "same-origin")]) && may_read(&[("sec-fetch-site", "none")]));
        assert!(!may_read(&[("sec-fetch-site", "cross-site")]) && !may_read(&[("sec-fetch-site", "same-site")]));
        assert!(!may_read(&[("origin", "https://evil.example"), ("host", "example.com")]));
        assert!(may_read(&[("origin", "https://example.com"), ("host", "example.com")]));
    }

    #[test]
    fn every_other_origin_is_not() {
        check(None, "example.com", false);
        check(Some("null"), "example.com", false);
        check(Some("https://evil.example"), "example.com", false);
        check(Some("https://example.com.evil.example"), "example.com", false);
        check(Some("https://notexample.com"), "example.com", false);
        check(Some("http://localhost:3001"), "localhost:3000", false);
        check(Some("http://localhost"), "localhost:3000", false);
        check(Some("http://example.com"), "example.com:443", false);
        check(Some("file://example.com"), "example.com", false);
    }
}
