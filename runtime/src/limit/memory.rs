//! Counts in this process's memory. The arithmetic (GCRA, a token bucket that keeps one number per caller) is governor's;
//! our own is only the map, because its size must have a bound.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, MonotonicClock},
    middleware::StateInformationMiddleware,
    nanos::Nanos,
    state::{StateStore, keyed::ShrinkableKeyedStateStore},
};

use super::{Counted, Key};
use crate::descriptor::Rate;

/// Callers that are told apart, per rate: some 4 MB.
const ROOM: usize = 100_000;

/// How often callers are forgotten that have been away long enough to have all of their requests again.
const SWEEP: Duration = Duration::from_secs(10);

/// Those who come when there is no room for more of them are counted together.
const OTHERS: Key = [0; 16];

#[derive(Debug)]
pub struct Counter {
    limiter: RateLimiter<Key, Callers, MonotonicClock, StateInformationMiddleware>,
    swept: Mutex<Instant>,
}

impl Counter {
    pub fn new(rate: Rate) -> Counter {
        Counter::with_room(rate, ROOM)
    }

    fn with_room(rate: Rate, room: usize) -> Counter {
        let requests = NonZeroU32::new(rate.requests).unwrap_or(NonZeroU32::MIN);
        let Some(quota) = Quota::with_period(rate.interval()) else { unreachable!("a rate is about some time") };
        let callers = Callers { room, last: Mutex::default() };
        let limiter = RateLimiter::new(quota.allow_burst(requests), callers, MonotonicClock);
        Counter { limiter, swept: Mutex::new(Instant::now()) }
    }

    pub fn count(&self, key: &Key) -> Counted {
        self.sweep();
        match self.limiter.check_key(key) {
            Ok(state) => Counted::Room(state.remaining_burst_capacity()),
            Err(refused) => Counted::Full(refused.wait_time_from(MonotonicClock.now())),
        }
    }

    fn sweep(&self) {
        // Whoever else holds it does just that.
        if let Ok(mut swept) = self.swept.try_lock()
            && swept.elapsed() >= SWEEP
        {
            self.limiter.retain_recent();
            *swept = Instant::now();
        }
    }
}

/// When each caller would have all of their requests again.
#[derive(Debug)]
struct Callers {
    room: usize,
    last: Mutex<HashMap<Key, Nanos>>,
}

impl Callers {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Nanos>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateStore for Callers {
    type Key = Key;

    fn measure_and_replace<T, F, E>(&self, key: &Key, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut last = self.lock();
        let key = if last.len() < self.room || last.contains_key(key) { key } else { &OTHERS };
        let (answer, next) = measure(last.get(key).copied())?;
        last.insert(*key, next);
        Ok(answer)
    }
}

impl ShrinkableKeyedStateStore<Key> for Callers {
    fn retain_recent(&self, drop_below: Nanos) {
        let mut last = self.lock();
        last.retain(|_, next| *next > drop_below);
        last.shrink_to(1024);
    }

    fn len(&self) -> usize {
        self.lock().len()
    }

    fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_A_SECOND: Rate = Rate { requests: 2, seconds: 1 };

    fn waits(counted: Counted) -> Duration {
        match counted {
            Counted::Full(wait) => wait,
            room @ Counted::Room(_) => panic!("{room:?}"),
        }
    }

    #[test]
    fn room_comes_back_bit_by_bit() {
        let counter = Counter::new(TWO_A_SECOND);
        assert_eq!(counter.count(&[1; 16]), Counted::Room(1));
        assert_eq!(counter.count(&[1; 16]), Counted::Room(0));
        let wait = waits(counter.count(&[1; 16]));
        assert!(wait <= Duration::from_millis(500), "{wait:?}");
        assert_eq!(counter.count(&[2; 16]), Counted::Room(1), "others have room of their own");
        std::thread::sleep(wait);
        assert_eq!(counter.count(&[1; 16]), Counted::Room(0));
    }

    #[test]
    fn a_thousand_million_requests_a_second_have_room() {
        let counter = Counter::new(Rate { requests: 1_000_000_000, seconds: 1 });
        assert!(matches!(counter.count(&[1; 16]), Counted::Room(999_999_999..)));
    }

    #[test]
    fn the_map_has_a_bound_and_known_callers_stay_apart() {
        let counter = Counter::with_room(TWO_A_SECOND, 2);
        assert_eq!(counter.count(&[1; 16]), Counted::Room(1));
        assert_eq!(counter.count(&[2; 16]), Counted::Room(1));
        assert_eq!(counter.count(&[3; 16]), Counted::Room(1));
        assert_eq!(counter.count(&[4; 16]), Counted::Room(0), "there is no room to tell it from the third");
        waits(counter.count(&[5; 16]));
        assert_eq!(counter.count(&[1; 16]), Counted::Room(0));
        assert_eq!(counter.limiter.len(), 3);
    }

    #[test]
    fn callers_that_have_all_their_requests_again_are_forgotten() {
        let counter = Counter::new(Rate { requests: 1000, seconds: 1 });
        assert_eq!(counter.count(&[1; 16]), Counted::Room(999));
        std::thread::sleep(Duration::from_millis(5));
        *counter.swept.lock().unwrap() -= SWEEP;
        assert_eq!(counter.count(&[2; 16]), Counted::Room(999));
        assert_eq!(counter.limiter.len(), 1);
    }
}
