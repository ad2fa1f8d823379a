//! Products that are set in the background.

use super::store::Store;

/// Sets what is due.
pub(crate) fn settle(store: &mut Store) {
    let now = store.now();
    let due: Vec<u64> =
        store.operations.iter().filter(|(_, row)| !row.done && now >= row.due).map(|(id, _)| *id).collect();
    for id in due {
        let row = store.operations[&id].clone();
        let outcome = super::graphql::apply_product_set(store, &row.arguments, &row.by);
        if let Some(row) = store.operations.get_mut(&id) {
            row.done = true;
            match outcome {
                Ok(product) => row.product = Some(product),
                Err(errors) => row.errors = errors,
            }
        }
    }
}
