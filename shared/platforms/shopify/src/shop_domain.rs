//! Understanding the address of a shop, as a person typed it or as a request names it.

use domain::RemoteShop;
use platform::{ErrorKind, PlatformError, Result, ShopAddress};

const OP: &str = "shop_of";
const DOMAIN: &str = ".myshopify.com";

/// The domain of a shop, if the text is one and nothing else: what a request says of itself is held to this.
pub(crate) fn strict(text: &str) -> Option<RemoteShop> {
    let text = text.to_ascii_lowercase();
    let name = text.strip_suffix(DOMAIN)?;
    is_name(name).then(|| RemoteShop::new(text.as_str()))
}

/// A shop by its domain, called over https.
pub(crate) fn at(shop: RemoteShop) -> ShopAddress {
    let address = format!("https://{shop}");
    ShopAddress { shop, address }
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=60).contains(&name.len())
        && name.bytes().next().is_some_and(plain)
        && name.bytes().all(|byte| plain(byte) || byte == b'-')
}

/// The shop that a typed address means.
pub(crate) fn shop_of(typed: &str) -> Result<ShopAddress> {
    let wrong = |message: &str| PlatformError::new(ErrorKind::Rejected, OP, message);
    let text = typed.trim().to_ascii_lowercase();
    if text.is_empty() {
        return Err(wrong("no address was given; type the shop's address, such as example.myshopify.com"));
    }
    let bare = text.strip_prefix("https://").unwrap_or(&text);
    let bare = bare.strip_suffix('/').unwrap_or(bare);
    if let Some(name) = bare.strip_prefix("admin.shopify.com/store/") {
        // An address copied from the admin may go on with a page.
        let name = name.split(['/', '?']).next().unwrap_or_default();
        if is_name(name) {
            return Ok(at(RemoteShop::new(format!("{name}{DOMAIN}"))));
        }
    }
    if let Some(shop) = strict(bare) {
        return Ok(at(shop));
    }
    if is_name(bare) {
        return Err(wrong(&format!(
            "type the whole address: is it {bare}{DOMAIN}? It stands in the admin under Settings, Domains"
        )));
    }
    Err(wrong(
        "this is not the address of a Shopify shop; type the one that ends in .myshopify.com, which stands in the \
         admin under Settings, Domains",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_type_addresses_in_some_ways() {
        for typed in [
            "my-shop.myshopify.com",
            " My-Shop.MyShopify.com ",
            "https://my-shop.myshopify.com",
            "https://my-shop.myshopify.com/",
            "admin.shopify.com/store/my-shop",
            "https://admin.shopify.com/store/my-shop/products?x=1",
        ] {
            let shop = shop_of(typed).unwrap();
            assert_eq!(shop.shop.as_str(), "my-shop.myshopify.com", "{typed}");
            assert_eq!(shop.address, "https://my-shop.myshopify.com", "{typed}");
            assert_eq!(shop_of(&shop.address).unwrap(), shop);
        }
    }

    #[test]
    fn what_is_no_shop_is_refused() {
        for typed in [
            "",
            "my-shop",
            "shop.example",
            "http://my-shop.myshopify.com",
            "my-shop.myshopify.com.evil.example",
            "evil.example/my-shop.myshopify.com",
            "my-shop.myshopify.com@evil.example",
            "my-shop.myshopify.com:8080",
            "my-shop.myshopify.com/admin",
            "my-shop.myshopify.com\n.evil.example",
            "-shop.myshopify.com",
            "my_shop.myshopify.com",
            ".myshopify.com",
            "a.b.myshopify.com",
            "my-shop.myshopify.io",
            "not-admin.shopify.com/store/my-shop",
            "admin.shopify.com/store/",
        ] {
            assert_eq!(shop_of(typed).unwrap_err().kind, ErrorKind::Rejected, "{typed:?}");
        }
        assert!(shop_of("my-shop").unwrap_err().message.contains("my-shop.myshopify.com"));
        for text in ["my-shop.myshopify.com\n", " my-shop.myshopify.com", "my-shop.myshopify.com/", ""] {
            assert_eq!(strict(text), None, "{text:?}");
        }
        assert_eq!(strict("My-Shop.myshopify.com").unwrap().as_str(), "my-shop.myshopify.com");
    }
}
