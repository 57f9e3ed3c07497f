//! What the library does by code. Its server is built with this in place of the lines that users begin with.

use lending_server::{
    hooks::{ApiError, BookHooks, Call, Code, Decimal, Id, Lookup, Timestamp, Tx, VisitHooks},
    rows::{
        book::{Book, BookPatch, LendOutBookInput, RecountBooksInput, WithdrawBookInput},
        copy::Copy,
        enums::State,
        loan::{Loan, NewLoan},
        member::Member,
        visit::Visit,
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

    /// A reason is told without the blanks around it.
    async fn before_withdraw(&self, _: &Call, _: &Id<Book>, input: &mut WithdrawBookInput) -> Result<(), ApiError> {
        input.because = input.because.take().map(|because| because.trim().to_owned());
        Ok(())
    }

    /// The copies of a book go with it, unless one of them is lent.
    async fn in_withdraw(
        &self,
        tx: &mut Tx<'_>,
        before: &Book,
        after: &Book,
        _: &WithdrawBookInput,
    ) -> Result<(), ApiError> {
        for copy in tx.list::<Copy>("book_id", after.id.clone()).await? {
            if tx.list::<Loan>("copy_id", copy.id.clone()).await?.iter().any(|loan| loan.state == State::Open) {
                return Err(ApiError::new(Code::FailedPrecondition, format!("{} is lent", before.title)));
            }
            tx.delete(&copy.id).await?;
        }
        Ok(())
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

impl VisitHooks for Hooks {
    /// So many that one call tells apart from many.
    async fn beside(&self, _lookup: &Lookup<'_>, rows: &[Visit]) -> Result<Vec<i32>, ApiError> {
        let beside = |row: &Visit| if about(row, "lonely") { 0 } else { rows.len() as i32 };
        Ok(rows.iter().map(beside).collect())
    }

    /// The members' names, in one statement.
    async fn visitor(&self, lookup: &Lookup<'_>, rows: &[Visit]) -> Result<Vec<Option<String>>, ApiError> {
        let members: Vec<Member> = lookup.list("id", rows.iter().map(|row| row.member_id.clone())).await?;
        let name = |row: &Visit| {
            let member = members.iter().find(|member| Some(&member.id) == row.member_id.as_ref())?;
            Some(member.name.clone())
        };
        Ok(rows.iter().map(name).collect())
    }

    /// Can't be told of a visit for no reason to speak of, and not at all while a secret one is among them.
    async fn mood(&self, lookup: &Lookup<'_>, rows: &[Visit]) -> Result<Vec<State>, ApiError> {
        // Nothing waits for it, and it may wait for anything.
        std::future::ready(lookup.call().deadline).await;
        if rows.iter().any(|row| about(row, "secret")) {
            return Err(ApiError::new(Code::Unavailable, "nobody tells"));
        }
        if rows.iter().any(|row| about(row, "refused")) {
            return Err(ApiError::new(Code::PermissionDenied, "which isn't for a hook to say"));
        }
        let told = rows.iter().filter(|row| !about(row, "unspeakable"));
        Ok(told.map(|row| if row.ends_at.is_some() { State::Closed } else { State::Open }).collect())
    }

    async fn stamps(&self, _lookup: &Lookup<'_>, rows: &[Visit]) -> Result<Vec<Vec<Timestamp>>, ApiError> {
        Ok(rows.iter().map(|row| [row.starts_at].into_iter().chain(row.ends_at).collect()).collect())
    }

    /// A guest pays half of what is at hand.
    async fn price(&self, _lookup: &Lookup<'_>, rows: &[Visit]) -> Result<Vec<Option<Decimal>>, ApiError> {
        Ok(rows.iter().map(|row| row.most.map(|most| most / Decimal::TWO)).collect())
    }

    async fn latest(&self, tx: &mut Tx<'_>) -> Result<Vec<Visit>, ApiError> {
        let mut visits: Vec<Visit> = tx.list("state", State::Open).await?;
        visits.sort_by_key(|visit| std::cmp::Reverse(visit.starts_at));
        visits.truncate(2);
        Ok(visits)
    }
}

fn about(visit: &Visit, reason: &str) -> bool {
    visit.reason.as_deref() == Some(reason)
}
