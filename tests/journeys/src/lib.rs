//! A small world for journeys: shops, a hub, and a way to wait for what must come.

mod command;
mod mixed;
mod moved;
mod post;
mod visitor;
mod world;

pub use command::storeloom;
pub use mixed::{Mixed, Shown};
pub use post::{Post, order_body, sign};
pub use visitor::Visitor;
pub use world::{World, shop, until};
