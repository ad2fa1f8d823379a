//! Understanding the address of a shop that a person typed.

use domain::RemoteShop;
use platform::{ErrorKind, PlatformError, Result, ShopAddress};
use url::{Host, Url};

const OP: &str = "shop_of";
/// Where the shop's own pages begin: an address copied from the browser ends before them.
const PAGES: [&str; 6] = ["wp-admin", "wp-json", "wp-login.php", "wc-auth", "wp-content", "index.php"];

/// The shop that a typed address means.
pub(crate) fn shop_of(typed: &str) -> Result<ShopAddress> {
    let wrong = |message: &str| PlatformError::new(ErrorKind::Rejected, OP, message);
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(wrong("no address was given; type the shop's address, such as shop.example"));
    }
    if typed.contains(char::is_whitespace) {
        return Err(wrong("an address has no spaces; type the shop's address, such as shop.example"));
    }
    let text = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let url = Url::parse(&text)
        .map_err(|_| wrong("this is no address; type the shop's address, such as shop.example"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("a shop's address begins with https:// or http://"));
    }
    if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
        return Err(wrong("the address holds a name or password; type it without them"));
    }
    let host = match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            if name != "localhost" && !name.contains('.') {
                return Err(wrong("the address has no domain; type it whole, such as shop.example"));
            }
            name
        }
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => format!("[{address}]"),
        None => return Err(wrong("the address names no host; type it whole, such as shop.example")),
    };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let steps: Vec<&str> = url
        .path()
        .split('/')
        .filter(|step| !step.is_empty())
        .take_while(|step| !PAGES.contains(&step.to_ascii_lowercase().as_str()))
        .collect();
    let path = steps.iter().map(|step| format!("/{step}")).collect::<String>();
    let shop = format!("{host}{port}{path}");
    let address = format!("{}://{shop}", url.scheme());
    Ok(ShopAddress { shop: RemoteShop::new(shop), address })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_type_addresses_in_many_ways() {
        let table = [
            ("shop.example", "shop.example", "https://shop.example"),
            ("  HTTPS://Shop.Example/  ", "shop.example", "https://shop.example"),
            ("http://shop.example", "shop.example", "http://shop.example"),
            ("shop.example/wp-admin/index.php?x=1", "shop.example", "https://shop.example"),
            ("https://shop.example/store/wp-json/wc/v3/", "shop.example/store", "https://shop.example/store"),
            ("shop.example:8443/Store/", "shop.example:8443/Store", "https://shop.example:8443/Store"),
            ("https://shop.example:443", "shop.example", "https://shop.example"),
            ("shop.example.", "shop.example", "https://shop.example"),
            ("bücher.example", "xn--bcher-kva.example", "https://xn--bcher-kva.example"),
            ("http://127.0.0.1:8088/", "127.0.0.1:8088", "http://127.0.0.1:8088"),
            ("http://[::1]:8088/x/", "[::1]:8088/x", "http://[::1]:8088/x"),
            ("shop.example/?page=2#top", "shop.example", "https://shop.example"),
            ("localhost:8080", "localhost:8080", "https://localhost:8080"),
        ];
        for (typed, shop, address) in table {
            let understood = shop_of(typed).unwrap();
            assert_eq!((understood.shop.as_str(), understood.address.as_str()), (shop, address), "{typed}");
            assert_eq!(shop_of(&understood.address).unwrap(), understood, "{typed}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_advice() {
        for typed in [
            "",
            "   ",
            "my shop",
            "myshop",
            "ftp://shop.example",
            "javascript:alert(1)",
            "https://",
            "me@shop.example",
            "https://user:secret@shop.example",
            "https://shop.example/a@b",
            "file:///etc/passwd",
            "http://",
        ] {
            let error = shop_of(typed).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Rejected, "{typed}");
            assert!(!error.message.contains("secret@"), "{typed}");
        }
    }
}
