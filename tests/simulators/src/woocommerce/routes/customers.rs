//! Customers.

use super::super::args::Check;
use super::super::call::{Call, Paging, Reply};
use super::super::customer::{Customer, amend_address, customer_address};
use super::super::error::RestError;
use super::super::json::text;
use super::super::store::Store;

fn missing(status: u16) -> RestError {
    RestError::new(status, "woocommerce_rest_invalid_id", "Invalid resource ID.")
}

pub(crate) fn list(store: &Store, call: &Call) -> Result<Reply, RestError> {
    let mut check = Check::new(&call.args);
    let paging = Paging::read(&mut check);
    let exclude = check.ids("exclude");
    let include = check.ids("include");
    let descending = check.one_of("order", &["asc", "desc"]).as_deref() == Some("desc");
    let orderby = check.one_of("orderby", &["id", "include", "name", "registered_date"]);
    check.done()?;
    let email = call.text("email").map(|email| email.to_lowercase());
    let search = call.text("search").map(|text| text.to_lowercase()).filter(|text| !text.is_empty());
    let role = call.text("role").unwrap_or_else(|| "customer".into());
    let wanted = |customer: &&Customer| {
        (role == "all" || customer.role == role)
            && email.as_deref().is_none_or(|email| customer.email.to_lowercase() == email)
            && (include.is_empty() || include.contains(&customer.id))
            && !exclude.contains(&customer.id)
            && search.as_deref().is_none_or(|text| {
                [&customer.email, &customer.username, &customer.first_name, &customer.last_name]
                    .iter()
                    .any(|field| field.to_lowercase().contains(text))
            })
    };
    let mut rows: Vec<&Customer> = store.customers.values().filter(wanted).collect();
    match orderby.as_deref().unwrap_or("name") {
        "name" => rows.sort_by(|a, b| (&a.username, a.id).cmp(&(&b.username, b.id))),
        "registered_date" => rows.sort_by_key(|customer| (customer.created, customer.id)),
        _ => {}
    }
    if descending {
        rows.reverse();
    }
    let page = paging.cut(&rows).iter().map(|customer| store.customer_value(customer)).collect();
    paging.reply(store, call, rows.len(), page)
}

pub(crate) fn get(store: &Store, id: u64) -> Result<Reply, RestError> {
    Reply::one(store.customer_value(store.customers.get(&id).ok_or_else(|| missing(404))?))
}

pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, RestError> {
    let Some(email) = call.text("email").filter(|email| !email.is_empty()) else {
        return Err(RestError::new(400, "rest_missing_callback_param", "Missing parameter(s): email")
            .with("params", vec!["email"]));
    };
    if !email.contains('@') {
        return Err(RestError::new(
            400,
            "registration-error-invalid-email",
            "Please provide a valid email address.",
        ));
    }
    if store.customers.values().any(|customer| customer.email.eq_ignore_ascii_case(&email)) {
        let message = format!(
            "An account is already registered with {email}. Please log in or use a different email address."
        );
        return Err(RestError::new(400, "registration-error-email-exists", message));
    }
    let username =
        call.text("username").unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
    let mut customer = Customer {
        id: store.row_id("customer"),
        created: store.now(),
        modified: Some(store.now()),
        email,
        first_name: String::new(),
        last_name: String::new(),
        username,
        role: "customer".into(),
        billing: customer_address(None, true),
        shipping: customer_address(None, false),
        paying: false,
        meta: Vec::new(),
    };
    amend(store, &mut customer, call);
    let (id, value) = (customer.id, store.customer_value(&customer));
    store.customers.insert(id, customer);
    store.fire("customer.created", id);
    Reply::created(value, store.link(&format!("customers/{id}")))
}

fn amend(store: &mut Store, customer: &mut Customer, call: &Call) {
    let slots = [
        ("email", &mut customer.email),
        ("first_name", &mut customer.first_name),
        ("last_name", &mut customer.last_name),
    ];
    for (name, slot) in slots {
        if let Some(value) = call.args.get(name) {
            *slot = text(value);
        }
    }
    if let Some(billing) = call.args.get("billing") {
        amend_address(&mut customer.billing, billing);
    }
    if let Some(shipping) = call.args.get("shipping") {
        amend_address(&mut customer.shipping, shipping);
    }
    if let Some(meta) = call.args.get("meta_data") {
        store.amend_meta(&mut customer.meta, meta);
    }
}

pub(crate) fn update(store: &mut Store, call: &Call, id: u64) -> Result<Reply, RestError> {
    let mut customer = store.customers.get(&id).cloned().ok_or_else(|| missing(400))?;
    let email = call.text("email");
    if let Some(email) = email.filter(|email| *email != customer.email)
        && store.customers.values().any(|other| other.id != id && other.email.eq_ignore_ascii_case(&email))
    {
        return Err(RestError::new(
            400,
            "woocommerce_rest_customer_invalid_email",
            "Email address is invalid.",
        ));
    }
    amend(store, &mut customer, call);
    customer.modified = Some(store.now());
    let value = store.customer_value(&customer);
    store.customers.insert(id, customer);
    store.fire("customer.updated", id);
    Reply::one(value)
}

pub(crate) fn delete(store: &mut Store, call: &Call, id: u64) -> Result<Reply, RestError> {
    if !call.flag("force") {
        return Err(RestError::no_trash("Customers"));
    }
    let customer = store.customers.remove(&id).ok_or_else(|| missing(400))?;
    store.fire("customer.deleted", id);
    Reply::one(store.customer_value(&customer))
}
