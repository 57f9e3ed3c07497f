//! What the library does by code. Its server is built with this in place of the lines that users begin with.

use lending_server::{
    hooks::{ApiError, BookHooks, Code, Decimal, Tx},
    rows::{
        book::{Book, BookPatch, LendOutBookInput, RecountBooksInput},
        copy::Copy,
        enums::State,
        loan::{Loan, NewLoan},
    },
};

pub struct Hooks;

impl BookHooks for Hooks {
    /// Lends the first copy to the first member, and tells in the book.
    async fn lend_out(&self, tx: &mut Tx<'_>, row: &Book, input: LendOutBookInput) -> Result<Loan, ApiError> {
        let refused = |why: &str| Err(ApiError::new(Code::FailedPrecondition, format!("{} {why}", row.title)));
        let Some(member_id) = input.members.into_iter().next() else { return refused("is lent to nobody") };
        let copies: Vec<Copy> = tx.list("book_id", row.id.clone()).await?;
        let summary = Some(Some(format!("lent until {}", input.until)));
        tx.update(&row.id, BookPatch { summary, ..BookPatch::default() }).await?;
        // What was written is taken back.
        let Some(copy) = copies.into_iter().next() else { return refused("has no copy") };
        let days = i32::from(input.until.day());
        let (state, fee, copy_id) = (State::Open, Decimal::ZERO, copy.id);
        tx.insert(NewLoan { id: None, state, fee, days, copy_id, member_id }).await
    }

    /// The books in these states that are this old, by their titles.
    async fn recount(&self, tx: &mut Tx<'_>, input: RecountBooksInput) -> Result<Vec<Book>, ApiError> {
        let mut books = Vec::new();
        for state in input.states {
            books.extend(tx.list::<Book>("lending", state).await?);
        }
        let since = input.since.map_or(i32::MIN, |since| i32::from(since.year()));
        books.retain(|book| book.year.is_some_and(|year| year >= since && year >= input.least));
        books.sort_by(|one, other| one.title.cmp(&other.title));
        Ok(books)
    }

    /// A copy weighs a pound. That of a book with the title "heavy" can't be told without writing, which is refused.
    async fn weigh(&self, tx: &mut Tx<'_>, row: &Book) -> Result<f64, ApiError> {
        if row.title == "heavy" {
            tx.update(&row.id, BookPatch::default()).await?;
        }
        let copies: Vec<Copy> = tx.list("book_id", row.id.clone()).await?;
        Ok(copies.len() as f64 / 2.0)
    }

    /// Nobody needs books of the year 1.
    async fn purge(&self, tx: &mut Tx<'_>) -> Result<(), ApiError> {
        for book in tx.list::<Book>("year", 1).await? {
            tx.delete(&book.id).await?;
        }
        Ok(())
    }
}
