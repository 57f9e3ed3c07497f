//! What is particular to REST: methods, media types, conditions, links, problems, and the pages for people.

#[path = "rest/batch.rs"]
mod batch;
#[path = "rest/conditions.rs"]
mod conditions;
#[path = "rest/lists.rs"]
mod lists;
#[path = "rest/media.rs"]
mod media;
#[path = "rest/pages.rs"]
mod pages;
#[path = "rest/problems.rs"]
mod problems;
